"""The list of events and single ones: what they hold, what is listed, in which order."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gatebook.domain.access import Grant, Scope
from gatebook.domain.kinds import Kind
from tests.dialects.doorflow.asking import EVENTS, ask, codes, key_of, listed, totals
from tests.houses import House


def test_an_event_has_the_fields_of_the_example(house: House) -> None:
    """DoorFlow "Events", heading Example Response; the names beside them are openapi.yaml's, Event."""
    site = house.site(zone="Europe/London")
    door, person = house.device("Front Entrance", site=site.number), house.person("Joe Bloggs")
    house.report(door, method="card", person=person.number, credential="44455661215", occurred="2023-09-07T12:18:38.9Z")
    (item,) = listed(house, channels=door.number)

    answer = ask(house, f"{EVENTS}/{item['id']}")

    assert answer.json() == item
    assert item.pop("updated_at").endswith(("+00:00", "+01:00"))
    assert item.pop("event_id") == item.pop("id")
    assert item == {
        "event_code": 10,
        "event_label": "Admitted (Card/fob)",
        "door_controller_id": door.number,
        "door_controller_name": "Front Entrance",
        "channel_id": door.number,
        "channel_name": "Front Entrance",
        "credentials_number": "44455661215",
        "person_id": person.number,
        "person_name": "Joe Bloggs",
        "created_at": "2023-09-07T13:18:38+01:00",
    }


def test_the_id_is_the_place_in_the_log(house: House) -> None:
    """DoorFlow "Events", heading Retrieve an event."""
    door = house.device()
    house.report(door)

    head = house.state[0]

    assert [item["id"] for item in listed(house, channels=door.number)] == [head]


def test_times_have_the_offset_of_the_site_and_else_of_the_organisation(house: House) -> None:
    """DoorFlow "Events", heading Example Response: `+01:00`."""
    there, nowhere = house.device(site=house.site(zone="Asia/Kathmandu").number), house.device()
    house.report(there, occurred="2026-01-15T12:00:00Z")
    house.report(nowhere, occurred="2026-01-15T12:00:00Z")
    narrow = key_of(house, grant=Grant(devices=frozenset({there.number})))

    assert listed(house, channels=there.number)[0]["created_at"] == "2026-01-15T17:45:00+05:45"
    assert listed(house, narrow)[0]["created_at"] == "2026-01-15T17:45:00+05:45"
    assert listed(house, channels=nowhere.number)[0]["created_at"] == "2026-01-15T13:00:00+01:00"


def test_a_site_that_is_found_to_stand_elsewhere_tells_all_its_events_by_the_new_clocks(house: House) -> None:
    site = house.site(zone="Asia/Kathmandu")
    door = house.device(site=site.number)
    house.report(door, occurred="2026-01-15T12:00:00Z")
    before = listed(house, channels=door.number)[0]["created_at"]

    house.store.write_now(lambda tx: tx.entities.sites.change(house.org, replace(site, zone="America/New_York")))

    assert before == "2026-01-15T17:45:00+05:45"
    assert listed(house, channels=door.number)[0]["created_at"] == "2026-01-15T07:00:00-05:00"


def test_the_newest_fifty_come_first_and_n_changes_how_many(house: House) -> None:
    """DoorFlow "Events": "The default response is the last 50 events"; heading List all events, n."""
    door = house.device()
    house.reports(
        [{"kind": "exit.requested", "device": door.number, "occurred": f"2026-05-01T12:{n:02}:00Z"} for n in range(60)]
    )

    default, ten = ask(house, EVENTS, channels=door.number), ask(house, EVENTS, channels=door.number, n=10)

    assert [item["created_at"][14:16] for item in default.json()] == [f"{n:02}" for n in range(59, 9, -1)]
    assert ten.json() == default.json()[:10]
    assert totals(ten) == {"X-Page": "1", "X-Per-Page": "10", "X-Total-Results": "60", "Total": "60", "Per-Page": "10"}


