"""Opens connections to the file, and names what can go wrong with it."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import apsw

from gatebook.domain.errors import Broken, GatebookError, StoreFull, StoreReadOnly, TookTooLong, Unavailable

Row = tuple[Any, ...]
"""A row as the engine gives it."""
Bindings = tuple[Any, ...] | dict[str, Any]

PAGE_BYTES = 4096
"""Small, because an event touches some five leaves far apart, and each is written whole: see docs/benchmarks.md."""
CACHE_MB = 32
"""What the writer keeps of the file in memory."""
BUSY_MS = 30_000
"""How long to wait for another process that is writing."""


def open_writer(path: Path, *, vfs: str | None = None, exclusive: bool = False) -> apsw.Connection:
    """A connection that may write: write-ahead log, every commit on disk before it returns, checkpoints elsewhere.

    `exclusive` keeps the index of the log in this process's memory, for file systems without shared memory.
    """
    flags = apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE
    with named(path):
        connection = apsw.Connection(str(path), flags=flags, vfs=vfs)
        try:
            _set_up_writer(connection, exclusive)
        except apsw.Error:
            with suppress(apsw.Error):  # the first fault is the one to tell
                connection.close()
            raise
    return connection


def _set_up_writer(connection: apsw.Connection, exclusive: bool) -> None:
    connection.set_busy_timeout(BUSY_MS)
    if exclusive:
        connection.pragma("locking_mode", "EXCLUSIVE")
    connection.pragma("page_size", PAGE_BYTES)
    connection.pragma("auto_vacuum", "INCREMENTAL")
    connection.pragma("journal_mode", "WAL")
    connection.pragma("synchronous", "FULL")
    connection.pragma("secure_delete", True)
    connection.pragma("wal_autocheckpoint", 0)
    connection.pragma("cache_size", -1024 * CACHE_MB)
    connection.pragma("temp_store", "MEMORY")


def open_reader(path: Path) -> apsw.Connection:
    """A connection that only reads."""
    with named(path):
        connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)
        connection.set_busy_timeout(BUSY_MS)
        connection.pragma("query_only", True)
        connection.pragma("cache_size", -16_384)
        connection.pragma("mmap_size", 1 << 30)
        connection.pragma("temp_store", "MEMORY")
    return connection


@contextmanager
def named(path: Path) -> Iterator[None]:
    """Turns the engine's faults into ours, each saying what would help."""
    try:
        yield
    except apsw.Error as fault:
        raise fault_of(fault, path) from fault


def fault_of(fault: apsw.Error, path: Path) -> GatebookError:
    """Ours for one of the engine's."""
    match fault:
        case apsw.FullError():
            return StoreFull("the store is full; free disk space or raise its size limit, then try again", 5)
        case apsw.ReadOnlyError() | apsw.PermissionsError():
            return StoreReadOnly(f"the store {path} cannot be written; check its owner and its file system", 30)
        case apsw.CantOpenError():
            return Broken(f"the store {path} cannot be opened; check that its folder exists and may be written")
        case apsw.IOError():
            return StoreFull("the store's disk failed; see that it has room, can be written and is whole", 5)
        case apsw.InterruptError():
            return TookTooLong("the question took too long; ask for a shorter time or fewer devices", 1)
        case apsw.BusyError() | apsw.LockedError():
            return Unavailable("another process is writing to the store; try again", 1)
        case apsw.CorruptError() | apsw.NotADBError():
            return Broken(f"the store {path} is damaged; run `gatebook doctor`, then restore a backup")
        case _:
            return Broken(f"the store {path} failed: {fault}")


def carray(numbers: Iterable[int]) -> object:
    """Numbers bound as a table, for `IN carray(?)`; NULL stands for none, since an empty table cannot be bound."""
    found = array("q", numbers)
    return apsw.carray(found) if found else None


def carray_of(values: Iterable[str] | Iterable[bytes]) -> object:
    """The same for texts or blobs."""
    found = tuple(values)
    return apsw.carray(found) if found else None


def fetch(connection: apsw.Connection, sql: str, bindings: Bindings) -> list[Row]:
    """All rows."""
    return connection.execute(sql, bindings).fetchall()  # the columns' types are known to whoever wrote the query


def first(connection: apsw.Connection, sql: str, bindings: Bindings) -> Row | None:
    """The first row, if there is one."""
    return connection.execute(sql, bindings).fetchone()
