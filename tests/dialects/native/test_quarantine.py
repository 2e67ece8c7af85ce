"""Quarantine: what has no place waits, is mended by making the place known, and is replayed with its first time."""

from __future__ import annotations

from typing import Any

import pytest

from gatebook.domain.access import Grant, Scope
from gatebook.store.sqlite.quarantine import LIMIT
from tests.houses import NOON, House


def waiting(house: House, device: str = "dev-9", **fields: object) -> str:
    """The id of a report that has no place."""
    answer = house.post({"kind": "door.opened", "device": device, **fields})
    assert answer.status_code == 422
    found: str = answer.json()["quarantine"]
    return found


def listed(house: House, **query: object) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = house.get("/v1/quarantine", **query).json()["items"]
    return found


def test_a_report_is_listed_mended_and_replayed_with_its_first_time(house: House) -> None:
    id_ = waiting(house, tag="T", data={"a": 1}, key="k")
    [row] = listed(house)
    house.report(house.device("other"))

    made = house.client.post("/v1/devices", json={"name": "late", "kind": "door", "vendor_ids": ["dev-9"]}).json()
    head, _held = house.state
    answer = house.client.post(f"/v1/quarantine/{id_}/replay")

    receipt = answer.json()
    event = house.get(f"/v1/events/{receipt['id']}").json()
    assert answer.status_code == 201
    assert answer.headers["location"] == f"/v1/events/{receipt['id']}"
    assert (row["id"], row["times"], row["report"]["tag"]) == (id_, 1, "T")
    assert row["reason"].startswith("device: no such device")
    assert receipt["received"] == row["received"] == event["received"] == event["occurred"]
    assert (event["device"]["id"], event["seq"], event["data"]) == (made["id"], head + 1, {"a": 1})
    assert house.state == (head + 1, 0)
    assert house.post({"kind": "door.opened", "device": "dev-9", "tag": "T", "data": {"a": 1}, "key": "k"}).is_success


def test_what_still_has_no_place_stays(house: House) -> None:
    id_ = waiting(house)

    answer = house.client.post(f"/v1/quarantine/{id_}/replay")

    assert answer.status_code == 422
    assert (answer.json()["quarantine"], answer.json()["field"]) == (id_, "$.device")
    assert listed(house)[0]["times"] == 1
    assert house.state == (0, 1)


def test_a_replay_that_conflicts_stays(house: House) -> None:
    id_ = waiting(house, key="k")
    house.device(vendor_ids=("dev-9",))
    house.report("dev-9", "door.opened", key="k", tag="first")

    answer = house.client.post(f"/v1/quarantine/{id_}/replay")

    assert (answer.status_code, answer.json()["quarantine"]) == (409, id_)
    assert house.state == (1, 1)


def test_a_second_replay_finds_nothing(house: House) -> None:
    id_ = waiting(house)
    house.device(vendor_ids=("dev-9",))
    house.client.post(f"/v1/quarantine/{id_}/replay")

    again = house.client.post(f"/v1/quarantine/{id_}/replay")

    assert again.status_code == 404
    assert house.state == (1, 0)


def test_all_that_has_a_place_by_now_is_replayed_in_bounded_steps(house: House) -> None:
    for n in range(7):
        waiting(house, "dev-8" if n % 2 else "dev-9", tag=str(n))
    house.device(vendor_ids=("dev-9",))

    first = house.client.post("/v1/quarantine/replay?limit=5").json()
    rest = house.client.post("/v1/quarantine/replay", params={"after": first["next"]}).json()

    assert (first["replayed"], first["waiting"]) == (3, 2)
    assert rest == {"replayed": 1, "waiting": 1, "next": None}
    assert house.state == (4, 3)


def test_a_report_is_given_up(house: House) -> None:
    id_ = waiting(house)

    dropped = house.client.delete(f"/v1/quarantine/{id_}")
    again = house.client.delete(f"/v1/quarantine/{id_}")

    assert (dropped.status_code, dropped.content, again.status_code) == (204, b"", 404)
    assert house.state == (0, 0)


def test_a_long_quarantine_is_read_in_pages(house: House) -> None:
    ids = [waiting(house, tag=str(n)) for n in range(5)]

    first = house.get("/v1/quarantine", limit=3)
    rest = house.get("/v1/quarantine", limit=3, after=first.json()["next"])

    assert [row["id"] for row in first.json()["items"] + rest.json()["items"]] == ids
    assert house.client.get(first.headers["link"].split(">")[0][1:]).json() == rest.json()
    assert rest.json()["next"] is None


def test_a_full_quarantine_still_counts_what_it_holds_and_refuses_the_rest_without_an_id(house: House) -> None:
    held = waiting(house)
    full = "UPDATE quarantine_sizes SET n = ?"
    house.store.write_now(lambda transaction: transaction.connection.execute(full, (LIMIT,)))

    refused = house.post({"kind": "door.opened", "device": "dev-8"})

    told = refused.json()
    assert (refused.status_code, told["field"]) == (422, "$.device")
    assert "quarantine" not in told
    assert waiting(house) == held
    assert [(row["id"], row["times"]) for row in listed(house)] == [(held, 2)]
    assert house.client.delete(f"/v1/quarantine/{held}").status_code == 204
    assert waiting(house, "dev-8")


def test_a_list_puts_each_item_aside_for_itself(house: House) -> None:
    house.device()
    items = [{"kind": "door.opened", "device": device, "occurred": NOON} for device in (1, "dev-9", 1)]

    answer = house.post(items)

    assert [one["status"] for one in answer.json()["items"]] == [201, 422, 201]
    assert house.state == (2, 1)


def test_personal_parts_of_what_waits_need_their_scopes(house: House) -> None:
    house.person()
    waiting(house, person=1, credential="0042")
    manager = house.key_of(Scope.DEVICES_MANAGE)

    [row] = house.get("/v1/quarantine", manager).json()["items"]

    assert (row["report"]["person"], row["report"]["credential"]) == (None, None)
    assert listed(house)[0]["report"]["credential"] == "0042"


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_quarantine_is_for_who_sees_everything(house: House, method: str) -> None:
    id_ = waiting(house)
    narrow = house.key_of(Scope.DEVICES_MANAGE, Scope.EVENTS_WRITE, grant=Grant(devices=frozenset({1})))
    neighbour = house.key_of(Scope.ADMIN, org=house.neighbour())
    reader = house.key_of(Scope.EVENTS_READ)

    answers = [
        house.client.request(method, f"/v1/quarantine/{id_}", headers=headers)
        for headers in (narrow, neighbour, reader)
    ]

    assert [answer.status_code for answer in answers] == [403, 404, 403]
    assert house.state == (0, 1)
