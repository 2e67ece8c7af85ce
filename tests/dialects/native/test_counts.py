"""Counts agree with the events that history shows, by every thing that can be counted by."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from gatebook.dialects.native import DIALECT
from gatebook.domain.access import Grant, Scope
from tests.houses import ZONE, House, house_in

WINDOW = {"from_": "2026-03-28", "to": "2026-03-30"}
Event = dict[str, Any]


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Events around the night in which clocks are put forward."""
    with house_in(tmp_path_factory.mktemp("house"), DIALECT) as found:
        site = found.site("North Gate")
        found.device("one", site=site.number)
        found.device("two")
        kinds = ("access.granted", "access.denied", "door.opened")
        found.reports(
            [
                {
                    "kind": kinds[n % 3],
                    "device": 1 + n % 2,
                    "occurred": f"2026-03-{28 + n % 3}T{n % 24:02}:30:00Z",
                    "method": ("card", "pin", None)[n % 3],
                    "reason": "wrong_pin" if n % 3 == 1 else None,
                }
                for n in range(120)
            ]
        )
        yield found


def local(event: Event, form: str, zone: str = ZONE) -> str:
    return datetime.fromisoformat(event["occurred"]).astimezone(ZoneInfo(zone)).strftime(form)


WAYS: dict[str, Callable[[Event], object]] = {
    "kind": lambda event: event["kind"],
    "method": lambda event: event["method"],
    "reason": lambda event: event["reason"],
    "type": lambda event: event["type"],
    "device": lambda event: event["device"]["name"],
    "site": lambda event: event["site"] and event["site"]["name"],
}


@pytest.mark.parametrize("by", WAYS)
@pytest.mark.parametrize("query", [{}, {"kind": "startsWith:access."}, {"device": "2"}], ids=str)
def test_counts_agree_with_history(full: House, by: str, query: dict[str, object]) -> None:
    events = full.history(limit=1000, **WINDOW, **query)["items"]

    told = full.get("/v1/events/counts", by=by, **WINDOW, **query).json()

    found = {}
    for row in told["items"]:
        value = row[by]
        found[value["name"] if isinstance(value, dict) else value] = row["n"]
    assert found == Counter(WAYS[by](event) for event in events)
    assert told["total"] == {"n": len(events), "exact": True}


def test_a_class_is_kind_method_and_reason_together(full: House) -> None:
    told = full.get("/v1/events/counts", by="class").json()

    assert [(row["class"]["kind"], row["class"]["reason"], row["n"]) for row in told["items"]] == [
        ("access.denied", "wrong_pin", 40),
        ("access.granted", None, 40),
        ("door.opened", None, 40),
    ]


@pytest.mark.parametrize(
    ("by", "form", "bars"), [("hour", "%Y-%m-%dT%H", 71), ("day", "%Y-%m-%d", 3), ("month", "%Y-%m", 1)]
)
def test_bars_are_the_zones_own(full: House, by: str, form: str, bars: int) -> None:
    events = full.history(limit=1000, **WINDOW)["items"]

    told = full.get("/v1/events/counts", by=by, **WINDOW).json()

    expected = Counter(local(event, form) for event in events)
    assert {row["since"][: len(local(events[0], form))]: row["n"] for row in told["items"]} == expected
    assert len(told["bars"]) == bars
    assert all(by not in row for row in told["items"])


def test_another_zone_has_other_days(full: House) -> None:
    events = full.history(limit=1000, kind="door.opened")["items"]
    window = {"from_": "2026-03-27T00:00Z", "to": "2026-04-01T00:00Z"}

    told = full.get("/v1/events/counts", by="day,kind", zone="Asia/Kathmandu", **window).json()

    expected = Counter(local(event, "%Y-%m-%d", "Asia/Kathmandu") for event in events)
    found = {row["since"][:10]: row["n"] for row in told["items"] if row["kind"] == "door.opened"}
    assert found == expected
    assert told["items"][0]["since"].endswith("+05:45")


def test_a_grant_is_part_of_every_count(full: House) -> None:
    narrow = full.key_of(Scope.EVENTS_READ, grant=Grant(devices=frozenset({2})))

    told = full.get("/v1/events/counts", narrow, by="device").json()

    assert [(row["device"]["name"], row["n"]) for row in told["items"]] == [("two", 60)]
    assert told["total"]["n"] == 60


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"by": "person"}, "by"),
        ({"by": "kind,day"}, "by"),
        ({"by": "day,device"}, "by"),
        ({"by": "day", "zone": "Mars/Olympus"}, "zone"),
        ({"by": "hour"}, "window"),
        ({"order": "asc"}, "order"),
    ],
)
def test_a_count_at_fault_is_refused(full: House, query: dict[str, str], field: str) -> None:
    answer = full.get("/v1/events/counts", **query)

    assert (answer.status_code, answer.json()["field"]) == (400, field)
    assert answer.json()["remedy"]
