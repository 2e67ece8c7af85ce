"""Event types, their groups and states, and what clients make of their own."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

import pytest

from gatebook.dialects.xprotect.catalogue import BUILT_IN, OF_KIND, kind_of, state_group_of, type_of
from gatebook.domain.access import Grant, Scope
from gatebook.domain.events import EventClass
from gatebook.domain.kinds import Kind
from tests.dialects.xprotect.asking import ask, user_token
from tests.houses import House

MANAGES = frozenset({Scope.EVENTS_READ, Scope.EVENTS_WRITE, Scope.DEVICES_MANAGE})
MOTION_STARTED, MOTION_STOPPED = "6eb95dd6-7ccc-4bce-99f8-af0d0b582d77", "6f55a7a7-d21c-4629-ac18-af1975e395a2"
SYSTEM = ["85867627-b287-4439-9e55-a63701e1715b", "77b1e70d-ba8d-4bb8-9ee8-43b09746d82a",
          "7605f8b0-7f5f-4432-b223-0bb2dc3f1f5c"]  # fmt: skip


@pytest.fixture(scope="module")
def token(house: House) -> str:
    return user_token(house, "typist", MANAGES)


def got(house: House, token: str, path: str) -> dict[str, Any]:
    answer = ask(house, "GET", path, token)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def made(house: House, token: str, path: str, **body: object) -> dict[str, Any]:
    answer = ask(house, "POST", path, token, json=body)
    assert answer.status_code == 201, answer.text
    result: dict[str, Any] = answer.json()["result"]
    return result


def test_motion_stopped_is_told_as_it_was_recorded(house: House, token: str) -> None:
    """Source: reference 3.3, a real eventType of 2023 R2; when it was changed is known there and not here."""
    told = got(house, token, f"eventTypes/{MOTION_STOPPED}")["data"]

    assert told.pop("lastModified") == "0001-01-01T00:00:00.0000000"
    assert told == {
        "displayName": "Motion Stopped", "id": MOTION_STOPPED, "name": "MotionStopped", "description": "",
        "generatorType": "RecorderPlugin", "generatorSubtype": "Server", "generatorName": "Motion Detection Plugin",
        "generatorID": "F020C881-72BF-4014-8504-2B4A5A658F1A", "generatorGroupName": "Analytics Events",
        "generatorGroupId": "a96692c8-51b1-4f87-b12c-0d3d9cbfc5a4", "occursGlobally": False, "builtIn": True,
        "counterEventID": MOTION_STARTED, "sourceArray": ["Camera", "CameraGroup"], "sourceFilterArray": ["", ""],
        "stateGroupId": "720ef62a-78be-418a-8e4c-ee04ffca6429", "state": "No Motion",
        "relations": {
            "parent": {"type": "eventTypeGroups", "id": "1ae79228-ad07-4e56-be43-5ebf9b7c54a5"},
            "self": {"type": "eventTypes", "id": MOTION_STOPPED},
        },
    }  # fmt: skip


@pytest.mark.parametrize("kind", [kind for kind in Kind if not kind.is_record])
def test_every_kind_has_a_type_that_can_be_fetched(house: House, token: str, kind: Kind) -> None:
    """Source: reference 3.3, the known ids; system.md section 1, one event type for each built-in kind."""
    id = type_of(EventClass(kind))

    told = got(house, token, f"eventTypes/{id}")["data"]

    assert kind_of(id) is kind_of(kind.type) is kind
    group = state_group_of(EventClass(kind), None)
    if group is not None:
        assert told["state"] in got(house, token, f"stateGroups/{group}")["data"]["states"]
    assert told["relations"]["parent"]["id"] in {
        one["relations"]["self"]["id"] for one in got(house, token, "eventTypeGroups")["array"]
    }


def test_no_two_types_have_one_id_and_the_record_has_none() -> None:
    assert len(BUILT_IN) == len(OF_KIND) == len([kind for kind in Kind if not kind.is_record])


def test_types_stand_below_their_groups(house: House, token: str) -> None:
    """Source: reference 3.3 and 3.4, `/eventTypeGroups/{id}/eventTypes` and includeChildren=eventTypes."""
    groups = got(house, token, "EventTypeGroups?includeChildren=eventTypes")["array"]

    for group in groups:
        id = group["relations"]["self"]["id"]
        assert got(house, token, f"eventTypeGroups/{id}/eventTypes")["array"] == group["eventTypes"]
    assert sum(len(group["eventTypes"]) for group in groups) == len(got(house, token, "eventTypes")["array"])
    assert set(groups[0]) == {"displayName", "relations", "eventTypes"}


def test_the_usage_of_processors_is_a_group_of_states(house: House, token: str) -> None:
    """Source: reference 3.4, a recorded stateGroups of 2023 R2."""
    told = got(house, token, "stateGroups/8c958201-aa02-40cf-a643-fa7f91d0bed2")["data"]

    assert told["displayName"] == told["name"] == "CPU usage"
    assert told["states"] == ["Normal", "Warning", "Critical", "Undefined"]


def test_three_events_of_the_system_are_there_from_the_start_and_stay(house: House, token: str) -> None:
    """Source: reference 3.4, three system user-defined events exist by default."""
    found = [one for one in got(house, token, "userDefinedEvents")["array"] if one["subtype"] == "System"]

    assert [one["id"] for one in found] == SYSTEM
    assert [one["name"] for one in found] == ["RequestStartRecording", "RequestStopRecording", "RequestPlayAudio"]
    for id in SYSTEM:
        assert got(house, token, f"eventTypes/{id}")["data"]["generatorType"] == "External"
        assert ask(house, "DELETE", f"userDefinedEvents/{id}", token).status_code == 403
        assert ask(house, "PATCH", f"userDefinedEvents/{id}", token, json={"name": "x"}).status_code == 403


def test_a_user_defined_event_is_made_by_its_name_alone(house: House, token: str) -> None:
    """Source: reference 3.1 and 3.4: 201 with `result`, `state` and `path`; the body `{"name":"..."}` is enough."""
    result = made(house, token, "userDefinedEvents", name="Fire drill")

    id = result["id"]
    assert (result["state"], result["path"]) == ("Success", {"type": "userDefinedEvent", "id": id})
    data = got(house, token, f"userDefinedEvents/{id}")["data"]
    assert (data["name"], data["displayName"], data["subtype"]) == ("Fire drill", "Fire drill", "UserDefined")
    type_ = got(house, token, f"eventTypes/{id}")["data"]
    assert (type_["generatorType"], type_["name"], type_["builtIn"]) == ("External", "Fire drill", False)
    external = "5946b6fa-44d9-4f4c-82bb-46a17b924265"
    assert id in {one["id"] for one in got(house, token, f"eventTypeGroups/{external}/userDefinedEvents")["array"]}


def test_a_user_defined_event_can_be_reported_at_once_as_type_and_source(house: House, token: str) -> None:
    """Source: the Events REST API's page: the user defined event is used as both the type and the source."""
    id = made(house, token, "userDefinedEvents", name="At once")["id"]

    answer = house.post({"kind": "event.triggered", "device": id, "type": id})

    assert answer.status_code == 201, answer.text


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_a_change_may_give_the_name_alone(house: House, token: str, method: str) -> None:
    """Source: reference 3.1, PUT and PATCH answer 200 with `data`; PUT with only `name` is accepted."""
    id = made(house, token, "userDefinedEvents", name="Before")["id"]

    answer = ask(house, method, f"userDefinedEvents/{id}", token, json={"name": f"After {method}"})

    assert (answer.status_code, answer.json()["data"]["name"]) == (200, f"After {method}")
    assert got(house, token, f"eventTypes/{id}")["data"]["name"] == f"After {method}"


