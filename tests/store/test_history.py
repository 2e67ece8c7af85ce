"""Any question to a generated log is answered as by reading the whole list: items, order, totals and bars."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from gatebook.domain.events import Event
from gatebook.domain.times import ALWAYS
from gatebook.store import Store
from gatebook.store.contract import Asked, Group, Position, Total
from gatebook.store.sqlite.store import SqliteStore
from tests.store.oracle import Admit, World, asks, drafts, found_world, grants, moments

BURST = 3
"""Finer rows begin here, so that short histories meet every grain."""
relaxed = settings(
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    max_examples=30,
)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    store = SqliteStore(Path(tmp_path_factory.mktemp("history")) / "log.db", burst=BURST, checkpoints=False)
    yield store
    store.close()


def lived(data: st.DataObject, store: Store, steps: int = 4) -> World:
    """A history: reports, the follower of the tallies at any point, devices that move."""
    world = found_world(store)
    for _ in range(data.draw(st.integers(1, steps))):
        match data.draw(st.sampled_from(["reports", "reports", "burst", "follow", "move"])):
            case "reports":
                world.append(data.draw(st.lists(drafts(world), min_size=1, max_size=12)))
            case "burst":
                one = data.draw(drafts(world))
                world.append([one] * data.draw(st.integers(2, 3 * BURST)))
            case "follow":
                world.follow(data.draw(st.integers(1, 20)))
            case "move":
                site = data.draw(st.sampled_from([None, *(site.number for site in world.sites)]))
                world.move(data.draw(st.integers(0, len(world.devices) - 1)), site)
    return world


def question(data: st.DataObject, world: World) -> tuple[Asked, Admit]:
    """A question and the same told plainly, rights and all."""
    wanted, admits = data.draw(asks(world))
    grant, shows = data.draw(grants(world))
    records, unlisted = data.draw(st.booleans()), data.draw(st.sampled_from([True, True, False]))
    asked = Asked(
        organisation=world.org,
        grant=grant,
        filter=wanted,
        records=records,
        unlisted=unlisted,
        descending=data.draw(st.booleans()),
        limit=data.draw(st.integers(1, 8)),
    )

    def admit(event: Event) -> bool:
        if event.kind.value.startswith("record.") and not records:
            return False
        return (event.listed or unlisted) and shows(event) and bool(admits(event))

    return asked, admit


@relaxed
@given(data=st.data())
def test_a_page_at_any_depth_and_its_total_are_those_of_the_whole_list(store: Store, data: st.DataObject) -> None:
    world = lived(data, store)
    for _ in range(12):
        asked, admit = question(data, world)
        expected = world.answer(admit, descending=asked.descending)
        offset = data.draw(st.integers(0, len(expected) + 2))

        page = store.read_now(store.history.page, replace(asked, offset=offset))

        assert list(page.events) == expected[offset : offset + asked.limit]
        assert page.total == Total(len(expected))
        assert page.more == (offset + asked.limit < len(expected))
        assert page.ceiling == len(world.events)


@relaxed
@given(data=st.data())
def test_a_ceiling_keeps_items_depth_and_total_as_they_were_then(store: Store, data: st.DataObject) -> None:
    world = lived(data, store)
    asked, admit = question(data, world)
    ceiling = data.draw(st.integers(0, len(world.events)))
    expected = world.answer(admit, descending=asked.descending, ceiling=ceiling)
    offset = data.draw(st.integers(0, len(expected) + 1))

    page = store.read_now(store.history.page, replace(asked, offset=offset, ceiling=ceiling))

    assert list(page.events) == expected[offset : offset + asked.limit]
    assert page.total == Total(len(expected))


@relaxed
@given(data=st.data())
def test_an_offset_beyond_a_place_counts_from_there(store: Store, data: st.DataObject) -> None:
    world = lived(data, store)
    asked, admit = question(data, world)
    expected = world.answer(admit, descending=asked.descending)
    if not expected:
        return
    start = data.draw(st.integers(0, len(expected) - 1))
    offset = data.draw(st.integers(0, 5))
    after = Position(expected[start].occurred, expected[start].seq)

    page = store.read_now(store.history.page, replace(asked, offset=offset, after=after))

    assert list(page.events) == expected[start + 1 + offset :][: asked.limit]


@relaxed
@given(data=st.data())
def test_a_walk_by_cursors_meets_each_event_once_while_more_arrive(store: Store, data: st.DataObject) -> None:
    world = lived(data, store)
    asked, admit = question(data, world)
    ceiling = len(world.events)
    expected = world.answer(admit, descending=asked.descending, ceiling=ceiling)
    met: list[Event] = []
    after = None

    while True:
        page = store.read_now(store.history.page, replace(asked, after=after, ceiling=ceiling))
        met += page.events
        if not page.more:
            break
        after = Position(page.events[-1].occurred, page.events[-1].seq)
        world.append(data.draw(st.lists(drafts(world), max_size=3)))
        world.follow(data.draw(st.integers(1, 5)))

    assert met == expected


@relaxed
@given(data=st.data())
def test_a_walk_back_from_any_place_meets_what_the_walk_there_met(store: Store, data: st.DataObject) -> None:
    world = lived(data, store)
    asked, admit = question(data, world)
    ceiling = len(world.events)
    there = world.answer(admit, descending=asked.descending, ceiling=ceiling)
    if not there:
        return
    turned = data.draw(st.integers(0, len(there) - 1))
    world.append(data.draw(st.lists(drafts(world), max_size=4)))
    back: list[Event] = []
    place = Position(there[turned].occurred, there[turned].seq)
    more = True

    while more:
        backwards = replace(asked, after=place, ceiling=ceiling, descending=not asked.descending)
        page = store.read_now(store.history.page, backwards)
        back += page.events
        more = page.more
        place = Position(page.events[-1].occurred, page.events[-1].seq) if more else place

    assert back == there[:turned][::-1]


@relaxed
@given(data=st.data())
def test_how_far_the_follower_has_come_changes_no_answer(store: Store, data: st.DataObject) -> None:
    world = lived(data, store)
    asked, admit = question(data, world)
    group = data.draw(st.sampled_from(list(Group)))
    answers = []

    for events in (0, data.draw(st.integers(1, 9)), 1_000):
        if events:
            world.follow(events)
        page = store.read_now(store.history.page, asked)
        answers.append((list(page.events), page.total, store.read_now(store.history.bars, asked, group).counted))

    assert answers[0] == answers[1] == answers[2]
    assert answers[0][1] == Total(len(world.answer(admit)))


@relaxed
@given(data=st.data())
def test_bars_between_any_edges_hold_what_a_count_of_the_list_finds(store: Store, data: st.DataObject) -> None:
    world = lived(data, store)
    for _ in range(6):
        asked, admit = question(data, world)
        group = data.draw(st.sampled_from(list(Group)))
        edges = sorted(data.draw(st.one_of(st.just(set()), st.sets(moments, min_size=2, max_size=12))))
        bounds = edges or list(ALWAYS)

        found = store.read_now(store.history.bars, asked, group, edges)

        assert found.exact
        expected: Counter[tuple[int, int]] = Counter()
        for event in filter(admit, world.events):
            bar = sum(edge <= event.occurred for edge in bounds) - 1
            if 0 <= bar < len(bounds) - 1:
                by = {Group.NOTHING: 0, Group.STREAM: event.stream, Group.CLASS: world.classes[event.event_class]}
                expected[bar, by[group]] += 1
        assert {(bar, group): n for bar, group, n in found.counted} == expected


@relaxed
@given(data=st.data())
def test_one_event_is_shown_exactly_to_those_who_may_see_it(store: Store, data: st.DataObject) -> None:
    world = lived(data, store)
    grant, shows = data.draw(grants(world))
    records = data.draw(st.booleans())

    for event in world.events:
        by_id, by_seq = (
            store.read_now(store.history.one, world.org, grant, ref, records=records) for ref in (event.id, event.seq)
        )

        visible = shows(event) and (records or not event.kind.is_record)
        assert (by_id.events if by_id else []) == (by_seq.events if by_seq else []) == ([event] if visible else [])


@pytest.mark.long
@pytest.mark.parametrize(
    "claim",
    [
        test_a_page_at_any_depth_and_its_total_are_those_of_the_whole_list,
        test_a_ceiling_keeps_items_depth_and_total_as_they_were_then,
        test_a_walk_by_cursors_meets_each_event_once_while_more_arrive,
        test_a_walk_back_from_any_place_meets_what_the_walk_there_met,
        test_how_far_the_follower_has_come_changes_no_answer,
        test_bars_between_any_edges_hold_what_a_count_of_the_list_finds,
    ],
    ids=lambda claim: claim.__name__,
)
def test_a_thousand_histories_more(store: Store, claim: Any) -> None:
    @settings(relaxed, max_examples=1_000)
    @given(data=st.data())
    def again(data: st.DataObject) -> None:
        claim.hypothesis.inner_test(store, data)

    again()
