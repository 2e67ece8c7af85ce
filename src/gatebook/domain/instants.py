"""Points and stretches of time: nanoseconds since 1970 UTC, half-open windows, and what an inclusive bound means."""

from __future__ import annotations

from typing import Final, NamedTuple, NewType

Instant = NewType("Instant", int)
"""Nanoseconds since 1970-01-01T00:00Z, without leap seconds; fits an int64."""

SECOND_NS: Final = 1_000_000_000
MINUTE_NS: Final = 60 * SECOND_NS
QUARTER_NS: Final = 15 * MINUTE_NS
HOUR_NS: Final = 60 * MINUTE_NS
DAY_NS: Final = 24 * HOUR_NS

EARLIEST: Final = Instant(0)
"""The first instant that is taken."""
END_OF_TIME: Final = Instant(84_371 * DAY_NS)
"""2201-01-01T00:00Z: the first instant that is no longer taken."""

AHEAD_LIMIT_NS: Final = 5 * MINUTE_NS
"""How far ahead of ours a device's clock may be before it is no longer believed."""


class Bound(NamedTuple):
    """A point as a client wrote it: all of `[instant, instant + unit_ns)` prints as that text."""

    instant: Instant
    unit_ns: int
    """One unit of the precision given; a local day may be 23 or 25 hours, see `parse_bound`."""

    @property
    def end(self) -> Instant:
        """The first instant after all those that print as this bound."""
        return Instant(self.instant + self.unit_ns)


class Window(NamedTuple):
    """`[since, until)`."""

    since: Instant
    until: Instant

    @property
    def is_empty(self) -> bool:
        """True when no instant lies in it."""
        return self.since >= self.until

    def holds(self, instant: int) -> bool:
        """True when the instant lies in it."""
        return self.since <= instant < self.until

    def meet(self, other: Window) -> Window:
        """What lies in both; may be empty."""
        return Window(max(self.since, other.since), min(self.until, other.until))


ALWAYS: Final = Window(EARLIEST, END_OF_TIME)
"""Every instant that is taken."""


def window_of(from_bound: Bound | None, to_bound: Bound | None) -> Window:
    """The window of two inclusive bounds: every instant that prints as either of them lies in it; None is open."""
    since = EARLIEST if from_bound is None else from_bound.instant
    until = END_OF_TIME if to_bound is None else to_bound.end
    return Window(since, until)


def settle(occurred: Instant, received: Instant) -> tuple[Instant, Instant | None]:
    """`(occurred, reported)` to be stored: a clock more than five minutes ahead is put back to `received` + 5 min.

    `reported` then keeps the device's own time, else it is None.
    """
    latest = received + AHEAD_LIMIT_NS
    if occurred > latest:
        return Instant(latest), occurred
    return occurred, None


def epoch_s(instant: Instant) -> int:
    """Whole seconds since 1970, rounded down."""
    return instant // SECOND_NS


def epoch_ms(instant: Instant) -> int:
    """Whole milliseconds since 1970, rounded down."""
    return instant // 1_000_000
