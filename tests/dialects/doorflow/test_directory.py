"""Channels and people, as those who read events want them."""

from __future__ import annotations

import json

import pytest

from gatebook.domain.access import EVERYTHING, Grant, Scope
from gatebook.domain.gates import Contact
from gatebook.domain.places import DeviceKind
from gatebook.store.contract import Asked
from tests.dialects.doorflow.asking import ask, key_of, totals
from tests.houses import House

CHANNELS, PEOPLE = "/api/3/channels", "/api/3/people"


def test_a_channel_has_the_recorded_fields(house: House) -> None:
    """DoorFlow openapi.yaml, Channel."""
    site = house.site()
    door = house.device("Front", site=site.number, vendor_ids=("dev-1", "00:0c:29:4f:8e:35"))

    answer = ask(house, f"{CHANNELS}/{door.number}.json")

    assert answer.json() == {
        "id": door.number,
        "name": "Front",
        "mac_address": "00:0c:29:4f:8e:35",
        "status": "online",
        "unit": 1,
        "site_id": site.number,
        "sync": {"status": "pending", "last_sync_completed_at": None},
        "mode": {"description": "normal"},
    }


def test_channels_are_doors_locks_and_readers_in_pages(house: House) -> None:
    """DoorFlow openapi.yaml, listChannels: site_id, per_page (500, at most 1000), page, skip_pagination."""
    site = house.site()
    doors = [
        house.device(kind=kind, site=site.number) for kind in (DeviceKind.DOOR, DeviceKind.LOCK, DeviceKind.READER)
    ]
    house.device(kind=DeviceKind.CAMERA, site=site.number)
    house.device()

    default = ask(house, CHANNELS, site_id=site.number)
    second = ask(house, CHANNELS, site_id=site.number, per_page=2, page=2)
    whole = ask(house, CHANNELS, site_id=site.number, per_page=2, skip_pagination="true")

    assert [one["id"] for one in default.json()] == [door.number for door in doors]
    assert [one["id"] for one in second.json()] == [doors[2].number]
    assert whole.json() == default.json()
    assert totals(default)["Per-Page"] == "500"
    assert totals(second) == {"X-Page": "2", "X-Per-Page": "2", "X-Total-Results": "3", "Total": "3", "Per-Page": "2"}
    assert ask(house, CHANNELS, per_page=5000).headers["Per-Page"] == "1000"
    assert ask(house, CHANNELS, skip_pagination="perhaps").status_code == 400


def test_a_channel_stands_as_the_log_last_told(house: House) -> None:
    """DoorFlow openapi.yaml, Channel: status, sync, mode; "Events": codes 1-3, 40, 41, 100-107."""
    door, other = house.device(site=house.site(zone="UTC").number), house.device()
    told = []
    for second, kind in enumerate(
        ("device.stopped", "sync.started", "shift.started", "sync.completed", "sync.failed", "device.started",
         "shift.ended", "device.disconnected")
    ):  # fmt: skip
        house.report(door, kind, occurred=f"2026-05-29T12:00:0{second}Z")
        shown = ask(house, f"{CHANNELS}/{door.number}").json()
        told.append((shown["status"], shown["sync"]["status"], shown["mode"]["description"]))

    assert told == [
        ("offline", "pending", "normal"),
        ("offline", "syncing", "normal"),
        ("offline", "syncing", "unlock"),
        ("offline", "ok", "unlock"),
        ("offline", "fail", "unlock"),
        ("online", "fail", "unlock"),
        ("online", "fail", "normal"),
        ("offline", "fail", "normal"),
    ]
    assert shown["sync"]["last_sync_completed_at"] == "2026-05-29T12:00:03+00:00"
    both = {one["id"]: one for one in ask(house, CHANNELS).json()}
    assert both[door.number] == shown
    assert both[other.number]["status"] == "online"


