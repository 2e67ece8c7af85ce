"""What devices are asked to do, in SQL: the open ones, and each settled once and for all."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import apsw

from gatebook.domain.times import Instant
from gatebook.store.sql import load
from gatebook.store.sqlite.connection import Row, fetch, first
from gatebook.store.sqlite.glances import at_a_glance

SQL = load("sqlite", "commands")
LIMIT = 1_000
"""Open commands that are looked at in one go."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One thing that one device is to do, until before its deadline."""

    organisation: int
    id: UUID
    device: int
    """Its number."""
    action: str
    made: Instant
    deadline: Instant
    seq: int
    """Of the event that asked for it."""
    settled: Instant | None = None
    outcome: str | None = None


class CommandQuestions:
    """Commands, as readers ask for them."""

    @at_a_glance
    def open(self, connection: apsw.Connection) -> list[Command]:
        """Those that wait, of all organisations, the most urgent first."""
        return [_command(row) for row in fetch(connection, SQL["open_commands"], {"limit": LIMIT})]

    def command(self, connection: apsw.Connection, org: int, id: UUID) -> Command | None:
        """The one of this id, as long as it is kept."""
        row = first(connection, SQL["command"], {"org": org, "uuid": id.bytes})
        return None if row is None else _command(row)


class CommandChanges:
    """Commands within the writer's transaction."""

    def __init__(self, connection: apsw.Connection) -> None:
        """Works on the writer's connection."""
        self._connection = connection

    def insert(self, one: Command) -> None:
        """A new one, which waits."""
        named = {"org": one.organisation, "uuid": one.id.bytes, "device": one.device, "action": one.action}
        rest = {"made": one.made, "deadline": one.deadline, "seq": one.seq}
        self._connection.execute(SQL["insert_command"], {**named, **rest})

    def command(self, org: int, id: UUID) -> Command | None:
        """The one of this id."""
        return CommandQuestions().command(self._connection, org, id)

    def settle(self, org: int, id: UUID, outcome: str, now: Instant) -> Command | None:
        """How it ended; None where that is known already, or there is no such command."""
        row = first(self._connection, SQL["settle"], {"org": org, "uuid": id.bytes, "outcome": outcome, "now": now})
        return None if row is None else _command(row)

    def drop_settled(self, before: Instant) -> None:
        """Forgets those that were settled before that time; their events stay."""
        self._connection.execute(SQL["drop_settled"], {"before": before})


def _command(row: Row) -> Command:
    org, uuid, device, action, made, deadline, seq, settled, outcome = row
    return Command(
        organisation=org,
        id=UUID(bytes=uuid),
        device=device,
        action=action,
        made=made,
        deadline=deadline,
        seq=seq,
        settled=settled,
        outcome=outcome,
    )
