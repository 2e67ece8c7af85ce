"""The counts that are kept are those of a recount, at every grain, however the events came and devices moved."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from gatebook.domain.access import EVERYTHING, Grant
from gatebook.domain.events import Draft, Event
from gatebook.domain.filters import Condition, During, Field, Operator, all_of
from gatebook.domain.times import Instant, Window
from gatebook.store import Store
from gatebook.store.contract import Asked, Group, Total
from gatebook.store.sqlite.connection import open_reader
from gatebook.store.sqlite.store import SqliteStore
from tests.store.oracle import CLASSES, NEW_YEAR, SECOND, World, drafts, found_world

BURST = 3
MONTH, DAY, QUARTER, MINUTE, TEN_SECONDS, ONE_SECOND = range(1, 7)
LENGTH = {DAY: 86_400, QUARTER: 900, MINUTE: 60, TEN_SECONDS: 10, ONE_SECOND: 1}
relaxed = settings(
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
Key = tuple[int, int, int, int]
"""(grain, tally stream, bucket, class)."""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    store = SqliteStore(Path(tmp_path_factory.mktemp("tallies")) / "log.db", burst=BURST, checkpoints=False)
    yield store
    store.close()


def bucket(event: Event, grain: int) -> int:
    if grain == MONTH:
        moment = datetime.fromtimestamp(event.occurred // SECOND, UTC)
        return moment.year * 12 + moment.month - 1
    return event.occurred // (LENGTH[grain] * SECOND)


def recount(world: World, followed: int, refined: set[tuple[int, int, int]]) -> Counter[Key]:
    """What the rows should be; which buckets have finer rows is taken as found and judged elsewhere."""
    found: Counter[Key] = Counter()
    site_streams = {site.number: site.stream for site in world.sites}
    for event in world.events:
        streams = [0]
        if event.seq <= followed:
            site = world.site_where(event)
            streams += [event.stream] + ([] if site is None else [site_streams[site]])
        for stream in streams:
            grains = [MONTH, DAY, QUARTER] if stream == 0 else [MONTH, DAY]
            while (grains[-1], stream, bucket(event, grains[-1])) in refined and grains[-1] < ONE_SECOND:
                grains.append(grains[-1] + 1)
            for grain in grains:
                for class_ in (0, world.classes[event.event_class]):
                    found[grain, stream, bucket(event, grain), class_] += 1
    return found


def kept(store: Store, org: int) -> tuple[Counter[Key], set[tuple[int, int, int]], int]:
    """`(rows, refined buckets, how far the follower is)` as the file has them."""
    db = open_reader(store.path)
    rows = db.execute("SELECT grain, stream, bucket, class, n FROM tallies WHERE org = ?", (org,)).fetchall()
    refined = set(db.execute("SELECT grain, stream, bucket FROM refined WHERE org = ?", (org,)).fetchall())
    mark = db.execute("SELECT seq FROM followers WHERE org = ? AND name = 'tallies'", (org,)).fetchall()
    db.close()
    return Counter({tuple(key): n for *key, n in rows}), refined, mark[0][0] if mark else 0


def assert_recounted(store: Store, world: World, burst: int) -> None:
    rows, refined, followed = kept(store, world.org)
    expected = recount(world, followed, refined)
    assert rows == expected
    lowest = {0: QUARTER}
    for (grain, stream, bucket_, class_), n in expected.items():
        if class_ == 0 and n > burst and lowest.get(stream, DAY) <= grain < ONE_SECOND:
            assert (grain, stream, bucket_) in refined


@relaxed
@given(data=st.data())
def test_tallies_of_a_generated_history_equal_a_recount_and_numbers_are_dense(
    store: Store, data: st.DataObject
) -> None:
    world = found_world(store)

    for _ in range(data.draw(st.integers(1, 7))):
        match data.draw(st.sampled_from(["reports", "burst", "spread", "follow", "follow", "move"])):
            case "reports":
                world.append(data.draw(st.lists(drafts(world), min_size=1, max_size=10)))
            case "burst":
                world.append([data.draw(drafts(world))] * data.draw(st.integers(2, 4 * BURST)))
            case "spread":
                world.append(spread(world, data.draw(drafts(world)), data.draw(st.sampled_from([1, 10, 60, 900]))))
            case "follow":
                world.follow(data.draw(st.integers(1, 30)))
            case "move":
                site = data.draw(st.sampled_from([None, *(site.number for site in world.sites)]))
                world.move(data.draw(st.integers(0, len(world.devices) - 1)), site)
        assert_recounted(store, world, BURST)

    assert [event.seq for event in world.events] == list(range(1, len(world.events) + 1))
    assert stored_numbers(store, world.org) == expected_numbers(world.events)


@pytest.mark.long
def test_two_thousand_histories_more_equal_a_recount(store: Store) -> None:
    claim: Any = test_tallies_of_a_generated_history_equal_a_recount_and_numbers_are_dense

    @settings(relaxed, max_examples=2_000)
    @given(data=st.data())
    def again(data: st.DataObject) -> None:
        claim.hypothesis.inner_test(store, data)

    again()


def spread(world: World, draft: Draft, step_s: int) -> list[Draft]:
    """Several in neighbouring buckets of one coarser one, from the same device."""
    moments = [Instant(draft.occurred + number * step_s * SECOND) for number in range(2 * BURST)]
    return [
        Draft(stream=draft.stream, event_class=draft.event_class, occurred=moment, received=draft.received)
        for moment in moments
    ]


def stored_numbers(store: Store, org: int) -> dict[int, list[int]]:
    db = open_reader(store.path)
    found = defaultdict(list)
    for stream, version in db.execute("SELECT stream, version FROM events WHERE org = ? ORDER BY seq", (org,)):
        found[stream].append(version)
    heads = dict(db.execute("SELECT stream, last FROM heads WHERE org = ? AND stream > 0", (org,)))
    db.close()
    assert heads == {stream: len(versions) for stream, versions in found.items()}
    return dict(found)


def expected_numbers(events: Sequence[Event]) -> dict[int, list[int]]:
    """Versions 1, 2, 3 … of each stream."""
    counts = Counter(event.stream for event in events)
    return {stream: list(range(1, n + 1)) for stream, n in counts.items()}


def test_a_flood_in_one_second_is_paged_and_counted_exactly_at_the_real_limit(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "log.db", checkpoints=False)
    world = found_world(store)
    floods = [(9_000, 1, 0), (5_000, SECOND // 100, 900 * SECOND), (5_000, SECOND // 10, 7_200 * SECOND)]
    classes = [world.classes[found] for found in CLASSES[:4]]

    for n, step, begin in floods:
        world.append([
            Draft(stream=world.streams[1 + number % 3], event_class=classes[number % 4],
                  occurred=Instant(NEW_YEAR + begin + number * step), received=Instant(NEW_YEAR))
            for number in range(n)
        ])  # fmt: skip
        world.follow(7_000)

    asked: Callable[..., Asked] = lambda **more: Asked(organisation=world.org, **more)  # noqa: E731
    device, site = world.devices[0], world.sites[0]
    cut = During(Field.OCCURRED, Window(Instant(NEW_YEAR + 17), Instant(NEW_YEAR + 7_300 * SECOND + 3)))
    whose = [
        (asked(grant=EVERYTHING, filter=cut), lambda _: True),
        (asked(grant=Grant(devices=frozenset({device.number})), filter=cut), lambda e: e.stream == device.stream),
        (asked(grant=Grant(sites=frozenset({site.number})), filter=cut), lambda e: world.site_where(e) == site.number),
        (
            asked(grant=EVERYTHING, filter=all_of(cut, Condition(Field.KIND, Operator.EQUALS, (CLASSES[3].kind,)))),
            lambda e: e.kind == CLASSES[3].kind,
        ),
    ]
    assert_recounted(store, world, 4096)
    for question, admit in whose:
        expected = world.answer(lambda e, a=admit: a(e) and cut.window.since <= e.occurred < cut.window.until)  # type: ignore[misc]
        for offset in (0, 1, len(expected) // 3, len(expected) // 2, len(expected) - 10):
            page = store.read_now(store.history.page, paged(question, offset))
            assert list(page.events) == expected[offset : offset + 20]
            assert page.total == Total(len(expected))
        bars = store.read_now(store.history.bars, question, Group.CLASS)
        by_class = Counter(world.classes[event.event_class] for event in expected)
        assert {bar.group: bar.n for bar in bars.counted} == by_class
    store.close()


def paged(asked: Asked, offset: int) -> Asked:
    return Asked(organisation=asked.organisation, grant=asked.grant, filter=asked.filter, offset=offset, limit=20)


def test_a_moved_device_takes_its_history_to_its_new_site_wherever_the_follower_is(store: Store) -> None:
    world = found_world(store)
    door, [here, there, _] = world.devices[0], world.sites
    one = Draft(stream=door.stream, event_class=1, occurred=Instant(NEW_YEAR), received=Instant(NEW_YEAR))
    world.append([one] * 10)
    world.follow(6)

    world.move(0, there.number)

    world.append([one] * 2)
    for _ in range(2):
        totals = [
            store.read_now(
                store.history.count, Asked(organisation=world.org, grant=Grant(sites=frozenset({site.number})))
            )
            for site in (here, there)
        ]
        assert totals == [Total(0), Total(12)]
        assert_recounted(store, world, BURST)
        world.follow(100)
