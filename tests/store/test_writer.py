"""The writer: what is acknowledged stands, what is refused leaves nothing, and nobody suffers for a neighbour."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from pathlib import Path

import pytest

from gatebook.domain.errors import Conflict, NotFound, QueueFull, Unavailable
from gatebook.domain.events import Draft, EventClass
from gatebook.domain.kinds import Kind
from gatebook.domain.times import Instant
from gatebook.store import Store, Transaction, open_store
from gatebook.store.contract import Appended, KeyConflict
from tests.store.oracle import CLASSES, NEW_YEAR, World, found_world


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = open_store(str(tmp_path / "log.db"), queue_limit=50)
    yield store
    store.close()


@pytest.fixture
def world(store: Store) -> World:
    return found_world(store)


def draft(world: World, *, device: int = 1, key: bytes | None = None, body: bytes | None = None) -> Draft:
    moment = Instant(NEW_YEAR)
    stream, class_ = world.streams[device], world.classes[CLASSES[0]]
    return Draft(stream=stream, event_class=class_, occurred=moment, received=moment, key=key, body=body)


def numbers(store: Store, world: World) -> tuple[list[int], list[int]]:
    """Every seq in order, and every version of the first device."""

    def look(tx: Transaction) -> tuple[list[int], list[int]]:
        rows = tx.connection.execute("SELECT seq, stream, version FROM events WHERE org = ? ORDER BY seq", (world.org,))
        found = rows.fetchall()
        return [row[0] for row in found], [row[2] for row in found if row[1] == world.streams[1]]

    return store.write_now(look)


def dense(n: int) -> list[int]:
    return list(range(1, n + 1))


class Held:
    """Holds the writer still until it is let go, so that what comes meanwhile is one group."""

    def __init__(self, store: Store) -> None:
        self._entered, self._go = threading.Event(), threading.Event()
        self.done = store.submit(self._work)
        assert self._entered.wait(10)

    def _work(self, _: Transaction) -> None:
        self._entered.set()
        assert self._go.wait(10)

    def let_go(self) -> None:
        self._go.set()
        self.done.result(10)


Placed = Callable[[Transaction], Sequence[Draft]]


async def test_a_refusal_undoes_no_neighbour_of_its_group(store: Store, world: World) -> None:
    def refused(tx: Transaction) -> None:
        tx.append(world.org, [draft(world)] * 3)
        raise NotFound("no such thing")

    held = Held(store)
    before = store.append(world.org, lambda _: [draft(world)], 1)
    alone = store.write(refused)
    after = store.append(world.org, lambda _: [draft(world), draft(world)], 2)
    waiting = asyncio.gather(before, alone, after, return_exceptions=True)
    await asyncio.sleep(0)
    held.let_go()

    first, refusal, last = await waiting

    assert isinstance(refusal, NotFound)
    assert [outcome.seq for outcome in [*first, *last]] == [1, 2, 3]  # type: ignore[misc,union-attr]
    assert numbers(store, world) == (dense(3), dense(3))
    assert store.writer.measures.events == 3


@pytest.mark.parametrize("neighbours", [0, 3])
async def test_a_place_that_wrote_and_then_refuses_leaves_nothing(store: Store, world: World, neighbours: int) -> None:
    novel = EventClass(Kind.LOCK_LOCKED)

    def refuses(tx: Transaction) -> list[Draft]:
        tx.class_of(world.org, novel)
        raise Conflict("changed its mind")

    held = Held(store)
    jobs = [store.append(world.org, refuses, 1)]
    jobs += [store.append(world.org, lambda _: [draft(world)], 1) for _ in range(neighbours)]
    waiting = asyncio.gather(*jobs, return_exceptions=True)
    await asyncio.sleep(0)
    held.let_go()

    refusal, *others = await waiting

    assert isinstance(refusal, Conflict)
    assert all(isinstance(outcomes, list) for outcomes in others)
    assert novel not in store.read_now(store.history.classes, world.org).values()
    assert store.write_now(lambda tx: tx.class_of(world.org, novel)) == len(CLASSES) + 1
    assert numbers(store, world) == (dense(neighbours), dense(neighbours))


async def test_a_draft_that_the_store_cannot_keep_fails_alone(store: Store, world: World) -> None:
    unkeepable = Draft(stream=world.streams[1], event_class="no class", occurred=Instant(0), received=Instant(0))  # type: ignore[arg-type]
    held = Held(store)
    jobs = [store.append(world.org, lambda _, one=one: [one], 1) for one in (draft(world), unkeepable, draft(world))]
    waiting = asyncio.gather(*jobs, return_exceptions=True)
    await asyncio.sleep(0)
    held.let_go()

    first, broken, last = await waiting

    assert isinstance(broken, Exception)
    assert isinstance(first, list)
    assert isinstance(last, list)
    assert numbers(store, world) == (dense(2), dense(2))


@pytest.mark.parametrize("body", [b"8 bytes.", None], ids=["with a body", "without one"])
async def test_a_repeat_is_stored_once_within_a_group_and_across_groups(
    store: Store, world: World, body: bytes | None
) -> None:
    keyed = draft(world, key=b"k" * 16, body=body)
    held = Held(store)
    jobs = [store.append(world.org, lambda _: [keyed, keyed, draft(world)], 3) for _ in range(2)]
    waiting = asyncio.gather(*jobs)
    await asyncio.sleep(0)
    held.let_go()
    [one, again] = await waiting

    later = await store.append(world.org, lambda _: [keyed], 1)

    told = [*one, *again, *later]
    assert all(isinstance(outcome, Appended) for outcome in told)
    assert [(outcome.seq, outcome.version) for outcome in told] == [  # type: ignore[union-attr]
        (1, 1), (1, 1), (2, 2), (1, 1), (1, 1), (3, 3), (1, 1),
    ]  # fmt: skip
    assert [outcome.repeat for outcome in told] == [False, True, False, True, True, False, True]  # type: ignore[union-attr]
    assert len({outcome.id for outcome in told}) == 3  # type: ignore[union-attr]
    assert store.writer.measures.events == 3


async def test_a_key_used_for_something_else_is_a_conflict_and_takes_no_number(store: Store, world: World) -> None:
    first, other = draft(world, key=b"k" * 16, body=b"one"), draft(world, key=b"k" * 16, body=b"two")

    outcomes = await store.append(world.org, lambda _: [first, other, draft(world)], 3)

    assert outcomes[1] == KeyConflict(1)
    assert [outcome.seq for outcome in outcomes if isinstance(outcome, Appended)] == [1, 2]
    assert numbers(store, world) == (dense(2), dense(2))


async def test_a_full_queue_refuses_and_loses_nothing_that_it_took(store: Store, world: World) -> None:
    held = Held(store)
    taken = [asyncio.ensure_future(store.append(world.org, lambda _: [draft(world)] * 10, 10)) for _ in range(5)]
    await asyncio.sleep(0)

    with pytest.raises(QueueFull):
        await store.append(world.org, lambda _: [draft(world)], 1)
    with pytest.raises(QueueFull):
        await store.append(world.org, lambda _: [], 0)
    held.let_go()

    assert sum(map(len, await asyncio.gather(*taken))) == 50
    assert numbers(store, world)[0] == dense(50)
    assert store.writer.measures.refused == 2


async def test_one_who_stops_waiting_harms_nobody(store: Store, world: World) -> None:
    held = Held(store)
    jobs = [asyncio.ensure_future(store.append(world.org, lambda _: [draft(world)], 1)) for _ in range(3)]
    plain: Future[int] = store.submit(lambda _: 7)
    await asyncio.sleep(0)

    jobs[1].cancel()
    plain.cancel()
    held.let_go()

    first, cancelled, last = await asyncio.gather(*jobs, return_exceptions=True)
    assert isinstance(cancelled, asyncio.CancelledError)
    assert isinstance(first, list)
    assert isinstance(last, list)
    assert await store.write(lambda _: "still writing") == "still writing"
    assert numbers(store, world)[0] in (dense(2), dense(3))


async def test_a_waiter_whose_loop_is_gone_harms_nobody(store: Store, world: World) -> None:
    def elsewhere() -> None:
        loop = asyncio.new_event_loop()
        left = loop.create_task(store.append(world.org, lambda _: [draft(world)], 1))
        loop.run_until_complete(asyncio.sleep(0))
        left.cancel()
        loop.run_until_complete(asyncio.gather(left, return_exceptions=True))
        loop.close()

    held = Held(store)
    await asyncio.to_thread(elsewhere)
    held.let_go()

    assert (await store.append(world.org, lambda _: [draft(world)], 1))[0].seq == 2  # type: ignore[union-attr]


async def test_a_bell_that_fails_does_not_stop_the_writer(store: Store, world: World) -> None:
    def broken() -> None:
        raise RuntimeError("no bell")

    store.ring_after_commit(broken)

    for seq in dense(3):
        [outcome] = await store.append(world.org, lambda _: [draft(world)], 1)
        assert outcome.seq == seq  # type: ignore[union-attr]


async def test_closing_finishes_what_waits_and_then_takes_nothing(tmp_path: Path) -> None:
    store = open_store(str(tmp_path / "log.db"))
    world = found_world(store)
    held = Held(store)
    jobs = [asyncio.ensure_future(store.append(world.org, lambda _: [draft(world)], 1)) for _ in range(20)]
    await asyncio.sleep(0)
    closing = asyncio.ensure_future(store.aclose())
    await asyncio.sleep(0)
    held.let_go()

    outcomes = await asyncio.gather(*jobs)
    await closing

    assert [outcome.seq for [outcome] in outcomes] == dense(20)  # type: ignore[union-attr]
    with pytest.raises(Unavailable):
        await store.append(world.org, lambda _: [draft(world)], 1)
    again = open_store(str(tmp_path / "log.db"))
    assert again.read_now(again.history.head, world.org) == 20
    again.close()
