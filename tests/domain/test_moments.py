"""When a schedule begins and ends: told as a clock that is looked at every second would tell it."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatebook.domain.schedules import DAY_S, Hours, Schedule, holds, moments
from gatebook.domain.times import SECOND_NS, Instant, parse_instant

ZURICH, UTC = ZoneInfo("Europe/Zurich"), ZoneInfo("UTC")
CHANGES = {"spring": "2026-03-29T00:00:00Z", "autumn": "2026-10-24T22:00:00Z", "plain": "2026-05-29T00:00:00Z"}
EVERY_S = 10
"""The slow clock is looked at so often: all hours begin and end at whole minutes."""


def by_looking(schedule: Schedule, after: Instant, upto: Instant, zone: ZoneInfo, begins: bool) -> list[Instant]:
    found, step = [], EVERY_S * SECOND_NS
    for at in range(after // step * step + step, upto + 1, step):
        now, before = holds(schedule, Instant(at), zone), holds(schedule, Instant(at - step), zone)
        if now is begins and before is not begins:
            found.append(Instant(at))
    return found


minutes = st.integers(0, 24 * 60 - 1).map(lambda minute: minute * 60)
hours = st.tuples(minutes, st.integers(1, 24 * 60)).map(
    lambda pair: Hours(pair[0], min(pair[0] + pair[1] * 60, 2 * DAY_S))
)
schedules = st.builds(
    Schedule,
    week=st.dictionaries(st.integers(0, 6), st.lists(hours, max_size=3).map(tuple), max_size=7),
    holidays=st.frozensets(st.sampled_from([date(2026, 3, 29), date(2026, 5, 29), date(2026, 10, 25)])),
    on_holidays=st.lists(hours, max_size=2).map(tuple),
    outside=st.booleans(),
)


@pytest.mark.parametrize("start", CHANGES.values(), ids=CHANGES)
@settings(max_examples=25, deadline=None)
@given(schedule=schedules, hours_long=st.integers(1, 30), begins=st.booleans(), late=st.integers(0, 119))
def test_each_is_told_once_at_its_minute(
    start: str, schedule: Schedule, hours_long: int, begins: bool, late: int
) -> None:
    after = Instant(parse_instant(start) + late * SECOND_NS)
    upto = Instant(after + hours_long * 3_600 * SECOND_NS)

    found = list(moments(schedule, after, upto, ZURICH, begins=begins))

    assert found == by_looking(schedule, after, upto, ZURICH, begins)


@settings(max_examples=25, deadline=None)
@given(schedule=schedules, cuts=st.lists(st.integers(0, 86_400), max_size=6))
def test_wherever_time_is_cut_the_same_are_told(schedule: Schedule, cuts: list[int]) -> None:
    start = parse_instant(CHANGES["spring"])
    places = [start, *(Instant(start + cut * SECOND_NS) for cut in sorted(cuts)), Instant(start + DAY_S * SECOND_NS)]

    whole = list(moments(schedule, places[0], places[-1], UTC, begins=True))
    parts = [one for a, b in pairwise(places) for one in moments(schedule, a, b, UTC, begins=True)]

    assert parts == whole
