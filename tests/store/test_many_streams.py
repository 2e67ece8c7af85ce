"""Long lists of devices are answered by other roads than short ones, and alike: items, order, depth and totals."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gatebook.domain.access import Grant
from gatebook.domain.events import Draft
from gatebook.domain.filters import EVERY, During, Field
from gatebook.domain.places import DeviceKind
from gatebook.domain.times import Instant
from gatebook.store import Store, Transaction
from gatebook.store.contract import Asked, Position, Total
from gatebook.store.sqlite.reading import FEW_STREAMS
from gatebook.store.sqlite.store import SqliteStore
from tests.store.oracle import NEW_YEAR, World, drafts, found_world, windows

DEVICES = 3 * FEW_STREAMS
BURST = 3


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    store = SqliteStore(Path(tmp_path_factory.mktemp("many")) / "log.db", burst=BURST, checkpoints=False)
    yield store
    store.close()


def crowded(store: Store) -> World:
    """A world of so many devices that no list of half of them is short."""
    world = found_world(store)

    def work(tx: Transaction) -> None:
        for number in range(DEVICES):
            made = tx.add_device(world.org, uuid4(), DeviceKind.DOOR, f"Gate {number}", world.sites[number % 3].number)
            world.devices.append(made)
            world.site_of[made.number] = made.site

    store.write_now(work)
    return world


@settings(deadline=None, max_examples=25, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_long_list_of_devices_is_answered_as_by_reading_the_whole_list(store: Store, data: st.DataObject) -> None:
    world = crowded(store)
    numbers = [device.number for device in world.devices]
    for _ in range(3):
        world.append(data.draw(st.lists(drafts(world), min_size=10, max_size=40)))
        world.follow(data.draw(st.integers(1, 40)))
        for _ in range(6):
            size = data.draw(st.sampled_from([FEW_STREAMS + 1, len(numbers) // 2, len(numbers) - 4]))
            shown = frozenset(data.draw(st.randoms(use_true_random=False)).sample(numbers, size))
            window = data.draw(st.none() | windows)
            asked = Asked(
                organisation=world.org,
                grant=Grant(devices=shown),
                filter=EVERY if window is None else During(Field.OCCURRED, window),
                records=True,
                unlisted=data.draw(st.booleans()),
                descending=data.draw(st.booleans()),
                limit=data.draw(st.integers(1, 8)),
            )
            expected = world.answer(
                lambda event, shown=shown, window=window, asked=asked: (  # type: ignore[misc]
                    (found := world.device_of(event)) is not None
                    and found.number in shown
                    and (event.listed or asked.unlisted)
                    and (window is None or window.holds(event.occurred))
                ),
                descending=asked.descending,
            )
            offset = data.draw(st.integers(0, len(expected) + 1))

            page = store.read_now(store.history.page, replace(asked, offset=offset))
            after = expected[offset - 1] if 0 < offset <= len(expected) else None
            place = None if after is None else Position(Instant(after.occurred), after.seq)
            beyond = store.read_now(store.history.page, replace(asked, after=place))

            assert list(page.events) == expected[offset : offset + asked.limit]
            assert page.total == Total(len(expected))
            begun = 0 if after is None else offset
            assert list(beyond.events) == expected[begun : begun + asked.limit]


def test_a_device_that_reports_for_the_first_time_is_not_let_in_by_a_list_of_the_others(store: Store) -> None:
    world = crowded(store)
    *shown, hidden = world.devices
    asked = Asked(organisation=world.org, grant=Grant(devices=frozenset(device.number for device in shown)))
    class_ = min(world.classes.values())

    def told(stream: int) -> None:
        now = Instant(NEW_YEAR)
        world.append([Draft(stream=stream, event_class=class_, occurred=now, received=now)])

    told(shown[-1].stream)
    before = store.read_now(store.history.page, asked)
    told(hidden.stream)
    after = store.read_now(store.history.page, asked)

    assert before.total == after.total == Total(1)
    assert list(after.events) == list(before.events)
