"""Event types, their groups and states, and what clients make of their own."""

from __future__ import annotations

from uuid import UUID

import pytest

from gatebook.dialects.xprotect.words.catalogue import BUILT_IN, OF_KIND, kind_of, state_group_of, type_of
from gatebook.domain.access import Scope
from gatebook.domain.events import EventClass
from gatebook.domain.kinds import Kind
from tests.dialects.xprotect.asking import ask, got, made, user_token
from tests.houses import House

MANAGES = frozenset({Scope.EVENTS_READ, Scope.EVENTS_WRITE, Scope.DEVICES_MANAGE})
MOTION_STARTED, MOTION_STOPPED = "6eb95dd6-7ccc-4bce-99f8-af0d0b582d77", "6f55a7a7-d21c-4629-ac18-af1975e395a2"
SYSTEM = ["85867627-b287-4439-9e55-a63701e1715b", "77b1e70d-ba8d-4bb8-9ee8-43b09746d82a",
          "7605f8b0-7f5f-4432-b223-0bb2dc3f1f5c"]  # fmt: skip


@pytest.fixture(scope="module")
def token(house: House) -> str:
    return user_token(house, "typist", MANAGES)


def test_motion_stopped_is_told_as_it_was_recorded(house: House, token: str) -> None:
    """Configuration REST API, eventTypes, as milestonexprotectrestPython, recorded from 2023 R2; when it was
    changed is known there and not here.
    """
    told = got(house, token, f"eventTypes/{MOTION_STOPPED}")["data"]

    assert told.pop("lastModified") == "0001-01-01T00:00:00.0000000"
    assert told == {
        "displayName": "Motion Stopped", "id": MOTION_STOPPED, "name": "MotionStopped", "description": "",
        "generatorType": "RecorderPlugin", "generatorSubtype": "Server", "generatorName": "Motion Detection Plugin",
        "generatorID": "F020C881-72BF-4014-8504-2B4A5A658F1A", "generatorGroupName": "Analytics Events",
        "generatorGroupId": "a96692c8-51b1-4f87-b12c-0d3d9cbfc5a4", "occursGlobally": False, "builtIn": False,
        "counterEventID": MOTION_STARTED, "sourceArray": ["Camera", "CameraGroup"], "sourceFilterArray": ["", ""],
        "stateGroupId": "720ef62a-78be-418a-8e4c-ee04ffca6429", "state": "No Motion",
        "relations": {
            "parent": {"type": "eventTypeGroups", "id": "1ae79228-ad07-4e56-be43-5ebf9b7c54a5"},
            "self": {"type": "eventTypes", "id": MOTION_STOPPED},
        },
    }  # fmt: skip


@pytest.mark.parametrize("kind", [kind for kind in Kind if not kind.is_record])
def test_every_kind_has_a_type_that_can_be_fetched(house: House, token: str, kind: Kind) -> None:
    """Configuration API 2025 R2, alarmDefinitions, eventType: the known ids; the others are our own."""
    id = type_of(EventClass(kind))

    told = got(house, token, f"eventTypes/{id}")["data"]

    assert kind_of(id) is kind_of(kind.type) is kind
    group = state_group_of(EventClass(kind), None)
    if group is not None:
        assert told["state"] in got(house, token, f"stateGroups/{group}")["data"]["states"]
    assert told["relations"]["parent"]["id"] in {
        one["relations"]["self"]["id"] for one in got(house, token, "eventTypeGroups")["array"]
    }


@pytest.mark.parametrize("collection", ["userDefinedEvents", "analyticsEvents"])
@pytest.mark.parametrize("id", [MOTION_STARTED.upper(), str(Kind.MOTION_STARTED.type), str(Kind.DOOR_OPENED.type)])
def test_nothing_is_made_under_the_id_of_a_built_in_type(house: House, token: str, collection: str, id: str) -> None:
    """Our own rule: an id means one type, as the vendor's or as our own."""
    answer = ask(house, "POST", collection, token, json={"name": "Moved", "id": id})

    assert (answer.status_code, answer.json()["error"]["httpCode"]) == (409, 409)


