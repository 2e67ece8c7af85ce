"""Those who hear the same share the hearing, and each of them hears what the log holds: all of it, once, in order."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest

from gatebook.domain.access import EVERYTHING, Grant, Principal, PrincipalKind, Scope
from gatebook.domain.errors import Unauthenticated
from gatebook.domain.events import Draft
from gatebook.domain.filters import EVERY
from gatebook.domain.times import Instant
from gatebook.services import circles
from gatebook.services.live import Live
from gatebook.store import Store, open_store
from gatebook.store.contract import Page
from tests.store.oracle import CLASSES, NEW_YEAR, World, found_world

READER = Principal(organisation=0, kind=PrincipalKind.KEY, id=UUID(int=1), name="key",
                   scopes=frozenset({Scope.EVENTS_READ}), grant=EVERYTHING)  # fmt: skip
WITHIN_S = 60


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    store = open_store(str(Path(tmp_path_factory.mktemp("circles")) / "log.db"), checkpoints=False)
    yield store
    store.close()


class Told:
    """A live log whose pages are told as their numbers, and how often one was."""

    def __init__(self, world: World, **options: object) -> None:
        self.live = Live(world.store, **options)  # type: ignore[arg-type]
        self.live.listen()
        self.reader = replace(READER, organisation=world.org)
        self.times = 0

    def tell(self, page: Page, _who: Principal) -> bytes:
        self.times += 1
        return b"".join(b"%d " % event.seq for event in page.events)

    def heard(self, after: int, reader: Principal | None = None) -> AsyncIterator[tuple[int, bytes]]:
        return self.live.told(reader or self.reader, after, EVERY, self.tell, "numbers", changed=lambda _who: EVERY)


async def numbers(
    heard: AsyncIterator[tuple[int, bytes]], upto: int, world: World | None = None, lag: int = 0
) -> list[int]:
    """Until the log was looked through so far; a slow reader goes on when it is `lag` events behind."""
    met: list[int] = []
    async with asyncio.timeout(WITHIN_S), aclosing(heard) as places:  # type: ignore[type-var]
        async for place, text in places:
            met += [int(number) for number in text.split()]
            while world is not None and len(world.events) < min(upto, place + lag):
                await asyncio.sleep(0.001)
            if place >= upto:
                break
    return met


async def append(world: World, n: int) -> None:
    moment = Instant(NEW_YEAR)
    draft = Draft(stream=world.streams[1], event_class=world.classes[CLASSES[0]], occurred=moment, received=moment)
    await asyncio.to_thread(world.append, [draft] * n)


async def test_fast_and_slow_ones_each_hear_everything_once_wherever_they_begin(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(circles, "PIECES", 2)
    world = found_world(store)
    await append(world, 30)
    told, more = Told(world), 60
    starts = [*range(0, 31, 5), *[30] * 10]

    async with asyncio.TaskGroup() as tasks:
        following = [
            tasks.create_task(numbers(told.heard(start), 30 + more, world, n % 2 * n)) for n, start in enumerate(starts)
        ]
        for _ in range(more):
            await append(world, 1)

    for start, task in zip(starts, following, strict=True):
        assert task.result() == list(range(start + 1, 31 + more))


async def test_what_all_hear_is_told_once_for_all(store: Store) -> None:
    world = found_world(store)
    told, listeners, more = Told(world), 50, 20

    async with asyncio.TaskGroup() as tasks:
        following = [tasks.create_task(numbers(told.heard(0), more)) for _ in range(listeners)]
        for _ in range(more):
            await append(world, 1)

    assert [task.result() for task in following] == [list(range(1, more + 1))] * listeners
    assert told.times < 3 * more


async def test_whoever_goes_away_others_hear_on(store: Store) -> None:
    world = found_world(store)
    told = Told(world)
    following = [asyncio.ensure_future(numbers(told.heard(0), 9)) for _ in range(6)]

    for n in range(5):  # the first in the circle is the one that waits for all
        await append(world, 1)
        await asyncio.sleep(0)
        following[n].cancel()
    await append(world, 4)

    assert await following[5] == list(range(1, 10))
    assert not told.live._circles._circles


async def test_a_piece_too_large_to_keep_is_read_by_each(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(circles, "PIECES_BYTES", 1)
    world = found_world(store)
    told = Told(world)

    async with asyncio.TaskGroup() as tasks:
        following = [tasks.create_task(numbers(told.heard(0), 12)) for _ in range(4)]
        for _ in range(4):
            await append(world, 3)

    assert [task.result() for task in following] == [list(range(1, 13))] * 4


async def test_those_who_may_see_less_are_in_a_circle_of_their_own(store: Store) -> None:
    world = found_world(store)
    told = Told(world)
    narrow = replace(told.reader, grant=Grant(devices=frozenset()))

    async with asyncio.TaskGroup() as tasks:
        wide, nothing = (tasks.create_task(numbers(told.heard(0, who), 5)) for who in (told.reader, narrow))
        for _ in range(5):
            await append(world, 1)

    assert (wide.result(), nothing.result()) == ([1, 2, 3, 4, 5], [])


async def test_rights_that_change_count_for_everybody_before_the_next_page(store: Store) -> None:
    world = found_world(store)
    gone = UUID(int=2)

    async def renew(who: Principal) -> Principal:
        if who.id == gone:
            raise Unauthenticated("revoked")
        return who

    told = Told(world, renew=renew)
    stays = asyncio.ensure_future(numbers(told.heard(0), 3))
    goes = asyncio.ensure_future(numbers(told.heard(0, replace(told.reader, id=gone)), 3))
    await append(world, 1)
    store.write_now(lambda tx: tx.connection.execute("UPDATE access SET revision = revision + 1"))
    await append(world, 2)

    assert await stays == [1, 2, 3]
    with pytest.raises(Unauthenticated):
        await goes
