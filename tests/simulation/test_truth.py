"""What a simulation knows of itself is what it did, as often as it was asked to."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import chain, pairwise

import pytest

from gatebook.domain.kinds import Kind
from gatebook.domain.times import MINUTE_NS, SECOND_NS
from gatebook.simulation import Happening, Settings, happenings, world_of
from gatebook.simulation.brands import CAMERA_MAKERS, MAKERS
from gatebook.simulation.marks import Mark
from gatebook.simulation.rates import Census
from gatebook.simulation.scenes import scenes_of
from gatebook.simulation.truth import Truths
from gatebook.simulation.wire import Wire

SETTINGS = Settings(seed=11, events=150_000, sites=4, devices=120, people=400, days=28)
WORLD, SCENES = world_of(SETTINGS), scenes_of(SETTINGS)


@pytest.fixture(scope="module")
def told() -> list[Happening]:
    return list(chain.from_iterable(happenings(SETTINGS, WORLD)))


@pytest.fixture(scope="module")
def census(told: list[Happening]) -> Census:
    counted = Census(WORLD, SCENES)
    counted.count(told)
    return counted


def kind_of(one: Happening) -> Kind:
    return SCENES.classes[one.event_class].kind


@pytest.mark.parametrize(
    "name", ["denied", "held", "forced", "misread", "unsure", "late", "lost", "ahead", "repeated", "drifting"]
)
def test_a_named_rate_is_kept_within_its_tolerance(census: Census, name: str) -> None:
    (rate,) = [one for one in census.rates(SETTINGS) if one.name == name]

    assert rate.kept, rate
    assert rate.among > 100


@pytest.mark.parametrize("name", ["denied", "held", "misread", "unsure", "late", "lost", "repeated"])
def test_a_rate_that_was_not_asked_for_is_told(census: Census, name: str) -> None:
    otherwise = replace(SETTINGS, **{name: 3 * getattr(SETTINGS, name)})

    rates = census.rates(otherwise)

    assert [one.name for one in rates if not one.kept] == [name]


def test_every_busy_door_keeps_to_the_daily_curve(census: Census) -> None:
    curves = census.curves()

    assert len(curves) > 30
    assert [one for one in curves if not one.kept] == []


def test_a_door_without_nights_does_not_keep_to_the_curve() -> None:
    even = Census(WORLD, SCENES)

    for batch in happenings(replace(SETTINGS, even=True, events=60_000), WORLD):
        even.count(batch)

    assert len(even.curves()) > 10
    assert not any(one.kept for one in even.curves())


def test_what_is_late_or_lost_arrives_so(told: list[Happening]) -> None:
    late = [one.received - one.happened for one in told if one.marks & Mark.LATE]
    lost = [one.received - one.happened for one in told if one.marks & Mark.LOST]
    punctual = [one.received - one.happened for one in told if not one.marks & (Mark.LATE | Mark.LOST | Mark.AGAIN)]

    assert min(late) > MINUTE_NS > 46 * SECOND_NS > max(punctual)
    assert max(lost) > 10 * MINUTE_NS
    assert len(lost) > 20


def test_a_cut_off_device_tells_nothing_until_it_is_back(told: list[Happening]) -> None:
    gone: dict[int, int] = {}
    silent = 0

    for one in sorted(told, key=lambda one: one.received):
        if one.event_class == SCENES.cut_off:
            gone[one.device] = one.received
        elif one.event_class == SCENES.back:
            gone.pop(one.device, None)
        elif one.device in gone and not one.marks & (Mark.LATE | Mark.AGAIN):
            assert one.marks & Mark.LOST, one
            silent += 1

    assert silent == 0
    assert sum(one.event_class == SCENES.cut_off for one in told) > 20


def test_reports_come_out_of_order(told: list[Happening]) -> None:
    turned = sum(one.happened > other.happened for one, other in pairwise(told))

    assert turned > len(told) * SETTINGS.late / 4


def test_a_misread_plate_is_not_the_cars(told: list[Happening]) -> None:
    plates = {car.plate for car in WORLD.cars}
    reads = [one for one in told if kind_of(one) is Kind.PLATE_READ]

    for one in reads:
        assert (one.credential != WORLD.cars[one.car].plate) == bool(one.marks & Mark.MISREAD)
    assert {one.credential for one in reads if one.marks & Mark.MISREAD}.isdisjoint(plates)


def test_again_is_the_same_report_later(told: list[Happening]) -> None:
    first = {one.serial: one for one in reversed(told)}

    again = [one for one in told if one.marks & Mark.AGAIN]

    assert again
    for one in again:
        before = first[one.serial]
        assert one.received > before.received
        assert one[1:8] == before[1:8]


def test_devices_are_of_several_makers_and_each_camera_opens_a_lock_of_its_site() -> None:
    makers = Counter(made.brand for made in WORLD.devices)

    assert makers.keys() == {*MAKERS, *CAMERA_MAKERS}
    for camera, lock in WORLD.gates:
        assert (WORLD.devices[camera].kind, WORLD.devices[lock].kind) == ("camera", "lock")
        assert WORLD.devices[camera].site == WORLD.devices[lock].site
    assert {car.owner for car in WORLD.cars} > {-1, 0}


def test_the_truth_says_what_no_report_does(told: list[Happening]) -> None:
    truths = Truths(WORLD, SCENES, Wire(SETTINGS, WORLD, SCENES))
    (wrong,) = [one for one in told if one.marks & Mark.MISREAD][:1]

    line = truths.of(wrong, 201, "an id")

    assert (line.kind, line.plate, line.read) == ("plate.read", WORLD.cars[wrong.car].plate, wrong.credential)
    assert "misread" in line.marks
    assert (line.status, line.id) == (201, "an id")
    assert line.key.startswith("sim11-")
    assert line.key.endswith(f"-{wrong.serial}")
