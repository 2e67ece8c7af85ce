"""Vehicles that stand before a camera, in SQL: the reads that a follower takes, and the arrivals that they make."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

import apsw

from gatebook.domain.gates import PlateHolder
from gatebook.domain.times import Instant
from gatebook.store.sql import load
from gatebook.store.sqlite.connection import Row, fetch, first
from gatebook.store.sqlite.gates import LIMIT, plates
from gatebook.store.sqlite.glances import at_a_glance

COLUMNS = (
    "arrival, org, camera, vehicle, plate, first, last, due, read, occurred, confidence, person, decision, command,"
    " repeated, touched"
)
SQL = {name: sql.replace("{columns}", COLUMNS) for name, sql in load("sqlite", "arrivals").items()}
AT_ONCE = 500
"""Arrivals that are decided in one transaction."""


class ReadRow(NamedTuple):
    """One `plate.read` in the log; `data` as it was reported."""

    seq: int
    id: UUID
    stream: int
    occurred: Instant
    received: Instant
    reported: Instant | None
    data: bytes | None
    camera: int
    """The number of the device."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A vehicle before a camera; `plate` to `person` are those of its best read."""

    number: int = 0
    """0: not in the store yet."""
    organisation: int
    camera: int
    vehicle: str | None
    plate: str = field(repr=False)
    first: Instant
    last: Instant
    due: Instant | None
    """When it is decided if nothing opens; None: decided, or waiting for its command."""
    read: int
    occurred: Instant
    confidence: float
    person: int | None
    decision: bytes | None = field(repr=False)
    """What is to be told of it, JSON; None once it is told."""
    command: UUID | None = None
    repeated: bool = False
    """True when it has its row for repeated reads."""
    touched: Instant


class ArrivalQuestions:
    """Arrivals, as readers ask for them."""

    @at_a_glance
    def next_due(self, connection: apsw.Connection) -> Instant | None:
        """When the next arrival is to be decided."""
        row = first(connection, SQL["next_due"], ())
        return None if row is None or row[0] is None else Instant(row[0])


class ArrivalChanges:
    """Arrivals within the writer's transaction."""

    def __init__(self, connection: apsw.Connection) -> None:
        """Works on the writer's connection."""
        self._connection = connection

    def reads(self, org: int, after: int, upto: int) -> list[ReadRow]:
        """The reads in `(after, upto]` by cameras that are set up."""
        rows = fetch(self._connection, SQL["reads"], {"org": org, "after": after, "upto": upto})
        return [
            ReadRow(seq, UUID(bytes=uuid), stream, occurred, received, reported, data, camera)
            for seq, uuid, stream, occurred, received, reported, data, camera in rows
        ]

    def by_vehicle(self, org: int, camera: int, vehicle: str) -> Arrival | None:
        """The arrival of a vehicle that the reader knows again."""
        row = first(self._connection, SQL["by_vehicle"], {"org": org, "camera": camera, "vehicle": vehicle})
        return None if row is None else _arrival(row)

    def by_plate(self, org: int, camera: int, plate: str, occurred: Instant, gap_ns: int) -> Arrival | None:
        """The arrival of a plate, read within `gap_ns` of that time."""
        named = {"org": org, "camera": camera, "plate": plate, "occurred": occurred, "gap": gap_ns}
        row = first(self._connection, SQL["by_plate"], named)
        return None if row is None else _arrival(row)

    def by_command(self, org: int, command: UUID) -> Arrival | None:
        """The arrival for which a command opens."""
        row = first(self._connection, SQL["by_command"], {"org": org, "command": command.bytes})
        return None if row is None else _arrival(row)

    def due(self, now: Instant) -> list[Arrival]:
        """Those of all organisations that are to be decided now."""
        return [_arrival(row) for row in fetch(self._connection, SQL["due"], {"now": now, "limit": AT_ONCE})]

    def put(self, one: Arrival) -> None:
        """A new one, or what an old one becomes."""
        named = {"plate": one.plate, "first": one.first, "last": one.last, "due": one.due, "read": one.read}
        named |= {"occurred": one.occurred, "confidence": one.confidence, "person": one.person}
        named |= {"decision": one.decision, "command": one.command and one.command.bytes}
        named |= {"repeated": int(one.repeated), "touched": one.touched}
        if one.number:
            self._connection.execute(SQL["change"], {**named, "arrival": one.number})
            return
        place = {"org": one.organisation, "camera": one.camera, "vehicle": one.vehicle}
        self._connection.execute(SQL["insert"], {**named, **place})

    def drop_untouched(self, *, plates: Instant, vehicles: Instant) -> None:
        """Forgets what was last read before these times: by its plate alone, and by the reader's id."""
        self._connection.execute(SQL["drop_untouched"], {"plates": plates, "vehicles": vehicles})

    def plate_revision(self, org: int) -> int:
        """Rises with every change of a plate."""
        row = first(self._connection, SQL["revision"], {"org": org})
        return 0 if row is None else int(row[0])

    def plates(self, org: int) -> list[PlateHolder]:
        """Every plate that somebody carries."""
        found: list[PlateHolder] = []
        after = 0
        while piece := plates(self._connection, org, after):
            found += [holder for _number, holder in piece]
            if len(piece) < LIMIT:
                break
            after = piece[-1][0]
        return found


def _arrival(row: Row) -> Arrival:
    (
        number, org, camera, vehicle, plate, earliest, last, due, read, occurred, confidence, person, decision, command,
        repeated, touched,
    ) = row  # fmt: skip
    return Arrival(
        number=number, organisation=org, camera=camera, vehicle=vehicle, plate=plate, first=earliest, last=last,
        due=due, read=read, occurred=occurred, confidence=confidence, person=person, decision=decision,
        command=None if command is None else UUID(bytes=command), repeated=bool(repeated), touched=touched,
    )  # fmt: skip
