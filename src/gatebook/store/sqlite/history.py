"""What can be asked of the log, each question answered in one snapshot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

import apsw

from gatebook.domain.access import Grant
from gatebook.domain.events import Event, EventClass
from gatebook.domain.places import Person
from gatebook.domain.times import Instant
from gatebook.store.contract import Asked, Bars, Follow, Group, Page, ShownStreams, Total
from gatebook.store.sql import load
from gatebook.store.sqlite import directory, facets, pages
from gatebook.store.sqlite.connection import fetch, first
from gatebook.store.sqlite.glances import at_a_glance
from gatebook.store.sqlite.known import Known, Memory
from gatebook.store.sqlite.reading import SQL, head
from gatebook.store.sqlite.resolve import question_of
from gatebook.store.sqlite.rights import granted
from gatebook.store.sqlite.rows import event_of, events_of
from gatebook.store.sqlite.tallies import LIMIT

FOLLOWERS = load("sqlite", "followers")


@dataclass(frozen=True, slots=True)
class History:
    """Questions that readers ask; every method takes the snapshot's connection."""

    memory: Memory
    burst: int = LIMIT
    """Events in a bucket beyond which the store keeps finer rows."""

    def page(self, connection: apsw.Connection, asked: Asked) -> Page:
        """One page, its total, and the places and people to name on it."""
        known = self.memory.known(connection, asked.organisation)
        question = question_of(connection, asked, known, self.burst)
        if question is None:
            empty = Total(0) if asked.with_total else None
            ceiling = head(connection, asked.organisation)
            return Page(events=(), ceiling=ceiling, total=empty, has_unlisted=known.has_unlisted)
        found = pages.page(connection, question)
        people = _people(connection, asked.organisation, found.events)
        return replace(
            found,
            places=known.places,
            people=people,
            freshness=known.freshness,
            has_unlisted=known.has_unlisted,
        )

    def count(self, connection: apsw.Connection, asked: Asked) -> Total:
        """How many events answer the question."""
        known = self.memory.known(connection, asked.organisation)
        question = question_of(connection, asked, known, self.burst)
        return Total(0) if question is None else pages.count(connection, question)

    def bars(self, connection: apsw.Connection, asked: Asked, by: Group, edges: Sequence[Instant] = ()) -> Bars:
        """How many events answer the question, in each of the n bars that n + 1 rising edges bound, by group.

        Without edges the question's window is one bar.
        """
        known = self.memory.known(connection, asked.organisation)
        question = question_of(connection, asked, known, self.burst)
        if question is None:
            return Bars(counted=(), classes=known.classes, places=known.places)
        counted, exact = facets.bars(connection, question, known.streams, by, edges)
        return Bars(counted=counted, exact=exact, classes=known.classes, places=known.places)

    def one(
        self, connection: apsw.Connection, org: int, grant: Grant, ref: UUID | int, *, records: bool = False
    ) -> Page | None:
        """The event of this id or seq, as a page of one; None where it is absent or not shown."""
        known = self.memory.known(connection, org)
        query, key = ("event_by_id", ref.bytes) if isinstance(ref, UUID) else ("event_by_seq", ref)
        row = first(connection, SQL[query], (org, key))
        if row is None:
            return None
        event = event_of(row, known.classes)
        if not granted(grant, known).holds(event.stream) or (event.kind.is_record and not records):
            return None
        return _page(connection, known, [event])

    def versions(self, connection: apsw.Connection, org: int, stream: int, since: int, before: int) -> Page:
        """One stream's events with `since <= version < before`, ascending; `ceiling` is the stream's head version."""
        known = self.memory.known(connection, org)
        rows = fetch(connection, SQL["versions"], (org, stream, since, before))
        found = _page(connection, known, events_of(rows, known.classes))
        return replace(found, ceiling=head(connection, org, stream))

    def log_after(self, connection: apsw.Connection, org: int, after: int, limit: int) -> Page:
        """The next events of the whole log in order of `seq`, for followers; `ceiling` is the head."""
        known = self.memory.known(connection, org)
        ceiling = head(connection, org)
        rows = fetch(connection, SQL["log_after"], (org, after, ceiling, limit))
        found = _page(connection, known, events_of(rows, known.classes))
        return replace(found, ceiling=ceiling)

    def shown(self, connection: apsw.Connection, org: int, grant: Grant) -> ShownStreams:
        """What a grant shows now, for live roads: the same value that the SQL takes."""
        known = self.memory.known(connection, org)
        return ShownStreams(granted(grant, known), known.freshness)

    def classes(self, connection: apsw.Connection, org: int) -> dict[int, EventClass]:
        """Every class by number."""
        return self.memory.known(connection, org).classes

    @at_a_glance
    def head(self, connection: apsw.Connection, org: int) -> int:
        """The organisation's newest seq."""
        return head(connection, org)

    @at_a_glance
    def organisations(self, connection: apsw.Connection) -> list[int]:
        """The numbers of all organisations."""
        return directory.organisation_numbers(connection)

    @at_a_glance
    def followed(self, connection: apsw.Connection, org: int, name: str) -> int:
        """The seq that a follower has come to."""
        row = first(connection, FOLLOWERS["followed"], {"org": org, "name": name})
        return 0 if row is None else int(row[0])

    def followers(self, connection: apsw.Connection, org: int) -> list[Follow]:
        """How far each follower has come."""
        rows = fetch(connection, FOLLOWERS["followers"], {"org": org})
        return [Follow(name=name, seq=seq, head=last, parked=parked) for name, seq, last, parked in rows]


def _people(connection: apsw.Connection, org: int, events: Sequence[Event]) -> dict[int, Person]:
    numbers = {event.person for event in events if event.person is not None}
    return directory.people_numbered(connection, org, sorted(numbers)) if numbers else {}


def _page(connection: apsw.Connection, known: Known, events: Sequence[Event]) -> Page:
    people = _people(connection, known.org, events)
    return Page(
        events=events,
        ceiling=head(connection, known.org),
        places=known.places,
        people=people,
        freshness=known.freshness,
    )
