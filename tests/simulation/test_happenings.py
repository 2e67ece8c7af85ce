"""A simulation is the same every time, has the shares it was asked for, and reads as reports."""

from collections import Counter
from hashlib import sha256
from itertools import chain

import msgspec
import pytest

from gatebook.app.history import SETTLED_NS
from gatebook.domain.errors import BadInput
from gatebook.domain.kinds import Kind
from gatebook.domain.times import DAY_NS, HOUR_NS, SECOND_NS, Instant, parse_instant
from gatebook.simulation import Happening, Settings, happenings, world_of
from gatebook.simulation.clock import hourly_shares
from gatebook.simulation.names import nth
from gatebook.simulation.scenes import scenes_of
from gatebook.simulation.settings import START
from gatebook.simulation.wire import Wire, prefix_of

SETTINGS = Settings(seed=7, events=60_000, sites=4, devices=120, people=400, days=28)


def told(settings: Settings = SETTINGS) -> list[Happening]:
    return list(chain.from_iterable(happenings(settings, world_of(settings))))


def lines(settings: Settings) -> bytes:
    wire = Wire(settings, world_of(settings))
    return b"\n".join(wire.line(one) for one in told(settings))


@pytest.fixture(scope="module")
def events() -> list[Happening]:
    return told()


def kinds(events: list[Happening]) -> Counter[Kind]:
    classes = scenes_of(SETTINGS).classes
    return Counter(classes[one.event_class].kind for one in events)


def test_the_same_settings_give_the_same_bytes() -> None:
    small = Settings(seed=7, events=3_000, days=3)

    digest = sha256(lines(small)).hexdigest()

    assert digest == sha256(lines(small)).hexdigest()
    assert digest == "538676dbd7dbe8c3e11f58648d7dea91aabe23e322f0438bec264f1f97d93f92", (
        "the reports of a seed are a promise: change this only with a line in the CHANGELOG"
    )


def test_another_seed_gives_other_bytes() -> None:
    assert lines(Settings(seed=1, events=500)) != lines(Settings(seed=2, events=500))


@pytest.mark.parametrize("hour", [0, 6, 13, 21])
def test_all_is_told_within_minutes_of_the_last_day_whenever_that_ends(hour: int) -> None:
    settings = Settings(events=5_000, days=5, devices=50, lost=0.3, start=Instant(START + hour * HOUR_NS))

    latest = max(one.received for one in told(settings))

    assert latest < settings.start + settings.span_ns + SETTLED_NS


@pytest.mark.parametrize("n", [1, 2, 999, 20_000])
@pytest.mark.parametrize("burst", [0.0, 0.5, 1.0])
def test_there_are_exactly_so_many(n: int, burst: float) -> None:
    assert len(told(Settings(events=n, burst_share=burst, days=2))) == n


def test_reports_arrive_in_order_and_tell_of_times_out_of_order(events: list[Happening]) -> None:
    received = [one.received for one in events]
    occurred = [one.occurred for one in events]

    assert received == sorted(received)
    assert occurred != sorted(occurred)


def test_shares_are_as_asked(events: list[Happening]) -> None:
    counted = kinds(events)
    granted, denied = counted[Kind.ACCESS_GRANTED], counted[Kind.ACCESS_DENIED]
    late = sum(one.occurred < one.received - 50 * SECOND_NS for one in events)
    ahead = sum(one.occurred > one.received + 4 * 60 * SECOND_NS for one in events)
    serials = Counter(one.serial for one in events)
    repeated = sum(n - 1 for n in serials.values())

    assert denied / (granted + denied) == pytest.approx(SETTINGS.denied, rel=0.15)
    assert late / len(events) == pytest.approx(SETTINGS.late, rel=0.2)
    assert 0 < ahead / len(events) < 3 * SETTINGS.ahead
    assert repeated / len(events) == pytest.approx(SETTINGS.repeated, rel=0.3)
    assert counted[Kind.DOOR_HELD] > counted[Kind.DOOR_FORCED] > 0


def test_plates_are_misread_as_often_as_asked(events: list[Happening]) -> None:
    classes, plates = scenes_of(SETTINGS).classes, {car.plate for car in world_of(SETTINGS).cars}

    read = [one.credential in plates for one in events if classes[one.event_class].kind is Kind.PLATE_READ]

    assert len(read) > 200
    assert read.count(False) / len(read) == pytest.approx(SETTINGS.misread, rel=0.6)


