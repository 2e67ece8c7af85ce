"""The calendar of the tallies, in UTC: which bucket an instant falls in, and which window a bucket is."""

from __future__ import annotations

from enum import IntEnum
from functools import lru_cache

from gatebook.domain.instants import DAY_NS, MINUTE_NS, QUARTER_NS, SECOND_NS, Instant, Window


class Grain(IntEnum):
    """How coarse a tally is; the number is what the store keeps."""

    MONTH = 1
    DAY = 2
    QUARTER = 3
    MINUTE = 4
    TEN_SECONDS = 5
    SECOND = 6


_LENGTH_NS: dict[Grain, int] = {
    Grain.DAY: DAY_NS,
    Grain.QUARTER: QUARTER_NS,
    Grain.MINUTE: MINUTE_NS,
    Grain.TEN_SECONDS: 10 * SECOND_NS,
    Grain.SECOND: SECOND_NS,
}


def month_of(instant: int) -> int:
    """year * 12 + month - 1."""
    return _month_of_day(instant // DAY_NS)


def day_of(instant: int) -> int:
    """Days since 1970-01-01."""
    return instant // DAY_NS


def quarter_of(instant: int) -> int:
    """Quarter-hours since 1970."""
    return instant // QUARTER_NS


def minute_of(instant: int) -> int:
    """Minutes since 1970."""
    return instant // MINUTE_NS


def second_of(instant: int) -> int:
    """Seconds since 1970."""
    return instant // SECOND_NS


def month_window(month: int) -> Window:
    """The window of `month_of`'s bucket."""
    return Window(Instant(_day_of_month(month) * DAY_NS), Instant(_day_of_month(month + 1) * DAY_NS))


def day_window(day: int) -> Window:
    """The window of `day_of`'s bucket."""
    return Window(Instant(day * DAY_NS), Instant((day + 1) * DAY_NS))


def quarter_window(quarter: int) -> Window:
    """The window of `quarter_of`'s bucket."""
    return Window(Instant(quarter * QUARTER_NS), Instant((quarter + 1) * QUARTER_NS))


def minute_window(minute: int) -> Window:
    """The window of `minute_of`'s bucket."""
    return Window(Instant(minute * MINUTE_NS), Instant((minute + 1) * MINUTE_NS))


def second_window(second: int) -> Window:
    """The window of `second_of`'s bucket."""
    return Window(Instant(second * SECOND_NS), Instant((second + 1) * SECOND_NS))


def bucket_of(instant: int, grain: Grain) -> int:
    """The bucket of this grain that the instant falls in; buckets rise with time."""
    return month_of(instant) if grain is Grain.MONTH else instant // _LENGTH_NS[grain]


def bucket_window(bucket: int, grain: Grain) -> Window:
    """The window of `bucket_of`'s bucket."""
    if grain is Grain.MONTH:
        return month_window(bucket)
    length = _LENGTH_NS[grain]
    return Window(Instant(bucket * length), Instant((bucket + 1) * length))


@lru_cache(maxsize=65_536)
def _month_of_day(day: int) -> int:
    year, month = _civil(day)
    return year * 12 + month - 1


def _civil(day: int) -> tuple[int, int]:
    """(year, month) of a day since 1970: the Gregorian calendar in eras of 400 years that begin on 1 March."""
    era, of_era = divmod(day + 719_468, 146_097)
    year = (of_era - of_era // 1_460 + of_era // 36_524 - of_era // 146_096) // 365
    march_month = (5 * (of_era - (365 * year + year // 4 - year // 100)) + 2) // 153
    month = march_month + 3 if march_month < 10 else march_month - 9
    return year + era * 400 + (month <= 2), month


@lru_cache(maxsize=8_192)
def _day_of_month(month: int) -> int:
    """The first day of a month bucket, since 1970."""
    year, of_year = divmod(month, 12)
    year -= of_year < 2
    era, of_era = divmod(year, 400)
    days = (153 * ((of_year + 10) % 12) + 2) // 5
    return era * 146_097 + of_era * 365 + of_era // 4 - of_era // 100 + days - 719_468
