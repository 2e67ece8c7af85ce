"""Live is a read: what a subscriber gets from any seq is what the log's list says, however often they drop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from gatebook.domain.access import EVERYTHING, Grant, Principal, PrincipalKind, Scope
from gatebook.domain.events import Draft, Event
from gatebook.domain.filters import EVERY
from gatebook.domain.times import Instant
from gatebook.services.live import Live
from gatebook.services.tail import BATCH, POLL_S, TAIL_EVENTS, Tail, Wakeup
from gatebook.store import Store, open_store
from gatebook.store.contract import Page
from tests.store.oracle import CLASSES, NEW_YEAR, World, asks, drafts, found_world, grants

relaxed = settings(
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    deadline=None,
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    store = open_store(str(Path(tmp_path_factory.mktemp("live")) / "log.db"), checkpoints=False)
    yield store
    store.close()


def principal(world: World, grant: Grant = EVERYTHING, *, records: bool = True) -> Principal:
    scopes = {Scope.EVENTS_READ, Scope.AUDIT_READ} if records else {Scope.EVENTS_READ}
    return Principal(organisation=world.org, kind=PrincipalKind.KEY, id=UUID(int=1), name="key",
                     scopes=frozenset(scopes), grant=grant)  # fmt: skip


def plain(world: World, n: int) -> list[Draft]:
    stream, class_, moment = world.streams[1], world.classes[CLASSES[0]], Instant(NEW_YEAR)
    return [Draft(stream=stream, event_class=class_, occurred=moment, received=moment)] * n


async def until(pages: AsyncIterator[Page], seq: int) -> list[Event]:
    """What comes until the log has been looked through up to `seq`."""
    met: list[Event] = []
    async with asyncio.timeout(20):
        async for page in pages:
            met += page.events
            if page.ceiling >= seq:
                break
    return met


async def append(world: World, found: list[Draft]) -> None:
    await asyncio.to_thread(world.append, found)


@relaxed
@given(data=st.data())
def test_a_subscription_from_any_seq_equals_the_list_wherever_it_drops_and_resumes(
    store: Store, data: st.DataObject
) -> None:
    world = found_world(store)
    world.append(data.draw(st.lists(drafts(world), min_size=1, max_size=15)))
    wanted, admits = data.draw(asks(world) | st.just((EVERY, lambda _: True)))
    grant, shows = data.draw(grants(world))
    records, unlisted = data.draw(st.booleans()), data.draw(st.booleans())
    start = data.draw(st.integers(0, len(world.events)))
    later = [data.draw(st.lists(drafts(world), min_size=1, max_size=6)) for _ in range(data.draw(st.integers(0, 3)))]

    async def dropping() -> list[Event]:
        live = Live(store)
        live.listen()
        met: list[Event] = []
        seq = start
        for arriving in [[], *later]:
            if arriving:
                await append(world, arriving)
            if seq < len(world.events):
                subscription = live.subscribe(principal(world, grant, records=records), seq, wanted, unlisted=unlisted)
                async with aclosing(subscription) as pages:
                    met += await until(pages, len(world.events))
                seq = len(world.events)
        return met

    met = asyncio.run(dropping())

    assert met == [
        event for event in world.events
        if event.seq > start and shows(event) and admits(event)
        and (records or not event.kind.value.startswith("record.")) and (unlisted or event.listed)
    ]  # fmt: skip


async def test_many_subscribers_at_different_places_each_get_everything_once(store: Store) -> None:
    world = found_world(store)
    await append(world, plain(world, 3 * BATCH + TAIL_EVENTS))
    live = Live(store)
    live.listen()
    head, more = len(world.events), 40
    starts = [0, 1, BATCH, TAIL_EVENTS - 1, TAIL_EVENTS, head - TAIL_EVENTS, head - BATCH - 1, head - 1, head, head]

    async def follow(start: int) -> list[int]:
        async with aclosing(live.subscribe(principal(world), start)) as pages:
            return [event.seq for event in await until(pages, head + more)]

    async with asyncio.TaskGroup() as tasks:
        following = [tasks.create_task(follow(start)) for start in starts]
        for _ in range(more):
            await append(world, plain(world, 1))

    for start, task in zip(starts, following, strict=True):
        assert task.result() == list(range(start + 1, head + more + 1))


async def test_one_read_of_the_log_serves_many_who_are_up_to_date(store: Store) -> None:
    world = found_world(store)
    reads = 0

    class Watched(Tail):
        async def _read(self, after: int) -> Page:
            nonlocal reads
            reads += 1
            return await super()._read(after)

    live = Live(store)
    live.listen()
    live._tails[world.org] = Watched(store, world.org, live.wakeup)
    subscribers, rounds = 100, 5

    async def follow() -> int:
        async with aclosing(live.subscribe(principal(world), 0)) as pages:
            return len(await until(pages, rounds))

    async with asyncio.TaskGroup() as tasks:
        following = [tasks.create_task(follow()) for _ in range(subscribers)]
        for _ in range(rounds):
            await append(world, plain(world, 1))
            await asyncio.sleep(0)

    assert [task.result() for task in following] == [rounds] * subscribers
    assert reads < 10 * rounds


async def test_what_another_process_writes_is_heard_without_a_bell(store: Store) -> None:
    world = found_world(store)
    live = Live(store)  # nobody listens to the store's bell: all writing is foreign

    async def follow() -> list[Event]:
        async with aclosing(live.subscribe(principal(world), 0)) as pages:
            return await until(pages, 2)

    following = [asyncio.ensure_future(follow()) for _ in range(3)]
    await append(world, plain(world, 1))
    await asyncio.sleep(0)
    await append(world, plain(world, 1))

    async with asyncio.timeout(4 * POLL_S):
        met = await asyncio.gather(*following)
    assert [[event.seq for event in events] for events in met] == [[1, 2]] * 3


async def test_a_device_that_leaves_a_site_leaves_its_live_road(store: Store) -> None:
    world = found_world(store)
    live = Live(store)
    live.listen()
    grant = Grant(sites=frozenset({world.sites[0].number}))
    async with aclosing(live.subscribe(principal(world, grant), 0)) as pages:
        await append(world, plain(world, 1))
        assert len(await until(pages, 1)) == 1
    async with aclosing(live.subscribe(principal(world, grant), 1)) as pages:
        await asyncio.to_thread(world.move, 0, world.sites[1].number)
        await append(world, plain(world, 2))
        assert await until(pages, 3) == []


async def test_a_place_beyond_the_head_waits_for_the_log_to_come_there(store: Store) -> None:
    world = found_world(store)
    await append(world, plain(world, 5))
    live = Live(store)
    live.listen()

    async def follow(start: int) -> list[int]:
        async with aclosing(live.subscribe(principal(world), start)) as pages:
            return [event.seq for event in await until(pages, 10)]

    async with asyncio.TaskGroup() as tasks:
        following = [tasks.create_task(follow(start)) for start in (8, 0, 5)]
        await asyncio.sleep(0.05)
        await append(world, plain(world, 5))

    assert [task.result() for task in following] == [[9, 10], dense(10), [6, 7, 8, 9, 10]]


def dense(n: int) -> list[int]:
    return list(range(1, n + 1))


async def test_a_ring_between_taking_and_waiting_is_not_lost() -> None:
    wakeup = Wakeup()
    ring = wakeup.next_ring()

    wakeup.ring()

    assert ring.is_set()
    assert not wakeup.next_ring().is_set()
