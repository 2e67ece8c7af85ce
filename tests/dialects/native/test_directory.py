"""Devices, sites and people are made known, and found again in every way; kinds and followers are told."""

from __future__ import annotations

import pytest

from gatebook.domain.access import Grant, Scope
from gatebook.domain.kinds import Kind
from tests.houses import ZONE, House

ID = "018f0000-0000-7000-8000-000000000001"


def test_a_device_is_made_known_and_found_by_each_of_its_names(house: House) -> None:
    site = house.client.post("/v1/sites", json={"name": "North Gate", "zone": "Europe/London"}).json()
    wanted = {"name": "Front", "kind": "lock", "id": ID, "number": 17, "site": "North Gate", "vendor_ids": ["a b/c"]}

    made = house.client.post("/v1/devices", json=wanted)

    told = made.json()
    assert (made.status_code, made.headers["location"]) == (201, f"/v1/devices/{ID}")
    assert told["site"] == {"id": site["id"], "number": 1, "name": "North Gate"}
    for ref in (ID, "17", "a%20b%2Fc"):
        assert house.client.get(f"/v1/devices/{ref}").json() == told


def test_what_is_left_out_is_chosen(house: House) -> None:
    device = house.client.post("/v1/devices", json={"name": "Front", "kind": "door"}).json()
    site = house.client.post("/v1/sites", json={"name": "North"}).json()
    person = house.client.post("/v1/people", json={"name": "Ada"})

    assert (device["number"], device["site"], device["vendor_ids"]) == (1, None, [])
    assert (site["number"], site["zone"]) == (1, ZONE)
    assert house.client.get(person.headers["location"]).json() == person.json()
    assert house.get("/v1/sites").json()["items"] == [site]
    assert house.get("/v1/sites/North").json() == site


def test_devices_are_read_in_pages(house: House) -> None:
    for number in range(1, 6):
        house.device(f"door {number}")

    first = house.get("/v1/devices", limit=2)
    second = house.client.get(first.headers["link"].split(">")[0][1:])
    last = house.get("/v1/devices", limit=2, cursor=second.json()["next"])

    pages = [first.json(), second.json(), last.json()]
    assert [[row["number"] for row in page["items"]] for page in pages] == [[1, 2], [3, 4], [5]]
    assert pages[2]["next"] is None


@pytest.mark.parametrize(
    ("path", "body", "status", "field"),
    [
        ("/v1/devices", {"name": "x", "kind": "gate"}, 400, "$.kind"),
        ("/v1/devices", {"kind": "door"}, 400, "$.name"),
        ("/v1/devices", {"name": " ", "kind": "door"}, 400, "name"),
        ("/v1/devices", {"name": "n" * 201, "kind": "door"}, 400, "$.name"),
        ("/v1/devices", {"name": "x", "kind": "door", "number": 0}, 400, "$.number"),
        ("/v1/devices", {"name": "x", "kind": "door", "colour": "red"}, 400, "$.colour"),
        ("/v1/devices", {"name": "x", "kind": "door", "site": 9}, 422, "site"),
        ("/v1/devices", {"name": "x", "kind": "door", "number": 1}, 409, None),
        ("/v1/devices", {"name": "x", "kind": "door", "vendor_ids": ["dev-1"]}, 409, None),
        ("/v1/sites", {"name": "x", "zone": "Mars/Olympus"}, 400, "zone"),
        ("/v1/people", {"name": ""}, 400, "$.name"),
    ],
)
def test_what_cannot_be_made_known_is_refused(
    house: House, path: str, body: dict[str, object], status: int, field: str | None
) -> None:
    house.device(vendor_ids=("dev-1",))

    answer = house.client.post(path, json=body)

    assert (answer.status_code, answer.json().get("field")) == (status, field)
    assert len(house.get("/v1/devices").json()["items"]) == 1


def test_hidden_and_absent_devices_are_the_same_bytes(house: House) -> None:
    site = house.site()
    shown, hidden = house.device("shown", site=site.number), house.device("hidden")
    narrow = house.key_of(Scope.EVENTS_READ, Scope.DEVICES_MANAGE, grant=Grant(devices=frozenset({shown.number})))

    answers = [house.get(f"/v1/devices/{ref}", narrow) for ref in (hidden.number, 99, hidden.id)]

    assert [answer.status_code for answer in answers] == [404] * 3
    assert len({answer.content for answer in answers}) == 1
    assert [row["site"]["name"] for row in house.get("/v1/devices", narrow).json()["items"]] == ["a site"]
    assert house.get("/v1/sites", narrow).json()["items"] == []
    assert house.client.post("/v1/devices", json={"name": "x", "kind": "door"}, headers=narrow).status_code == 403


def test_people_are_for_who_may_read_them(house: House) -> None:
    house.person()

    assert house.get("/v1/people/1", house.key_of(Scope.EVENTS_READ)).status_code == 403
    assert house.get("/v1/people/1", house.key_of(Scope.PEOPLE_READ)).json()["name"] == "Ada"
    assert house.get("/v1/people/2").status_code == 404


def test_the_vocabulary_is_told(house: House) -> None:
    told = house.get("/v1/kinds", house.key_of(Scope.EVENTS_READ)).json()

    assert [row["kind"] for row in told["kinds"]] == [kind.value for kind in Kind]
    assert {row["reportable"] for row in told["kinds"] if row["kind"].startswith("record.")} == {False}
    assert "card" in told["methods"]
    assert "passback" in told["reasons"]


def test_followers_tell_how_far_they_have_come(house: House) -> None:
    house.report(house.device())

    told = house.get("/v1/followers").json()["items"]

    assert all(row["head"] == 1 and row["lag"] == row["head"] - row["seq"] for row in told)
    assert house.get("/v1/followers", house.key_of(Scope.EVENTS_READ)).status_code == 403
