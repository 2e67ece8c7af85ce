"""Moves committed pages from the write-ahead log into the file, on a thread and a connection of its own."""

from __future__ import annotations

import threading
from pathlib import Path

import apsw

from gatebook.store.sqlite.connection import open_writer

SOON_BYTES = 8 << 20
"""A log longer than this is moved without hindering anybody."""
LATE_BYTES = 128 << 20
"""A log longer than this is emptied even if the writer has to wait a moment."""


class Checkpointer:
    """Call `notice` after a commit; the work is done elsewhere."""

    def __init__(self, path: Path) -> None:
        """The connection is opened on the thread that uses it."""
        self._log = path.with_name(path.name + "-wal")
        self._path = path
        self._noticed = threading.Event()
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="gatebook-checkpoints", daemon=True)
        self._thread.start()

    def notice(self) -> None:
        """There may be something to move."""
        self._noticed.set()

    def close(self) -> None:
        """Stops after the move under way."""
        self._closing = True
        self._noticed.set()
        self._thread.join()

    def _run(self) -> None:
        connection = open_writer(self._path)
        while not self._closing:
            self._noticed.wait()
            self._noticed.clear()
            try:
                self._move(connection)
            except apsw.Error:  # busy or full: the writer meets and reports it; the next commit tries again
                self._noticed.wait(1.0)
        connection.close()

    def _move(self, connection: apsw.Connection) -> None:
        length = self._log.stat().st_size if self._log.exists() else 0
        if length > LATE_BYTES:
            connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)
            connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
        elif length > SOON_BYTES:
            connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)
