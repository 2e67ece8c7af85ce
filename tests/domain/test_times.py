"""Times as text: what is read, what is printed, and that an inclusive bound finds what prints as it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gatebook.domain.errors import BadInput
from gatebook.domain.times import (
    ALWAYS,
    DAY_NS,
    END_OF_TIME,
    HOUR_NS,
    MINUTE_NS,
    SECOND_NS,
    Bound,
    Instant,
    Window,
    epoch_bound,
    epoch_instant,
    epoch_ms,
    epoch_s,
    parse_bound,
    parse_instant,
    printing_window,
    rfc3339,
    settle,
    window_of,
    with_offset,
)

BERLIN = ZoneInfo("Europe/Berlin")
APIA = ZoneInfo("Pacific/Apia")
MONROVIA = ZoneInfo("Africa/Monrovia")
KATHMANDU = ZoneInfo("Asia/Kathmandu")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")
ST_JOHNS = ZoneInfo("America/St_Johns")
ZONES = (BERLIN, APIA, MONROVIA, KATHMANDU, LORD_HOWE, ST_JOHNS)

instants = st.integers(0, END_OF_TIME - 1).map(Instant)
zones = st.sampled_from(ZONES)


def at(text: str) -> int:
    """Python's own reading, to the microsecond, as nanoseconds."""
    delta = datetime.fromisoformat(text) - datetime(1970, 1, 1, tzinfo=UTC)
    return delta // timedelta(microseconds=1) * 1_000


READABLE = {
    "fast": ("2023-09-07T13:18:38Z", "2023-09-07T13:18:38+00:00", SECOND_NS),
    "seven digits": ("2023-09-07T13:18:38.1234560Z", "2023-09-07T13:18:38.123456+00:00", 100),
    "one digit": ("2023-09-07T13:18:38.1Z", "2023-09-07T13:18:38.1+00:00", 100_000_000),
    "lower case": ("2023-09-07t13:18:38z", "2023-09-07T13:18:38+00:00", SECOND_NS),
    "a space for T": ("2023-09-07 13:18:38Z", "2023-09-07T13:18:38+00:00", SECOND_NS),
    "offset": ("2023-09-07T13:18:38+01:00", "2023-09-07T12:18:38+00:00", SECOND_NS),
    "offset without colon": ("2023-09-07T13:18:38-0130", "2023-09-07T14:48:38+00:00", SECOND_NS),
    "offset of hours": ("2023-09-07T13:18:38+01", "2023-09-07T12:18:38+00:00", SECOND_NS),
    "a swallowed plus": ("2023-09-07T13:18:38 01:00", "2023-09-07T12:18:38+00:00", SECOND_NS),
    "a swallowed plus after minutes": ("2023-09-07T13:18 01:00", "2023-09-07T12:18:00+00:00", MINUTE_NS),
    "a swallowed plus after a fraction": ("2023-09-07 13:18:38.5 01:00", "2023-09-07T12:18:38.5+00:00", 100_000_000),
    "minutes": ("2023-09-07T13:18", "2023-09-07T11:18:00+00:00", MINUTE_NS),
    "a date and minutes, not an offset": ("2023-09-07 01:00", "2023-09-06T23:00:00+00:00", MINUTE_NS),
    "hours": ("2023-09-07T13Z", "2023-09-07T13:00:00+00:00", HOUR_NS),
    "a comma": ("2023-09-07T13:18:38,5Z", "2023-09-07T13:18:38.5+00:00", 100_000_000),
    "basic form": ("20230907T131838.5Z", "2023-09-07T13:18:38.5+00:00", 100_000_000),
    "local summer": ("2023-07-01T12:00:00", "2023-07-01T10:00:00+00:00", SECOND_NS),
    "local winter": ("2023-01-01T12:00:00", "2023-01-01T11:00:00+00:00", SECOND_NS),
    "a date": ("2023-09-07", "2023-09-06T22:00:00+00:00", DAY_NS),
    "a date in UTC": ("2023-09-07Z", "2023-09-07T00:00:00+00:00", DAY_NS),
    "a day of 23 hours": ("2023-03-26", "2023-03-25T23:00:00+00:00", 23 * HOUR_NS),
    "a day of 25 hours": ("2023-10-29", "2023-10-28T22:00:00+00:00", 25 * HOUR_NS),
    "a time that is left out": ("2023-03-26T02:30", "2023-03-26T01:30:00+00:00", MINUTE_NS),
    "a time shown twice": ("2023-10-29T02:30", "2023-10-29T00:30:00+00:00", HOUR_NS + MINUTE_NS),
    "midnight at the end": ("2023-09-07T24:00:00Z", "2023-09-08T00:00:00+00:00", SECOND_NS),
    "a leap second": ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00+00:00", SECOND_NS),
    "a leap second elsewhere": ("2017-01-01T00:59:60+01:00", "2017-01-01T00:00:00+00:00", SECOND_NS),
    "a leap second's fraction": ("2016-12-31T23:59:60.5Z", "2017-01-01T00:00:00.5+00:00", 100_000_000),
    "the first": ("1970-01-01T00:00:00Z", "1970-01-01T00:00:00+00:00", SECOND_NS),
    "the last": ("2200-12-31T23:59:59Z", "2200-12-31T23:59:59+00:00", SECOND_NS),
}


