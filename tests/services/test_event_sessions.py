"""Event sessions: whatever happens to the log, the directory and the rights, polls that are applied equal the set."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gatebook.domain.access import EVERYTHING, Principal, PrincipalKind, Scope
from gatebook.domain.errors import NotFound, TooMany
from gatebook.domain.events import Draft
from gatebook.domain.filters import EVERY, Filter
from gatebook.domain.tellings import names_somebody
from gatebook.domain.times import SECOND_NS, Instant
from gatebook.services.audit import Audit
from gatebook.services.event_sessions import IDLE_S, MOST_SESSIONS, EventSessions, Question
from gatebook.store import Store, Transaction
from gatebook.store.contract import RetentionRule
from gatebook.store.sqlite.store import SqliteStore
from tests.store.oracle import CLASSES, NEW_YEAR, Admit, World, asks, drafts, found_world, grants, moments

BURST = 3
MOST = 8
ALL_RULE = RetentionRule(id=UUID(int=5), name="all", kinds=None, type=None, days=1)
PROPERTY = settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))


class Clock:
    def __init__(self) -> None:
        self.now = Instant(NEW_YEAR)

    def __call__(self) -> Instant:
        return self.now

    def pass_s(self, seconds: float) -> None:
        self.now = Instant(self.now + int(seconds * SECOND_NS))


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    store = SqliteStore(Path(tmp_path_factory.mktemp("sessions")) / "log.db", burst=BURST, checkpoints=False)
    yield store
    store.close()


def reader_of(world: World) -> Principal:
    return Principal(
        organisation=world.org,
        kind=PrincipalKind.USER,
        id=uuid4(),
        name="reader",
        scopes=frozenset({Scope.EVENTS_READ}),
        grant=EVERYTHING,
    )


def sessions_of(world: World, clock: Clock, most: int = MOST) -> EventSessions:
    return EventSessions(world.store, Audit(world.store, now=clock), now=clock, most=most)


def aged(world: World, before: Instant) -> set[int]:
    """Everything older is removed, and an event says so; the seqs that are gone."""
    world.follow(10**6)
    record = Draft(
        stream=world.organisation_stream, event_class=world.classes[CLASSES[-1]], occurred=before, received=before
    )
    world.append([record])
    head = len(world.events)

    def work(tx: Transaction) -> set[int]:
        gone = tx.keeping.take_due(world.org, ALL_RULE, before, 1_000)
        tx.keeping.mark(world.org, gone, head)
        return {n for span in gone.get(0, ()) for n in range(span.first, span.last + 1)}

    return world.store.write_now(work)


def acts(world: World) -> st.SearchStrategy[tuple[str, object]]:
    """What may happen between two polls, and how long the next poll's answer may be."""
    return st.one_of(
        st.tuples(st.just("poll"), st.integers(1, 5)),
        st.tuples(st.just("append"), st.lists(drafts(world), min_size=1, max_size=MOST)),
        st.tuples(st.just("age"), moments),
        st.tuples(st.just("erase"), st.sets(st.integers(1, 40), max_size=5)),
        st.tuples(st.just("grant"), grants(world)),
        st.tuples(st.just("move"), st.tuples(st.integers(0, 6), st.sampled_from([None, 1, 2, 3]))),
        st.tuples(st.just("wait"), st.sampled_from([1, 20, IDLE_S - 1])),
        st.tuples(st.just("restart"), st.none()),
    )


class Play:
    """One client's session, through everything that may happen."""

    def __init__(self, world: World, wanted: Filter, admit: Admit) -> None:
        self.world, self.clock, self.held = world, Clock(), list[UUID]()
        self.question, self.admit = Question(wanted=wanted), admit
        self.reader, self.shows, self.gone = reader_of(world), _all, set[int]()
        self.sessions = sessions_of(world, self.clock)
        self.id = UUID(int=0)

    async def run(self, happenings: list[tuple[str, Any]]) -> None:
        self.id = await self.sessions.begin(self.reader, b"?", self.question.wanted)
        for act, what in happenings:
            match act:
                case "poll":
                    await self.poll(what)
                case "append":
                    self.world.append(what)
                case "age":
                    self.gone |= aged(self.world, what)
                case "erase":
                    self.world.store.write_now(lambda tx, seqs=what: tx.erasing.erase(self.world.org, seqs))
                case "grant":
                    grant, self.shows = what
                    self.reader = replace(self.reader, grant=grant)
                case "move":
                    self.world.move(*what)
                case "wait":
                    await self.poll(1)
                    self.clock.pass_s(what)
                    await self.poll(1)
                case "restart":
                    self.sessions = sessions_of(self.world, self.clock)
        while await self.poll(3):
            pass

    async def poll(self, limit: int) -> bool:
        """Applies what is told, and minds that nothing is told that cannot be applied."""
        told = await self.sessions.poll(self.reader, self.id, self.question, limit)
        assert len(told.entered.events) <= limit
        for id_ in told.left:
            self.held.remove(id_)
        entered = [event.id for event in told.entered.events]
        assert not set(entered) & set(self.held)
        assert len(set(entered)) == len(entered)
        self.held += entered
        return bool(told.left or entered)

    @property
    def due(self) -> set[UUID]:
        """The newest that the clerk would find."""
        found = self.world.answer(
            lambda event: self.admit(event) and self.shows(event) and event.listed and not event.kind.is_record
        )
        return {event.id for event in [one for one in found if one.seq not in self.gone][:MOST]}