def test_what_never_happened_and_was_removed_is_gone_and_what_happened_can_be_fetched(house: House, token: str) -> None:
    """Source: reference 3.1, DELETE answers `{"state":"Success"}`; system.md section 4, every source can be fetched."""
    never, once = (made(house, token, "userDefinedEvents", name=name)["id"] for name in ("Never", "Once"))
    house.report(once, "event.triggered", type=once)

    for id in (never, once):
        answer = ask(house, "DELETE", f"userDefinedEvents/{id}", token)
        assert (answer.status_code, answer.json()) == (200, {"state": "Success"})
        assert ask(house, "DELETE", f"userDefinedEvents/{id}", token).status_code == 404

    assert ask(house, "GET", f"userDefinedEvents/{never}", token).status_code == 404
    assert got(house, token, f"userDefinedEvents/{once}")["data"]["name"] == "Once"
    listed = {one["id"] for one in got(house, token, "userDefinedEvents")["array"]}
    types = {one["id"] for one in got(house, token, "eventTypes")["array"]}
    assert not {never, once} & (listed | types)


def test_whoever_makes_one_sees_it_and_others_with_narrow_grants_do_not(house: House) -> None:
    """Source: system.md section 4: making a user-defined event grants its pseudo-device to its maker."""
    door = house.device("Own door")
    narrow = Grant(devices=frozenset({door.number}))
    maker, other = (user_token(house, name, MANAGES, grant=narrow) for name in ("maker", "other"))

    id = made(house, maker, "userDefinedEvents", name="Mine alone")["id"]

    for path in ("userDefinedEvents", "eventTypes"):
        assert got(house, maker, f"{path}/{id}")["data"]["name"] == "Mine alone"
        assert id in {one["id"] for one in got(house, maker, path)["array"]}
        assert id not in ask(house, "GET", path, other).text
        for method in ("GET", "PATCH", "DELETE") if path == "userDefinedEvents" else ("GET",):
            body = {"name": "x"} if method == "PATCH" else None
            hidden, missing = (ask(house, method, f"{path}/{one}", other, json=body) for one in (id, UUID(int=9)))
            assert (hidden.status_code, hidden.content) == (404, missing.content)


