"""Walks through a lock's pages, held against a plain list, while events arrive."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import dataclass, field

import httpx
from hypothesis import given, settings
from hypothesis import strategies as st

from gatebook.domain.places import Device
from tests.dialects.smartphonekey.house import House

KINDS = ("door.opened", "door.closed", "access.granted", "lock.locked")
TIMES = ("1999-12-31T23:59:59.999999999Z", "2026-05-29T12:00:00Z", "2026-05-29T12:00:00.5+02:00")
ACTS = st.lists(
    st.one_of(
        st.tuples(st.just("report"), st.integers(1, 25)),
        st.tuples(st.just("page"), st.integers(1, 9)),
        st.tuples(st.just("last"), st.just(0)),
        st.tuples(st.just("neighbour"), st.integers(1, 5)),
    ),
    min_size=1,
    max_size=12,
)


@dataclass
class Walk:
    """A lock, and the list of all that was reported there, in order."""

    house: House
    lock: Device
    neighbour: Device
    told: list[str] = field(default_factory=list)
    seen: dict[int, list[tuple[int, str]]] = field(default_factory=dict)

    def report(self, count: int) -> None:
        kinds = [KINDS[(len(self.told) + at) % len(KINDS)] for at in range(count)]
        self.house.report(self.lock, *kinds, at=TIMES[count % len(TIMES)])
        self.told += kinds

    def check(self, answer: httpx.Response, page: int) -> None:
        body = answer.json()
        rows = [(row["version"], row["type"]) for row in body["events"]]
        expected = [(n + 1, kind) for n, kind in enumerate(self.told) if n // 10 == page - 1]
        pages = len({n // 10 for n, _ in enumerate(self.told)})
        assert rows == expected
        assert (body["page"], body["totalEvents"], body["totalPages"]) == (page, len(self.told), pages)
        before = self.seen.get(page, [])
        assert rows[: len(before)] == before
        self.seen[page] = rows

    def act(self, what: str, number: int) -> None:
        match what:
            case "report":
                self.report(number)
            case "neighbour":
                self.house.report(self.neighbour, *["door.forced"] * number)
            case "page":
                self.check(self.house.get(self.lock, page=number), number)
            case "last":
                self.check(self.house.get(self.lock), max(1, (len(self.told) + 9) // 10))


@settings(max_examples=60, deadline=None)
@given(acts=ACTS)
def test_pages_are_those_of_a_plain_list_and_never_change_but_at_the_end(
    house: House, acts: list[tuple[str, int]]
) -> None:
    """SmartphoneKey "Get lock event history", heading Query Parameters: pages count from the oldest event."""
    walk = Walk(house, house.add_device(), house.add_device())

    for what, number in acts:
        walk.act(what, number)

    walk.act("last", 0)


def test_a_walk_under_load_meets_every_event_once_and_each_answer_agrees_with_itself(house: House) -> None:
    """SmartphoneKey "Get lock event history", heading Query Parameters."""
    lock = house.add_device()
    stop = threading.Event()

    def arrive() -> None:
        for number in range(60):
            house.report(lock, *["door.opened"] * (1 + number % 7))
        stop.set()

    poster = threading.Thread(target=arrive)
    poster.start()
    walked: list[int] = []
    page = 1
    while not stop.is_set() or len(walked) < house.get(lock).json()["totalEvents"]:
        body = house.get(lock, page=page).json()
        walked += [row["version"] for row in body["events"] if row["version"] > len(walked)]
        last = house.get(lock).json()
        assert last["page"] == max(1, (last["totalEvents"] + 9) // 10) == max(1, last["totalPages"])
        assert len(last["events"]) == last["totalEvents"] - 10 * (last["page"] - 1)
        page += len(body["events"]) == 10
    poster.join()

    newest = asyncio.run(house.services.history.versions(house.admin, lock, 1, 1)).ceiling
    assert walked == list(range(1, newest + 1))
