"""The record of who looked, over HTTP: on disk before the answer, with its purpose, and shown to those who may see."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

import apsw
import httpx
import msgspec
import pytest

from gatebook.dialects.native import DIALECT
from gatebook.domain.access import Grant, Scope
from tests.houses import House, house_in
from tests.processes import gatebook, initialised, start, stop

READER = (Scope.EVENTS_READ, Scope.PEOPLE_READ, Scope.CREDENTIALS_READ, Scope.PLATES_READ)
SEARCHES = {
    "a person": "/v1/events?person=equals:17",
    "a name": "/v1/events?person_name=contains:Jo",
    "a credential": "/v1/events?credential=4711",
    "a plate": "/v1/events?plate=B?12*",
    "a person, counted": "/v1/events/counts?person=17&by=kind",
    "a person, in the record itself": "/v1/audit?person=17",
}


def records_on_disk(path: Path) -> list[dict[str, object]]:
    """What another connection finds in the file."""
    db = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    rows = db.execute("SELECT data FROM personal WHERE data IS NOT NULL ORDER BY seq").fetchall()
    db.close()
    found = [msgspec.json.decode(row[0]) for row in rows]
    return [one for one in found if "actor" in one and one.get("filter")]


@pytest.mark.parametrize("path", SEARCHES.values(), ids=list(SEARCHES))
def test_a_search_for_somebody_is_on_disk_when_its_answer_arrives(house: House, path: str) -> None:
    answer = house.get(path, headers={"User-Agent": "desk/1", "X-Purpose": "case 12"})

    assert answer.status_code == 200
    [record] = records_on_disk(house.store.path)
    assert (record["agent"], record["purpose"], record["name"]) == ("desk/1", "case 12", "admin")
    assert record["address"] == "127.0.0.1"
    assert record["route"] == f"GET {path.partition('?')[0]}"


def test_a_stream_that_looks_for_somebody_is_on_disk_when_it_begins(house: House) -> None:
    with house.client.stream("GET", "/v1/events/stream?person=17") as answer:
        found = records_on_disk(house.store.path)

    assert answer.status_code == 200
    assert [one["route"] for one in found] == ["GET /v1/events/stream"]


def test_a_search_for_nobody_leaves_nothing(house: House) -> None:
    house.history(kind="access.denied")

    assert records_on_disk(house.store.path) == []


def test_a_search_is_on_record_though_the_server_is_killed_right_after_its_answer(tmp_path: Path) -> None:
    key = initialised(tmp_path)
    server = start(tmp_path)

    answer = httpx.get(f"{server.url}/v1/events?person=17", headers={"X-API-Key": key}, timeout=20)
    os.kill(server.process.pid, signal.SIGKILL)
    server.process.wait(20)
    stop(server.process)

    assert answer.status_code == 200
    told = gatebook(tmp_path, "audit", "list", "--where", "kind=record.searched", "--json")
    assert [one["filter"] for one in msgspec.json.decode(told.stdout)] == ["person=equals:17"]


class TestWhereAPurposeIsDemanded:
    """The organisation wants to know what each search for somebody is for."""

    @pytest.fixture(autouse=True)
    def _demanded(self, house: House) -> None:
        house.store.write_now(lambda tx: tx.connection.execute("UPDATE organisations SET purpose_required = 1"))

    @pytest.mark.parametrize(
        "path", [*SEARCHES.values(), "/v1/events/stream?person=17"], ids=[*SEARCHES, "a person, live"]
    )
    def test_a_search_without_one_is_refused_by_the_headers_name(self, house: House, path: str) -> None:
        answer = house.get(path)

        assert (answer.status_code, answer.json()["field"]) == (400, "X-Purpose")
        assert records_on_disk(house.store.path) == []

    def test_a_search_for_nobody_needs_none(self, house: House) -> None:
        assert house.get().status_code == 200

    def test_one_that_is_fixed_on_the_key_serves(self, house: House) -> None:
        key = house.key_of(*READER)
        house.store.write_now(lambda tx: tx.connection.execute("UPDATE api_keys SET purpose = 'visitor desk'"))

        answer = house.get(headers=key, person="17")

        assert answer.status_code == 200
        assert [one["purpose"] for one in records_on_disk(house.store.path)] == ["visitor desk"]


def test_an_entry_tells_who_from_where_and_what_for(house: House) -> None:
    house.get(person="17", headers={"X-Purpose": "case 12", "User-Agent": "desk/1"})

    [entry] = house.get("/v1/audit").json()["items"]

    assert entry["kind"] == "record.searched"
    assert entry["actor"] == {"kind": "key", "id": str(house.admin.id), "name": "admin"}
    assert entry["client"] == {
        "address": "127.0.0.1", "agent": "desk/1", "dialect": "native", "route": "GET /v1/events",
    }  # fmt: skip
    assert (entry["purpose"], entry["filter"], entry["count"]) == ("case 12", "person=equals:17", 1)
    assert entry["seq"] == 1


def test_the_record_is_walked_filtered_and_counted_as_events_are(house: House) -> None:
    for number in range(7):
        house.get(person=f"{number}")
    house.report(house.device())

    first = house.get("/v1/audit", limit="3").json()
    second = house.get("/v1/audit", limit="3", cursor=first["next"]).json()
    third = house.get("/v1/audit", page="3", size="3").json()
    one = house.get("/v1/audit", **{"data.filter": "contains:equals:4"}).json()

    told = [item["filter"] for page in (first, second, third) for item in page["items"]]
    assert told == [f"person=equals:{number}" for number in reversed(range(7))]
    assert first["total"] == second["total"] == {"n": 7, "exact": True}
    assert [item["filter"] for item in one["items"]] == ["person=equals:4"]


def test_without_the_scope_or_with_a_narrow_grant_nothing_of_it_is_seen(house: House) -> None:
    house.get(person="17")
    narrow = house.key_of(Scope.AUDIT_READ, grant=Grant(devices=frozenset({house.device().number})))

    assert house.get("/v1/audit", headers=house.key_of(*READER)).status_code == 403
    answer = house.get("/v1/audit", headers=narrow).json()
    assert (answer["items"], answer["total"]) == ([], {"n": 0, "exact": True})


def test_refusals_are_folded_by_the_minute_with_their_count(tmp_path: Path) -> None:
    with house_in(tmp_path, DIALECT, witnessed=True) as house:
        for _ in range(3):
            assert house.get(headers={"Authorization": "Bearer no"}).status_code == 401
        weak = house.key_of(Scope.EVENTS_WRITE)
        for _ in range(2):
            assert house.get(headers=weak).status_code == 403
        asyncio.run(house.services.audit.flush(everything=True))

        nobody = house.get("/v1/audit/refusals").json()["items"]
        somebody = house.get("/v1/audit", kind="record.refused").json()["items"]

    told = {(one["route"], one["status"], one["address"]): one["count"] for one in nobody}
    assert sum(told.values()) == 3
    assert {(status, address) for _, status, address in told} == {(401, "127.0.0.1")}
    assert sum(one["count"] for one in somebody) == 2
    assert {(one["details"]["status"], one["client"]["route"]) for one in somebody} == {(403, "GET /v1/events")}


def test_refusals_are_for_administrators_of_everything(house: House) -> None:
    narrow = house.key_of(Scope.ADMIN, grant=Grant(sites=frozenset({1})))

    assert house.get("/v1/audit/refusals", headers=house.key_of(Scope.AUDIT_READ)).status_code == 403
    assert house.get("/v1/audit/refusals", headers=narrow).status_code == 403
