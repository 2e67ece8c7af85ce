"""Polled lists of alarms, in SQL: what was told of each, and by when."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

import apsw

from gatebook.domain.times import Instant
from gatebook.store.sql import load
from gatebook.store.sqlite.connection import fetch, first
from gatebook.store.sqlite.polled import PolledChanges

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


class AlarmSessionChanges(PolledChanges):
    """Polled lists within the writer's transaction."""

    def __init__(self, connection: apsw.Connection) -> None:
        """Works on the writer's connection."""
        super().__init__(connection, SQL)

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