@pytest.mark.parametrize("collection", ["userDefinedEvents", "analyticsEvents", "stateGroups"])
def test_a_guid_of_zeros_is_none(house: House, token: str, collection: str) -> None:
    """.NET: a Guid that was not set is sent as zeros; each new object then has an id of its own."""
    first, second = (
        made(house, token, collection, name=f"Zeros {n}", id=str(UUID(int=0)), states=["Up"])["id"] for n in range(2)
    )

    assert len({first, second, str(UUID(int=0))}) == 3


def test_no_two_types_have_one_id_and_the_record_has_none() -> None:
    """Our own rule: each kind has one built-in type."""
    assert len(BUILT_IN) == len(OF_KIND) == len([kind for kind in Kind if not kind.is_record])


def test_types_stand_below_their_groups(house: House, token: str) -> None:
    """Configuration API 2025 R2, `/eventTypeGroups/{id}/eventTypes` and includeChildren=eventTypes."""
    groups = got(house, token, "EventTypeGroups?includeChildren=eventTypes")["array"]

    for group in groups:
        id = group["relations"]["self"]["id"]
        assert got(house, token, f"eventTypeGroups/{id}/eventTypes")["array"] == group["eventTypes"]
    assert sum(len(group["eventTypes"]) for group in groups) == len(got(house, token, "eventTypes")["array"])
    assert set(groups[0]) == {"displayName", "relations", "eventTypes"}


def test_the_usage_of_processors_is_a_group_of_states(house: House, token: str) -> None:
    """Configuration REST API, stateGroups, as milestonexprotectrestPython, recorded from 2023 R2."""
    told = got(house, token, "stateGroups/8c958201-aa02-40cf-a643-fa7f91d0bed2")["data"]

    assert told["displayName"] == told["name"] == "CPU usage"
    assert told["states"] == ["Normal", "Warning", "Critical", "Undefined"]


@pytest.mark.parametrize(
    ("kind", "generator", "shown"),
    [
        ("event.triggered", "generic", ("External", "Generic", "")),
        ("event.triggered", "", ("External", "UserDefined", "")),
        ("analytics.detected", "BriefCam", ("MIPDevice", "", "Analytics")),
        ("access.granted", "Turnstiles Ltd", ("MIP", "", "Turnstiles Ltd")),
    ],
)
def test_a_type_tells_who_makes_its_events(
    house: House, token: str, kind: str, generator: str, shown: tuple[str, str, str]
) -> None:
    """Source: the Events REST API's page: generatorType External and MIPDevice, generatorSubtype Generic."""
    body = {"name": f"{kind} {generator}", "kind": kind, "generator": generator}
    id = house.client.post("/v1/event-types", json=body).json()["id"]

    told = got(house, token, f"eventTypes/{id}")["data"]

    assert (told["generatorType"], told["generatorSubtype"], told["generatorName"]) == shown


def test_an_analytics_event_is_made_changed_and_removed(house: House, token: str) -> None:
    """Configuration API 2025 R2, analyticsEvents: all verbs, `description`, `sourceArray`."""
    result = made(house, token, "analyticsEvents", name="Fall detected", description="Somebody fell")
    id = result["id"]
    assert result["path"] == {"type": "analyticsEvent", "id": id}
    assert result["sourceArray"] == ["Camera", "CameraGroup"]

    changed = ask(house, "PATCH", f"analyticsEvents/{id}", token, json={"description": "Who?", "name": "Fall"})

    assert changed.json()["data"] | {"lastModified": ""} == {
        "displayName": "Fall", "id": id, "name": "Fall", "lastModified": "", "description": "Who?",
        "sourceArray": ["Camera", "CameraGroup"], "relations": {"self": {"type": "analyticsEvents", "id": id}},
    }  # fmt: skip
    type_ = got(house, token, f"eventTypes/{id}")["data"]
    assert (type_["generatorType"], type_["generatorGroupName"]) == ("MIPDevice", "Analytics Events")
    assert ask(house, "DELETE", f"analyticsEvents/{id}", token).json() == {"state": "Success"}
    assert ask(house, "GET", f"analyticsEvents/{id}", token).status_code == 404


