"""Whatever a principal sees by any road of the native API is what a plain list, filtered by the rule, holds."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gatebook.app.build import now
from gatebook.dialects.native import DIALECT
from gatebook.domain.access import Grant
from gatebook.domain.places import Device
from gatebook.domain.times import Instant
from gatebook.services.ingest import Report
from gatebook.services.keys import make_key
from tests.houses import READS, House, house_in
from tests.leaks.test_streams import events_of

START = 1_780_000_000_000_000_000
KINDS = ("access.granted", "door.opened", "door.forced")
Log = list[tuple[str, int, int, str]]
"""(id, device number, occurred, kind), in the order of the log."""


class Street:
    """A house with seven doors at three places, and the plain list of what was reported there."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.sites = [house.site(f"site {n}") for n in range(2)]
        homes = [0, 0, 0, 1, 1, None, None]
        self.doors: list[Device] = [
            house.device(f"door {n}", site=None if home is None else self.sites[home].number)
            for n, home in enumerate(homes)
        ]
        self.log: Log = []

    def happen(self, drawn: list[tuple[int, int, str]]) -> None:
        """Reports: the index of a door, how late, and what."""
        reports = [
            Report(kind=kind, device=self.doors[door].number, occurred=Instant(START + late * 10**9))
            for door, late, kind in drawn
        ]
        taken = asyncio.run(self.house.services.ingest.accept_all(self.house.admin, reports)) if reports else []
        for report, one in zip(reports, taken, strict=True):
            self.log.append((str(one.outcome.id), one.device.number, int(report.occurred or 0), report.kind or ""))

    def shown(self, grant: Grant) -> Log:
        """The rule, told once more: an event is seen when its door is, and a door by itself or by its site."""
        seen = {
            door.number for door in self.doors
            if grant.everything or door.number in grant.devices or door.site in grant.sites
        }  # fmt: skip
        return [one for one in self.log if one[1] in seen]


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    with house_in(tmp_path_factory.mktemp("street"), DIALECT) as house:
        yield Street(house)


happenings = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 5_000_000), st.sampled_from(KINDS)), max_size=12)


@st.composite
def grants(draw: st.DrawFn) -> tuple[list[int], list[int], bool]:
    """Indexes of sites and of doors, and whether it is everything."""
    sites = draw(st.lists(st.integers(0, 1), unique=True))
    doors = draw(st.lists(st.integers(0, 6), unique=True))
    return sites, doors, draw(st.sampled_from([False, False, False, True]))


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(drawn=happenings, wanted=grants(), size=st.integers(1, 7))
def test_every_road_shows_what_the_rule_shows(
    street: Street, drawn: list[tuple[int, int, str]], wanted: tuple[list[int], list[int], bool], size: int
) -> None:
    sites, doors, everything = wanted
    grant = Grant(
        everything=everything,
        sites=frozenset(street.sites[index].number for index in sites),
        devices=frozenset(street.doors[index].number for index in doors),
    )
    secret = street.house.store.write_now(
        lambda tx: make_key(tx, street.house.org, "narrow", READS, now=now(), grant=grant)
    )
    headers = {"Authorization": f"Bearer {secret}"}
    start = street.house.history(headers)["live"]
    before = len(street.log)
    street.happen(drawn)
    places = {one[0]: place for place, one in enumerate(street.log)}
    due = sorted(street.shown(grant), key=lambda one: (one[2], places[one[0]]), reverse=True)
    ids = [one[0] for one in due]

    assert paged(street.house, headers, size) == ids
    forth, back = walked(street.house, headers, size)
    assert forth == ids
    assert back == ids
    assert counted(street.house, headers, "kind") == tally(one[3] for one in due)
    assert counted(street.house, headers, "device") == tally(str(one[1]) for one in due)
    assert streamed(street.house, headers, start) == [one[0] for one in street.shown(grant) if places[one[0]] >= before]
    for one in street.log[-8:]:
        answer = street.house.get(f"/v1/events/{one[0]}", headers=headers)
        assert answer.status_code == (200 if one[0] in ids else 404)


def paged(house: House, headers: dict[str, str], size: int) -> list[str]:
    """All pages by number; each with the exact total."""
    found: list[str] = []
    number = 1
    while True:
        page = house.history(headers, page=str(number), size=str(size))
        if not page["items"]:
            assert page["total"] == {"n": len(found), "exact": True}
            return found
        found += [item["id"] for item in page["items"]]
        number += 1


def walked(house: House, headers: dict[str, str], limit: int) -> tuple[list[str], list[str]]:
    """All pages by cursor, there and back again."""
    pages: list[dict[str, Any]] = [house.history(headers, limit=str(limit))]
    while pages[-1]["next"]:
        pages.append(house.history(headers, limit=str(limit), cursor=pages[-1]["next"]))
    forth = [item["id"] for page in pages for item in page["items"]]
    assert all(page["total"] == {"n": len(forth), "exact": True} for page in pages)
    back, page = [pages[-1]], pages[-1]
    while page["prev"]:
        page = house.history(headers, limit=str(limit), cursor=page["prev"])
        back.append(page)
    assert all(one["total"] == other["total"] for one, other in pairwise(back))
    return forth, [item["id"] for page in reversed(back) for item in page["items"]]


def counted(house: House, headers: dict[str, str], by: str) -> dict[str, int]:
    """The facets, whose sum is the total."""
    answer = house.get("/v1/events/counts", headers=headers, by=by).json()
    found = {str(item[by]["number"] if isinstance(item[by], dict) else item[by]): item["n"] for item in answer["items"]}
    assert answer["total"] == {"n": sum(found.values()), "exact": True}
    return found


def tally(values: Iterable[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for value in values:
        found[value] = found.get(value, 0) + 1
    return found


def streamed(house: House, headers: dict[str, str], start: str) -> list[str]:
    """What a stream from `start` holds until it is quiet for a moment."""
    found: list[str] = []
    with (
        httpx.Client(base_url=house.url, headers=headers, timeout=0.3) as client,
        client.stream("GET", f"/v1/events/stream?cursor={start}") as answer,
    ):
        try:
            for line in events_of(answer):
                found.append(json.loads(line.data)["id"])
        except httpx.ReadTimeout:
            pass
    return found
