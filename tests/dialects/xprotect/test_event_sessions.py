"""Event sessions over HTTP: the recorded shapes, every target and operator, and polls that equal the set."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest

from gatebook.domain.access import Grant
from gatebook.domain.accounts import User
from gatebook.domain.places import Device, DeviceKind
from tests.dialects.xprotect.asking import ask, user, user_token
from tests.houses import House

SAMPLE = {
    "filterBy": [{"operator": "equals", "target": "id", "value": None}],
    "orderBy": [{"target": "id", "direction": "asc"}],
}
MOTION = "6eb95dd6-7ccc-4bce-99f8-af0d0b582d77"
EVERYTHING: dict[str, object] = {"filterBy": [], "orderBy": []}


@pytest.fixture(scope="module")
def token(house: House) -> str:
    return user_token(house, "session reader")


@pytest.fixture(scope="module")
def camera(house: House) -> Device:
    return house.device("Yard", kind=DeviceKind.CAMERA)


@pytest.fixture(scope="module")
def events(house: House, camera: Device) -> list[dict[str, Any]]:
    """Three of the camera, from 12:00 on, with tags."""
    kinds = ("motion.started", "motion.stopped", "motion.started")
    return [
        house.report(camera, kind, occurred=f"2026-05-29T12:00:0{n}.1234567Z", tag=f"Tag {n}")
        for n, kind in enumerate(kinds)
    ]


def begun(house: House, token: str, body: object) -> str:
    answer = ask(house, "POST", "eventSessions", token, json=body)
    assert answer.status_code == 201, answer.text
    told: str = answer.json()["id"]
    return told


def ended(house: House, token: str, id: str) -> None:
    assert ask(house, "DELETE", f"eventSessions/{id}", token).status_code == 204


def polled(house: House, token: str, id: str, query: str = "") -> dict[str, Any]:
    answer = ask(house, "GET", f"eventSessions/{id}/events{query}", token)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()["data"]
    return told


def found(house: House, token: str, *conditions: dict[str, object], order: object = ()) -> list[str]:
    id_ = begun(house, token, {"filterBy": list(conditions), "orderBy": list(order)})  # type: ignore[call-overload]
    told = polled(house, token, id_)
    ended(house, token, id_)
    return [event["id"] for event in told["addedToSession"]]


def by(target: str, operator: str, value: object) -> dict[str, object]:
    return {"target": target, "operator": operator, "value": value}


def test_the_pages_own_sample_is_a_session_with_an_empty_set(house: House, token: str) -> None:
    """Events REST API, "Create an event session with a set of filters and an ordering criteria"."""
    answer = ask(house, "POST", "eventSessions", token, json=SAMPLE)

    assert answer.status_code == 201
    assert {name: value for name, value in answer.json().items() if name != "id"} == SAMPLE
    assert polled(house, token, answer.json()["id"]) == {"deletedFromSession": [], "addedToSession": []}
    ended(house, token, answer.json()["id"])


def test_a_poll_tells_events_as_the_list_does_and_each_once(
    house: House, token: str, camera: Device, events: list[dict[str, Any]]
) -> None:
    """Events REST API, "Returns an array of new events and an array of events deleted from current version"."""
    session = begun(house, token, {"filterBy": [by("source", "equals", f"cameras/{camera.id}")], "orderBy": []})

    first = polled(house, token, session, "?maxSize=2")
    second = polled(house, token, session)
    third = polled(house, token, session)
    ended(house, token, session)

    assert [event["id"] for event in first["addedToSession"]] == [event["id"] for event in events[:2]]
    assert [event["id"] for event in second["addedToSession"]] == [events[2]["id"]]
    assert third == {"deletedFromSession": [], "addedToSession": []}
    one = first["addedToSession"][0]
    assert one.pop("localId") > 0
    assert one == {
        "specversion": "1.0", "type": MOTION, "source": f"cameras/{camera.id}", "time": "2026-05-29T12:00:00.1234567Z",
        "id": events[0]["id"], "datatype": "none", "tag": "Tag 0",
    }  # fmt: skip


def test_the_data_of_events_come_where_they_are_asked_for(house: House, token: str) -> None:
    """Events REST API, "Use the include query parameter to receive optional fields"."""
    camera = house.device("data", kind=DeviceKind.CAMERA)
    reader = user_token(house, "data reader", grant=Grant(devices=frozenset({camera.number})))
    house.report(camera, "motion.started", data={"level": 3})
    plain, whole = [begun(house, reader, EVERYTHING) for _ in range(2)]

    [without] = polled(house, reader, plain)["addedToSession"]
    [with_data] = polled(house, reader, whole, "?include=data")["addedToSession"]

    assert "data" not in without
    assert with_data["data"] == {"level": 3}


def test_conditions_on_every_target_find_what_they_say(
    house: House, token: str, camera: Device, events: list[dict[str, Any]]
) -> None:
    """mipsdk-samples-component, AlarmEventViewer: targets Type and Timestamp; the others are ours."""
    ids = [event["id"] for event in events]
    here = by("Source.Id", "EQUALS", str(camera.id))
    local = [event["localId"] for event in polled(house, token, begun(house, token, {**EVERYTHING, "filterBy": [here]}))["addedToSession"]]  # noqa: E501  # fmt: skip
    cases: list[tuple[dict[str, object], list[int]]] = [
        (by("id", "equals", ids[1].upper()), [1]),
        (by("ID", "notEquals", ids[1]), [0, 2]),
        (by("id", "oneOf", [ids[0], ids[2], str(uuid4())]), [0, 2]),
        (by("id", "beginsWith", ids[1][:36]), [1]),
        (by("localId", "gt", local[0]), [1, 2]),
        (by("localid", "lt", str(local[1])), [0]),
        (by("localId", "oneOf", [local[0], local[1]]), [0, 1]),
        (by("type", "equals", MOTION), [0, 2]),
        (by("type", "notEquals", MOTION.upper()), [1]),
        (by("Type", "startsWith", "6EB95DD6"), [0, 2]),
        (by("type", "contains", "-d21c-"), [1]),
        (by("type", "equals", None), []),
        (by("source", "startsWith", "Cameras/"), [0, 1, 2]),
        (by("source", "startsWith", "hardware/"), []),
        (by("source.id", "startsWith", str(camera.id)[:20]), [0, 1, 2]),
        (by("source.id", "contains", "cameras"), [0, 1, 2]),
        (by("source.name", "equals", "yARD"), [0, 1, 2]),
        (by("source.name", "notEquals", "Yard"), []),
        (by("time", "equals", "2026-05-29T12:00:01.1234567Z"), [1]),
        (by("Timestamp", "gt", "2026-05-29T12:00:00.1234567Z"), [1, 2]),
        (by("time", "lt", "2026-05-29T12:00:02.1234567Z"), [0, 1]),
        (by("tag", "equals", "tag 2"), [2]),
        (by("tag", "BeginsWith", "Tag"), [0, 1, 2]),
        (by("tag", "contains", "g 1"), [1]),
        (by("tag", "equals", None), []),
        (by("tag", "notEquals", None), [0, 1, 2]),
    ]

    for condition, places in cases:
        assert found(house, token, here, condition) == [ids[n] for n in places], condition


@pytest.mark.parametrize("target", ["time", "localId", "tag", "Timestamp"])
def test_additions_come_in_the_order_that_was_asked_for(
    house: House, token: str, camera: Device, events: list[dict[str, Any]], target: str
) -> None:
    """Events REST API, EventSessionOrderBy."""
    here = by("source.id", "equals", str(camera.id))

    backwards = found(house, token, here, order=[{"target": target, "direction": "Desc"}])
    by_type = found(house, token, here, order=[{"target": "type"}, {"target": target, "direction": "desc"}])

    assert backwards == [event["id"] for event in reversed(events)]
    assert by_type == [events[n]["id"] for n in (2, 0, 1)]


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({"filterBy": [by("priority", "equals", 1)], "orderBy": []}, "priority"),
        ({"filterBy": [by("time", "near", 1)], "orderBy": []}, "near"),
        ({"filterBy": [by("time", "gt", "yesterday")], "orderBy": []}, "time"),
        ({"filterBy": [by("localId", "equals", "x")], "orderBy": []}, "localid"),
        ({"filterBy": [by("source", "equals", "cameras/1")], "orderBy": []}, "source"),
        ({"filterBy": [by("tag", "equals", ["a", "b"])], "orderBy": []}, "tag"),
        ({"filterBy": [], "orderBy": [{"target": "weight"}]}, "weight"),
        ({"filterBy": [], "orderBy": [{"target": "time", "direction": "up"}]}, "up"),
        ({"filterBy": []}, "orderBy"),
    ],
)
def test_what_cannot_be_asked_is_refused_by_name(house: House, token: str, body: object, named: str) -> None:
    """Events REST API, "required: filterBy, orderBy"; the error body of the Configuration API."""
    answer = ask(house, "POST", "eventSessions", token, json=body)

    assert answer.status_code == 400
    assert named.lower() in answer.text.lower()


@pytest.mark.parametrize("size", ["0", "-1", "data", "10001", ""])
def test_a_size_that_is_none_is_refused(house: House, token: str, size: str) -> None:
    """Events REST API, "Use the maxSize query parameter to define the number of requested events"."""
    session = begun(house, token, EVERYTHING)

    answer = ask(house, "GET", f"eventSessions/{session}/events?maxSize={size}", token)
    ended(house, token, session)

    assert answer.status_code == 400
    assert answer.json()["error"]["details"][0]["property"] == "maxSize"


def test_what_is_deleted_is_gone_and_a_session_of_somebody_else_was_never_there(house: House, token: str) -> None:
    """Events REST API, "you must delete the current session and start a new one"."""
    session, other = begun(house, token, EVERYTHING), user_token(house, "no reader of sessions")

    foreign = [ask(house, method, f"eventSessions/{session}", other) for method in ("GET", "DELETE")]
    ended(house, token, session)
    answers = [ask(house, "GET", path, token) for path in (f"eventSessions/{session}/events", "eventSessions/x")]

    assert {answer.status_code for answer in (*foreign, *answers)} == {404}
    assert len({answer.content for answer in (*foreign, *answers)}) == 1


def test_either_path_answers_as_the_poll(house: House, token: str, events: list[dict[str, Any]]) -> None:
    """ZabbixCustomDashboard names eventSessions/{id}/events; the vendor's page draws the same answer without a path."""
    session = begun(house, token, EVERYTHING)

    first = ask(house, "GET", f"/API/rest/v1/EventSessions/{session.upper()}/?MaxSize=1", token).json()["data"]
    second = polled(house, token, session, "?maxSize=1")
    ended(house, token, session)

    assert len(first["addedToSession"]) == len(second["addedToSession"]) == 1
    assert first != second


