"""Times to text: RFC 3339 in UTC and with a zone's offset, and which instants print as a given beginning."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from datetime import UTC, datetime, tzinfo
from functools import lru_cache
from typing import Final

from gatebook.domain.instants import EARLIEST, END_OF_TIME, SECOND_NS, Instant, Window
from gatebook.domain.zones import offset_s

_SECONDS: Final = tuple(f"{second:02}" for second in range(60))
_IN_WHOLE_MINUTES_S: Final = 3 * 365 * 86_400
"""1972-12-31: since then every zone's clocks were moved at a whole minute, and by whole minutes."""
_MILLIS: Final = tuple(f".{millis:03}" for millis in range(1000))
_SCALE: Final = tuple(10 ** (9 - digits) for digits in range(10))


def rfc3339(instant: Instant, digits: int | None = None) -> str:
    """`2026-01-15T02:10:00.123Z` with 0..9 digits, more being cut off; None is the fewest of 0, 3, 6, 7 and 9 that
    lose nothing."""
    seconds, rest = divmod(instant, SECOND_NS)
    minute, second = divmod(seconds, 60)
    return f"{_to_the_minute(minute)}{_SECONDS[second]}{_fraction(rest, digits) if rest or digits else ''}Z"


def with_offset(instant: Instant, zone: tzinfo, digits: int | None = None) -> str:
    """`2026-01-15T03:10:00+01:00`: the clocks of `zone` and how far they are ahead; digits as in `rfc3339`.

    RFC 3339 has no seconds in an offset: zones that had (before 1972) are shown to the minute, at the same instant.
    """
    seconds, rest = divmod(instant, SECOND_NS)
    minute, second = divmod(seconds, 60)
    ahead = _ahead(minute, zone) if seconds >= _IN_WHOLE_MINUTES_S else offset_s(instant, zone) // 60
    return f"{_to_the_minute(minute + ahead)}{_SECONDS[second]}{_fraction(rest, digits)}{_offset(ahead)}"


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


@lru_cache(maxsize=4096)
def _to_the_minute(minute: int) -> str:
    """Most of the instants of one answer lie in a few minutes, of which the print is remembered."""
    return datetime.fromtimestamp(minute * 60, UTC).isoformat()[:17]


@lru_cache(maxsize=4096)
def _ahead(minute: int, zone: tzinfo) -> int:
    return offset_s(minute * 60 * SECOND_NS, zone) // 60


@lru_cache(maxsize=256)
def _offset(minutes: int) -> str:
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"


def _fraction(rest: int, digits: int | None) -> str:
    if (digits is None and rest and not rest % 1_000_000) or digits == 3:
        return _MILLIS[rest // 1_000_000]
    if digits is None:
        digits = 0 if not rest else 3 if not rest % 1_000_000 else 6 if not rest % 1_000 else 7 if not rest % 100 else 9
    return f".{rest // _SCALE[digits]:0{digits}}" if digits else ""
