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
GIVE_WAY_S = 5.0
"""How long the writer waits for a log to be emptied; the disk may be slow, and the queue takes what comes meanwhile."""
RESTS_WITHIN_S = 2.0
"""The longest transaction that is waited for; a writer with nothing to do never says that it rests, and need not."""
PAUSE_S = 1.0
"""Between a move that failed and the next try."""


class Checkpointer:
    """Its `notice` is called after each commit; the work is done elsewhere."""

    def __init__(
        self, connection: apsw.Connection, *, soon_bytes: int = SOON_BYTES, late_bytes: int = LATE_BYTES
    ) -> None:
        """`connection` may write, and is used by nobody else."""
        connection.set_busy_timeout(HINDER_MS)
        self._connection = connection
        self._soon = soon_bytes
        self._late = late_bytes
        self._length = 0
        self._writer_rests = threading.Event()
        self._writer_may_go_on = threading.Event()
        self._writer_may_go_on.set()
        self._noticed = threading.Event()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="gatebook-checkpoints", daemon=True)
        self._thread.start()

    def notice(self, _connection: apsw.Connection, _schema: str, pages: int) -> int:
        """The writer's hook: `pages` are those of the log that are in use, which may be fewer than its file has."""
        self._length = pages * PAGE_BYTES
        if self._length > self._soon:
            self._noticed.set()
        return apsw.SQLITE_OK

    def give_way(self) -> None:
        """Called by the writer between two transactions: waits, for a moment at most, while a late log is emptied.

        Without this, a writer that never rests leaves no moment in which the log could begin anew, and it grows.
        """
        if not self._writer_may_go_on.is_set():
            self._writer_rests.set()
            self._writer_may_go_on.wait(GIVE_WAY_S)

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
        if self._length > self._soon:
            self._connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)
        if self._length > self._late:
            self._writer_rests.clear()
            self._writer_may_go_on.clear()
            try:
                self._writer_rests.wait(RESTS_WITHIN_S)
                self._connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
            finally:
                self._writer_may_go_on.set()
