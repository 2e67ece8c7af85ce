"""Times from text: every ISO 8601 and RFC 3339 form, and counts since 1970.

Refused: week dates, ordinal dates, a month alone, and what lies outside 1970 to 2200.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final

from gatebook.domain.errors import BadInput
from gatebook.domain.excerpts import excerpt
from gatebook.domain.instants import (
    DAY_NS,
    END_OF_TIME,
    HOUR_NS,
    MINUTE_NS,
    SECOND_NS,
    Bound,
    Instant,
)
from gatebook.domain.zones import instant_at, wall_ns

LONGEST: Final = 64
"""No time takes more characters than this."""

_REMEDY: Final = "expected a time such as 2026-01-15T02:10:00.123Z, with an offset, or without for local time"
_SCALE: Final = tuple(10 ** (9 - digits) for digits in range(10))
_EPOCH: Final = datetime(1970, 1, 1)
_FORM: Final = re.compile(
    r"(?:(\d{4})-(\d\d)-(\d\d)|(\d{4})(\d\d)(\d\d))"
    r"(?:[Tt ](\d\d)(?:(?::(\d\d)(?::(\d\d)(?:[.,](\d+))?)?)|(?:(\d\d)(?:(\d\d)(?:[.,](\d+))?)?))?)?"
    r"([Zz]|([+-])(\d\d)(?::?(\d\d))?| (\d\d):(\d\d))?",
    re.ASCII,
)
_EPOCH_FORM: Final = re.compile(r"(\d{1,20})(?:\.(\d{1,20}))?", re.ASCII)
_OTHER_CALENDAR: Final = re.compile(r"\d{4}-?(?:W\d|\d{3}(?!\d))", re.ASCII | re.IGNORECASE)


def parse_instant(text: str, zone: tzinfo = UTC, field: str = "time") -> Instant:
    """The instant that the text names; digits beyond the ninth are cut off.

    Without an offset the clocks of `zone` are meant, see `instant_at`.  `:60` is the second after `:59`, and 24:00 the
    next day's midnight.  A space before `hh:mm` at the end is the `+` that a URL swallowed.  BadInput names `field`.
    """
    if text[-1:] == "Z" and text[4:5] == text[7:8] == "-" and text[10:11] == "T" and text[16:17] == ":":
        fraction = text[20:-1]
        try:
            delta = datetime.fromisoformat(text[:19]) - _EPOCH
        except ValueError:
            return parse_bound(text, zone, field).instant
        seconds = delta.days * 86_400 + delta.seconds
        if 0 <= seconds < 7_289_654_400:
            if len(text) == 20:
                return Instant(seconds * SECOND_NS)
            if text[19] == "." and 0 < len(fraction) < 10 and fraction.isdecimal() and fraction.isascii():
                return Instant(seconds * SECOND_NS + int(fraction) * _SCALE[len(fraction)])
    return parse_bound(text, zone, field).instant


def parse_bound(text: str, zone: tzinfo = UTC, field: str = "time") -> Bound:
    """The instant that the text names, and one unit of the precision that it is given in.

    A date alone is the local day, however long it is.  A local time that clocks show twice reaches from the first time
    to the end of the second, so that nothing that prints so is left out.  Else as `parse_instant`.
    """
    match = _FORM.fullmatch(text) if len(text) <= LONGEST else None
    if match is None:
        raise _unread(text, field)
    year, month, day = match.group(1, 2, 3) if match[1] else match.group(4, 5, 6)
    hour, fraction = match[7], match[10] or match[13] or ""
    minute, second = match[8] or match[11], match[9] or match[12]
    late = _seconds(hour, minute, second, fraction)
    if late < 0:
        raise _unread(text, field)
    if not 1969 <= int(year) <= 2201:
        raise _outside(text, field)
    try:
        midnight = datetime(int(year), int(month), int(day))
        moment = midnight + timedelta(seconds=late - (second == "60"))
        ahead = _offset(match)
    except ValueError as error:
        raise _unread(text, field) from error
    unit = DAY_NS if hour is None else HOUR_NS if minute is None else MINUTE_NS if second is None else SECOND_NS
    more = (SECOND_NS if second == "60" else 0) + (int(fraction[:9]) * _SCALE[len(fraction[:9])] if fraction else 0)
    if fraction:
        unit = _SCALE[min(9, len(fraction))]
    if match[14]:
        bound = Bound(Instant(wall_ns(moment) - ahead * SECOND_NS + more), unit)
    else:
        bound = _local(moment, zone, unit, more)
    return _in_range(_leap_checked(bound, second, text, field), text, field)


def epoch_bound(value: int | str, unit_ns: int = SECOND_NS, field: str = "time") -> Bound:
    """A count since 1970 in seconds, milliseconds or nanoseconds (`unit_ns`), as an integer or as decimal text."""
    match = _EPOCH_FORM.fullmatch(str(value))
    if match is None or isinstance(value, bool):
        raise BadInput(field, f"{excerpt(str(value))} is no count since 1970", "expected a number such as 1494267534")
    whole, fraction = match.groups("")
    unit = unit_ns
    nanoseconds = int(whole) * unit_ns
    if fraction:
        nanoseconds += int(fraction) * unit_ns // 10 ** len(fraction)
        unit = max(1, unit_ns // 10 ** len(fraction))
    return _in_range(Bound(Instant(nanoseconds), unit), str(value), field)


def epoch_instant(value: int | str, unit_ns: int = SECOND_NS, field: str = "time") -> Instant:
    """The instant of `epoch_bound`."""
    return epoch_bound(value, unit_ns, field).instant


def _seconds(hour: str | None, minute: str | None, second: str | None, fraction: str) -> int:
    """Seconds since midnight, or -1 where no clock shows that: 24:00 is allowed, and the leap second."""
    hours, minutes, seconds = int(hour or 0), int(minute or 0), int(second or 0)
    if hours == 24 and (minutes or seconds or fraction.strip("0")):
        return -1
    if hours > 24 or minutes > 59 or seconds > 60:
        return -1
    return hours * 3_600 + minutes * 60 + seconds


def _offset(match: re.Match[str]) -> int:
    """Seconds ahead of UTC; ValueError where there is no such offset."""
    hours, minutes = int(match[16] or match[18] or 0), int(match[17] or match[19] or 0)
    if hours > 23 or minutes > 59:
        raise ValueError("offset")
    return (hours * 3_600 + minutes * 60) * (-1 if match[15] == "-" else 1)


def _local(moment: datetime, zone: tzinfo, unit: int, more: int) -> Bound:
    start = instant_at(moment, zone)
    if unit == DAY_NS:
        return Bound(start, instant_at(moment + timedelta(days=1), zone) - start)
    last = instant_at(moment, zone, second_pass=True)
    return Bound(Instant(start + more), last - start + unit)


def _leap_checked(bound: Bound, second: str | None, text: str, field: str) -> Bound:
    """A leap second is the last of a day in UTC, and counted as the first of the next."""
    if second == "60" and bound.instant % DAY_NS >= SECOND_NS:
        raise BadInput(field, f"{excerpt(text)} is not a leap second", "second 60 exists only at 23:59:60 UTC")
    return bound


def _in_range(bound: Bound, text: str, field: str) -> Bound:
    if 0 <= bound.instant < END_OF_TIME:
        return bound
    raise _outside(text, field)


def _outside(text: str, field: str) -> BadInput:
    return BadInput(field, f"{excerpt(text)} is out of range", "expected a time from 1970 to 2200")


def _unread(text: str, field: str) -> BadInput:
    if _OTHER_CALENDAR.match(text):
        return BadInput(field, f"{excerpt(text)} is a week or ordinal date", "expected year, month and day")
    return BadInput(field, f"cannot read {excerpt(text)}", _REMEDY)
