"""The live line: history first and then live, drops and resumptions, and how it ends."""

from __future__ import annotations

import json
import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from gatebook.domain.access import Grant, Scope
from tests.houses import House

EVENTS = 120


@contextmanager
def line(house: House, headers: dict[str, str] | None = None, **query: object) -> Iterator[ClientConnection]:
    signed = headers if headers is not None else {"Authorization": f"Bearer {house.key}"}
    url = house.url.replace("http", "ws") + "/v1/events/live?" + urlencode(query)
    with connect(url, additional_headers=signed, max_size=None) as socket:
        yield socket


def heard(socket: ClientConnection) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(socket.recv(timeout=10))
    return told


def everything(socket: ClientConnection) -> None:
    while True:
        socket.recv(timeout=10)


def ended(socket: ClientConnection) -> tuple[int, str]:
    with pytest.raises(ConnectionClosed) as closed:
        everything(socket)
    assert closed.value.rcvd is not None
    return closed.value.rcvd.code, closed.value.rcvd.reason


def test_history_comes_first_and_then_what_is_live_through_drops_without_gap_or_repeat(house: House) -> None:
    house.device()
    house.reports([{"kind": "door.opened", "device": 1, "tag": f"before {n}"} for n in range(5)])
    seen: list[str] = []
    drawn = random.Random(7)

    def arrive() -> None:
        with httpx.Client(base_url=house.url, headers=house.client.headers, timeout=20) as other:
            for n in range(EVENTS):
                other.post("/v1/events", json={"kind": "door.opened", "device": 1, "tag": f"{n}"})

    arriving = threading.Thread(target=arrive)
    query: dict[str, object] = {"history": 5}
    while len(seen) < EVENTS + 5:
        with line(house, **query) as socket:
            for _ in range(drawn.randint(1, 20)):
                told = heard(socket)
                seen += [event["tag"] for event in told["events"]]
                query = {"cursor": told["cursor"]}
                if len(seen) >= EVENTS + 5:
                    break
                if arriving.ident is None:
                    arriving.start()
    arriving.join()

    assert seen == [f"before {n}" for n in range(5)] + [str(n) for n in range(EVENTS)]


def test_the_stream_tells_history_first_too(house: House) -> None:
    house.device()
    for n in range(4):
        house.report(1, tag=f"{n}")
    tags: list[str] = []

    with house.client.stream("GET", "/v1/events/stream?history=2") as answer:
        lines = (text for text in answer.iter_lines() if text.startswith("data: "))
        tags += [json.loads(next(lines)[6:])["tag"] for _ in range(2)]
        house.report(1, tag="live")
        tags.append(json.loads(next(lines)[6:])["tag"])

    assert tags == ["2", "3", "live"]


def test_who_sends_no_header_signs_in_by_the_first_message(house: House) -> None:
    house.device()
    house.report(1, tag="one")

    with line(house, {}, history=1) as socket:
        socket.send(json.dumps({"type": "authenticate", "token": house.key}))
        told = heard(socket)

    assert (told["type"], [event["tag"] for event in told["events"]]) == ("events", ["one"])


@pytest.mark.parametrize("said", ["{", "[]", '{"type":"authenticate"}', '{"type":"authenticate","token":"nobody"}'])
def test_a_first_message_that_signs_nobody_in_ends_the_line_with_its_reason(house: House, said: str) -> None:
    with line(house, {}) as socket:
        socket.send(said)
        code, reason = ended(socket)

    assert code == 1008
    assert reason


@pytest.mark.parametrize("query", [{"knd": "x"}, {"cursor": "x"}, {"history": "0"}, {"history": 1, "cursor": "x"}])
def test_a_wrong_question_ends_the_line_and_names_its_parameter(house: House, query: dict[str, object]) -> None:
    with line(house, **query) as socket:
        code, reason = ended(socket)

    assert code == 1008
    assert any(name in reason for name in query)


def test_who_speaks_out_of_turn_is_shown_out(house: House) -> None:
    with line(house) as socket:
        socket.send("hello")

        assert ended(socket)[0] == 1008


def test_a_page_of_another_host_is_refused(house: House) -> None:
    headers = {"Authorization": f"Bearer {house.key}", "Origin": "https://elsewhere.example"}

    with pytest.raises(InvalidStatus) as refused, line(house, headers):
        pass

    assert refused.value.response.status_code == 403


def test_a_narrow_grant_and_a_filter_hear_their_part_alone_and_a_revoked_key_nothing_more(house: House) -> None:
    for name in ("one", "two"):
        house.device(name)
    narrow = house.key_of(Scope.EVENTS_READ, grant=Grant(devices=frozenset({2})))

    with line(house, narrow, kind="door.opened", history=1) as socket, line(house, narrow, history=9) as all_of_it:
        for device, kind in [(1, "door.opened"), (2, "door.forced"), (2, "door.opened")]:
            house.report(device, kind)
        first = heard(socket)["events"]
        wide = [event["kind"] for _ in range(2) for event in heard(all_of_it)["events"]]
        house.store.write_now(lambda tx: tx.connection.execute("UPDATE api_keys SET revoked = 1 WHERE name = 'a key'"))
        house.report(2, "door.opened", tag="too late")
        code, _reason = ended(socket)

    assert [(event["device"]["number"], event["kind"]) for event in first] == [(2, "door.opened")]
    assert wide == ["door.forced", "door.opened"]
    assert code == 1008