def _all(_event: object) -> bool:
    return True


@PROPERTY
@given(data=st.data())
def test_polls_applied_to_an_empty_list_equal_the_set(store: Store, data: st.DataObject) -> None:
    world = found_world(store)
    wanted, admit = data.draw(asks(world).filter(lambda told: not names_somebody(told[0])))
    world.append(data.draw(st.lists(drafts(world), max_size=20)))
    happenings = data.draw(st.lists(acts(world), max_size=12))
    play = Play(world, wanted, admit)

    asyncio.run(play.run(happenings))

    assert set(play.held) == play.due


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    store = SqliteStore(tmp_path / "log.db", burst=BURST, checkpoints=False)
    yield found_world(store)
    store.close()


def plain(world: World, occurred: int) -> Draft:
    class_ = world.classes[CLASSES[3]]
    return Draft(stream=world.streams[1], event_class=class_, occurred=Instant(occurred), received=Instant(occurred))


async def test_a_session_that_is_idle_for_ten_minutes_is_gone_and_one_that_is_polled_stays(world: World) -> None:
    clock, reader, question = Clock(), reader_of(world), Question(wanted=EVERY)
    sessions = sessions_of(world, clock)
    idle, polled = [await sessions.begin(reader, b"?", EVERY) for _ in range(2)]

    clock.pass_s(IDLE_S - 1)
    await sessions.poll(reader, polled, question, 1)
    clock.pass_s(2)

    with pytest.raises(NotFound):
        await sessions.poll(reader, idle, question, 1)
    await sessions.poll(reader, polled, question, 1)
    clock.pass_s(IDLE_S)
    await sessions.poll(reader, polled, question, 1)


async def test_a_principal_has_twenty_at_a_time_and_others_have_their_own(world: World) -> None:
    clock, reader, other = Clock(), reader_of(world), reader_of(world)
    sessions = sessions_of(world, clock)
    begun = [await sessions.begin(reader, b"?", EVERY) for _ in range(MOST_SESSIONS)]

    with pytest.raises(TooMany, match="20 event sessions"):
        await sessions.begin(reader, b"?", EVERY)

    await sessions.begin(other, b"?", EVERY)
    await sessions.end(reader, begun[0])
    await sessions.begin(reader, b"?", EVERY)
    clock.pass_s(IDLE_S + 1)
    await sessions.begin(reader, b"?", EVERY)


async def test_a_session_of_somebody_else_is_not_there(world: World) -> None:
    clock, reader, other = Clock(), reader_of(world), reader_of(world)
    sessions = sessions_of(world, clock)
    session = await sessions.begin(reader, b"?", EVERY)

    for act in (sessions.get, sessions.end):
        with pytest.raises(NotFound):
            await act(other, session)


async def test_two_polls_at_once_tell_each_event_once(world: World) -> None:
    clock, reader, question = Clock(), reader_of(world), Question(wanted=EVERY)
    world.append([plain(world, NEW_YEAR + n) for n in range(MOST)])
    one, other = sessions_of(world, clock), sessions_of(world, clock)
    session = await one.begin(reader, b"?", EVERY)

    polls = await asyncio.gather(*(which.poll(reader, session, question, 2) for which in (one, other, one, other)))

    told = [event.id for found in polls for event in found.entered.events]
    assert sorted(told) == sorted({event.id for event in world.events})


async def test_a_full_set_is_pushed_on_by_newer_events_and_not_by_older_ones(world: World) -> None:
    clock, reader, question = Clock(), reader_of(world), Question(wanted=EVERY)
    world.append([plain(world, NEW_YEAR + n) for n in range(MOST)])
    sessions = sessions_of(world, clock)
    session = await sessions.begin(reader, b"?", EVERY)
    await sessions.poll(reader, session, question, 100)

    world.append([plain(world, NEW_YEAR - 5)])
    older = await sessions.poll(reader, session, question, 100)
    world.append([plain(world, NEW_YEAR + 99)])
    newer = await sessions.poll(reader, session, question, 100)

    assert (older.left, list(older.entered.events)) == ([], [])
    assert newer.left == [world.events[0].id]
    assert [event.id for event in newer.entered.events] == [world.events[-1].id]
