"""`start` and `end` against a clerk who compares printed times, and what is meant where they are left out."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gatebook.app.build import now
from gatebook.domain.places import Device
from gatebook.domain.times import DAY_NS, MINUTE_NS, SECOND_NS, Instant
from gatebook.services.ingest import Report
from tests.dialects.doordeck.house import House

BASE_S = 1_494_267_534
OFFSETS_NS = sorted({
    second * SECOND_NS + fraction
    for second in range(-3, 4)
    for fraction in (0, 1, 499_999_999, 500_000_000, 540_000_000, 999_999_999)
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Written:
    """A lock, and the printed times of its events by message: seconds, a point, nine digits."""

    lock: Device
    printed: dict[str, str]


@pytest.fixture(scope="module")
def written(house: House) -> Written:
    lock = house.device()
    printed = {}
    for offset in OFFSETS_NS:
        seconds, fraction = divmod(BASE_S * SECOND_NS + offset, SECOND_NS)
        text = f"{seconds}.{fraction:09}"
        printed[text] = text
    reports = [
        Report(
            kind="door.opened",
            device=lock.number,
            occurred=Instant(int(text.replace(".", ""))),
            message=text,
        )
        for text in printed
    ]
    house.reports(reports)
    return Written(lock, printed)


def bounds() -> st.SearchStrategy[str]:
    """Seconds near the events, some with digits after the point, some with leading zeros."""
    digits = st.one_of(st.just(""), st.sampled_from([".0", ".5", ".54", ".99", ".499999999", ".000000001"]))
    return st.builds(
        lambda zeros, second, rest: zeros + str(BASE_S + second) + rest,
        st.sampled_from(["", "00"]), st.integers(-5, 5), digits,
    )  # fmt: skip


def cut(printed: str, bound: str) -> tuple[int, str]:
    """A printed time with no more digits than a bound has, as a pair that sorts as the times do."""
    seconds, _, fraction = printed.partition(".")
    return int(seconds), fraction[: len(bound.partition(".")[2])]


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(start=bounds(), end=bounds())
def test_both_bounds_hold_every_time_that_prints_as_they_do(
    house: House, written: Written, start: str, end: str
) -> None:
    """Doordeck "Get Lock Audit Trail (v2)", heading Remember: "Epoch date range"; both ends inclusive."""
    low, high = cut(start, start), cut(end, end)
    expected = [text for text in written.printed if low <= cut(text, start) and cut(text, end) <= high]

    rows = house.log(written.lock, start=start, end=end)

    assert [row["message"] for row in rows] == sorted(expected, reverse=True)


def test_a_time_copied_from_an_answer_finds_its_event(house: House, written: Written) -> None:
    """Doordeck "Get Lock Audit Trail (v2)", example: `timestamp`."""
    for row in house.log(written.lock):
        second = str(row["timestamp"])

        assert row in house.log(written.lock, start=second, end=second)


def test_the_printed_placeholders_find_nothing(house: House, written: Written) -> None:
    """Doordeck "Get Lock Audit Trail (v2)", heading HTTP Request: `start=0000&end=0000`."""
    answer = house.get(f"/device/{written.lock.id}/log?start=0000&end=0000")

    assert (answer.status_code, answer.text, answer.headers["gatebook-omitted"]) == (200, "[]", "0")


def ago(lock: Device, **ages_ns: int) -> list[Report]:
    moment = now()
    return [
        Report(kind="door.opened", device=lock.number, occurred=Instant(moment - age), message=name)
        for name, age in ages_ns.items()
    ]


def test_without_bounds_it_is_the_last_seven_days(house: House) -> None:
    """doordeck-headless-sdk: `start` is seven days ago, `end` is now."""
    lock = house.device()
    house.reports(ago(lock, older=7 * DAY_NS + MINUTE_NS, old=7 * DAY_NS - MINUTE_NS, new=0, ahead=-MINUTE_NS))

    rows = house.get(f"/device/{lock.id}/log").json()

    assert [row["message"] for row in rows] == ["ahead", "new", "old"]


def test_start_alone_goes_up_to_now_and_end_alone_back_seven_days(house: House) -> None:
    """doordeck-headless-sdk: either may be left out."""
    lock = house.device()
    house.reports(ago(lock, a=90 * DAY_NS, b=86 * DAY_NS, c=82 * DAY_NS, d=0))
    end = (now() - 84 * DAY_NS) // SECOND_NS

    since = house.get(f"/device/{lock.id}/log", start=end).json()
    until = house.get(f"/device/{lock.id}/log", end=end).json()

    assert [row["message"] for row in since] == ["d", "c"]
    assert [row["message"] for row in until] == ["b", "a"]


def test_an_end_before_its_start_is_empty(house: House, written: Written) -> None:
    """Doordeck "Get Lock Audit Trail (v2)", heading HTTP Request."""
    assert house.log(written.lock, start=str(BASE_S + 1), end=str(BASE_S)) == []


@pytest.mark.parametrize("name", ["start", "end"])
@pytest.mark.parametrize("text", ["", "x", "-1", "1e9", "1494267534000", "2026-01-01", "99999999999999999999", "null"])
def test_what_is_no_second_is_refused_by_its_name(house: House, written: Written, name: str, text: str) -> None:
    """Doordeck "Errors": 400."""
    answer = house.get(f"/device/{written.lock.id}/log?{name}={text}")

    assert (answer.status_code, answer.json()["code"]) == (400, 400)
    assert answer.json()["message"].startswith(f"{name}: ")


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("start=1&start=2", 400),
        ("start=%31", 200),
        ("st%61rt=1", 200),
        ("start=+1", 400),
        ("start=1&", 200),
        ("start=%", 400),
        ("start=%FF", 400),
        ("start=1%00", 400),
        ("start=%D9%A1", 400),
    ],
)
def test_odd_urls_are_read_strictly(house: House, written: Written, query: str, status: int) -> None:
    """Doordeck "Errors": 400; a repeated parameter, a swallowed `+`, odd encodings."""
    answer = house.get(f"/device/{written.lock.id}/log?{query}")

    assert answer.status_code == status


def test_unknown_parameters_are_ignored_and_listed(house: House, written: Written) -> None:
    """Doordeck "Get Lock Audit Trail (v2)", heading HTTP Request: `start` and `end` are the only ones."""
    answer = house.get(f"/device/{written.lock.id}/log", start=0, limit=1, page=2)

    assert len(answer.json()) == len(written.printed)
    assert answer.headers["gatebook-ignored"] == "limit, page"
