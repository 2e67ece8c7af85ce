"""The live stream: history first and then live, drops and resumptions, none missed and none twice."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from gatebook.domain.access import Grant, Scope
from tests.houses import House

EVENTS = 200


@contextmanager
def listening(
    house: House, last: str | None = None, headers: dict[str, str] | None = None, **query: str
) -> Iterator[Iterator[dict[str, Any]]]:
    """The stream's events as they arrive: `id`, `event` and `data`, which is read."""
    told = {**(headers or {}), **({"Last-Event-ID": last} if last else {})}
    with house.client.stream("GET", "/v1/events/stream", params=query, headers=told) as answer:
        assert answer.status_code == 200, answer.read()
        lines = answer.iter_lines()
        assert next(lines).startswith("retry:")
        yield events_of(lines)


def events_of(lines: Iterator[str]) -> Iterator[dict[str, Any]]:
    found: dict[str, Any] = {}
    for line in lines:
        if line:
            name, _, value = line.partition(": ")
            found[name] = json.loads(value) if name == "data" else value
        elif "data" in found:
            yield found
            found = {}


def tags(house: House) -> list[str]:
    return [item["tag"] for item in house.history(limit=1000, order="asc")["items"]]


def test_history_goes_on_live_without_gap_or_repeat_through_drops(house: House) -> None:
    house.device()
    house.reports([{"kind": "door.opened", "device": 1, "tag": f"before {n}"} for n in range(5)])
    page = house.history(order="asc", limit=3)
    seen = [item["tag"] for item in page["items"]]
    walk = page
    with httpx.Client(base_url=house.url, headers=house.client.headers, timeout=20) as other:

        def arrive() -> None:
            for n in range(EVENTS):
                body = {"kind": "door.opened", "device": 1, "tag": f"{n}"}
                assert other.post("/v1/events", json=body).status_code == 201

        arriving = threading.Thread(target=arrive)
        arriving.start()
        while walk["next"]:
            walk = house.history(order="asc", limit=3, cursor=walk["next"])
            seen += [item["tag"] for item in walk["items"]]
        assert seen == [f"before {n}" for n in range(5)]

        last, drops = None, 0
        while len(seen) < EVENTS + 5:
            with listening(house, last, cursor=page["live"]) as events:
                for _, event in zip(range(37), events, strict=False):
                    seen.append(event["data"]["tag"])
                    last = event["id"]
                    if len(seen) == EVENTS + 5:
                        break
            drops += 1
        arriving.join()

    assert drops > 4
    assert seen == [f"before {n}" for n in range(5)] + [str(n) for n in range(EVENTS)]
    assert sorted(tags(house)) == sorted(seen)


def test_an_event_has_its_kind_its_place_and_its_whole_form(house: House) -> None:
    house.device()
    live = house.history()["live"]
    told = house.report(1, "door.forced", data={"a": 1})

    with listening(house, cursor=live) as events:
        event = next(events)

    assert event["event"] == "door.forced"
    assert event["data"] == house.get(f"/v1/events/{told['id']}").json()


def test_line_ends_in_data_do_not_break_the_stream(house: House) -> None:
    house.device()
    live = house.history()["live"]
    house.post(b'{"kind":"door.opened","device":1,"data":{"a":\r\n1,\n"b":"x\\ny"}}')

    with listening(house, cursor=live) as events:
        assert next(events)["data"]["data"] == {"a": 1, "b": "x\ny"}


def test_without_a_cursor_it_begins_now(house: House) -> None:
    house.device()
    house.report(1, tag="before")

    with listening(house) as events:
        house.report(1, tag="after")

        assert next(events)["data"]["tag"] == "after"


def test_only_what_the_filter_and_the_grant_admit_is_sent(house: House) -> None:
    for name in ("one", "two"):
        house.device(name)
    narrow = house.key_of(Scope.EVENTS_READ, grant=Grant(devices=frozenset({2})))
    live = house.get(headers=narrow, kind="door.opened").json()["live"]

    for device, kind in [(1, "door.opened"), (2, "door.forced"), (2, "door.opened")]:
        house.report(device, kind, credential="0042")

    with listening(house, headers=narrow, kind="door.opened", cursor=live) as events:
        event = next(events)["data"]
    assert (event["device"]["number"], event["kind"], event["credential"]) == (2, "door.opened", None)
    assert "seq" not in event


@pytest.mark.parametrize("query", [{}, {"kind": "door.forced"}])
def test_a_cursor_is_good_for_its_filter_and_organisation_alone(house: House, query: dict[str, str]) -> None:
    house.device()
    live = house.history(kind="door.opened")["live"]
    neighbour = house.key_of(Scope.EVENTS_READ, org=house.neighbour())

    other_filter = house.get("/v1/events/stream", cursor=live, **query)
    other_house = house.get("/v1/events/stream", neighbour, kind="door.opened", cursor=live)
    by_header = house.get("/v1/events/stream", {"Last-Event-ID": live}, **query)

    assert [other_filter.json()["field"], other_house.json()["field"]] == ["cursor", "cursor"]
    assert by_header.json()["field"] == "Last-Event-ID"


def test_another_key_may_go_on_where_one_stopped(house: House) -> None:
    house.device()
    live = house.history()["live"]
    house.report(1, tag="next")

    with listening(house, live, headers=house.key_of(Scope.EVENTS_READ)) as events:
        assert next(events)["data"]["tag"] == "next"


def test_names_in_the_stream_are_current(house: House) -> None:
    house.device("old name")
    with listening(house) as events, listening(house) as others:
        house.report(1)
        assert next(events)["data"]["device"]["name"] == next(others)["data"]["device"]["name"] == "old name"
        house.device("a new door")
        house.report(2)

        assert next(events)["data"]["device"]["name"] == next(others)["data"]["device"]["name"] == "a new door"