@pytest.mark.parametrize(("text", "same", "unit_ns"), READABLE.values(), ids=READABLE)
def test_every_form_is_read_with_its_precision(text: str, same: str, unit_ns: int) -> None:
    bound = parse_bound(text, BERLIN)

    assert bound == Bound(Instant(at(same)), unit_ns)
    assert parse_instant(text, BERLIN) == bound.instant


@pytest.mark.parametrize("digits", range(1, 13))
def test_digits_beyond_the_ninth_are_cut_off(digits: int) -> None:
    fraction = "123456789987"[:digits]

    bound = parse_bound(f"1970-01-01T00:00:01.{fraction}Z")

    assert bound.instant == SECOND_NS + int(fraction[:9].ljust(9, "0"))
    assert bound.unit_ns == 10 ** max(0, 9 - digits)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("2023-W36-4T10:00:00Z", "week or ordinal"),
        ("2023W364", "week or ordinal"),
        ("2023-250", "week or ordinal"),
        ("2023250T10:00Z", "week or ordinal"),
        ("1969-12-31T23:59:59Z", "1970 to 2200"),
        ("2201-01-01T00:00:00Z", "1970 to 2200"),
        ("2200-12-31T23:00:00-01:00", "1970 to 2200"),
        ("2023-09-07T13:18:60Z", "23:59:60"),
        ("2023-09", "cannot read"),
        ("2023-09-31", "cannot read"),
        ("2023-13-01T00:00:00Z", "cannot read"),
        ("2023-09-07T25:00:00Z", "cannot read"),
        ("2023-09-07T24:00:00.1Z", "cannot read"),
        ("2023-09-07T13:60:00Z", "cannot read"),
        ("2023-09-07T13:18:38.Z", "cannot read"),
        ("2023-09-07T13:18:38.1_0Z", "cannot read"),
        ("2023-09-07T13:18:38.\u0661Z", "cannot read"),
        ("2023-09-07T13:18:38+24:00", "cannot read"),
        ("2023-09-07T13:18:38Z01:00", "cannot read"),
        ("2023-09-07T13:18:38Z\n", "cannot read"),
        ("9999-12-31T24:00:00Z", "1970 to 2200"),
        ("yesterday", "cannot read"),
        ("", "cannot read"),
    ],
)
def test_what_is_no_time_is_refused_by_name(text: str, says: str) -> None:
    with pytest.raises(BadInput, match=says) as refusal:
        parse_instant(text, BERLIN, "since")

    assert refusal.value.field == "since"


@given(st.text(alphabet="0123456789-:.,TtZzW+ \u0661", max_size=40) | st.text(max_size=80))
@example("0001-01-01")
@example("9999-12-31T23:59:60")
@example("9999-12-31")
def test_any_text_is_a_time_or_bad_input(text: str) -> None:
    for zone in ZONES:
        try:
            bound = parse_bound(text, zone)
        except BadInput:
            with pytest.raises(BadInput):
                parse_instant(text, zone)
        else:
            assert parse_instant(text, zone) == bound.instant
            assert 0 <= bound.instant < END_OF_TIME


@given(instants, st.integers(0, 9))
def test_what_is_printed_reads_as_the_instant_cut_to_its_digits(instant: Instant, digits: int) -> None:
    text = rfc3339(instant, digits)

    bound = parse_bound(text)

    assert bound == Bound(Instant(instant - instant % 10 ** (9 - digits)), 10 ** (9 - digits))
    assert bound.instant // 1_000 * 1_000 == at(text[:26] + "+00:00" if digits > 6 else text)


