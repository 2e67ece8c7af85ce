"""Followers derive each event exactly once, whatever stops them and wherever, and are stopped by no single event."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from gatebook.domain.errors import Unavailable
from gatebook.domain.events import Draft
from gatebook.domain.times import Instant
from gatebook.services.followers import TALLIES, Follower, Followers
from gatebook.services.live import Live
from gatebook.store import Store, Transaction, open_store
from gatebook.store.contract import Follow
from tests.store.oracle import CLASSES, NEW_YEAR, World, found_world

NOW = Instant(NEW_YEAR)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = open_store(str(tmp_path / "log.db"), checkpoints=False)
    yield store
    store.close()


def plain(world: World, n: int) -> list[Draft]:
    stream, class_ = world.streams[1], world.classes[CLASSES[0]]
    return [Draft(stream=stream, event_class=class_, occurred=NOW, received=NOW)] * n


def written_down(tx: Transaction, org: int, after: int, upto: int) -> None:
    """Leaves one row for each event, in the same transaction; a second for the same event would show."""
    tx.connection.execute("CREATE TABLE IF NOT EXISTS derived (org INTEGER, seq INTEGER)")
    tx.connection.execute(
        "INSERT INTO derived SELECT org, seq FROM events WHERE org = ? AND seq > ? AND seq <= ?", (org, after, upto)
    )


def derived(store: Store, org: int) -> list[int]:
    def look(tx: Transaction) -> list[int]:
        found = tx.connection.execute("SELECT seq FROM derived WHERE org = ? ORDER BY rowid", (org,))
        return [seq for (seq,) in found]

    return store.write_now(look)


def parked(store: Store, org: int) -> list[tuple[int, str]]:
    def look(tx: Transaction) -> list[tuple[int, str]]:
        return tx.connection.execute("SELECT seq, reason FROM parked WHERE org = ? ORDER BY seq", (org,)).fetchall()

    return store.write_now(look)


@asynccontextmanager
async def running(store: Store, *followers: Follower) -> AsyncIterator[Followers]:
    live = Live(store)
    live.listen()
    found = Followers(store, live.wakeup, followers, now=lambda: NOW)
    task = asyncio.create_task(found.run())
    try:
        yield found
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def caught_up(followers: Followers, org: int, names: int = 1) -> list[Follow]:
    async with asyncio.timeout(20):
        while True:
            found = await followers.positions(org)
            if len(found) == names and all(one.lag == 0 for one in found):
                return found
            await asyncio.sleep(0.005)


@pytest.mark.parametrize("seed", range(4))
async def test_a_follower_cancelled_anywhere_neither_skips_nor_doubles(store: Store, seed: int) -> None:
    chance = random.Random(seed)
    world = found_world(store)
    follower = Follower(name="clerk", take=written_down, batch=3)
    for _ in range(12):
        await asyncio.to_thread(world.append, plain(world, chance.randint(1, 12)))
        async with running(store, follower, TALLIES):
            await asyncio.sleep(chance.random() * 0.01)

    async with running(store, follower, TALLIES) as followers:
        await caught_up(followers, world.org, 2)

    assert derived(store, world.org) == list(range(1, len(world.events) + 1))
    assert stream_total(store, world) == len(world.events)


def stream_total(store: Store, world: World) -> int:
    def look(tx: Transaction) -> int:
        sql = "SELECT sum(n) FROM tallies WHERE org = ? AND stream = ? AND grain = 1 AND class = 0"
        ((n,),) = tx.connection.execute(sql, (world.org, world.streams[1]))
        return int(n)

    return store.write_now(look)


async def test_a_follower_goes_on_from_where_the_closed_store_left_it(tmp_path: Path) -> None:
    path = str(tmp_path / "log.db")
    follower = Follower(name="clerk", take=written_down, batch=2)
    store = open_store(path, checkpoints=False)
    world = found_world(store)
    await asyncio.to_thread(world.append, plain(world, 30))
    async with running(store, follower):
        await asyncio.sleep(0.01)
        await store.aclose()  # under its feet

    store = open_store(path, checkpoints=False)
    async with running(store, follower) as followers:
        [found] = await caught_up(followers, world.org)

    assert found == Follow(name="clerk", seq=30, head=30)
    assert derived(store, world.org) == list(range(1, 31))
    store.close()


@pytest.mark.parametrize("batch", [1, 4, 100])
async def test_an_event_that_cannot_be_taken_is_parked_with_its_reason_and_no_other_is(
    store: Store, batch: int
) -> None:
    world = found_world(store)
    bad = {1, 5, 6, 20}

    def chokes(tx: Transaction, org: int, after: int, upto: int) -> None:
        written_down(tx, org, after, upto)
        for seq in range(after + 1, upto + 1):
            if seq in bad:
                raise ValueError(f"cannot read {seq}")

    await asyncio.to_thread(world.append, plain(world, 20))

    async with running(store, Follower(name="clerk", take=chokes, batch=batch)) as followers:
        [found] = await caught_up(followers, world.org)

    assert found == Follow(name="clerk", seq=20, head=20, parked=4)
    assert parked(store, world.org) == [(seq, f"ValueError: cannot read {seq}") for seq in sorted(bad)]
    assert derived(store, world.org) == [seq for seq in range(1, 21) if seq not in bad]


async def test_one_follower_that_chokes_holds_up_no_other(store: Store) -> None:
    world, other_world = found_world(store), found_world(store)

    def chokes(tx: Transaction, org: int, after: int, upto: int) -> None:
        raise KeyError("always")

    await asyncio.to_thread(world.append, plain(world, 10))
    await asyncio.to_thread(other_world.append, plain(other_world, 10))
    both = [Follower(name="choking", take=chokes), Follower(name="clerk", take=written_down)]

    async with running(store, *both) as followers:
        found = [one for org in (world.org, other_world.org) for one in await caught_up(followers, org, 2)]

    assert [(one.name, one.parked) for one in found] == [("choking", 10), ("clerk", 0)] * 2
    assert derived(store, world.org) == derived(store, other_world.org) == list(range(1, 11))


async def test_a_store_that_is_busy_parks_nothing(store: Store) -> None:
    world = found_world(store)
    tries = 0

    def busy_at_first(tx: Transaction, org: int, after: int, upto: int) -> None:
        nonlocal tries
        tries += 1
        if tries < 3:
            raise Unavailable("busy", 0)
        written_down(tx, org, after, upto)

    await asyncio.to_thread(world.append, plain(world, 5))

    async with running(store, Follower(name="clerk", take=busy_at_first)) as followers:
        [found] = await caught_up(followers, world.org)

    assert found.parked == 0
    assert derived(store, world.org) == [1, 2, 3, 4, 5]


async def test_lag_is_told_before_a_follower_has_begun_and_while_it_is_behind(store: Store) -> None:
    world = found_world(store)
    await asyncio.to_thread(world.append, plain(world, 7))
    followers = Followers(store, Live(store).wakeup, (TALLIES,), now=lambda: NOW)

    [waiting] = await followers.positions(world.org)
    await asyncio.to_thread(world.follow, 4)
    [begun] = await followers.positions(world.org)

    assert (waiting.lag, begun.lag) == (7, 3)


async def test_what_comes_while_it_follows_is_taken_at_once(store: Store) -> None:
    world = found_world(store)
    rung: Callable[[], None] = lambda: None  # noqa: E731
    async with running(store, Follower(name="clerk", take=written_down)) as followers:
        store.ring_after_commit(rung)
        for n in range(1, 6):
            await asyncio.to_thread(world.append, plain(world, 1))
            async with asyncio.timeout(2):  # less than the poll: the bell must have woken it
                [found] = await caught_up(followers, world.org)
            assert found.seq == n
