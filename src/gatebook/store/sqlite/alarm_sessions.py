"""Polled lists of alarms, in SQL: what was told of each, and by when."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

import apsw

from gatebook.domain.times import Instant
from gatebook.store.sql import load
from gatebook.store.sqlite.connection import Row, carray, fetch, first

SQL = load("sqlite", "alarm_sessions")


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmSession:
    """A stored question about alarms."""

    number: int
    id: UUID
    organisation: int
    holder: str
    question: bytes
    used: Instant
    turn: int


class ToldAlarm(NamedTuple):
    """An alarm as it was told: by its number, at a revision."""

    number: int
    id: UUID
    revision: int


class AlarmSessionQuestions:
    """Polled lists, as readers ask for them."""

    @staticmethod
    def session(connection: apsw.Connection, org: int, holder: str, id: UUID) -> AlarmSession | None:
        """A holder's session of this id, whether it is idle or not."""
        row = first(connection, SQL["by_uuid"], {"org": org, "holder": holder, "uuid": id.bytes})
        if row is None:
            return None
        number, uuid, org, holder, question, used, turn = row
        return AlarmSession(
            number=number, id=UUID(bytes=uuid), organisation=org, holder=holder, question=question, used=used, turn=turn
        )

    @staticmethod
    def members(connection: apsw.Connection, number: int) -> list[ToldAlarm]:
        """What was told, by number."""
        rows = fetch(connection, SQL["members"], (number,))
        return [ToldAlarm(alarm, UUID(bytes=id_), revision) for alarm, id_, revision in rows]


class AlarmSessionChanges:
    """Polled lists within the writer's transaction."""

    def __init__(self, connection: apsw.Connection) -> None:
        """Works on the writer's connection."""
        self._connection = connection

    def add(self, org: int, holder: str, id: UUID, question: bytes, now: Instant) -> None:
        """A new one, with nothing told yet."""
        named = {"uuid": id.bytes, "org": org, "holder": holder, "question": question, "now": now}
        self._connection.execute(SQL["insert"], named)

    def uses_of(self, org: int, holder: str) -> list[Instant]:
        """When each of a holder's sessions was last used, the longest ago first."""
        return [used for (used,) in fetch(self._connection, SQL["uses_of"], {"org": org, "holder": holder})]

    def drop_idle(self, until: Instant) -> None:
        """Forgets those that were last used by then."""
        self._drop(fetch(self._connection, SQL["drop_idle"], {"until": until}))

    def drop(self, org: int, holder: str, id: UUID) -> bool:
        """Forgets one; False where there is none."""
        rows = fetch(self._connection, SQL["drop_one"], {"org": org, "holder": holder, "uuid": id.bytes})
        self._drop(rows)
        return bool(rows)

    def change(
        self, session: AlarmSession, left: Iterable[ToldAlarm], entered: Iterable[ToldAlarm], now: Instant
    ) -> bool:
        """What a poll told; False, and nothing changed, where another poll was quicker or the session is gone."""
        named = {"session": session.number, "turn": session.turn, "now": now}
        if not fetch(self._connection, SQL["polled"], named):
            return False
        self._connection.executemany(SQL["leave"], [(session.number, one.number) for one in left])
        rows = [(session.number, one.number, one.id.bytes, one.revision) for one in entered]
        self._connection.executemany(SQL["enter"], rows)
        return True

    def _drop(self, rows: Sequence[Row]) -> None:
        if rows:
            self._connection.execute(SQL["drop_members"], {"sessions": carray(number for (number,) in rows)})
