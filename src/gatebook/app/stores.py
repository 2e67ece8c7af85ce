"""Finds, opens and makes the store that the settings name, with the secret that lies beside it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from gatebook.app.secrets import secret_of
from gatebook.app.settings import Store as StoreSettings
from gatebook.domain.errors import Broken, Conflict
from gatebook.store import Store, open_store, path_of

DEMO_SUFFIX = ".demo"
"""`<store>.demo` marks a store whose contents are made up."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A store, and the secret that belongs to it."""

    store: Store
    secret: bytes


def mark_of(path: Path) -> Path:
    """The file that marks a store as a demonstration."""
    return path.with_name(path.name + DEMO_SUFFIX)


def opened(settings: StoreSettings, *, demo: bool | None = None, checkpoints: bool = True) -> Opened:
    """The store, brought up to date; Broken, with what to do, where there is none or it cannot be used.

    `demo`: True takes only a demonstration's store, False refuses one, None takes either.  `checkpoints`: False for a
    command that writes little beside a running server.
    """
    path = path_of(settings.url)
    if not path.is_file():
        raise Broken(f"there is no store at {path}; run `gatebook init`")
    if demo is not None and mark_of(path).exists() is not demo:
        told = "is a demonstration's, full of made-up events; name another, and run `gatebook init`"
        raise Broken(f"the store {path} {'is not a demonstration' if demo else told}")
    found = Opened(_open(settings, path, checkpoints), secret_of(path))
    if not found.store.read_now(found.store.history.organisations):
        found.store.close()
        raise Broken(f"the store {path} has no organisation yet; run `gatebook init`")
    return found


def made(settings: StoreSettings, *, demo: bool = False) -> Opened:
    """A new store with a new secret; Conflict where there is one with an organisation already."""
    path = path_of(settings.url)
    path.parent.mkdir(parents=True, exist_ok=True)
    if demo:
        mark_of(path).touch()
    path.touch(mode=0o600)
    store = _open(settings, path, False)
    if store.read_now(store.history.organisations):
        store.close()
        raise Conflict(f"the store {path} has its organisation already; name another with store.url")
    return Opened(store, secret_of(path, create=True))


def _open(settings: StoreSettings, path: Path, checkpoints: bool) -> Store:
    return open_store(
        str(path),
        queue_limit=settings.queue_limit,
        readers=settings.readers,
        read_limit_s=settings.read_timeout_s,
        checkpoints=checkpoints,
    )


def migrated(settings: StoreSettings) -> list[str]:
    """Brings the store up to date; the names of the migrations that were applied."""
    path = path_of(settings.url)
    if not path.is_file():
        raise Broken(f"there is no store at {path}; run `gatebook init`")
    store = _open(settings, path, False)
    store.close()
    return store.applied
