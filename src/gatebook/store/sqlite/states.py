"""What state each device is in, in SQL: the latest event of each class that enters one."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple
from uuid import UUID

import apsw

from gatebook.domain.access import Grant
from gatebook.domain.events import EventClass
from gatebook.domain.kinds import Kind
from gatebook.domain.times import Instant
from gatebook.store.sql import load
from gatebook.store.sqlite import directory
from gatebook.store.sqlite.connection import carray, fetch
from gatebook.store.sqlite.known import Known, Memory
from gatebook.store.sqlite.reading import Clauses
from gatebook.store.sqlite.rights import fewest, granted

SQL = load("sqlite", "states")
FOLLOWER = "states"
MOST_NEWER = 100_000
"""Events that one question looks through beyond what was followed."""


class Latest(NamedTuple):
    """The latest event of a class at a stream."""

    event_class: EventClass
    stream: int
    occurred: Instant
    seq: int
    id: UUID


class StateQuestions:
    """States, as readers ask for them."""

    def __init__(self, memory: Memory) -> None:
        """Shares what is remembered of the directory."""
        self._memory = memory

    def latest(
        self, connection: apsw.Connection, org: int, grant: Grant, kinds: Collection[Kind]
    ) -> tuple[list[Latest], Known]:
        """The latest events of devices that are still there and that the grant shows, in no order.

        What came in since the follower looked is among them: of these kinds, and of types that enter a state.
        """
        known = self._memory.known(connection, org)
        present = {stream for (stream,) in fetch(connection, SQL["present"], {"org": org})}
        clauses = Clauses().choose("stream", fewest(granted(grant, known), known.streams))
        entering = carray(entering_of(known.classes, kinds, grouped_types(connection, org)))
        newer = (org, FOLLOWER, MOST_NEWER, entering, *clauses.bindings)
        rows = [
            *fetch(connection, SQL["newer"].format(conditions=clauses.sql), newer),
            *fetch(connection, SQL["latest"].format(conditions=clauses.sql), (org, *clauses.bindings)),
        ]
        found = [
            Latest(known.classes[class_], stream, occurred, seq, UUID(bytes=id_))
            for class_, stream, occurred, seq, id_ in rows
            if stream in present
        ]
        return found, known

    def grouped_types(self, connection: apsw.Connection, org: int) -> dict[UUID, UUID]:
        """The state groups of event types that have one, those that were removed too."""
        return grouped_types(connection, org)


class StateChanges:
    """States within the writer's transaction."""

    def __init__(self, connection: apsw.Connection) -> None:
        """Works on the writer's connection."""
        self._connection = connection

    def follow(self, org: int, after: int, upto: int, kinds: Collection[Kind]) -> None:
        """Takes the events in `(after, upto]` of these built-in kinds, and of types that enter a state."""
        grouped = grouped_types(self._connection, org)
        classes = entering_of(directory.classes(self._connection, org), kinds, grouped)
        if classes:
            named = {"org": org, "after": after, "upto": upto, "classes": carray(classes)}
            self._connection.execute(SQL["follow"], named)


def entering_of(classes: Mapping[int, EventClass], kinds: Collection[Kind], grouped: Collection[UUID]) -> list[int]:
    """The numbers of classes that enter a state: of these built-in kinds, and of these types that were made."""
    return [
        number
        for number, found in classes.items()
        if (found.kind in kinds if found.type is None else found.type in grouped)
    ]


def grouped_types(connection: apsw.Connection, org: int) -> dict[UUID, UUID]:
    """Event type to its state group."""
    rows = fetch(connection, SQL["grouped_types"], {"org": org})
    return {UUID(bytes=type_): UUID(bytes=group) for type_, group in rows}


__all__ = ["FOLLOWER", "Latest", "StateChanges", "StateQuestions", "grouped_types"]
