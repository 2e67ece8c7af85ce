"""A copy of the file as it stands at one moment, while others go on writing to it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import apsw

from gatebook.domain.errors import Broken, Conflict
from gatebook.store.sql import load
from gatebook.store.sqlite.connection import fetch, named

PAGES = 4_096
"""Copied at a time: 16 MiB."""
Progress = Callable[[int, int], None]
"""`progress(pages done, pages in all)`."""


def _quiet(_done: int, _whole: int) -> None:
    return


def copy(source: Path, target: Path, progress: Progress = _quiet) -> None:
    """Writes `target` anew, whole and on disk when this returns; Conflict where it is there already.

    It holds every commit of before, and none that came while it was made: one read transaction holds the snapshot, so
    that writers neither wait nor make the copy begin again.  A copy that fails leaves nothing behind.
    """
    if target.exists():
        raise Conflict(f"{target} is there already; name another file, or remove it")
    partial = target.with_name(target.name + ".partial")
    partial.unlink(missing_ok=True)
    os.close(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        with named(source):
            _copied(source, partial, progress)
        with named(partial):
            _settled(partial)
        _synced(partial)
        partial.rename(target)
        _synced(target.parent)
    finally:
        for name in (partial.name, f"{partial.name}-wal", f"{partial.name}-shm", f"{partial.name}-journal"):
            partial.with_name(name).unlink(missing_ok=True)


def check(path: Path) -> None:
    """Broken where the file is damaged."""
    with named(path):
        connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
        try:
            found = connection.pragma("quick_check")
        finally:
            connection.close()
    if found != "ok":
        raise Broken(f"{path} is damaged: {str(found)[:200]}")


def heads(path: Path) -> dict[int, int]:
    """The newest `seq` of each organisation in a file that nobody writes to."""
    with named(path):
        connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
        try:
            return dict(fetch(connection, load("sqlite", "events")["heads_of_all"], ()))
        finally:
            connection.close()


def _copied(source: Path, target: Path, progress: Progress) -> None:
    reading = apsw.Connection(str(source), flags=apsw.SQLITE_OPEN_READWRITE)
    writing = apsw.Connection(str(target))
    try:
        reading.pragma("query_only", True)
        reading.execute("BEGIN")
        reading.execute("SELECT count(*) FROM sqlite_schema").fetchall()  # the snapshot is taken at the first read
        with writing.backup("main", reading, "main") as backup:
            while not backup.done:
                backup.step(PAGES)
                progress(backup.page_count - backup.remaining, backup.page_count)
    finally:
        writing.close()
        reading.close()


def _settled(path: Path) -> None:
    """One file without a log beside it."""
    connection = apsw.Connection(str(path))
    try:
        connection.pragma("journal_mode", "DELETE")
    finally:
        connection.close()


def _synced(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