def test_a_group_of_states_is_made_changed_and_removed(house: House, token: str) -> None:
    """Configuration API 2025 R2, stateGroups: POST, PUT, PATCH and DELETE exist."""
    id = made(house, token, "stateGroups", name="Turnstile", states=["Free", "Blocked"])["id"]

    changed = ask(house, "PATCH", f"stateGroups/{id}", token, json={"states": ["Free"]}).json()["data"]

    assert (changed["name"], changed["states"]) == ("Turnstile", ["Free"])
    assert id in {one["id"] for one in got(house, token, "stateGroups")["array"]}
    assert ask(house, "DELETE", f"stateGroups/{id}", token).json() == {"state": "Success"}
    assert ask(house, "GET", f"stateGroups/{id}", token).status_code == 404
    assert ask(house, "DELETE", "stateGroups/720ef62a-78be-418a-8e4c-ee04ffca6429", token).status_code == 403


def test_a_group_of_states_that_a_type_uses_is_not_removed(house: House, token: str) -> None:
    """Configuration API 2025 R2, stateGroups, DELETE; that it is refused is our own rule."""
    group = made(house, token, "stateGroups", name="Gate", states=["Up", "Down"])["id"]
    body = {"name": "Gate up", "state_group": group, "state": "Up"}
    type_ = house.client.post("/v1/event-types", json=body).json()

    refused = ask(house, "DELETE", f"stateGroups/{group}", token)

    assert refused.status_code == 409
    told = got(house, token, f"eventTypes/{type_['id']}")["data"]
    assert (told["stateGroupId"], told["state"]) == (group, "Up")


def test_how_long_a_type_is_kept_stands_in_the_type(house: House, token: str) -> None:
    """Events REST API v1, "Retrieve events": retention is set elsewhere; to tell of it is our own."""
    id = made(house, token, "userDefinedEvents", name="Unlisted")["id"]
    assert "retentionDays" not in got(house, token, f"eventTypes/{id}")["data"]

    assert house.client.patch(f"/v1/event-types/{id}", json={"retention_days": 0}).status_code == 200

    assert got(house, token, f"eventTypes/{id}")["data"]["retentionDays"] == 0


def test_a_body_needs_no_content_type_and_may_be_the_whole_object(house: House, token: str) -> None:
    """mipsdk-samples-component, RestfulCommunicationPython: no Content-Type; a duplicate is the whole object."""
    first = made(house, token, "userDefinedEvents", name="Original")
    copy = {**first, "id": str(UUID(int=0x77)), "name": "Copy", "state": None, "path": None}

    answer = ask(house, "POST", "userDefinedEvents", token, json=copy, headers={"Content-Type": ""})

    assert (answer.status_code, answer.json()["result"]["id"]) == (201, str(UUID(int=0x77)))
    assert ask(house, "POST", "userDefinedEvents", token, json=copy).status_code == 409


def test_who_may_not_manage_devices_makes_nothing(house: House) -> None:
    """milestonexprotectrestPython, recorded: 403 with VMO61008."""
    reader = user_token(house, "reader", frozenset({Scope.EVENTS_READ}))

    for path in ("userDefinedEvents", "analyticsEvents", "stateGroups"):
        answer = ask(house, "POST", path, reader, json={"name": "x"})

        assert answer.status_code == 403
        assert answer.json()["error"]["details"][0]["errorTextId"] == "VMO61008"


@pytest.mark.parametrize("body", [{}, {"name": 5}, {"name": "x", "id": "no guid"}, []])
def test_a_body_that_cannot_be_read_is_refused(house: House, token: str, body: object) -> None:
    """Configuration API 2025 R2, schema error400."""
    answer = ask(house, "POST", "userDefinedEvents", token, json=body)

    assert (answer.status_code, answer.json()["error"]["httpCode"]) == (400, 400)