@given(instants, st.sampled_from([1, 100, 1_000, 1_000_000, SECOND_NS]))
def test_the_shortest_text_loses_nothing(instant: Instant, unit_ns: int) -> None:
    cut = Instant(instant // unit_ns * unit_ns)

    text = rfc3339(cut)

    assert parse_instant(text) == cut
    shorter = [digits for digits in (0, 3, 6, 7, 9) if parse_instant(rfc3339(cut, digits)) == cut]
    assert text == rfc3339(cut, shorter[0])


@given(instants, zones, st.sampled_from([None, 0, 3, 7, 9]))
def test_a_local_text_names_the_same_instant(instant: Instant, zone: ZoneInfo, digits: int | None) -> None:
    text = with_offset(instant, zone, digits)

    bound = parse_bound(text, UTC)

    assert bound.instant <= instant < bound.end
    shown = datetime.fromtimestamp(instant // SECOND_NS, zone)
    if shown.utcoffset() % timedelta(minutes=1) == timedelta(0):  # type: ignore[operator]
        assert text[:19] + text[-6:] == shown.isoformat()


@given(instants, zones, st.integers(0, 9), st.sampled_from(["utc", "offset", "local", "day", "minute"]))
@example(Instant(at("2023-10-29T01:30:00+00:00")), BERLIN, 3, "local")
@example(Instant(at("2023-10-29T00:30:00+00:00")), BERLIN, 3, "minute")
def test_equal_inclusive_bounds_copied_from_a_text_find_the_event(
    instant: Instant, zone: ZoneInfo, digits: int, form: str
) -> None:
    local = datetime.fromtimestamp(instant // SECOND_NS, zone).isoformat()
    fraction = rfc3339(instant, digits)[19:-1]
    text = {
        "utc": rfc3339(instant, digits),
        "offset": with_offset(instant, zone, digits),
        "local": local[:19] + fraction,
        "day": local[:10],
        "minute": local[:16],
    }[form]
    try:
        bound = parse_bound(text, zone)
    except BadInput:
        assert instant < DAY_NS  # a local day that began in 1969
        return

    window = window_of(bound, bound)

    assert window.holds(instant)


@given(instants, st.integers(0, 28))
def test_a_beginning_of_a_text_finds_all_that_print_so(instant: Instant, length: int) -> None:
    start = rfc3339(instant, 7)[:length]

    window = printing_window(start.lower())

    assert window.holds(instant)
    assert rfc3339(window.since, 7).startswith(start)
    assert rfc3339(Instant(window.until - 1), 7).startswith(start)
    assert window.since == 0 or not rfc3339(Instant(window.since - 1), 7).startswith(start)
    assert window.until == END_OF_TIME or not rfc3339(window.until, 7).startswith(start)


@given(instants, st.sampled_from([1, 1_000_000, SECOND_NS]))
def test_epochs_go_round(instant: Instant, unit_ns: int) -> None:
    count = instant // unit_ns

    bound = epoch_bound(str(count), unit_ns)

    assert bound == epoch_bound(count, unit_ns) == Bound(Instant(count * unit_ns), unit_ns)
    assert bound.instant <= instant < bound.end
    assert epoch_s(instant) == instant // 10**9
    assert epoch_ms(instant) == instant // 10**6


def test_epoch_texts_may_have_zeros_before_and_digits_behind() -> None:
    assert epoch_bound("0000") == Bound(Instant(0), SECOND_NS)
    assert epoch_bound("1494267534.25") == Bound(Instant(1_494_267_534_250_000_000), 10_000_000)
    assert epoch_instant("1") == SECOND_NS


@pytest.mark.parametrize("value", ["", "-1", "1e9", "x", "1_0", "99999999999999", -1, True, "\u0661"])
def test_what_is_no_count_is_refused(value: int | str) -> None:
    with pytest.raises(BadInput, match="start"):
        epoch_bound(value, field="start")


@given(instants, st.integers(-10 * MINUTE_NS, 10 * MINUTE_NS))
def test_a_clock_far_ahead_is_put_back_and_its_own_time_kept(received: Instant, ahead: int) -> None:
    said = Instant(received + ahead)

    occurred, reported = settle(said, received)

    assert occurred == min(said, received + 300 * SECOND_NS)
    assert reported == (said if ahead > 300 * SECOND_NS else None)


def test_windows_meet_and_may_be_empty() -> None:
    early, late = Window(Instant(0), Instant(10)), Window(Instant(10), Instant(20))

    assert early.meet(ALWAYS) == early
    assert early.meet(late).is_empty
    assert window_of(None, None) == ALWAYS


def test_a_fixed_offset_may_stand_for_a_zone() -> None:
    assert parse_instant("2023-09-07T13:18:38", timezone(timedelta(hours=1))) == at("2023-09-07T12:18:38+00:00")
