"""When things happen: quarter-hours of the span, each with its part of the events."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from gatebook.domain.times import DAY_NS, MINUTE_NS, QUARTER_NS, day_of
from gatebook.simulation.settings import Settings

HOURS = (2, 1, 1, 1, 2, 6, 18, 60, 100, 90, 70, 68, 80, 78, 66, 64, 72, 95, 70, 38, 20, 12, 7, 4)
"""The daily curve: how busy each hour of a working day is, in UTC."""
WEEKEND = 0.25
"""How busy a Saturday or Sunday is beside a working day."""


class Stretch(NamedTuple):
    """`[since, until)`, and how many events there are to have been in all by its end."""

    since: int
    until: int
    events: int


def stretches(settings: Settings) -> Iterator[Stretch]:
    """In order of time, without gaps; quarter-hours, and minutes within a burst.

    The last one's `events` is all of them.
    """
    middle = settings.start + settings.span_ns // 2
    burst = (middle - middle % QUARTER_NS, middle - middle % QUARTER_NS + settings.burst_ns)
    parts = [*_curve(settings, *burst)] if settings.burst_share else [*_curve(settings, 0, 0)]
    calm = sum(weight for _, _, weight, inside in parts if not inside)
    busy = sum(weight for _, _, weight, inside in parts if inside)
    share = settings.burst_share
    passed = 0.0
    for since, until, weight, inside in parts:
        passed += share * weight / busy if inside else (1 - share) * weight / calm
        yield Stretch(since, until, round(settings.events * min(passed, 1.0)))


def hourly_shares() -> list[float]:
    """What part of a working day's events each hour holds."""
    return [weight / sum(HOURS) for weight in HOURS]


def _curve(settings: Settings, burst_since: int, burst_until: int) -> Iterator[tuple[int, int, float, bool]]:
    at, end = int(settings.start), settings.start + settings.span_ns
    while at < end:
        inside = burst_since <= at < burst_until
        until = at + (MINUTE_NS if inside else QUARTER_NS)
        if at < burst_since < until:
            until = burst_since
        yield at, min(until, end), 1.0 if inside or settings.even else _busyness(at), inside
        at = until


def _busyness(at: int) -> float:
    hour = at % DAY_NS * 24 // DAY_NS
    weekend = (day_of(at) + 4) % 7 in (0, 6)  # 1970-01-01 was a Thursday, day 4 of a week that begins on Sunday
    return HOURS[hour] * (WEEKEND if weekend else 1.0)
