"""States of devices: those of the latest events, however far the follower that keeps them has come."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gatebook.domain.access import Grant, Principal, PrincipalKind, Scope
from gatebook.domain.events import EventClass
from gatebook.domain.kinds import Kind
from gatebook.services.states import FOLLOWER, States
from gatebook.store import Store, Transaction
from gatebook.store.sqlite.store import SqliteStore
from tests.store.oracle import Admit, World, drafts, found_world, grants

DOOR, LOCK = UUID(int=1), UUID(int=2)
GROUPS = {Kind.DOOR_OPENED: DOOR, Kind.DOOR_CLOSED: DOOR, Kind.LOCK_LOCKED: LOCK, Kind.LOCK_UNLOCKED: LOCK}
KINDS = (*GROUPS, Kind.ACCESS_GRANTED)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    store = SqliteStore(Path(tmp_path_factory.mktemp("states")) / "log.db", checkpoints=False)
    yield store
    store.close()


def stateful_world(store: Store) -> World:
    """One where doors open and close, locks lock and unlock, and somebody is let in."""
    world = found_world(store)
    wanted = [EventClass(kind) for kind in KINDS]
    world.classes = store.write_now(lambda tx: {one: tx.class_of(world.org, one) for one in wanted})
    return world


def follow(world: World, events: int) -> None:
    """The follower takes so many events more."""

    def step(tx: Transaction) -> None:
        after = tx.followed(world.org, FOLLOWER.name)
        upto = tx.next_seq(world.org, after, events)
        if upto > after:
            FOLLOWER.take(tx, world.org, after, upto)
            tx.follow_to(world.org, FOLLOWER.name, upto)

    world.store.write_now(step)


def told(world: World, grant: Grant) -> dict[tuple[int, UUID], UUID]:
    reader = Principal(
        organisation=world.org, kind=PrincipalKind.USER, id=uuid4(), name="reader",
        scopes=frozenset({Scope.EVENTS_READ}), grant=grant,
    )  # fmt: skip
    found = asyncio.run(States(world.store).all(reader, GROUPS.get)).states
    assert len({(one.latest.stream, one.group) for one in found}) == len(found)
    return {(one.latest.stream, one.group): one.latest.id for one in found}


def due(world: World, shows: Admit) -> dict[tuple[int, UUID], UUID]:
    """The last of each in the order of history."""
    return {
        (event.stream, GROUPS[event.kind]): event.id
        for event in world.answer(lambda event: event.kind in GROUPS and shows(event), descending=False)
        if world.device_of(event) is not None
    }


@given(data=st.data())
@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_states_are_those_of_the_latest_events_wherever_the_follower_is(store: Store, data: st.DataObject) -> None:
    world = stateful_world(store)

    for _ in range(data.draw(st.integers(1, 5))):
        world.append(data.draw(st.lists(drafts(world), max_size=8)))
        follow(world, data.draw(st.integers(0, 10)))
        grant, shows = data.draw(grants(world))
        assert told(world, grant) == due(world, shows)
