"""Wall clocks: what a time without an offset means in a zone, and where a zone's hours, days and months begin."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from enum import StrEnum

from gatebook.domain.errors import BadInput
from gatebook.domain.instants import DAY_NS, HOUR_NS, SECOND_NS, Instant, Window

_EPOCH = datetime(1970, 1, 1)
_EPOCH_UTC = datetime(1970, 1, 1, tzinfo=UTC)


class Span(StrEnum):
    """What a histogram counts by."""

    HOUR = "hour"
    DAY = "day"
    MONTH = "month"


def wall_ns(moment: datetime) -> int:
    """Nanoseconds from 1970-01-01T00:00 to this naive time, as if both were in UTC; microseconds are left out."""
    delta = moment - _EPOCH
    return (delta.days * 86_400 + delta.seconds) * SECOND_NS


def instant_at(moment: datetime, zone: tzinfo, *, second_pass: bool = False) -> Instant:
    """The instant at which the clocks of `zone` show this naive time (whole seconds).

    Where clocks are put back, a time is shown twice: the first pass is meant, unless `second_pass`.  Where they are put
    forward, a time is not shown at all: it is read as if they had not yet been moved (02:30 becomes 03:30).
    """
    aware = moment.replace(tzinfo=zone, fold=1 if second_pass else 0)
    if second_pass and aware.utcoffset() > aware.replace(fold=0).utcoffset():  # type: ignore[operator]
        aware = aware.replace(fold=0)  # in a gap the later offset would reach back before the change
    delta = aware - _EPOCH_UTC
    return Instant((delta.days * 86_400 + delta.seconds) * SECOND_NS)


def offset_s(instant: int, zone: tzinfo) -> int:
    """How far the clocks of `zone` are ahead of UTC at this instant, in seconds."""
    offset = datetime.fromtimestamp(instant // SECOND_NS, zone).utcoffset()
    return 0 if offset is None else offset.days * 86_400 + offset.seconds


def edges(window: Window, span: Span, zone: tzinfo, *, limit: int = 10_000) -> list[Instant]:
    """Where the local hours, days or months that touch the window begin: n + 1 rising edges for n bars.

    The first edge is at or before `since`, the last at or after `until`.  A day may have 23 or 25 hours.  An hour also
    begins where the clocks are moved, so that the hour shown twice is two bars.  More than `limit` bars is BadInput; an
    empty window has no edges.
    """
    if window.is_empty:
        return []
    length = {Span.HOUR: HOUR_NS, Span.DAY: DAY_NS, Span.MONTH: 28 * DAY_NS}[span]
    if (window.until - window.since) // length > limit:
        raise BadInput("window", f"has more than {limit} {span.value}s", "ask for a shorter window or a longer span")
    if span is Span.HOUR:
        return _hours(window, zone)
    local = datetime.fromtimestamp(window.since // SECOND_NS, zone).replace(tzinfo=None, fold=0)
    start = local.replace(hour=0, minute=0, second=0)
    if span is Span.MONTH:
        start = start.replace(day=1)
    found = [instant_at(start, zone)]
    while found[-1] < window.until:
        start = _next(start, span)
        edge = instant_at(start, zone)
        if edge <= window.since:
            found = [edge]
        elif edge > found[-1]:  # a day that a zone left out altogether has no bar
            found.append(edge)
    return found


def _next(start: datetime, span: Span) -> datetime:
    if span is Span.DAY:
        return start + timedelta(days=1)
    return start.replace(year=start.year + start.month // 12, month=start.month % 12 + 1)


def _hours(window: Window, zone: tzinfo) -> list[Instant]:
    """Full hours of the wall clock, and the moments at which it was moved."""
    here = offset_s(window.since, zone) * SECOND_NS
    first = window.since - (window.since + here) % HOUR_NS
    if offset_s(first, zone) * SECOND_NS != here:
        first = _moved(first, window.since, zone)
    found = [Instant(first)]
    while found[-1] < window.until:
        here = offset_s(found[-1], zone) * SECOND_NS
        full = found[-1] + HOUR_NS - (found[-1] + here) % HOUR_NS
        moved = offset_s(full - SECOND_NS, zone) * SECOND_NS != here
        found.append(Instant(_moved(found[-1], full - SECOND_NS, zone) if moved else full))
    return found


def _moved(before: int, after: int, zone: tzinfo) -> int:
    """The second between these instants at which the offset of `before` ends; it has ended at `after`."""
    low, high = before // SECOND_NS, after // SECOND_NS
    old = offset_s(before, zone)
    while high - low > 1:
        middle = (low + high) // 2
        if offset_s(middle * SECOND_NS, zone) == old:
            low = middle
        else:
            high = middle
    return high * SECOND_NS