def test_a_working_day_has_its_curve(events: list[Happening]) -> None:
    hours: Counter[int] = Counter()
    for one in events:
        weekday = (one.received // DAY_NS + 3) % 7  # Monday is 0
        if weekday < 5:
            hours[one.received % DAY_NS // HOUR_NS] += 1
    whole = sum(hours.values())

    for hour, share in enumerate(hourly_shares()):
        assert hours[hour] / whole == pytest.approx(share, abs=0.01), hour


def test_people_come_at_hours_of_their_own(events: list[Happening]) -> None:
    world, classes = world_of(SETTINGS), scenes_of(SETTINGS).classes

    asked = [one for one in events if one.person >= 0 and classes[one.event_class].kind is Kind.ACCESS_GRANTED]
    apart = [one for one in asked if not world.people[one.person].is_here(one.received % DAY_NS // HOUR_NS)]

    assert len(asked) > 10_000
    assert len(apart) / len(asked) < 0.02


def test_some_clocks_drift_and_are_set_right_every_week(events: list[Happening]) -> None:
    world = world_of(SETTINGS)
    apart: dict[bool, list[int]] = {True: [], False: []}

    for one in events:
        made, weekday = world.devices[one.device], one.received // DAY_NS % 7
        if made.drift_ns and weekday in (0, 6) and abs(one.received - one.occurred) < 40 * SECOND_NS:
            apart[weekday == 6].append(abs(one.received - one.occurred))

    assert sum(made.drift_ns != 0 for made in world.devices) / 120 == pytest.approx(SETTINGS.drifting, abs=0.08)
    assert max(apart[False]) < 2 * SECOND_NS < sum(apart[True]) / len(apart[True])


def test_an_even_simulation_has_no_nights() -> None:
    hours = Counter(one.received % DAY_NS // HOUR_NS for one in told(Settings(events=24_000, days=2, even=True)))

    assert [hours[hour] for hour in range(24)] == pytest.approx([1_000] * 24, rel=0.1)


def test_there_is_one_device_of_every_kind_first() -> None:
    world = world_of(Settings(devices=6, sites=2))

    assert len({made.kind for made in world.devices}) == 6
    assert world.devices[0].name == "Front entrance"
    assert [nth(["a", "b"], n) for n in range(5)] == ["a", "b", "a 2", "b 2", "a 3"]


def test_a_burst_falls_into_its_hour() -> None:
    settings = Settings(events=20_000, days=10, burst_share=0.8)
    middle = settings.start + settings.span_ns // 2

    inside = sum(middle <= one.received < middle + HOUR_NS + 300 * SECOND_NS for one in told(settings))

    assert inside / settings.events == pytest.approx(0.8, abs=0.02)


def test_some_times_are_equal_to_the_nanosecond(events: list[Happening]) -> None:
    equal = [n for n in Counter(one.occurred for one in events).values() if n > 1]

    assert len(equal) > 50


def test_a_line_says_what_happened() -> None:
    settings = Settings(events=2_000, days=1, late=0.0)
    world, classes = world_of(settings), scenes_of(settings).classes
    wire = Wire(settings, world)

    for one in told(settings):
        report = msgspec.json.decode(wire.line(one))
        kind, method, reason, _, _ = classes[one.event_class]

        assert (report["kind"], report.get("method"), report.get("reason")) == (kind, method, reason)
        assert parse_instant(report["occurred"], None, "occurred") == one.occurred
        assert report["device"] == world.devices[one.device].vendor_id
        assert report.get("person") == (str(world.people[one.person].id) if one.person >= 0 else None)
        assert report.get("credential") == one.credential
        assert msgspec.json.encode(report["data"]) == one.data
        assert report["key"] == f"{prefix_of(settings)}{one.serial}"


def test_another_simulation_of_the_seed_has_other_keys() -> None:
    one, other = Settings(days=2), Settings(days=3)

    assert prefix_of(one) == prefix_of(Settings(days=2)) != prefix_of(other)


def test_what_is_not_asked_for_is_left_out() -> None:
    bare = Settings(events=500, keys=False, persons=False, payload=False)

    text = lines(bare)

    assert not any(word in text for word in (b'"key"', b'"person"', b'"credential"', b'"data"'))


@pytest.mark.parametrize(("name", "value"), [("events", 0), ("late", 1.5), ("denied", -0.1), ("burst_ns", 10**18)])
def test_what_cannot_be_is_refused_by_name(name: str, value: float) -> None:
    with pytest.raises(BadInput) as refusal:
        Settings(**{name: value})

    assert refusal.value.field == name
