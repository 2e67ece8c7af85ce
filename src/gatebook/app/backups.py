"""Backup and restore of a store, with or without the secret that belongs to it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from gatebook.app.secrets import VARIABLE, secret_of
from gatebook.app.settings import Store as StoreSettings
from gatebook.app.stores import opened
from gatebook.domain.errors import Broken, Conflict
from gatebook.store import path_of
from gatebook.store.sqlite import copies

SUFFIX = ".secret"


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """What a backup or a restored store holds."""

    path: Path
    bytes: int
    heads: Mapping[int, int]
    """The newest `seq` of each organisation."""
    secret: bool
    """Whether the secret lies beside it."""


def back_up(settings: StoreSettings, target: Path, *, with_secret: bool, progress: copies.Progress) -> Copied:
    """Copies the store as it stands now, beside a running server; Broken or Conflict say what is in the way.

    Without the secret a restored store knows neither its cursors nor repeats from before, and cannot sign tokens: it
    then has to be kept elsewhere.
    """
    source = path_of(settings.url)
    if not source.is_file():
        raise Broken(f"there is no store at {source}; run `gatebook init`")
    beside = secret_path(target)
    if with_secret and beside.exists():
        raise Conflict(f"{beside} is there already; name another file, or remove it")
    target.parent.mkdir(parents=True, exist_ok=True)
    room_for(source, target.parent)
    copies.copy(source, target, progress)
    copies.check(target)
    if with_secret:
        put_secret(beside, secret_of(source))
    return told(target, with_secret)


def restore(settings: StoreSettings, backup: Path, *, progress: copies.Progress) -> Copied:
    """Makes the store that the settings name out of a backup, brought up to date; Conflict where there is one."""
    if not backup.is_file():
        raise Broken(f"there is no backup at {backup}")
    target = path_of(settings.url)
    if target.exists():
        raise Conflict(f"the store {target} is there already; move it away first, with its -wal and -shm files")
    copies.check(backup)
    target.parent.mkdir(parents=True, exist_ok=True)
    beside, kept = secret_path(target), secret_path(backup)
    if not (kept.exists() or beside.exists() or VARIABLE in os.environ):
        raise Broken(f"the backup has no secret beside it; put it at {beside}, or give {VARIABLE}")
    copies.copy(backup, target, progress)
    if kept.exists() and not beside.exists():
        put_secret(beside, secret_of(backup))
    opened(settings).store.close()
    return told(target, beside.exists())


def told(path: Path, secret: bool) -> Copied:
    """What a file holds."""
    return Copied(path=path, bytes=path.stat().st_size, heads=copies.heads(path), secret=secret)


def secret_path(store: Path) -> Path:
    """Where a store's secret lies."""
    return store.with_name(store.name + SUFFIX)


def put_secret(path: Path, secret: bytes) -> None:
    """A new file that its owner alone can read."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(secret.hex() + "\n")
        file.flush()
        os.fsync(file.fileno())


def room_for(source: Path, folder: Path) -> None:
    """Broken where the folder's file system has less room than the store is long."""
    free, need = shutil.disk_usage(folder).free, source.stat().st_size
    if free < need:
        raise Broken(f"{folder} has {free:,} bytes free, and the store is {need:,} long; free some, or name another")
