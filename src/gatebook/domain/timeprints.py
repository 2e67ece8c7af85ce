"""Times to text: RFC 3339 in UTC and with a zone's offset, and which instants print as a given beginning."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from datetime import UTC, datetime, tzinfo
from functools import lru_cache
from typing import Final

from gatebook.domain.instants import EARLIEST, END_OF_TIME, SECOND_NS, Instant, Window
from gatebook.domain.zones import offset_s

_SECONDS: Final = tuple(f"{second:02}" for second in range(60))
_SCALE: Final = tuple(10 ** (9 - digits) for digits in range(10))


def rfc3339(instant: Instant, digits: int | None = None) -> str:
    """`2026-01-15T02:10:00.123Z` with 0..9 digits, more being cut off; None is the fewest of 0, 3, 6, 7 and 9 that
    lose nothing."""
    seconds, rest = divmod(instant, SECOND_NS)
    return f"{_to_the_second(seconds)}{_fraction(rest, digits)}Z"


def with_offset(instant: Instant, zone: tzinfo, digits: int | None = None) -> str:
    """`2026-01-15T03:10:00+01:00`: the clocks of `zone` and how far they are ahead; digits as in `rfc3339`.

    RFC 3339 has no seconds in an offset: zones that had (before 1972) are shown to the minute, at the same instant.
    """
    minutes = offset_s(instant, zone) // 60
    seconds, rest = divmod(instant, SECOND_NS)
    text = _to_the_second(seconds + minutes * 60) + _fraction(rest, digits)
    sign = "-" if minutes < 0 else "+"
    return f"{text}{sign}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"


def printing_window(start: str, digits: int = 7) -> Window:
    """Every instant whose `rfc3339` text of so many digits starts with this, in any letter case; may be empty.

    The texts are of one length and sort as the instants do, so these instants lie together.
    """
    if not start.isascii():
        return Window(EARLIEST, EARLIEST)
    text, width = start.upper(), len(start)
    since = bisect_left(range(END_OF_TIME), text, key=lambda instant: rfc3339(Instant(instant), digits)[:width])
    until = bisect_right(range(END_OF_TIME), text, key=lambda instant: rfc3339(Instant(instant), digits)[:width])
    return Window(Instant(since), Instant(until))


def _to_the_second(seconds: int) -> str:
    """Most of the instants of one answer lie in a few minutes, of which the print is remembered."""
    minute, second = divmod(seconds, 60)
    return _to_the_minute(minute) + _SECONDS[second]


@lru_cache(maxsize=4096)
def _to_the_minute(minute: int) -> str:
    return datetime.fromtimestamp(minute * 60, UTC).isoformat()[:17]


def _fraction(rest: int, digits: int | None) -> str:
    if digits is None:
        digits = 0 if not rest else 3 if not rest % 1_000_000 else 6 if not rest % 1_000 else 7 if not rest % 100 else 9
    return f".{rest // _SCALE[digits]:0{digits}}" if digits else ""
