"""Users who may sign in by NTLM, in SQL."""

from __future__ import annotations

from uuid import UUID

import apsw

from gatebook.domain.times import Instant
from gatebook.store.sql import load
from gatebook.store.sqlite.connection import fetch, first

SQL = load("sqlite", "ntlm")


def sealed(connection: apsw.Connection, user: UUID) -> bytes | None:
    """The encrypted NT hash of a user; None for one who may not sign in by NTLM."""
    row = first(connection, SQL["sealed"], {"user": user.bytes})
    return None if row is None else bytes(row[0])


class NtlmQuestions:
    """NTLM accounts, as readers ask for them."""

    sealed = staticmethod(sealed)


class NtlmChanges:
    """What a use case may change about NTLM accounts within its transaction."""

    def __init__(self, connection: apsw.Connection) -> None:
        """Works on the writer's connection."""
        self._connection = connection

    def put(self, org: int, user: UUID, sealed: bytes, now: Instant) -> None:
        """Lets a user in, or changes the hash of one who is."""
        self._connection.execute(SQL["put"], {"user": user.bytes, "org": org, "sealed": sealed, "now": now})

    def remove(self, user: UUID) -> bool:
        """Shuts a user out; False where it was."""
        return bool(fetch(self._connection, SQL["remove"], {"user": user.bytes}))