def test_the_twenty_first_session_is_refused_clearly(house: House) -> None:
    """Our own bound: the vendor tells of none."""
    token = user_token(house, "collector of sessions")
    sessions = [begun(house, token, EVERYTHING) for _ in range(20)]

    answer = ask(house, "POST", "eventSessions", token, json=EVERYTHING)
    ended(house, token, sessions[0])

    assert answer.status_code == 429
    assert "20 event sessions" in answer.text
    begun(house, token, EVERYTHING)


def test_rights_that_change_are_told_as_events_that_left_and_came(house: House) -> None:
    """Our own promise: rights are asked at every poll."""
    kept_one, lost = house.device("kept"), house.device("lost")
    both = Grant(devices=frozenset({kept_one.number, lost.number}))
    login = user(house, "narrowed", grant=both)
    token = token_of(house, login)
    for device in (kept_one, lost):
        house.report(device, "door.opened")
    session, held = begun(house, token, EVERYTHING), set[str]()
    apply(held, polled(house, token, session))
    assert len(held) == 2

    narrowed = replace(login, grant=Grant(devices=frozenset({kept_one.number})))
    house.store.write_now(lambda tx: tx.accounts.users.change(house.org, narrowed))
    told = polled(house, token, session)

    assert len(told["deletedFromSession"]) == 1
    assert told["addedToSession"] == []


def apply(held: set[str], told: dict[str, Any]) -> None:
    gone, came = set(told["deletedFromSession"]), {event["id"] for event in told["addedToSession"]}
    assert gone <= held
    assert not came & held
    held -= gone
    held |= came


def token_of(house: House, login: User) -> str:
    async def issued() -> str:
        holder = await house.services.access.principal_of_user(login.id)
        return (await house.services.tokens.issue(holder, "xprotect"))[0]

    return asyncio.run(issued())
