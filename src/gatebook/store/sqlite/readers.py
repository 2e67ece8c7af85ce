"""A pool of reading threads, each with a connection of its own; every read is one snapshot and has a time limit."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import apsw

from gatebook.domain.errors import Unavailable
from gatebook.store.sqlite.connection import fault_of, open_reader

T = TypeVar("T")
Read = Callable[[apsw.Connection], T]
STEPS_BETWEEN_LOOKS = 5_000
"""Virtual machine steps of the engine between two looks at the clock."""


class Readers:
    """Runs reads; `read` from an event loop, `read_now` from any thread."""

    def __init__(self, path: Path, *, threads: int = 4, limit_s: float = 10.0) -> None:
        """`limit_s`: a read that takes longer is stopped and raises TookTooLong."""
        self._path = path
        self._limit_s = limit_s
        self._local = threading.local()
        self._opened: list[apsw.Connection] = []
        self._closing = False
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="gatebook-reader")

    async def read(self, work: Read[T]) -> T:
        """`work(connection)` in one read transaction on a reading thread."""
        if self._closing:
            raise Unavailable("the server is stopping; try again", 2)
        return await asyncio.get_running_loop().run_in_executor(self._pool, self.read_now, work)

    def read_now(self, work: Read[T]) -> T:
        """The same, on the calling thread."""
        connection = self._connection()
        self._local.until = time.monotonic() + self._limit_s
        try:
            connection.execute("BEGIN")
            try:
                return work(connection)
            finally:
                if connection.in_transaction:
                    connection.execute("COMMIT")
        except apsw.Error as fault:
            raise fault_of(fault, self._path) from fault

    def _connection(self) -> apsw.Connection:
        connection: apsw.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = open_reader(self._path)
            local = self._local
            connection.set_progress_handler(lambda: time.monotonic() > local.until, STEPS_BETWEEN_LOOKS)
            self._local.connection = connection
            self._opened.append(connection)
        return connection

    def close(self) -> None:
        """Waits for reads under way, then closes every connection."""
        self._closing = True
        self._pool.shutdown()
        for connection in self._opened:
            connection.close()
