"""Retention and erasure over HTTP: a dry run says what would go, a run removes it; the pages of locks hold still."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from gatebook.dialects import native, smartphonekey
from gatebook.domain.access import Grant, Scope
from gatebook.domain.places import DeviceKind
from tests.houses import NOON, House, house_in

LONG_AGO = "2020-01-01T00:00:00Z"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with house_in(tmp_path, native.DIALECT, smartphonekey.DIALECT) as found:
        yield found


def ruled(house: House, **fields: object) -> dict[str, Any]:
    answer = house.client.put(f"/v1/retention/{uuid4()}", json={"name": "old", "days": 365, **fields})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def lock_page(house: House, lock: int, page: int | None = None) -> dict[str, Any]:
    query = "" if page is None else f"?page={page}"
    answer = httpx.get(f"{house.url}/locks/{lock}/events{query}", headers={"X-API-Key": house.key}, timeout=20)
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


def followed(house: House) -> None:
    """All that was reported is counted, so that it may be removed."""
    while any(one["lag"] for one in house.get("/v1/followers").json()["items"]):
        pass


def test_rules_are_made_changed_listed_and_removed(house: House) -> None:
    rule = ruled(house, kinds=["motion.started"])

    changed = house.client.put(f"/v1/retention/{rule['id']}", json={"name": "older", "days": 30})
    listed = house.get("/v1/retention").json()["items"]
    gone = house.client.delete(f"/v1/retention/{rule['id']}")
    again = house.client.delete(f"/v1/retention/{rule['id']}")

    assert (changed.status_code, changed.json()["revision"]) == (200, 2)
    assert [(one["name"], one["days"], one["kinds"]) for one in listed] == [("older", 30, None)]
    assert (gone.status_code, again.status_code) == (204, 404)
    told = [one["subject"] for one in house.get("/v1/audit", kind="record.changed").json()["items"]]
    assert told == [f"retention/{rule['id']}"] * 3


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": "x", "days": 0}, "$.days"),
        ({"name": "x", "days": 1, "kinds": ["door.ajar"]}, "$.kinds[0]"),
        ({"days": 1}, "$"),
    ],
    ids=["no days", "a kind that is none", "no name"],
)
def test_a_rule_that_cannot_be_is_refused_by_its_field(house: House, body: dict[str, object], field: str) -> None:
    answer = house.client.put(f"/v1/retention/{uuid4()}", json=body)

    assert answer.status_code == 400
    assert answer.json()["field"].startswith(field)


def test_a_run_removes_what_the_dry_run_said_and_lists_the_ranges(house: House) -> None:
    door = house.device()
    for number in range(6):
        house.report(door, occurred=LONG_AGO if number % 3 else NOON)
    ruled(house)
    followed(house)

    due = house.get("/v1/retention/due").json()
    run = house.client.post("/v1/retention/run").json()

    assert due["events"] == run["events"] == 4
    assert (due["items"][0]["oldest"], due["items"][0]["newest"]) == (LONG_AGO, LONG_AGO)
    assert house.history(device=str(door.id))["total"] == {"n": 2, "exact": True}
    [record] = house.get("/v1/audit", kind="record.removed").json()["items"]
    spans = house.get("/v1/removed").json()["items"]
    assert [(one["first"], one["last"], one["by"]) for one in spans] == [
        (2, 3, record["seq"]), (5, 6, record["seq"]),
    ]  # fmt: skip
    assert house.get("/v1/removed", device=str(door.number)).json()["items"] == spans
    assert record["details"]["seq"] == "2-3,5-6"
    assert house.get("/v1/retention/due").json()["events"] == 0


def test_a_locks_pages_miss_what_was_removed_and_nothing_is_renumbered(house: House) -> None:
    lock = house.device(kind=DeviceKind.LOCK)
    for number in range(1, 24):
        house.report(lock, "lock.unlocked", occurred=LONG_AGO if number in (3, 12, 13, 21, 22, 23) else NOON)
    ruled(house)
    before = [lock_page(house, lock.number, page) for page in (1, 2, 3)]
    followed(house)

    assert house.client.post("/v1/retention/run").json()["events"] == 6
    pages, last = [lock_page(house, lock.number, page) for page in (1, 2, 3)], lock_page(house, lock.number)

    kept = [
        [row for place, row in enumerate(page["events"], 1) if place not in gone]
        for page, gone in zip(before, [{3}, {2, 3}, {1, 2, 3}], strict=True)
    ]
    assert [page["events"] for page in pages] == kept
    assert {(page["totalEvents"], page["totalPages"]) for page in [*pages, last]} == {(23, 3)}
    assert (last["page"], last["events"]) == (3, [])


def test_an_erasure_is_counted_first_and_then_leaves_events_without_a_person(house: House) -> None:
    door, ada = house.device(), house.person("Ada Lovelace")
    for _ in range(3):
        house.report(door, person=ada.number, credential="4711")
    house.report(door, credential="9999")

    dry = house.client.post("/v1/erasures", json={"person": ada.number, "dry_run": True}).json()
    done = house.client.post("/v1/erasures", json={"person": ada.number}).json()

    assert (dry, done) == ({"events": 3, "dry_run": True}, {"events": 3, "dry_run": False})
    page = house.history(device=str(door.number), order="asc")
    assert [one["erased"] for one in page["items"]] == [True, True, True, False]
    assert [one["credential"] for one in page["items"]] == [None, None, None, "9999"]
    assert "Lovelace" not in house.get("/v1/people").text
    [record] = house.get("/v1/audit", kind="record.erased").json()["items"]
    assert (record["subject"], record["count"]) == (f"person/{ada.id}", 3)


def test_a_plate_is_erased_in_any_letter_case_and_the_record_does_not_say_which(house: House) -> None:
    camera = house.device(kind=DeviceKind.CAMERA)
    for plate in ("B AB 123", "b ab 123", "C CC 1"):
        house.report(camera, "plate.read", method="plate", credential=plate)

    done = house.client.post("/v1/erasures", json={"plate": "B ab 123"})

    assert done.json()["events"] == 2
    assert [one["plate"] for one in house.history(kind="plate.read")["items"]].count(None) == 2
    assert "ab 123" not in house.get("/v1/audit").text.lower()


@pytest.mark.parametrize(
    "body", [{}, {"person": 1, "plate": "X"}, {"credential": ""}], ids=["nobody", "two at once", "an empty one"]
)
def test_an_erasure_of_nobody_or_several_is_refused(house: House, body: dict[str, object]) -> None:
    assert house.client.post("/v1/erasures", json=body).status_code == 400


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/retention"), ("GET", "/v1/retention/due"), ("POST", "/v1/retention/run"), ("GET", "/v1/removed"),
        ("PUT", f"/v1/retention/{UUID(int=1)}"), ("DELETE", f"/v1/retention/{UUID(int=1)}"), ("POST", "/v1/erasures"),
    ],
)  # fmt: skip
def test_it_is_for_administrators_with_a_grant_of_everything(house: House, method: str, path: str) -> None:
    body = {"name": "x", "days": 1} if method == "PUT" else {"person": 1} if path == "/v1/erasures" else None
    narrow = house.key_of(Scope.ADMIN, grant=Grant(sites=frozenset({1})))

    for headers in (house.key_of(*set(Scope) - {Scope.ADMIN}), narrow):
        assert house.client.request(method, path, json=body, headers=headers).status_code == 403
