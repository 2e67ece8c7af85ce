"""One number that is cheap to look at before every request: has anything changed in who may do what?"""

from __future__ import annotations

import asyncio
from pathlib import Path

import apsw

from gatebook.store.sql import load
from gatebook.store.sqlite.connection import fault_of, fetch, open_reader

SQL = load("sqlite", "keys")


class Pulse:
    """Reads on the calling thread with a connection of its own: some microseconds, no hop to another thread."""

    def __init__(self, path: Path) -> None:
        """Opens when first asked."""
        self._path = path
        self._connection: apsw.Connection | None = None
        self._now: tuple[asyncio.AbstractEventLoop, int] | None = None
        """What was read in this turn of that event loop."""

    def access_revision(self) -> int:
        """Rises with every committed change of principals and grants, by whichever process.

        Requests that one turn of the event loop found waiting were all sent before it began: they share one look.
        """
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return self._read()  # no loop, no turns
        if self._now is not None and self._now[0] is loop:
            return self._now[1]
        revision = self._read()
        self._now = loop, revision
        loop.call_soon(self._forget)
        return revision

    def _forget(self) -> None:
        self._now = None

    def _read(self) -> int:
        if self._connection is None:
            self._connection = open_reader(self._path)
        try:
            return int(fetch(self._connection, SQL["access_revision"], ())[0][0])
        except apsw.Error as fault:
            raise fault_of(fault, self._path) from fault

    def close(self) -> None:
        """Lets go of the file."""
        if self._connection is not None:
            self._connection.close()
