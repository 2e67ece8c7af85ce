"""The hours of a time profile, and of a rule's own conditions, as a schedule."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from gatebook.dialects.xprotect.resources.rule_shapes import Appointment, Recurrence
from gatebook.domain.errors import BadInput
from gatebook.domain.excerpts import excerpt
from gatebook.domain.schedules import DAYS
from gatebook.services.rule_forms import Between, OneDate, ScheduleForm, Weekly

SUNDAY_FIRST = (6, 0, 1, 2, 3, 4, 5)
"""Our numbers of the days by their bits.  Source: TimeProfileAppointmentRecur, recurrencePatternDaysOfWeek."""
MINUTES_A_DAY = 24 * 60
EVERY_DAY = 127
LONGEST_DAYS = 366
FIRST_YEAR, LAST_YEAR = 1970, 2200
LONGEST_S = 31 * 86_400
_LENGTH = re.compile(r"(\d{1,3}):(\d{1,2})[:.](\d{1,2})")
_TIME = re.compile(r"(?:(\d{1,2})\.)?(\d{1,2}):(\d{2})(?::(\d{2}))?(?:\.\d+)?")


def schedule_of(recurring: Sequence[Recurrence], once: Sequence[Appointment]) -> ScheduleForm:
    """When the profile holds, by the clocks of the site; BadInput names what cannot be kept."""
    week = [hours for one in recurring for hours in _weekly(one)]
    dates: dict[date, list[Between]] = defaultdict(list)
    for one in once:
        for day, hours in _single(one):
            dates[day].append(hours)
    exceptions = [
        OneDate(date=day.isoformat(), hours=(*_on(week, day), *hours)) for day, hours in sorted(dates.items())
    ]
    return ScheduleForm(week=tuple(week), exceptions=tuple(exceptions))


def between(start: object, end: object) -> ScheduleForm:
    """`timeOfDayBetween`."""
    since, until = _minutes("timeOfDayBetween.StartTime", start), _minutes("timeOfDayBetween.EndTime", end)
    return ScheduleForm(week=(Weekly(since=_clock(since), to=_clock(until)),))


def on_days(days: object) -> ScheduleForm:
    """`daysOfWeek`: names with `;` or `,` between."""
    words = [word.strip().lower() for word in re.split(r"[;,]", str(days or "")) if word.strip()]
    for word in words:
        if word not in DAYS:
            raise BadInput("daysOfWeek.Days", f"{excerpt(word)} is no day", f"expected some of {', '.join(DAYS)}")
    if not words:
        raise BadInput("daysOfWeek.Days", "is missing", "give days such as Monday;Tuesday")
    return ScheduleForm(week=(Weekly(days=tuple(words)),))


def length_s(name: str, text: str) -> float:
    """`00:01:00`, hours, minutes and seconds; the last colon may be a dot."""
    found = _LENGTH.fullmatch(text)
    seconds = 0 if found is None else int(found[1]) * 3_600 + int(found[2]) * 60 + int(found[3])
    if not 0 < seconds <= LONGEST_S:
        raise BadInput(name, f"{excerpt(text)} is no length of time", "give one such as 00:01:00")
    return seconds


def _weekly(one: Recurrence) -> Iterable[Weekly]:
    frequency = one.recurrence_pattern_frequency.lower()
    if frequency not in ("daily", "weekly") or one.recurrence_pattern_interval != 1:
        raise BadInput(
            "recurrencePatternFrequency", "is not every day or every week", "give Daily or Weekly, and the interval 1"
        )
    if one.recurrence_range_limit.lower() != "nolimit":
        raise BadInput("recurrenceRangeLimit", f"got {excerpt(one.recurrence_range_limit)}", "expected NoLimit")
    mask = one.recurrence_pattern_days_of_week if frequency == "weekly" else EVERY_DAY
    days = tuple(DAYS[number] for bit, number in enumerate(SUNDAY_FIRST) if mask >> bit & 1)
    if not 0 < mask <= EVERY_DAY:
        raise BadInput("recurrencePatternDaysOfWeek", f"got {mask}", "expected bits from 1 (Sunday) to 64 (Saturday)")
    begin = _minutes("recurrenceOccurrenceStartTime", one.recurrence_occurrence_start_time)
    length = _minutes("recurrenceOccurrenceDuration", one.recurrence_occurrence_duration)
    if one.all_day_event:
        begin, length = 0, MINUTES_A_DAY
    if not 0 < length <= MINUTES_A_DAY:
        raise BadInput("recurrenceOccurrenceDuration", "is not from a minute to a day", "give one such as 08:00:00")
    yield Weekly(days=days, since=_clock(begin), to=_clock((begin + length) % MINUTES_A_DAY))


def _single(one: Appointment) -> Iterable[tuple[date, Between]]:
    begin, end = _moment("startDateTime", one.start_date_time), _moment("endDateTime", one.end_date_time)
    if one.all_day_event:
        begin = begin.replace(hour=0, minute=0)
        end = max(end.replace(hour=0, minute=0), begin + timedelta(days=1))
    if begin >= end or (end - begin).days > LONGEST_DAYS:
        raise BadInput("endDateTime", "is not within a year after startDateTime", "give a later one")
    day = begin.date()
    while datetime.combine(day, datetime.min.time()) < end:
        midnight = datetime.combine(day, datetime.min.time())
        first, last = max(begin, midnight), min(end, midnight + timedelta(days=1))
        until = "24:00" if last.date() > day else last.strftime("%H:%M")
        if first < last and first.strftime("%H:%M") != until:
            yield day, Between(since=first.strftime("%H:%M"), to=until)
        day += timedelta(days=1)


def _on(week: Sequence[Weekly], day: date) -> tuple[Between, ...]:
    name = DAYS[day.weekday()]
    return tuple(Between(since=one.since, to=one.to) for one in week if name in (one.days or DAYS))


def _moment(name: str, text: str) -> datetime:
    """By the clocks on the wall: an offset that is told is left aside."""
    try:
        found = datetime.fromisoformat(text).replace(tzinfo=None, second=0, microsecond=0)
    except ValueError as error:
        raise BadInput(name, f"{excerpt(text)} is no time", "give one such as 2026-12-24T08:00:00") from error
    if not FIRST_YEAR <= found.year < LAST_YEAR:
        raise BadInput(name, f"is in the year {found.year}", f"give one from {FIRST_YEAR} to {LAST_YEAR}")
    return found


def _minutes(name: str, value: object) -> int:
    """`08:00:00`, with days before a dot; seconds are ignored."""
    found = _TIME.fullmatch(str(value or ""))
    if found is None or int(found[3]) > 59:
        raise BadInput(name, f"{excerpt(str(value))} is no time of day", "give one such as 08:00:00")
    return int(found[1] or 0) * MINUTES_A_DAY + int(found[2]) * 60 + int(found[3])


def _clock(minutes: int) -> str:
    if minutes >= MINUTES_A_DAY:
        raise BadInput("timeOfDayBetween", "is not within a day", "give times from 00:00:00 to 23:59:00")
    return f"{minutes // 60:02}:{minutes % 60:02}"