def test_channels_are_those_that_the_grant_shows(house: House) -> None:
    """DoorFlow openapi.yaml, listChannels; hidden and absent answer alike."""
    shown, hidden = house.device(site=house.site().number), house.device()
    key = key_of(house, grant=Grant(devices=frozenset({shown.number})))

    answers = [ask(house, f"{CHANNELS}/{ref}", key) for ref in (hidden.number, 987654321, "x")]

    assert [one["id"] for one in ask(house, CHANNELS, key).json()] == [shown.number]
    assert ask(house, CHANNELS, key).headers["Total"] == "1"
    assert {answer.content for answer in answers} == {b'{"error":"not_found","error_description":"no such channel"}'}


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [("Joe Bloggs", "Joe", "Bloggs"), ("Ann Mary Bloggs", "Ann Mary", "Bloggs"), ("Cher", "Cher", "")],
)
def test_a_person_has_the_recorded_fields(house: House, name: str, first: str, last: str) -> None:
    """DoorFlow openapi.yaml, Person; "Basics": `/api/3/person/85872.json`."""
    person = house.person(name)

    shown = ask(house, f"/api/3/person/{person.number}.json").json()

    assert shown == ask(house, f"{PEOPLE}/{person.number}").json()
    assert (shown["id"], shown["first_name"], shown["last_name"]) == (person.number, first, last)
    assert (shown["enabled"], shown["system_id"], shown["groups"]) == (True, str(person.id), [])


def test_people_come_in_pages_of_fifty_and_at_most_a_hundred(house: House) -> None:
    """DoorFlow openapi.yaml, listPeople: per_page 50 by default, at most 100; page."""
    for number in range(60):
        house.person(f"Person {number}")

    first, second = ask(house, PEOPLE), ask(house, PEOPLE, page=2)

    ids = [one["id"] for one in ask(house, PEOPLE, skip_pagination="true").json()]
    assert [one["id"] for one in first.json() + second.json()] == ids[:100]
    assert totals(first)["Per-Page"] == "50"
    assert totals(first)["Total"] == str(len(ids))
    assert ask(house, PEOPLE, per_page=500).headers["X-Per-Page"] == "100"


def test_a_person_is_found_by_system_id(house: House) -> None:
    """DoorFlow openapi.yaml, listPeople: system_id."""
    person = house.person("Joe Bloggs")

    assert [one["id"] for one in ask(house, PEOPLE, system_id=str(person.id)).json()] == [person.number]
    assert ask(house, PEOPLE, system_id="other").json() == []


def test_a_person_is_found_by_a_part_of_the_address_in_any_letter_case(house: House) -> None:
    """DoorFlow openapi.yaml, listPeople, `email`: "partial, case-insensitive"; Person: email, telephone."""
    person = house.person("Joe Bloggs")
    contact = Contact(person=person.number, email="Joe.Bloggs@Example.com", phone="+44 20 7946 0000")
    house.store.write_now(lambda tx: tx.gates.put_contact(house.org, contact))

    answer = ask(house, PEOPLE, email="bloggs@EXAMPLE")

    [shown] = answer.json()
    assert (shown["id"], shown["email"], shown["telephone"]) == (person.number, contact.email, contact.phone)
    assert (totals(answer)["Total"], "Gatebook-Ignored" in answer.headers) == ("1", False)
    assert shown == ask(house, f"{PEOPLE}/{person.number}").json()
    assert shown in ask(house, PEOPLE, skip_pagination="true").json(), "the list tells it without being asked, too"
    assert ask(house, PEOPLE, email="nobody@example.com").json() == []


def test_a_search_for_somebody_in_the_directory_is_on_record_and_a_list_is_not(house: House) -> None:
    """Gatebook's own rule."""
    person = house.person("Joe Bloggs")
    before = house.state[0]

    ask(house, PEOPLE)
    ask(house, PEOPLE, email="bloggs@example")
    ask(house, PEOPLE, system_id=str(person.id))

    page = house.store.read_now(
        house.store.history.page, Asked(organisation=house.org, grant=EVERYTHING, records=True, limit=5)
    )
    told = [json.loads(event.data or b"")["filter"] for event in page.events if event.seq > before]
    assert told == [f"system_id=equals:{person.id}", "email=contains:bloggs@example"]


def test_one_who_was_removed_is_not_listed_and_can_still_be_had(house: House) -> None:
    """DoorFlow openapi.yaml, deletePerson: soft; every person_id of an event can be fetched."""
    person = house.person("Joe Bloggs")

    gone = house.client.delete(f"/v1/people/{person.number}")

    assert gone.status_code == 204
    assert ask(house, f"{PEOPLE}/{person.number}").json()["enabled"] is False
    assert ask(house, PEOPLE, system_id=str(person.id)).json() == []


def test_people_need_their_scope(house: House) -> None:
    """DoorFlow openapi.yaml, 403."""
    answer = ask(house, PEOPLE, key_of(house, Scope.EVENTS_READ))

    assert (answer.status_code, answer.json()["error"]) == (403, "forbidden")
    assert ask(house, f"{PEOPLE}/987654").json()["error"] == "not_found"
