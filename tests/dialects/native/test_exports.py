"""Exports over HTTP: whole, as the log stood when they began, on record first, and to be gone on with."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import httpx
import msgspec
import pytest

from gatebook.dialects.native.resources.written import COLUMNS
from gatebook.domain.access import Grant, Principal, Scope
from gatebook.domain.errors import Unauthenticated
from gatebook.domain.filters import EVERY
from gatebook.services.exports import Exports
from tests.houses import House

PATH = "/v1/events/export"
ASKED = ["", "kind=door.opened", "device=dev-1", "kind=startsWith:access&site_name=contains:North", "tag=no-such-tag"]


def lines_of(answer: httpx.Response) -> list[dict[str, Any]]:
    assert answer.status_code == 200, answer.text
    return [json.loads(line) for line in answer.content.splitlines()]


def exported(house: House) -> list[dict[str, Any]]:
    """What the record says of exports, the newest first."""
    found = house.get("/v1/audit", kind="record.exported").json()["items"]
    return [item for item in found if isinstance(item, dict)]


@pytest.mark.parametrize("query", ASKED)
def test_an_export_has_every_line_of_the_list_once_and_the_oldest_first(full: House, query: str) -> None:
    told = full.client.get(f"/v1/events?{query}&order=asc&limit=1000&kind=notEquals:record.exported").json()
    answer = full.client.get(f"{PATH}?{query}&kind=notEquals:record.exported")

    assert lines_of(answer) == told["items"]
    assert answer.headers["gatebook-total"] == str(told["total"]["n"])
    assert answer.headers["content-type"] == "application/x-ndjson"
    assert "content-length" not in answer.headers


def test_csv_says_the_same_in_cells(full: House) -> None:
    items = lines_of(full.get(PATH, kind="access.granted"))
    by_word = full.get(PATH, kind="access.granted", format="csv")
    by_header = full.get(PATH, {"Accept": "text/csv, */*"}, kind="access.granted")

    rows = list(csv.DictReader(io.StringIO(by_word.text, newline="")))
    assert by_word.text == by_header.text
    assert by_word.headers["content-type"].startswith("text/csv")
    assert list(rows[0]) == list(COLUMNS)
    assert [(row["id"], row["seq"], row["device_name"]) for row in rows] == [
        (item["id"], str(item["seq"]), item["device"]["name"]) for item in items
    ]


@pytest.mark.parametrize("start", "=+-@\t\r")
def test_a_cell_is_never_a_formula(house: House, start: str) -> None:
    hostile = f'{start}cmd|"/c calc"!A1,\n\x1b[2J'
    house.report(house.device(f"{start}door"), message=hostile, tag=f"{start}1")

    [row] = csv.DictReader(io.StringIO(house.get(PATH, format="csv", kind="access.granted").text, newline=""))

    assert (row["message"], row["tag"], row["device_name"]) == (f"'{hostile}", f"'{start}1", f"'{start}door")


def test_an_export_is_on_record_before_its_first_byte_and_is_not_in_itself(house: House) -> None:
    house.report(house.device())

    first = lines_of(house.get(PATH))
    second = house.get(PATH, format="csv", tag="a").text.splitlines()

    records = exported(house)
    assert [item["kind"] for item in first] == ["access.granted"]
    assert second == [",".join(COLUMNS)]
    assert [(one["subject"], one["filter"]) for one in records] == [
        ("events/csv", "tag=equals:a"), ("events/ndjson", None),
    ]  # fmt: skip


def test_an_export_that_is_refused_is_not_on_record(house: House) -> None:
    reader = house.key_of(Scope.EVENTS_READ)

    answers = [
        house.get(PATH, reader, person="1"),
        house.get(PATH, house.key_of(Scope.EVENTS_WRITE)),
        house.get(PATH, format="xlsx"),
        house.get(PATH, knd="door.opened"),
        house.get(PATH, after="01a1fd82-4922-73ca-a736-1266080334e0"),
        house.get(PATH, cursor="nonsense"),
    ]

    assert [answer.status_code for answer in answers] == [403, 403, 400, 400, 400, 400]
    assert [answer.json().get("field") for answer in answers[2:]] == ["format", "knd", "cursor", "cursor"]
    assert exported(house) == []


def test_an_export_that_broke_off_goes_on_without_loss_or_repeat(house: House) -> None:
    door = house.device()
    house.reports([{"kind": "door.opened", "device": 1, "tag": f"{n}"} for n in range(2_500)])
    got = b""
    with house.client.stream("GET", PATH, params={"kind": "door.opened"}) as answer:
        headers = answer.headers
        for piece in answer.iter_raw():
            got += piece
            if got.count(b"\n") > 700:
                break
    whole = [json.loads(line) for line in got[: got.rindex(b"\n")].splitlines()]
    house.report(door, "door.opened", tag="too late", occurred=whole[10]["occurred"])

    rest = house.get(PATH, kind="door.opened", cursor=headers["gatebook-cursor"], after=whole[-1]["id"])
    again = house.get(PATH, kind="door.opened", cursor=headers["gatebook-cursor"])
    live = house.get("/v1/events/stream", kind="door.closed", cursor=headers["gatebook-live"])

    tags = [item["tag"] for item in [*whole, *lines_of(rest)]]
    assert tags == [f"{n}" for n in range(2_500)]
    assert [item["tag"] for item in lines_of(again)] == tags
    assert rest.headers["gatebook-total"] == headers["gatebook-total"] == "2500"
    assert live.status_code == 400  # a cursor is good for its own filter alone


def test_what_comes_after_an_export_is_heard_from_its_live_cursor(house: House) -> None:
    door = house.device()
    house.report(door, "door.opened", tag="before")
    answer = house.get(PATH, kind="door.opened")
    house.report(door, "door.opened", tag="after")

    asked = {"kind": "door.opened", "cursor": answer.headers["gatebook-live"]}
    with house.client.stream("GET", "/v1/events/stream", params=asked) as stream:
        line = next(line for line in stream.iter_lines() if line.startswith("data: "))

    assert [item["tag"] for item in lines_of(answer)] == ["before"]
    assert json.loads(line.removeprefix("data: "))["tag"] == "after"


def test_a_narrow_key_has_what_it_sees_and_a_cursor_of_its_own(house: House) -> None:
    seen, hidden = house.device("seen"), house.device("hidden")
    for door in (seen, hidden, seen):
        house.report(door, person_name="Ada", credential="4711")
    narrow = house.key_of(Scope.EVENTS_READ, grant=Grant(devices=frozenset({seen.number})))

    answer = house.get(PATH, narrow)
    borrowed = house.get(PATH, cursor=answer.headers["gatebook-cursor"])
    beyond = house.get(PATH, narrow, cursor=answer.headers["gatebook-cursor"], after=house.ids(device="2")[0])

    items = lines_of(answer)
    assert [item["device"]["name"] for item in items] == ["seen", "seen"]
    assert all(item["person"] is None and item["credential"] is None and "seq" not in item for item in items)
    assert answer.headers["gatebook-total"] == "2"
    assert borrowed.status_code == 400
    assert beyond.status_code == 404


async def test_who_loses_the_right_meanwhile_reads_no_further(house: House) -> None:
    house.device()
    house.reports([{"kind": "door.opened", "device": 1, "tag": f"{n}"} for n in range(30)])
    left = 2

    async def renewed(who: Principal) -> Principal:
        nonlocal left
        left -= 1
        if not left:
            raise Unauthenticated("the key was revoked")
        return who

    exports = Exports(house.store, house.services.audit, renew=renewed, chunk=10)
    export = await exports.begin(house.admin, EVERY, form="ndjson")
    seen: list[int] = []

    async def read() -> None:
        async for chunk in exports.chunks(export):
            seen.append(len(chunk.page.events))

    with pytest.raises(Unauthenticated):
        await read()

    assert seen == [10, 10]


def test_a_line_stays_a_line_whatever_was_sent(house: House) -> None:
    house.device()
    sent = b'{"kind":"door.opened","device":1,"data":{"a":\r\n 1,\n"b":"x\\ny"}}'
    assert house.post(sent).status_code == 201

    [item] = lines_of(house.get(PATH))

    assert item["data"] == {"a": 1, "b": "x\ny"}


def test_where_a_purpose_is_demanded_an_export_needs_one(house: House) -> None:
    organisation = house.get("/v1/organisations/1")
    told = {"If-Match": organisation.headers["etag"]}
    house.client.patch("/v1/organisations/1", json={"purpose_required": True}, headers=told).raise_for_status()

    without = house.get(PATH)
    stated = house.get(PATH, {"X-Purpose": "inquiry 7"})

    assert (without.status_code, without.json()["field"]) == (400, "X-Purpose")
    assert stated.status_code == 200
    assert exported(house)[0]["purpose"] == "inquiry 7"
    assert msgspec.json.decode(stated.content.splitlines()[0])["kind"].startswith("record.")
