"""The tallies' buckets in UTC, and the edges of local hours, days and months."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gatebook.domain.errors import BadInput
from gatebook.domain.times import (
    DAY_NS,
    END_OF_TIME,
    HOUR_NS,
    MINUTE_NS,
    QUARTER_NS,
    SECOND_NS,
    Grain,
    Instant,
    Span,
    Window,
    bucket_of,
    bucket_window,
    day_of,
    day_window,
    edges,
    minute_of,
    minute_window,
    month_of,
    month_window,
    parse_instant,
    quarter_of,
    quarter_window,
    second_of,
    second_window,
)

BERLIN = ZoneInfo("Europe/Berlin")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")
NAMES = ("Europe/Berlin", "Australia/Lord_Howe", "Pacific/Apia", "America/St_Johns", "Asia/Kathmandu", "Asia/Beirut")

instants = st.integers(0, END_OF_TIME - 1).map(Instant)


def local(instant: int, zone: ZoneInfo) -> datetime:
    return datetime.fromtimestamp(instant // SECOND_NS, zone)


@given(instants, st.sampled_from(Grain))
def test_an_instant_lies_in_its_own_bucket_and_no_other(instant: Instant, grain: Grain) -> None:
    bucket = bucket_of(instant, grain)

    window = bucket_window(bucket, grain)

    assert window.since <= instant < window.until
    assert bucket_of(window.since, grain) == bucket_of(window.until - 1, grain) == bucket
    assert window.until == bucket_window(bucket + 1, grain).since


@given(instants)
def test_the_named_buckets_are_those_of_the_grains(instant: Instant) -> None:
    named = {
        Grain.MONTH: (month_of, month_window),
        Grain.DAY: (day_of, day_window),
        Grain.QUARTER: (quarter_of, quarter_window),
        Grain.MINUTE: (minute_of, minute_window),
        Grain.SECOND: (second_of, second_window),
    }

    for grain, (of, window) in named.items():
        assert of(instant) == bucket_of(instant, grain)
        assert window(of(instant)) == bucket_window(of(instant), grain)


def test_every_day_until_2201_is_in_the_month_that_the_calendar_says() -> None:
    first = date(1970, 1, 1)

    for day in range(END_OF_TIME // DAY_NS + 1):
        at = first + timedelta(days=day)
        assert month_of(day * DAY_NS) == at.year * 12 + at.month - 1
        if at.day == 1:
            assert month_window(at.year * 12 + at.month - 1).since == day * DAY_NS


def test_days_have_23_and_25_hours_where_clocks_are_moved() -> None:
    spring = Window(parse_instant("2023-03-25T12:00", BERLIN), parse_instant("2023-03-27T12:00", BERLIN))
    autumn = Window(parse_instant("2023-10-28T12:00", BERLIN), parse_instant("2023-10-30T12:00", BERLIN))

    lengths = [
        [(after - before) // HOUR_NS for before, after in pairwise(days)]
        for days in (edges(spring, Span.DAY, BERLIN), edges(autumn, Span.DAY, BERLIN))
    ]

    assert lengths == [[24, 23, 24], [24, 25, 24]]


def test_an_hour_also_begins_where_clocks_are_moved_by_half_an_hour() -> None:
    window = Window(parse_instant("2023-04-01T13:10:00Z"), parse_instant("2023-04-01T16:10:00Z"))

    shown = [local(edge, LORD_HOWE).isoformat()[11:] for edge in edges(window, Span.HOUR, LORD_HOWE)]

    assert shown == ["00:00:00+11:00", "01:00:00+11:00", "01:30:00+10:30", "02:00:00+10:30", "03:00:00+10:30"]


@given(
    st.integers(DAY_NS * 31, END_OF_TIME - 400 * DAY_NS),
    st.integers(1, 90 * DAY_NS),
    st.sampled_from(Span),
    st.sampled_from(NAMES),
)
@example(parse_instant("2011-12-28T12:00:00Z"), 5 * DAY_NS, Span.DAY, "Pacific/Apia")
@example(parse_instant("2006-10-29T02:31:00Z"), DAY_NS, Span.DAY, "America/St_Johns")
@example(parse_instant("2006-10-29T02:31:00Z"), DAY_NS, Span.HOUR, "America/St_Johns")
def test_edges_rise_cover_the_window_and_stand_where_a_local_unit_begins(
    since: int, length: int, span: Span, name: str
) -> None:
    zone = ZoneInfo(name)
    window = Window(Instant(since), Instant(since + length))

    found = edges(window, span, zone)

    assert found == sorted(set(found))
    assert found[0] <= window.since < found[1]
    assert found[-2] < window.until <= found[-1]
    for edge in found:
        here, before = local(edge, zone), local(edge - SECOND_NS, zone)
        if span is Span.HOUR:
            assert (here.minute, here.second) == (0, 0) or here.utcoffset() != before.utcoffset()
        elif span is Span.DAY:
            assert here.date() != before.date()
        else:
            assert (here.year, here.month) != (before.year, before.month)


@given(st.integers(DAY_NS, END_OF_TIME - 9 * DAY_NS), st.sampled_from(NAMES))
@example(parse_instant("2023-10-28T12:00:00Z"), "Europe/Berlin")
@example(parse_instant("2023-03-31T12:00:00Z"), "Australia/Lord_Howe")
@example(parse_instant("2011-12-29T12:00:00Z"), "Pacific/Apia")
def test_no_edge_of_an_hour_or_day_is_missing(since: int, name: str) -> None:
    zone = ZoneInfo(name)
    window = Window(Instant(since // MINUTE_NS * MINUTE_NS), Instant(since // MINUTE_NS * MINUTE_NS + 2 * DAY_NS))
    minutes = [local(at, zone) for at in range(window.since - MINUTE_NS, window.until, MINUTE_NS)]
    pairs = [(after, before) for before, after in pairwise(minutes)]

    hours = [edge for edge in edges(window, Span.HOUR, zone) if window.holds(edge)]

    oracle = [now for now, then in pairs if now.minute == 0 or now.utcoffset() != then.utcoffset()]
    assert hours == [(at.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(seconds=1) * SECOND_NS
                     for at in oracle]  # fmt: skip


def test_too_many_bars_are_refused_and_an_empty_window_has_none() -> None:
    with pytest.raises(BadInput, match="shorter window"):
        edges(Window(Instant(0), END_OF_TIME), Span.HOUR, BERLIN)

    assert edges(Window(Instant(5), Instant(5)), Span.DAY, BERLIN) == []
    assert len(edges(Window(Instant(0), Instant(QUARTER_NS)), Span.HOUR, BERLIN)) == 2
