"""User-defined events: those of every system, and those that clients make."""

from __future__ import annotations

import asyncio
from uuid import UUID

import pytest

from gatebook.domain.access import Grant, Scope
from tests.dialects.xprotect.asking import ask, got, made, user_token
from tests.houses import House

MANAGES = frozenset({Scope.EVENTS_READ, Scope.EVENTS_WRITE, Scope.DEVICES_MANAGE})
MOTION_STARTED, MOTION_STOPPED = "6eb95dd6-7ccc-4bce-99f8-af0d0b582d77", "6f55a7a7-d21c-4629-ac18-af1975e395a2"
SYSTEM = ["85867627-b287-4439-9e55-a63701e1715b", "77b1e70d-ba8d-4bb8-9ee8-43b09746d82a",
          "7605f8b0-7f5f-4432-b223-0bb2dc3f1f5c"]  # fmt: skip


@pytest.fixture(scope="module")
def token(house: House) -> str:
    return user_token(house, "typist", MANAGES)


def test_three_events_of_the_system_are_there_from_the_start_and_stay(house: House, token: str) -> None:
    """mipsdk-samples-protocol, the Events sample: three system user-defined events exist by default."""
    found = [one for one in got(house, token, "userDefinedEvents")["array"] if one["subtype"] == "System"]

    assert [one["id"] for one in found] == SYSTEM
    assert [one["name"] for one in found] == ["RequestStartRecording", "RequestStopRecording", "RequestPlayAudio"]
    for id in SYSTEM:
        assert got(house, token, f"eventTypes/{id}")["data"]["generatorType"] == "External"
        assert ask(house, "DELETE", f"userDefinedEvents/{id}", token).status_code == 403
        assert ask(house, "PATCH", f"userDefinedEvents/{id}", token, json={"name": "x"}).status_code == 403


def test_a_user_defined_event_is_made_by_its_name_alone(house: House, token: str) -> None:
    """Configuration API 2025 R2: 201 with `result`, `state` and `path`; the body `{"name":"..."}` is enough."""
    result = made(house, token, "userDefinedEvents", name="Fire drill")

    id = result["id"]
    assert (result["state"], result["path"]) == ("Success", {"type": "userDefinedEvent", "id": id})
    data = got(house, token, f"userDefinedEvents/{id}")["data"]
    assert data == {name: value for name, value in result.items() if name not in ("state", "path")}
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
    """Configuration API 2025 R2: PUT and PATCH answer 200 with `data`; a sample gives the name alone."""
    id = made(house, token, "userDefinedEvents", name="Before")["id"]

    answer = ask(house, method, f"userDefinedEvents/{id}", token, json={"name": f"After {method}"})

    assert (answer.status_code, answer.json()["data"]["name"]) == (200, f"After {method}")
    assert got(house, token, f"eventTypes/{id}")["data"]["name"] == f"After {method}"


@pytest.mark.parametrize("name", ["", None, 5])
def test_a_change_to_no_name_is_refused(house: House, token: str, name: object) -> None:
    """Configuration API 2025 R2, schema error400: `property`."""
    id = made(house, token, "userDefinedEvents", name="Stays")["id"]

    answer = ask(house, "PATCH", f"userDefinedEvents/{id}", token, json={"name": name})

    assert answer.status_code == 400
    assert answer.json()["error"]["details"][0]["property"] == "name"
    assert got(house, token, f"userDefinedEvents/{id}")["data"]["name"] == "Stays"


def test_what_never_happened_and_was_removed_is_gone_and_what_happened_can_be_fetched(house: House, token: str) -> None:
    """Configuration API 2025 R2: DELETE answers `{"state":"Success"}`; that a source can be fetched is our own."""
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
    """Our own: making a user-defined event grants its pseudo-device to its maker."""
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
    """Our own: whoever needs less than everything takes a key or a user."""
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
    """Our own: rights are part of the query."""
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