def test_more_than_a_thousand_is_taken_as_a_thousand(house: House) -> None:
    """DoorFlow openapi.yaml, listEvents, n: at most 1000; the headers say so."""
    for n in ("1001", "5000", "9" * 15, "9" * 40):
        answer = ask(house, EVENTS, n=n)

        assert (answer.status_code, answer.headers["X-Per-Page"]) == (200, "1000")


@pytest.mark.parametrize(
    "since", ["2013-01-01T00:00:00", "2013-01-01T00:00:00Z", "2013-01-01T00:00:00.000Z", "2013-01-01"]
)
def test_since_without_n_gives_pages_of_a_thousand(house: House, since: str) -> None:
    """DoorFlow "Events", heading List all events: "since=2013-01-01T00:00:00"."""
    answer = ask(house, EVENTS, since=since)

    assert (answer.status_code, answer.headers["Per-Page"]) == (200, "1000")
    assert ask(house, EVENTS, since=since, n=7).headers["Per-Page"] == "7"


def test_since_is_inclusive_and_what_was_printed_finds_its_event(house: House) -> None:
    """DoorFlow "Events", heading List all events: "all events since the datestamp passed"."""
    door = house.device(site=house.site(zone="America/New_York").number)
    for moment in ("2026-05-01T11:59:59.999Z", "2026-05-01T12:00:00Z", "2026-05-01T12:00:00.7Z"):
        house.report(door, occurred=moment)
    newest = listed(house, channels=door.number)[0]["created_at"]

    assert newest == "2026-05-01T08:00:00-04:00"
    assert len(listed(house, channels=door.number, since=newest)) == 2
    assert len(listed(house, channels=door.number, since="2026-05-01T12:00:00.1Z")) == 1


def test_since_without_a_zone_is_told_by_the_organisations_clocks(house: House) -> None:
    """DoorFlow "Events", heading List all events: "since=2013-01-01T00:00:00", without an offset."""
    door = house.device()
    house.report(door, occurred="2026-05-01T12:00:00Z")

    assert len(listed(house, channels=door.number, since="2026-05-01T14:00:00")) == 1
    assert listed(house, channels=door.number, since="2026-05-01T14:00:01") == []


def test_the_default_is_all_activity_and_debug_adds_status_and_syncing(house: House) -> None:
    """DoorFlow "Events", heading Event code reference: "will only include Activity Events"; openapi.yaml, level."""
    door = house.device()
    for kind in Kind:
        if not kind.is_record and not kind.value.startswith("plate."):
            house.report(door, kind.value)

    activity = sorted(codes(house, channels=door.number))
    everything = sorted(codes(house, channels=door.number, level="debug"))

    assert activity == [10, 27, 30, 31, 32, 33, 40, 41, 90]
    assert everything == [1, 2, 3, *activity, 100, 101, 105, 106, 107]
    assert codes(house, channels=door.number, event_codes="91") == [91]
    assert codes(house, channels=door.number, event_codes="91", level="debug") == [91]


def test_event_codes_choose(house: House) -> None:
    """DoorFlow openapi.yaml, listEvents, event_codes: a list with commas; a code without events is no fault."""
    door = house.device()
    for method in ("card", "pin", "manual"):
        house.report(door, method=method)

    assert codes(house, channels=door.number, event_codes="10,12", sort="ASC") == [10, 12]
    assert codes(house, channels=door.number, event_codes=" 11 , 34,42,220") == [11]
    assert len(codes(house, channels=door.number, event_codes="")) == 3


def test_channels_and_door_controllers_are_two_names_for_one_thing(house: House) -> None:
    """DoorFlow openapi.yaml, listEvents, channels and door_controllers."""
    one, other, third = house.device(), house.device(), house.device()
    for door in (one, other, third):
        house.report(door)

    by_channels = listed(house, channels=f"{one.number},{other.number}")

    assert [item["channel_id"] for item in by_channels] == [other.number, one.number]
    assert listed(house, door_controllers=f"{one.number},{other.number}") == by_channels
    assert listed(house, channels=one.number, door_controllers=other.number) == by_channels
    assert listed(house, channels=987654321) == []


