"""Moves committed pages from the write-ahead log into the file, on a thread and a connection of its own.

The log can begin anew only when all of it has been moved and the next commit has not yet begun.  Under steady writes
there is no such moment, so a log that has grown long asks the writer for one.
"""

from __future__ import annotations

import logging
import threading
import time

import apsw

from gatebook.store.sqlite.connection import PAGE_BYTES

log = logging.getLogger(__name__)

SOON_BYTES = 8 << 20
"""When this much of the log has not been moved, it is, without hindering anybody; less would not be worth its syncs."""
LATE_BYTES = 128 << 20
"""A log longer than this is emptied even if the writer has to wait a moment."""
READERS_MS = 250
"""How long that moment may grow because somebody reads an old snapshot."""
COMMIT_S = 30.0
"""How long the writer's commit under way is waited for."""
HELD_S = 10.0
"""The writer waits no longer than this, whatever the disk does."""
PAUSE_S = 1.0
"""Between a move that failed and the next try."""


class Checkpointer:
    """Its `notice` is called after each commit; the work is done elsewhere."""

    def __init__(
        self, connection: apsw.Connection, *, soon_bytes: int = SOON_BYTES, late_bytes: int = LATE_BYTES
    ) -> None:
        """`connection` may write, and is used by nobody else."""
        connection.set_busy_timeout(READERS_MS)
        self._connection = connection
        self._soon = soon_bytes
        self._late = late_bytes
        self._length = 0
        self._moved = 0
        self._noticed = threading.Event()
        self._open = threading.Event()
        self._open.set()
        self._held = threading.Event()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="gatebook-checkpoints", daemon=True)
        self._thread.start()

    def notice(self, _connection: apsw.Connection, _schema: str, pages: int) -> int:
        """The writer's hook: `pages` are those of the log that are in use, which may be fewer than its file has.

        The engine calls it after the commit, with no lock held; so the writer can wait here.
        """
        self._length = pages * PAGE_BYTES
        if self._length < self._moved:  # the log has begun anew
            self._moved = 0
        if self._length - self._moved > self._soon:
            self._noticed.set()
        if not self._open.is_set():
            self._held.set()
            self._open.wait(HELD_S)
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
                if self._length - self._moved > self._soon:
                    _, moved = self._connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)
                    self._moved = moved * PAGE_BYTES
                if self._length > self._late:
                    self._empty()
            except apsw.Error as fault:  # the next commit tries again
                log.warning("the write-ahead log could not be moved into the store: %s", fault)
                self._closing.wait(PAUSE_S)

    def _empty(self) -> None:
        """Between two commits; what is left to move is what was written since the move before."""
        self._held.clear()
        self._open.clear()
        try:
            until = time.monotonic() + COMMIT_S
            while not (self._held.wait(0.2) or self._closing.is_set()) and time.monotonic() < until:
                pass
            self._connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
            self._length = self._moved = 0
        finally:
            self._open.set()
