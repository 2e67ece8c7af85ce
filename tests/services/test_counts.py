"""Facets and histograms are what counting a plain list by the wall clock gives, for whoever asks."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from gatebook.domain.access import EVERYTHING, Grant, Principal, PrincipalKind, Scope
from gatebook.domain.admits import Place
from gatebook.domain.errors import BadInput
from gatebook.domain.events import Draft, Event
from gatebook.domain.filters import EVERY, Condition, During, Field, Operator, all_of
from gatebook.domain.times import Instant, Window
from gatebook.services.audit import Audit
from gatebook.services.counts import Counts, When
from gatebook.store import Store
from gatebook.store.contract import Total
from gatebook.store.sqlite.store import SqliteStore
from tests.store.oracle import CLASSES, NEW_YEAR, SECOND, World, asks, drafts, found_world, grants

relaxed = settings(
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    deadline=None,
    max_examples=30,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
ZONES = ["UTC", "Europe/London", "Asia/Kathmandu", "Australia/Lord_Howe", "America/St_Johns"]
DAYS = 86_400 * SECOND


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    store = SqliteStore(Path(tmp_path_factory.mktemp("counts")) / "log.db", burst=3, checkpoints=False)
    yield store
    store.close()


def principal(world: World, grant: Grant = EVERYTHING) -> Principal:
    return Principal(organisation=world.org, kind=PrincipalKind.KEY, id=UUID(int=1), name="key",
                     scopes=frozenset({Scope.EVENTS_READ}), grant=grant)  # fmt: skip


def counts(store: Store) -> Counts:
    return Counts(store, Audit(store, now=lambda: Instant(NEW_YEAR)))


def shown_on_the_wall(instant: int, when: When, zone: ZoneInfo) -> object:
    """The month, day or hour that a clock there shows; of an hour shown twice each is told by its offset."""
    moment = datetime.fromtimestamp(instant // SECOND, UTC).astimezone(zone)
    if when == "hour":
        return moment.year, moment.month, moment.day, moment.hour, moment.utcoffset()
    return (moment.year, moment.month) if when == "month" else (moment.year, moment.month, moment.day)


@relaxed
@given(data=st.data())
def test_bars_are_hours_days_and_months_of_the_wall_clock(store: Store, data: st.DataObject) -> None:
    world = found_world(store)
    zone = ZoneInfo(data.draw(st.sampled_from(ZONES)))
    when: When = data.draw(st.sampled_from(["hour", "day", "month"]))
    changes = [NEW_YEAR, 1_774_746_000 * SECOND, 1_775_314_800 * SECOND, 1_772_951_400 * SECOND]  # clocks are moved
    begin = data.draw(st.sampled_from(changes)) - data.draw(st.integers(0, 3 * DAYS))
    window = Window(Instant(begin), Instant(begin + data.draw(st.integers(1, 6 * DAYS))))
    inside = st.integers(window.since - DAYS, window.until + DAYS).map(Instant)
    world.append([
        Draft(stream=data.draw(st.sampled_from(world.streams)), event_class=data.draw(st.integers(1, len(CLASSES))),
              occurred=data.draw(inside), received=Instant(begin)) for _ in range(data.draw(st.integers(1, 25)))
    ])  # fmt: skip
    world.follow(data.draw(st.integers(1, 25)))
    grant, shows = data.draw(grants(world))
    wanted = During(Field.OCCURRED, window)

    found, by_kind = (
        asyncio.run(counts(store).bars(principal(world, grant), wanted, by=by, zone=zone))
        for by in (when, (when, "kind"))
    )

    mine = [
        event for event in world.events if shows(event) and window.holds(event.occurred) and not event.kind.is_record
    ]
    bars = {bar: shown_on_the_wall(bar.since, when, zone) for bar in found.bars or by_kind.bars}
    assert len(set(bars.values())) == len(bars)
    assert {bars[one.window]: one.n for one in found.counts if one.window} == Counter(
        shown_on_the_wall(event.occurred, when, zone) for event in mine
    )
    assert {(bars[one.window], one.value): one.n for one in by_kind.counts if one.window} == Counter(
        (shown_on_the_wall(event.occurred, when, zone), event.kind) for event in mine
    )
    assert found.total == by_kind.total == Total(len(mine))


@relaxed
@given(data=st.data())
def test_facets_are_counts_of_what_the_principal_may_see(store: Store, data: st.DataObject) -> None:
    world = found_world(store)
    world.append(data.draw(st.lists(drafts(world), min_size=1, max_size=25)))
    world.follow(data.draw(st.integers(1, 25)))
    grant, shows = data.draw(grants(world))
    wanted, admits = data.draw(asks(world))

    def admit(event: Event) -> bool:
        return bool(shows(event) and admits(event)) and not event.kind.is_record

    plain = {
        "class": lambda e: e.event_class,
        "kind": lambda e: e.kind,
        "method": lambda e: e.method,
        "reason": lambda e: e.reason,
        "type": lambda e: e.type or e.kind.type,
        "device": lambda e: (d := world.device_of(e)) and d.number,
        "site": world.site_where,
    }
    for by, of in plain.items():
        counted = asyncio.run(counts(store).bars(principal(world, grant), wanted, by=by, zone=UTC))  # type: ignore[arg-type]
        found = Counter[object]()
        for one in counted.counts:
            value = one.value if not isinstance(one.value, Place) else getattr(one.value, by)
            found[value] += one.n
        assert found == Counter(map(of, filter(admit, world.events)))
        assert counted.total == Total(sum(found.values()))
        assert [one.n for one in counted.counts] == sorted((one.n for one in counted.counts), reverse=True)


async def test_more_than_a_thousand_bars_are_refused_by_name_with_a_remedy(store: Store) -> None:
    world = found_world(store)
    long = During(Field.OCCURRED, Window(Instant(NEW_YEAR), Instant(NEW_YEAR + 1_001 * 3_600 * SECOND)))

    for wanted in (EVERY, long):
        with pytest.raises(BadInput, match="shorter window") as refused:
            await counts(store).bars(principal(world), wanted, by="hour", zone=UTC)
        assert refused.value.field == "window"

    assert (await counts(store).bars(principal(world), long, by="day", zone=UTC)).total == Total(0)


async def test_what_must_be_looked_at_is_counted_within_a_budget_and_said_to_be_at_least(store: Store) -> None:
    world = found_world(store)
    class_, moment = world.classes[CLASSES[0]], Instant(NEW_YEAR)
    one = Draft(stream=world.streams[1], event_class=class_, occurred=moment, received=moment, message="a", person=1)
    await asyncio.to_thread(lambda: store.write_now(lambda tx: tx.append(world.org, [one] * 12_000), 12_000))
    spoken = Condition(Field.MESSAGE, Operator.EQUALS, ("a",))
    person = Condition(Field.PERSON, Operator.EQUALS, (1,))
    never = all_of(spoken, Condition(Field.MESSAGE, Operator.EQUALS, ("b",)))

    for wanted in (spoken, person):
        found = await counts(store).bars(principal(world), wanted, by="kind", zone=UTC)
        assert not found.total.exact
        assert 10_000 <= found.total.n <= 12_000
    assert (await counts(store).bars(principal(world), EVERY, by="kind", zone=UTC)).total == Total(12_000)
    assert (await counts(store).bars(principal(world), never, by="kind", zone=UTC)).total.n == 0