def test_sort_turns_the_order_round(house: House) -> None:
    """DoorFlow openapi.yaml, listEvents, sort: ASC or DESC, DESC by default."""
    door = house.device()
    for second in (2, 1, 3):
        house.report(door, occurred=f"2026-05-01T12:00:0{second}Z")

    newest_first = listed(house, channels=door.number)

    assert listed(house, channels=door.number, sort="DESC") == newest_first
    assert listed(house, channels=door.number, sort="ASC") == newest_first[::-1]
    assert [item["created_at"][17:19] for item in newest_first] == ["03", "02", "01"]


@pytest.mark.parametrize(
    ("first", "last", "found"),
    [
        ("Joe", None, ["Joe Bloggs", "Joe B*ggs", "Joe"]),
        (None, "Bloggs", ["Joe Bloggs", "Ann Mary Bloggs"]),
        ("Joe", "Bloggs", ["Joe Bloggs"]),
        ("Ann Mary", "Bloggs", ["Ann Mary Bloggs"]),
        (None, "B*ggs", ["Joe B*ggs"]),
        ("Jo", None, []),
        (None, "loggs", []),
        ("", "", ["Joe Bloggs", "Joe B*ggs", "Joe", "Ann Mary Bloggs", "Bloggs"]),
    ],
)
def test_people_are_found_by_their_names(house: House, first: str | None, last: str | None, found: list[str]) -> None:
    """DoorFlow openapi.yaml, listEvents, first_name and last_name."""
    door = house.device()
    for name in ("Joe Bloggs", "Joe B*ggs", "Joe", "Ann Mary Bloggs", "Bloggs"):
        house.report(door, person=house.person(name).number)
    query = {name: value for name, value in (("first_name", first), ("last_name", last)) if value is not None}

    items = listed(house, channels=door.number, sort="ASC", **query)

    assert [item["person_name"] for item in items] == found


def test_a_search_by_name_is_on_record_and_no_client_of_this_dialect_reads_the_record(house: House) -> None:
    """DoorFlow openapi.yaml, listEvents, first_name: such a search looks for somebody."""
    before = house.history(kind="record.searched")["total"]["n"]

    listed(house, last_name="Nobody")
    listed(house)

    record = house.history(kind="record.searched")
    assert record["total"]["n"] == before + 1
    assert ask(house, f"{EVENTS}/{house.state[0]}").status_code == 404


def test_what_a_reader_may_not_see_is_null(house: House) -> None:
    """DoorFlow "Events", heading Example Response: credentials_number, person_id and person_name."""
    door = house.device()
    house.report(door, person=house.person("Joe Bloggs").number, credential="44455661215")

    (item,) = listed(house, key_of(house, Scope.EVENTS_READ), channels=door.number)

    assert (item["credentials_number"], item["person_id"], item["person_name"]) == (None, None, None)
    assert ask(house, EVENTS, key_of(house, Scope.EVENTS_READ), first_name="Joe").status_code == 403


def test_hidden_and_absent_events_answer_alike(house: House) -> None:
    """DoorFlow openapi.yaml, 404."""
    shown, hidden = house.device(), house.device()
    house.report(hidden)
    key = key_of(house, grant=Grant(devices=frozenset({shown.number})))

    answers = [ask(house, f"{EVENTS}/{ref}", key) for ref in (house.state[0], 10**9, 0, "x", "-1", "9" * 40)]

    told = {"error": "not_found", "error_description": "no such event"}
    assert [(answer.status_code, answer.json()) for answer in answers] == [(404, told)] * len(answers)
    assert listed(house, key) == []


def test_the_suffix_a_slash_and_an_acknowledgement_change_nothing(house: House) -> None:
    """DoorFlow "Basics": `.json`; "Understanding webhooks": ack_token and callback."""
    house.report(house.device())
    one = f"{EVENTS}/{house.state[0]}"

    for paths in (
        (EVENTS, EVENTS + ".json", EVENTS + "/", EVENTS + ".json/"),
        (one, one + ".json", one + "/", one + "?ack_token=abc&callback=7"),
    ):
        answers = [ask(house, path) for path in paths]

        assert [answer.status_code for answer in answers] == [200] * 4
        assert len({answer.content for answer in answers}) == 1
        assert all("gatebook-ignored" not in answer.headers for answer in answers)
