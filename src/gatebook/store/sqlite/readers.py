"""A pool of reading threads, each with a connection of its own; every read is one snapshot and has a time limit."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue
from typing import Any, TypeVar

import apsw

from gatebook.domain.errors import Unavailable
from gatebook.store.sqlite.connection import fault_of, open_reader

T = TypeVar("T")
Read = Callable[[apsw.Connection], T]
Waiting = tuple[Read[Any], asyncio.Future[Any], asyncio.AbstractEventLoop]
STEPS_BETWEEN_LOOKS = 5_000
"""Virtual machine steps of the engine between two looks at the clock."""


class Readers:
    """Runs reads; `read` from an event loop, `read_now` from any thread.

    The threads are not those of an executor: a page takes less than twice as long as an executor's two futures and
    their locks, and every answer waits for it.
    """

    def __init__(self, path: Path, *, threads: int = 4, limit_s: float = 10.0) -> None:
        """`limit_s`: a read that takes longer is stopped and raises TookTooLong."""
        self._path = path
        self._limit_s = limit_s
        self._local = threading.local()
        self._opened: list[apsw.Connection] = []
        self._closing = False
        self._waiting: SimpleQueue[Waiting | None] = SimpleQueue()
        self._wanted = threads
        self._threads: list[threading.Thread] = []

    async def read(self, work: Read[T]) -> T:
        """`work(connection)` in one read transaction on a reading thread."""
        self._refuse_when_closing()
        if not self._threads:
            self._start()
        loop = asyncio.get_running_loop()
        told: asyncio.Future[T] = loop.create_future()
        self._waiting.put((work, told, loop))
        return await told

    def glance(self, work: Read[T]) -> T:
        """One statement on the calling thread, which may be that of the event loop: for work that is done at once.

        It is a snapshot by itself. To begin and end one would be two more chances for a busy writer to take the
        interpreter's lock.
        """
        self._refuse_when_closing()
        connection = self._connection()
        self._local.until = time.monotonic() + self._limit_s
        try:
            return work(connection)
        except apsw.Error as fault:
            raise fault_of(fault, self._path) from fault

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

    def close(self) -> None:
        """Waits for reads under way and those that wait, then closes every connection."""
        self._closing = True
        for _ in self._threads:
            self._waiting.put(None)
        for thread in self._threads:
            thread.join()
        for connection in self._opened:
            connection.close()

    def _refuse_when_closing(self) -> None:
        if self._closing:
            raise Unavailable("the server is stopping; try again", 2)

    def _start(self) -> None:
        for number in range(self._wanted):
            thread = threading.Thread(target=self._serve, name=f"gatebook-reader_{number}", daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self) -> None:
        while (waiting := self._waiting.get()) is not None:
            work, told, loop = waiting
            if told.cancelled():
                continue
            try:
                found = self.read_now(work)
            except BaseException as error:
                _call(loop, _refuse, told, error)
            else:
                _call(loop, _settle, told, found)
            del waiting, work, told  # what was read is not held while the next is waited for

    def _connection(self) -> apsw.Connection:
        connection: apsw.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = open_reader(self._path)
            local = self._local
            connection.set_progress_handler(lambda: time.monotonic() > local.until, STEPS_BETWEEN_LOOKS)
            self._local.connection = connection
            self._opened.append(connection)
        return connection


def _call(loop: asyncio.AbstractEventLoop, back: Callable[..., None], *told: object) -> None:
    """Tells the loop; one that has ended has nobody who waits."""
    with suppress(RuntimeError):
        loop.call_soon_threadsafe(back, *told)


def _settle(told: asyncio.Future[Any], found: object) -> None:
    if not told.done():
        told.set_result(found)


def _refuse(told: asyncio.Future[Any], error: BaseException) -> None:
    if not told.done():
        told.set_exception(error)
