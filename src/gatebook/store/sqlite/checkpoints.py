"""Moves committed pages from the write-ahead log into the file, on a thread and a connection of its own."""

from __future__ import annotations

import logging
import threading

import apsw

from gatebook.store.sqlite.connection import PAGE_BYTES

log = logging.getLogger(__name__)

SOON_BYTES = 8 << 20
"""A log longer than this is moved without hindering anybody."""
LATE_BYTES = 128 << 20
"""A log longer than this is emptied even if the writer has to wait a moment."""
HINDER_MS = 250
"""How long that moment may be: who reads an old snapshot holds the log, and must not hold up the writer with it."""
PAUSE_S = 1.0
"""Between a move that failed and the next try."""


class Checkpointer:
    """Its `notice` is called after each commit; the work is done elsewhere."""

    def __init__(self, connection: apsw.Connection) -> None:
        """`connection` may write, and is used by nobody else."""
        connection.set_busy_timeout(HINDER_MS)
        self._connection = connection
        self._length = 0
        self._noticed = threading.Event()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="gatebook-checkpoints", daemon=True)
        self._thread.start()

    def notice(self, _connection: apsw.Connection, _schema: str, pages: int) -> int:
        """The writer's hook: `pages` are those of the log that are in use, which may be fewer than its file has."""
        self._length = pages * PAGE_BYTES
        if self._length > SOON_BYTES:
            self._noticed.set()
        return apsw.SQLITE_OK

    def close(self) -> None:
        """Stops after the move under way."""
        self._closing.set()
        self._noticed.set()
        self._thread.join()
        self._connection.close()

    def _run(self) -> None:
        while not self._closing.is_set():
            self._noticed.wait()
            self._noticed.clear()
            try:
                self._move()
            except apsw.Error as fault:  # the next commit tries again
                log.warning("the write-ahead log could not be moved into the store: %s", fault)
                self._closing.wait(PAUSE_S)

    def _move(self) -> None:
        if self._length > SOON_BYTES:
            self._connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)
        if self._length > LATE_BYTES:
            self._connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