def test_a_maker_by_an_api_key_sees_it_too_and_the_change_is_on_record(house: House) -> None:
    """Source: system.md sections 4 and 5: whoever needs less than everything takes a key or a user."""
    door = house.device("A door for a key")
    key = house.key_of(*MANAGES, grant=Grant(devices=frozenset({door.number})))["Authorization"].split()[1]

    async def issued() -> str:
        holder = await house.services.keys.principal_of(key)
        return (await house.services.tokens.issue(holder, "xprotect"))[0]

    maker = asyncio.run(issued())

    id = made(house, maker, "userDefinedEvents", name="By a key")["id"]

    assert got(house, maker, f"userDefinedEvents/{id}")["data"]["name"] == "By a key"
    told = house.get("/v1/audit", kind="record.changed", limit=5).json()["items"]
    subjects = [one["subject"].partition("/")[0] for one in told]
    assert subjects[:3] == ["key", "event-type", "device"]


def test_a_hidden_user_defined_event_is_no_event_type_of_the_native_api_either(house: House, token: str) -> None:
    """Source: system.md, promise 7: rights are part of the query."""
    door = house.device("Keyed door")
    key = house.key_of(Scope.EVENTS_READ, grant=Grant(devices=frozenset({door.number})))
    id = made(house, token, "userDefinedEvents", name="Kept apart")["id"]

    seen, listed = (
        house.get(f"/v1/event-types/{id}", headers=key),
        house.get("/v1/event-types", headers=key, limit=1000),
    )

    assert (seen.status_code, listed.status_code) == (404, 200)
    assert "Kept apart" not in listed.text
    assert house.get(f"/v1/event-types/{id}").json()["name"] == "Kept apart"


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
    """Source: reference 3.1 and 3.4, analyticsEvents: full CRUD, `description`, `sourceArray`."""
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
    """Source: reference 3.4, stateGroups: POST, PUT, PATCH and DELETE exist."""
    id = made(house, token, "stateGroups", name="Turnstile", states=["Free", "Blocked"])["id"]

    changed = ask(house, "PATCH", f"stateGroups/{id}", token, json={"states": ["Free"]}).json()["data"]

    assert (changed["name"], changed["states"]) == ("Turnstile", ["Free"])
    assert id in {one["id"] for one in got(house, token, "stateGroups")["array"]}
    assert ask(house, "DELETE", f"stateGroups/{id}", token).json() == {"state": "Success"}
    assert ask(house, "GET", f"stateGroups/{id}", token).status_code == 404
    assert ask(house, "DELETE", "stateGroups/720ef62a-78be-418a-8e4c-ee04ffca6429", token).status_code == 403


def test_a_group_of_states_that_a_type_uses_is_not_removed(house: House, token: str) -> None:
    group = made(house, token, "stateGroups", name="Gate", states=["Up", "Down"])["id"]
    body = {"name": "Gate up", "state_group": group, "state": "Up"}
    type_ = house.client.post("/v1/event-types", json=body).json()

    refused = ask(house, "DELETE", f"stateGroups/{group}", token)

    assert refused.status_code == 409
    told = got(house, token, f"eventTypes/{type_['id']}")["data"]
    assert (told["stateGroupId"], told["state"]) == (group, "Up")


def test_how_long_a_type_is_kept_stands_in_the_type(house: House, token: str) -> None:
    """Source: reference 6.5 and 7: retention is set elsewhere, and integrators want an explicit signal."""
    id = made(house, token, "userDefinedEvents", name="Unlisted")["id"]
    assert "retentionDays" not in got(house, token, f"eventTypes/{id}")["data"]

    assert house.client.patch(f"/v1/event-types/{id}", json={"retention_days": 0}).status_code == 200

    assert got(house, token, f"eventTypes/{id}")["data"]["retentionDays"] == 0


def test_a_body_needs_no_content_type_and_may_be_the_whole_object(house: House, token: str) -> None:
    """Source: reference 0, vendor samples post JSON without a Content-Type; 3.5, a duplicate is the whole object."""
    first = made(house, token, "userDefinedEvents", name="Original")
    copy = {**first, "id": str(UUID(int=0x77)), "name": "Copy", "state": None, "path": None}

    answer = ask(house, "POST", "userDefinedEvents", token, json=copy, headers={"Content-Type": ""})

    assert (answer.status_code, answer.json()["result"]["id"]) == (201, str(UUID(int=0x77)))
    assert ask(house, "POST", "userDefinedEvents", token, json=copy).status_code == 409


def test_who_may_not_manage_devices_makes_nothing(house: House) -> None:
    """Source: reference 0.1, 403 with VMO61008."""
    reader = user_token(house, "reader", frozenset({Scope.EVENTS_READ}))

    for path in ("userDefinedEvents", "analyticsEvents", "stateGroups"):
        answer = ask(house, "POST", path, reader, json={"name": "x"})

        assert answer.status_code == 403
        assert answer.json()["error"]["details"][0]["errorTextId"] == "VMO61008"


@pytest.mark.parametrize("body", [{}, {"name": 5}, {"name": "x", "id": "no guid"}, []])
def test_a_body_that_cannot_be_read_is_refused(house: House, token: str, body: object) -> None:
    """Source: reference 0.1, the error body."""
    answer = ask(house, "POST", "userDefinedEvents", token, json=body)

    assert (answer.status_code, answer.json()["error"]["httpCode"]) == (400, 400)
