"""Weekly hours by a wall clock, with holidays and exceptions: whether an instant lies within them.

Hours that run past midnight belong to the day on which they begin.  They are told by the clock on the wall: the hour
that is shown twice when clocks are put back counts both times, the one that is left out has no instant.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from typing import NamedTuple

from gatebook.domain.errors import BadInput
from gatebook.domain.instants import SECOND_NS, Instant

DAY_S = 86_400
MINUTE_NS = 60 * SECOND_NS
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class Hours(NamedTuple):
    """`[since_s, until_s)` in seconds after the midnight of a day; beyond 86,400 is the day after."""

    since_s: int
    until_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """What holds on a date: its exception, else the hours of holidays, else those of its weekday."""

    week: Mapping[int, tuple[Hours, ...]] = field(default_factory=dict)
    """By weekday, Monday 0; a day that is not named has no hours."""
    holidays: frozenset[date] = frozenset()
    on_holidays: tuple[Hours, ...] = ()
    exceptions: Mapping[date, tuple[Hours, ...]] = field(default_factory=dict)
    outside: bool = False
    """True: it holds whenever it otherwise would not."""


def hours_on(schedule: Schedule, day: date) -> Sequence[Hours]:
    """The hours that begin on a date."""
    if day in schedule.exceptions:
        return schedule.exceptions[day]
    if day in schedule.holidays:
        return schedule.on_holidays
    return schedule.week.get(day.weekday(), ())


def holds(schedule: Schedule, at: Instant, zone: tzinfo) -> bool:
    """Whether the instant, by the clocks of the zone, lies within the schedule."""
    local = datetime.fromtimestamp(at // SECOND_NS, zone)
    second = local.hour * 3_600 + local.minute * 60 + local.second
    today = local.date()
    within = any(since <= second < until for since, until in hours_on(schedule, today)) or any(
        since <= second + DAY_S < until for since, until in hours_on(schedule, today - timedelta(days=1))
    )
    return within is not schedule.outside


def moments(schedule: Schedule, after: Instant, upto: Instant, zone: tzinfo, *, begins: bool) -> Iterator[Instant]:
    """The minutes in `(after, upto]` at which the schedule begins to hold, or (False) ceases to."""
    first = (after // MINUTE_NS + 1) * MINUTE_NS
    if first > upto:
        return
    before = holds(schedule, Instant(first - MINUTE_NS), zone)
    for minute in range(first, upto + 1, MINUTE_NS):
        now = holds(schedule, Instant(minute), zone)
        if now is not before and now is begins:
            yield Instant(minute)
        before = now


def hours_of(since: str, until: str, field: str) -> Hours:
    """`08:00` to `17:30`; an end that is not after the beginning is on the day after, `24:00` is midnight."""
    begin, end = _seconds(since, field), _seconds(until, field)
    if begin == DAY_S:
        raise BadInput(field, "begins at 24:00", "begin at 00:00 of the day after")
    return Hours(begin, end if end > begin else end + DAY_S)


def weekdays_of(words: Sequence[str], field: str) -> tuple[int, ...]:
    """`monday`, `mon` or `mo` as numbers from 0."""
    found = []
    for word in words:
        matches = [number for number, name in enumerate(DAYS) if len(word) > 1 and name.startswith(word.lower())]
        if len(matches) != 1:
            raise BadInput(field, f"{word[:20]!r} is no day of the week", f"expected some of {', '.join(DAYS)}")
        found += matches
    return tuple(dict.fromkeys(found))


def date_of(text: str, field: str) -> date:
    """`2026-12-25`."""
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()
    except ValueError as error:
        raise BadInput(field, f"{text[:20]!r} is no date", "give one such as 2026-12-25") from error


def _seconds(text: str, field: str) -> int:
    hour, _, minute = text.partition(":")
    digits = len(hour) == len(minute) == 2 and f"{hour}{minute}".isascii() and f"{hour}{minute}".isdigit()
    seconds = int(hour) * 3_600 + int(minute) * 60 if digits else DAY_S + 1
    if seconds > DAY_S or int(minute) > 59:
        raise BadInput(field, f"{text[:20]!r} is no time of day", "give one from 00:00 to 24:00")
    return seconds
