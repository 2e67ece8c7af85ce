"""Lists that are polled, in SQL: what is in the set now, what is known of it, and what a poll changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from hashlib import blake2b
from uuid import UUID

import apsw

from gatebook.domain.access import Grant
from gatebook.domain.errors import NotFound
from gatebook.domain.times import Instant
from gatebook.store.contract import Asked, Page, Position
from gatebook.store.event_sessions import Basis, Change, EventSession, Member, Sortable, Sorted
from gatebook.store.sql import load
from gatebook.store.sqlite import directory
from gatebook.store.sqlite.connection import Row, carray, fetch, first
from gatebook.store.sqlite.known import Memory
from gatebook.store.sqlite.pages import places_of
from gatebook.store.sqlite.polled import PolledChanges
from gatebook.store.sqlite.reading import Clauses, read_events
from gatebook.store.sqlite.resolve import question_of

SQL = load("sqlite", "event_sessions")


class EventSessionQuestions:
    """Polled lists, as readers ask for them; each takes a snapshot's connection first."""

    def __init__(self, memory: Memory, burst: int) -> None:
        """Shares what is remembered of the directory.  `burst`: events in a bucket beyond which it has finer rows."""
        self._memory = memory
        self._burst = burst

    def session(self, connection: apsw.Connection, org: int, holder: str, id: UUID) -> EventSession | None:
        """A holder's session of this id, whether it is idle or not."""
        row = first(connection, SQL["by_uuid"], {"org": org, "holder": holder, "uuid": id.bytes})
        return None if row is None else _session_of(row)

    def basis(self, connection: apsw.Connection, org: int, grant: Grant) -> Basis:
        """What an answer rests on now."""
        row = first(connection, SQL["basis"], {"org": org})
        if row is None:
            raise NotFound("no such organisation")
        said = (row[0], row[1], grant.everything, sorted(grant.sites), sorted(grant.devices))
        return Basis(blake2b(repr(said).encode(), digest_size=16).digest(), row[2])

    def newest(self, connection: apsw.Connection, asked: Asked) -> tuple[list[Position], bool, Position | None]:
        """Places of a page, whether there are more, and how far a search got that stopped at its budget."""
        question = question_of(connection, asked, self._memory.known(connection, asked.organisation), self._burst)
        return ([], False, None) if question is None else places_of(connection, question)

    def matched(self, connection: apsw.Connection, asked: Asked, after: int, upto: int, limit: int) -> list[Member]:
        """What of the log in `(after, upto]` answers, in order of seq; no more than `limit`."""
        question = question_of(connection, asked, self._memory.known(connection, asked.organisation), self._burst)
        if question is None or upto <= after:
            return []
        selection = question.selection
        clauses = Clauses().choose("e.stream", selection.streams).choose("e.class", selection.classes)
        clauses.words += question.conditions.words
        clauses.bindings += question.conditions.bindings
        window = (selection.window.since, selection.window.until)
        bindings = (asked.organisation, after, upto, *window, *clauses.bindings, limit)
        return [_entering(row) for row in fetch(connection, SQL["matched"].format(conditions=clauses.sql), bindings)]

    def placed(self, connection: apsw.Connection, org: int, seqs: Sequence[int]) -> list[Member]:
        """The events of these seqs; those that are gone are missing."""
        return [_entering(row) for row in fetch(connection, SQL["ids_of"], (org, carray(seqs)))]

    def members(self, connection: apsw.Connection, number: int) -> list[Member]:
        """The whole set as it is known, the oldest first."""
        return [_member_of(row) for row in fetch(connection, SQL["members"], (number,))]

    def oldest(self, connection: apsw.Connection, number: int, limit: int) -> list[Member]:
        """The oldest of them."""
        return [_member_of(row) for row in fetch(connection, SQL["oldest"], (number, limit))]

    def untold(self, connection: apsw.Connection, number: int, limit: int) -> list[Member]:
        """Those that are still to be told, the oldest first."""
        return [_member_of(row) for row in fetch(connection, SQL["untold"], (number, limit))]

    def sortable(self, connection: apsw.Connection, org: int, seqs: Sequence[int]) -> Sorted:
        """What these events may be sorted by."""
        known = self._memory.known(connection, org)
        rows = fetch(connection, SQL["sortable"], (org, carray(seqs)))
        events = {seq: Sortable(stream, known.classes[class_], tag) for seq, stream, class_, tag in rows}
        return Sorted(events=events, places=known.places)

    def events(self, connection: apsw.Connection, org: int, members: Sequence[Member]) -> Page:
        """These events as a page, in the order given; those that are gone are missing."""
        known = self._memory.known(connection, org)
        there = {member.seq for member in self.placed(connection, org, [member.seq for member in members])}
        places = [Position(member.occurred, member.seq) for member in members if member.seq in there]
        events = read_events(connection, org, places, known.classes)
        page = Page(events=events, ceiling=0, places=known.places, freshness=known.freshness)
        numbers = sorted({event.person for event in events if event.person is not None})
        return replace(page, people=directory.people_numbered(connection, org, numbers)) if numbers else page


class EventSessionChanges(PolledChanges):
    """Polled lists within the writer's transaction."""

    def __init__(self, connection: apsw.Connection) -> None:
        """Works on the writer's connection."""
        super().__init__(connection, SQL)

    def seen(self, uses: Mapping[UUID, Instant]) -> None:
        """When they were last polled."""
        self._connection.executemany(SQL["seen"], [{"uuid": id_.bytes, "used": used} for id_, used in uses.items()])

    def change(self, session: EventSession, change: Change, now: Instant) -> bool:
        """What a poll told; False, and nothing changed, where another poll was quicker or the session is gone."""
        named: dict[str, object] = {"session": session.number, "turn": session.turn, "now": now}
        named |= {"looked": change.looked, "basis": change.basis, "size": change.size, "untold": change.untold}
        if not fetch(self._connection, SQL["changed"], named):
            return False
        number = session.number
        if change.left and len(change.left) >= session.size:
            self._connection.execute(SQL["leave_all"], (number,))
        else:
            self._connection.executemany(SQL["leave"], [(number, one.occurred, one.seq) for one in change.left])
        entering = sorted(change.entered)
        self._connection.executemany(
            SQL["enter"], [(number, one.occurred, one.seq, one.id.bytes, int(one.told)) for one in entering]
        )
        self._connection.executemany(SQL["tell"], [(number, one.occurred, one.seq) for one in change.told])
        return True


def _session_of(row: Row) -> EventSession:
    number, uuid, org, holder, question, used, looked, basis, size, untold, turn = row
    return EventSession(
        number=number, id=UUID(bytes=uuid), organisation=org, holder=holder, question=question, used=used,
        looked=looked, basis=basis, size=size, untold=untold, turn=turn,
    )  # fmt: skip


def _entering(row: Row) -> Member:
    occurred, seq, id_ = row
    return Member(occurred, seq, UUID(bytes=id_))


def _member_of(row: Row) -> Member:
    occurred, seq, id_, told = row
    return Member(occurred, seq, UUID(bytes=id_), bool(told))
