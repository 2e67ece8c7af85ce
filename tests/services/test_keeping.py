"""Keeping: only what is due goes, and every count stays exact."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gatebook.domain.access import EVERYTHING, Principal, PrincipalKind, Scope
from gatebook.domain.errors import BadInput
from gatebook.domain.events import Draft
from gatebook.domain.kinds import Kind
from gatebook.domain.times import DAY_NS, Instant
from gatebook.services.audit import Audit
from gatebook.services.history import History
from gatebook.services.keeping import Keeping
from gatebook.store import Store
from gatebook.store.contract import Asked, Group
from gatebook.store.sqlite.connection import open_reader
from gatebook.store.sqlite.store import SqliteStore
from tests.store.oracle import NEW_YEAR, World, drafts, found_world

NOW = Instant(NEW_YEAR + 60 * DAY_NS)
BURST = 3


def admin_of(world: World) -> Principal:
    return Principal(
        organisation=world.org,
        kind=PrincipalKind.KEY,
        id=uuid4(),
        name="admin",
        scopes=frozenset({Scope.ADMIN}),
        grant=EVERYTHING,
    )


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    store = SqliteStore(Path(tmp_path_factory.mktemp("keeping")) / "log.db", burst=BURST, checkpoints=False)
    yield store
    store.close()


@pytest.fixture
async def fresh(tmp_path: Path) -> AsyncIterator[World]:
    store = SqliteStore(tmp_path / "log.db")
    yield found_world(store)
    await store.aclose()


@pytest.mark.timeout(300)
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data(), days=st.integers(20, 100), by_kind=st.booleans())
async def test_after_a_removal_everything_counts_as_if_it_had_never_been(
    store: Store, data: st.DataObject, days: int, by_kind: bool
) -> None:
    world = found_world(store)
    world.append(data.draw(st.lists(drafts(world), max_size=25)))
    world.follow(data.draw(st.sampled_from([1, 5, 10**6])))
    keeping = Keeping(store, now=lambda: NOW)
    admin = admin_of(world)
    kinds = {Kind.ACCESS_GRANTED, Kind.EVENT_TRIGGERED} if by_kind else None
    await keeping.put_rule(admin, name="old", days=days, kinds=kinds)
    followed = store.write_now(lambda tx: tx.followed(world.org, "tallies"))

    [dry] = await keeping.due(admin)
    [done] = await keeping.run(admin)

    gone = [
        event
        for event in world.events
        if event.occurred < NOW - days * DAY_NS and (kinds is None or event.kind in kinds) and event.seq <= followed
    ]
    assert dry.due.n == done.due.n == len(gone)
    left = [event for event in world.events if event not in gone]
    asked = Asked(organisation=world.org, grant=EVERYTHING, records=True, limit=1000)
    page = store.read_now(store.history.page, asked)
    own = [event for event in page.events if event.seq <= len(world.events)]
    assert {event.seq for event in own} == {event.seq for event in left}
    assert page.total is not None
    assert page.total.n == len(page.events)
    for group in (Group.STREAM, Group.CLASS):
        bars = store.read_now(store.history.bars, asked, group, [])
        assert sum(bar.n for bar in bars.counted) == len(page.events)
    spans = await keeping.removed(admin)
    assert sorted(n for span in spans for n in range(span.first, span.last + 1)) == sorted(e.seq for e in gone)
    for stream in world.streams:
        numbers = {n for span in await keeping.removed(admin, stream) for n in range(span.first, span.last + 1)}
        assert numbers == {event.version for event in gone if event.stream == stream}
    assert_no_row_counts_nothing(store, world.org)


def assert_no_row_counts_nothing(store: Store, org: int) -> None:
    db = open_reader(store.path)
    assert db.execute("SELECT count(*) FROM tallies WHERE org = ? AND n <= 0", (org,)).fetchall() == [(0,)]
    db.close()


async def test_without_a_rule_everything_is_kept(fresh: World) -> None:
    fresh.append([draft_of(fresh, NEW_YEAR - 1000 * DAY_NS)])
    fresh.follow(10)

    assert await Keeping(fresh.store, now=lambda: NOW).run(admin_of(fresh)) == []

    assert fresh.store.read_now(fresh.store.history.head, fresh.org) == 1


async def test_a_removal_is_an_event_that_names_what_is_gone(fresh: World) -> None:
    fresh.append([draft_of(fresh, NEW_YEAR + n * DAY_NS) for n in range(5)])
    fresh.follow(10)
    keeping, admin = Keeping(fresh.store, now=lambda: NOW), admin_of(fresh)
    await keeping.put_rule(admin, name="two months", days=58)

    await keeping.run(admin)

    history = History(fresh.store, Audit(fresh.store, now=lambda: NOW))
    records = [event for event in (await history.page(admin)).events if event.kind is Kind.RECORD_REMOVED]
    assert len(records) == 1
    assert b'"seq":"1-2"' in (records[0].data or b"")
    [span] = await keeping.removed(admin)
    assert (span.first, span.last, span.by_seq) == (1, 2, records[0].seq)


async def test_numbers_of_removed_events_are_not_given_again(fresh: World) -> None:
    fresh.append([draft_of(fresh, NEW_YEAR)])
    fresh.follow(10)
    keeping, admin = Keeping(fresh.store, now=lambda: NOW), admin_of(fresh)
    await keeping.put_rule(admin, name="short", days=1)
    await keeping.run(admin)
    head = fresh.store.read_now(fresh.store.history.head, fresh.org)

    [outcome] = fresh.store.write_now(lambda tx: tx.append(fresh.org, [draft_of(fresh, NOW)]))

    assert outcome.seq == head + 1
    assert getattr(outcome, "version", None) == 2


async def test_space_returns_to_the_file_system(fresh: World) -> None:
    filler = b'{"x": "' + b"y" * 4000 + b'"}'
    for _ in range(10):
        fresh.append([replace_data(draft_of(fresh, NEW_YEAR), filler) for _ in range(100)])
    fresh.follow(10_000)
    keeping, admin = Keeping(fresh.store, now=lambda: NOW), admin_of(fresh)
    await keeping.put_rule(admin, name="short", days=1)
    before = pages_of(fresh.store)

    await keeping.run(admin)

    assert pages_of(fresh.store) < before / 2


async def test_what_a_follower_has_yet_to_read_is_not_removed(fresh: World) -> None:
    fresh.append([draft_of(fresh, NEW_YEAR) for _ in range(4)])
    fresh.follow(3)
    keeping, admin = Keeping(fresh.store, now=lambda: NOW), admin_of(fresh)
    await keeping.put_rule(admin, name="short", days=1)

    [done] = await keeping.run(admin)

    assert done.due.n == 3


@pytest.mark.parametrize("days", [0, -1, 100_000])
async def test_an_age_that_is_none_is_refused(fresh: World, days: int) -> None:
    with pytest.raises(BadInput, match="days"):
        await Keeping(fresh.store, now=lambda: NOW).put_rule(admin_of(fresh), name="x", days=days)


def draft_of(world: World, occurred: int) -> Draft:
    class_ = next(iter(world.classes.values()))
    moment = Instant(occurred)
    return Draft(stream=world.devices[0].stream, event_class=class_, occurred=moment, received=moment)


def replace_data(draft: Draft, data: bytes) -> Draft:
    return Draft(
        stream=draft.stream,
        event_class=draft.event_class,
        occurred=draft.occurred,
        received=draft.received,
        data=data,
    )


def pages_of(store: Store) -> int:
    db = open_reader(store.path)
    pages = int(db.pragma("page_count"))
    db.close()
    return pages
