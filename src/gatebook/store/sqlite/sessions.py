"""Sessions of browsers in SQL."""

from __future__ import annotations

from uuid import UUID

import apsw

from gatebook.domain.times import Instant
from gatebook.store.holders import SessionRow
from gatebook.store.sql import load
from gatebook.store.sqlite.connection import Row, fetch, first

SQL = load("sqlite", "sessions")


def session(connection: apsw.Connection, hash: bytes) -> SessionRow | None:
    """The session of this hash, whether it still holds or not."""
    row = first(connection, SQL["by_hash"], {"hash": hash})
    return None if row is None else _session_of(row)


def sessions_of(connection: apsw.Connection, user: UUID) -> list[SessionRow]:
    """A user's sessions, the newest first."""
    return [_session_of(row) for row in fetch(connection, SQL["of_user"], {"user": user.bytes})]


class SessionQuestions:
    """Sessions, as readers ask for them."""

    session = staticmethod(session)
    of_user = staticmethod(sessions_of)


class SessionChanges:
    """What a use case may change about sessions within its transaction."""

    def __init__(self, connection: apsw.Connection) -> None:
        """Works on the writer's connection."""
        self._connection = connection

    def add(self, hash: bytes, row: SessionRow, *, most: int) -> None:
        """A new session; of more than `most` of the same user the oldest end."""
        named = {"hash": hash, "id": row.id.bytes, "org": row.organisation, "user": row.user.bytes}
        named |= {"created": row.created, "address": row.address, "agent": row.agent}
        self._connection.execute(SQL["insert"], named)
        self._connection.execute(SQL["oldest_beyond"], {"user": row.user.bytes, "most": most})

    def drop_over(self, created_until: Instant, seen_until: Instant) -> None:
        """Forgets those that were made, or last used, by then."""
        self._connection.execute(SQL["drop_over"], {"created_until": created_until, "seen_until": seen_until})

    def seen(self, hash: bytes, now: Instant) -> None:
        """The session was used."""
        self._connection.execute(SQL["seen"], {"hash": hash, "now": now})

    def end(self, hash: bytes) -> bool:
        """Ends the session of this hash; False where there is none."""
        return bool(fetch(self._connection, SQL["end"], {"hash": hash}))

    def end_one(self, user: UUID, id: UUID) -> bool:
        """Ends one of a user's sessions; False where that user has no such one."""
        return bool(fetch(self._connection, SQL["end_one"], {"user": user.bytes, "id": id.bytes}))


def _session_of(row: Row) -> SessionRow:
    id_, org, user, created, seen, address, agent = row
    return SessionRow(
        id=UUID(bytes=id_),
        organisation=org,
        user=UUID(bytes=user),
        created=created,
        seen=seen,
        address=address,
        agent=agent,
    )
