"""Walks through pages of events, held against a plain list, and pages while events arrive."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from itertools import count

from hypothesis import given, settings
from hypothesis import strategies as st

from gatebook.domain.places import Device
from tests.dialects.doorflow.asking import EVENTS, ask, totals
from tests.houses import House

KINDS = {"access.granted": 10, "access.denied": 27, "door.forced": 32, "door.opened": None, "device.started": 1}
DEFAULT = {10, 27, 32}
REPORTS = st.lists(st.tuples(st.sampled_from(sorted(KINDS)), st.integers(0, 9)), min_size=1, max_size=25)
ASKS = st.lists(
    st.fixed_dictionaries(
        {"n": st.integers(1, 9)},
        optional={
            "sort": st.sampled_from(["ASC", "DESC", "asc"]),
            "level": st.just("debug"),
            "event_codes": st.sets(st.sampled_from([10, 27, 32, 1, 42]), min_size=1),
            "since": st.integers(0, 9),
        },
    ),
    min_size=1,
    max_size=3,
)


@dataclass
class Told:
    """All that was reported at a door: `(second, order of arrival, code)`."""

    door: Device
    events: list[tuple[int, int, int | None]] = field(default_factory=list)
    arrivals: count[int] = field(default_factory=count)

    def report(self, house: House, reports: list[tuple[str, int]]) -> None:
        items = [{"kind": kind, "device": self.door.number, "occurred": moment(second)} for kind, second in reports]
        house.reports(items)
        self.events += [(second, next(self.arrivals), KINDS[kind]) for kind, second in reports]

    def expected(self, asked: dict[str, object]) -> list[tuple[str, int]]:
        wanted = asked.get("event_codes") or DEFAULT | ({1} if "level" in asked else set())
        since = asked.get("since", 0)
        found = [one for one in self.events if one[2] in wanted and one[0] >= since]  # type: ignore[operator]
        found.sort(reverse=str(asked.get("sort", "DESC")).upper() == "DESC")
        return [(moment(second), code or 0) for second, _arrival, code in found]


def moment(second: int) -> str:
    return f"2026-05-29T14:00:0{second}+02:00"


@settings(max_examples=40, deadline=None)
@given(reports=REPORTS, late=REPORTS, asks=ASKS)
def test_pages_are_those_of_a_plain_list(
    house: House, reports: list[tuple[str, int]], late: list[tuple[str, int]], asks: list[dict[str, object]]
) -> None:
    """DoorFlow "Pagination"; openapi.yaml, listEvents: page, n, sort, since, event_codes, level, all headers."""
    told = Told(house.device())

    for arriving in (reports, late):
        told.report(house, arriving)
        for asked in asks:
            check(house, told, asked)


def check(house: House, told: Told, asked: dict[str, object]) -> None:
    query = dict(asked)
    if "event_codes" in query:
        query["event_codes"] = ",".join(map(str, asked["event_codes"]))  # type: ignore[call-overload]
    if "since" in query:
        query["since"] = moment(asked["since"])  # type: ignore[arg-type]
    expected, n = told.expected(asked), int(str(asked["n"]))
    for page in range(1, len(expected) // n + 3):
        answer = ask(house, EVENTS, channels=told.door.number, page=page, **query)
        rows = [(item["created_at"], item["event_code"]) for item in answer.json()]
        assert rows == expected[(page - 1) * n : page * n]
        total = str(len(expected))
        assert totals(answer) == {
            "X-Page": str(page), "X-Per-Page": str(n), "X-Total-Results": total, "Total": total, "Per-Page": str(n)
        }  # fmt: skip


def test_a_walk_under_load_meets_every_event_once(house: House) -> None:
    """DoorFlow "Pagination": a client stops at a short page; oldest first, arrivals shift nothing that was walked."""
    told = Told(house.device())
    stop = threading.Event()

    def arrive() -> None:
        for number in range(40):
            told.report(house, [("access.granted", 1)] * (1 + number % 7))
        stop.set()

    poster = threading.Thread(target=arrive)
    poster.start()
    walked: list[int] = []
    page = 1
    while True:
        finished = stop.is_set()
        rows = ask(house, EVENTS, channels=told.door.number, sort="ASC", n=10, page=page).json()
        walked += [row["id"] for row in rows if not walked or row["id"] > walked[-1]]
        page += len(rows) == 10
        if finished and len(rows) < 10:
            break
    poster.join()

    assert len(walked) == len(set(walked)) == len(told.events)


def test_a_page_beyond_the_last_is_empty_at_any_depth(house: House) -> None:
    """DoorFlow "Pagination": an empty page ends a walk."""
    for page in ("1000", str(10**14), "9" * 50):
        answer = ask(house, EVENTS, page=page)

        assert (answer.status_code, answer.json()) == (200, [])
