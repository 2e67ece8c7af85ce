"""History: what is found, in which order, how many there are, and walks that late arrivals do not disturb."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from uuid import UUID

import msgspec
import pytest

from gatebook.dialects.native import DIALECT
from gatebook.domain.access import Scope
from tests.dialects.native.histories import MINUTE, everything, generated, walked
from tests.houses import House

# -- order, totals, pages --------------------------------------------------------------------------------------------


def test_the_newest_come_first_and_equal_times_by_arrival(full: House) -> None:
    found = everything(full)

    places = [(item["occurred"], item["seq"]) for item in found]
    assert places == sorted(places, reverse=True)
    assert everything(full, order="asc") == found[::-1]


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"kind": "door.opened"},
        {"kind": "oneOf:(door.opened,door.forced)", "order": "asc"},
        {"site": "1"},
        {"device": "dev-1"},
        {"tag": "a"},
        {"data.n": "ge:100", "order": "asc"},
        {"kind": "notEquals:door.opened", "device_name": "startsWith:t", "tag": "null"},
        {"from_": "2026-05-29T12:01:30Z", "to": "2026-05-29T12:02Z"},
    ],
    ids=str,
)
def test_pages_and_walks_show_the_same(full: House, query: dict[str, object]) -> None:
    whole = [item["id"] for item in everything(full, **query)]

    pages = [full.history(page=number, size=17, **query) for number in range(1, 20)]

    assert 0 < len(whole) <= 300
    assert [item["id"] for page in pages for item in page["items"]] == whole
    assert {page["total"]["n"] for page in pages} == {len(whole)}
    assert all(page["total"]["exact"] for page in pages)
    assert walked(full, limit=17, **query) == whole


@pytest.mark.parametrize(
    ("query", "admitted"),
    [
        ({"kind": "door.opened"}, lambda sent: sent["kind"] == "door.opened"),
        ({"kind": "startsWith:door."}, lambda sent: str(sent["kind"]).startswith("door.")),
        ({"device": "oneOf:(2,dev-1)"}, lambda sent: sent["device"] in (1, 2)),
        ({"site": "1"}, lambda sent: sent["device"] in (1, 2)),
        ({"site": "null"}, lambda sent: sent["device"] == 3),
        ({"tag": "notEquals:a"}, lambda sent: sent["tag"] != "a"),
        ({"tag": "null"}, lambda sent: sent["tag"] is None),
        ({"data.n": "gt:5,le:9"}, lambda sent: 5 < sent["data"]["n"] <= 9),
        (
            {"occurred": "gt:'2026-05-29T12:01:00Z',lt:'2026-05-29T12:02:00Z'"},
            lambda sent: MINUTE.format(1, 0) < str(sent["occurred"]) < MINUTE.format(2, 0),
        ),
        ({"from_": MINUTE.format(1, 0)}, lambda sent: str(sent["occurred"]) >= MINUTE.format(1, 0)),
        ({"to": "2026-05-29T12:01Z"}, lambda sent: str(sent["occurred"]) < MINUTE.format(2, 0)),
    ],
    ids=lambda part: str(part) if isinstance(part, dict) else "",
)
def test_a_filter_finds_what_plain_python_finds(full: House, query: dict[str, object], admitted: Any) -> None:
    expected = sorted(sent["data"]["n"] for sent in generated(300) if admitted(sent))  # type: ignore[index]

    found = everything(full, **query)

    assert sorted(item["data"]["n"] for item in found) == expected
    assert 0 < len(expected) < 300


def test_links_lead_to_the_pages_beside(full: House) -> None:
    answer = full.get(page=2, size=50, kind="door.opened")

    links = {link.split("; ")[1]: link.split("; ")[0][1:-1] for link in answer.headers["link"].split(", ")}
    assert set(links) == {'rel="first"', 'rel="prev"'} | (
        {'rel="next"'} if answer.json()["total"]["n"] > 100 else set()
    )
    assert dict(parse_qsl(urlsplit(links['rel="prev"']).query)) == {"page": "1", "size": "50", "kind": "door.opened"}
    assert full.client.get(links['rel="first"']).json()["items"] == everything(full, kind="door.opened")[:50]


def test_a_page_beyond_the_last_is_empty(full: House) -> None:
    page = full.history(page=10**12, size=1000)

    assert (page["items"], page["total"]) == ([], {"n": 300, "exact": True})


def test_a_time_from_an_answer_finds_its_event(house: House) -> None:
    house.device()
    times = [
        "2026-05-29T12:00:00Z",
        "2026-05-29T12:00:00.1Z",
        "2026-05-29T12:00:00.1234567Z",
        "2026-05-29T12:00:00.123456789Z",
        "1970-01-01T00:00:00Z",
        "2026-05-29T14:00:00.5+02:00",
    ]
    house.reports([{"kind": "door.opened", "device": 1, "occurred": time} for time in times])

    for item in everything(house):
        found = house.ids(from_=item["occurred"], to=item["occurred"])

        assert item["id"] in found


def test_a_clock_far_ahead_does_not_lead_the_list(house: House) -> None:
    house.device()

    house.report(1, occurred="2099-01-01T00:00:00Z")

    [event] = house.history()["items"]
    assert event["reported"] == "2099-01-01T00:00:00Z"
    assert event["occurred"] < "2099"


# -- walks while events arrive ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("order", ["asc", "desc"])
def test_a_walk_shows_none_twice_misses_none_and_admits_no_late_arrival(house: House, order: str) -> None:
    for name in ("one", "two", "three"):
        house.device(name)
    house.reports(generated(120))
    before = [item["id"] for item in everything(house, order=order)]
    late = iter(generated(1000, seed=8))

    page = house.history(limit=7, order=order)
    pages = [page]
    while page["next"]:
        house.reports([next(late) for _ in range(9)])
        page = house.history(limit=7, order=order, cursor=page["next"])
        pages.append(page)

    assert [item["id"] for one in pages for item in one["items"]] == before
    assert {one["total"]["n"] for one in pages} == {120}
    assert pages[0]["prev"] is None


@pytest.mark.parametrize("order", ["asc", "desc"])
def test_a_walk_back_shows_the_same_pages(house: House, order: str) -> None:
    for name in ("one", "two", "three"):
        house.device(name)
    house.reports(generated(40))
    page = house.history(limit=7, order=order)
    forward = [page]
    while page["next"]:
        page = house.history(limit=7, order=order, cursor=page["next"])
        forward.append(page)

    house.reports(generated(40, seed=9))
    backward = [page]
    while page["prev"]:
        page = house.history(limit=7, order=order, cursor=page["prev"])
        backward.append(page)

    assert [one["items"] for one in backward[::-1]] == [one["items"] for one in forward]
    assert house.history(limit=7, order=order, cursor=backward[-1]["next"])["items"] == forward[1]["items"]


def test_a_page_far_in_can_be_gone_on_from_by_cursor(full: House) -> None:
    whole = [item["id"] for item in everything(full)]

    page = full.history(page=5, size=20)
    onward = full.history(limit=20, cursor=page["next"])
    back = full.history(limit=20, cursor=page["prev"])

    assert [item["id"] for item in onward["items"]] == whole[100:120]
    assert [item["id"] for item in back["items"]] == whole[60:80]


def test_a_cursor_is_good_for_its_question_alone(full: House) -> None:
    cursor = full.history(limit=7, kind="door.opened")["next"]
    other = full.key_of(Scope.EVENTS_READ)
    neighbour = full.key_of(Scope.EVENTS_READ, org=full.neighbour())

    asked = [
        full.get(limit=7, cursor=cursor),
        full.get(limit=7, kind="door.opened", order="asc", cursor=cursor),
        full.get(limit=7, kind="door.opened", cursor=cursor[:-2] + "AA"),
        full.get(limit=7, kind="door.opened", cursor=cursor, headers=other),
        full.get(limit=7, kind="door.opened", cursor=cursor, headers=neighbour),
    ]

    assert [(answer.status_code, answer.json()["field"]) for answer in asked] == [(400, "cursor")] * 5
    assert full.get(limit=9, kind="door.opened", cursor=cursor).status_code == 200


def test_what_the_dialect_says_of_an_event_is_what_it_serves(full: House) -> None:
    ref = UUID(everything(full)[0]["id"])
    [event] = asyncio.run(full.services.history.event(full.admin, ref)).events
    assert DIALECT.shape_of is not None
    assert DIALECT.url_of is not None

    shape = asyncio.run(DIALECT.shape_of(full.services, full.admin, event))
    url = asyncio.run(DIALECT.url_of(full.services, full.admin, event))

    assert url is not None
    assert msgspec.json.decode(msgspec.json.encode(shape)) == full.client.get(url).json()
