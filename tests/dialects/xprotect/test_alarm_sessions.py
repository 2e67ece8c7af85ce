"""Alarm sessions over HTTP, as event sessions are: polled until nothing is told, what was told is the answer."""

from __future__ import annotations

from random import Random
from typing import Any
from uuid import uuid4

import pytest

from gatebook.domain.access import Grant, Scope
from gatebook.domain.places import Device, DeviceKind
from tests.dialects.xprotect.asking import ask, got, user_token
from tests.houses import House

SCOPES = frozenset({Scope.EVENTS_READ, Scope.ALARMS_MANAGE})


@pytest.fixture
def seer(house: House) -> tuple[str, Device]:
    """Who sees one camera alone, and that camera."""
    camera = house.device("polled", kind=DeviceKind.CAMERA)
    return user_token(house, str(uuid4()), SCOPES, grant=Grant(devices=frozenset({camera.number}))), camera


def begun(house: House, token: str, *filters: tuple[str, str, object], order: str | None = None) -> str:
    body = {
        "filterBy": [{"target": target, "operator": operator, "value": value} for target, operator, value in filters],
        "orderBy": [] if order is None else [{"target": order, "direction": "desc"}],
    }
    answer = ask(house, "POST", "alarmSessions", token, body)
    assert answer.status_code == 201, answer.text
    told: dict[str, Any] = answer.json()
    assert {key: told[key] for key in body} == body
    return str(told["id"])


def polled(house: House, token: str, session: str, query: str = "") -> tuple[list[str], list[dict[str, Any]]]:
    told = got(house, token, f"alarmSessions/{session}/alarms{query}")["data"]
    return told["deletedFromSession"], told["addedToSession"]


def raised(house: House, token: str, camera: Device, **fields: object) -> str:
    answer = ask(house, "POST", "alarms", token, {"name": "Smoke", "source": f"cameras/{camera.id}", **fields})
    assert answer.status_code == 202, answer.text
    return str(answer.json()["data"]["id"])


def patched(house: House, token: str, id: str, **fields: object) -> None:
    assert ask(house, "PATCH", f"alarms/{id}", token, fields).status_code == 202


def test_what_enters_changes_and_leaves_is_told_once(house: House, seer: tuple[str, Device]) -> None:
    token, camera = seer
    first = raised(house, token, camera)
    session = begun(house, token, ("state.name", "notEquals", "Closed"))

    entered = polled(house, token, session)
    nothing = polled(house, token, session)
    patched(house, token, first, comment="coming")
    changed = polled(house, token, session)
    patched(house, token, first, state="Closed")
    left = polled(house, token, session)

    assert [one["id"] for one in entered[1]] == [first]
    assert nothing == ([], [])
    assert ([one["id"] for one in changed[1]], changed[0]) == ([first], [])
    assert left == ([first], [])


@pytest.mark.parametrize(
    ("target", "operator", "value", "expected"),
    [
        ("name", "beginsWith", "fi", {"fire"}), ("NAME", "Equals", "WATER", {"water"}), ("id", "equals", None, set()),
        ("state", "equals", 1, {"fire", "water"}), ("State", "gt", 1, {"gas"}), ("priority", "lt", 2, {"fire"}),
        ("state.name", "oneOf", ["New", "Closed"], {"fire", "gas", "water"}),
        ("message", "contains", "o'clock", {"gas"}), ("assignedTo", "equals", None, {"fire", "gas", "water"}),
        ("time", "gt", "2020-01-01T00:00:00Z", {"fire", "gas", "water"}),
    ],
)  # fmt: skip
def test_conditions_are_those_of_the_targets(
    house: House, seer: tuple[str, Device], target: str, operator: str, value: object, expected: set[str]
) -> None:
    """mipsdk-samples-component 1d967e6, AlarmEventViewer: targets, operators and states by their level."""
    token, camera = seer
    raised(house, token, camera, name="fire", priority="High")
    raised(house, token, camera, name="water")
    gas = raised(house, token, camera, name="gas", message="at 3 o'clock")
    patched(house, token, gas, state="Closed")

    _, entered = polled(house, token, begun(house, token, (target, operator, value)))

    assert {one["name"] for one in entered} == expected


def test_additions_come_in_the_order_asked_for_and_no_more_than_fit(house: House, seer: tuple[str, Device]) -> None:
    token, camera = seer
    for name in ("b", "c", "a"):
        raised(house, token, camera, name=name)

    session = begun(house, token, order="name")
    first, second = (polled(house, token, session, "?maxSize=2") for _ in range(2))

    assert [[one["name"] for one in entered] for _, entered in (first, second)] == [["c", "b"], ["a"]]


@pytest.mark.parametrize(
    ("body", "property"),
    [
        ({"filterBy": [{"target": "colour", "operator": "equals", "value": 1}], "orderBy": []}, "target"),
        ({"filterBy": [{"target": "name", "operator": "like", "value": 1}], "orderBy": []}, "operator"),
        ({"filterBy": [], "orderBy": [{"target": "name", "direction": "up"}]}, "direction"),
        ({"filterBy": []}, "orderBy"),
    ],
)
def test_what_cannot_be_asked_is_400_by_its_name(house: House, body: dict[str, object], property: str) -> None:
    token = user_token(house, str(uuid4()), SCOPES)

    answer = ask(house, "POST", "alarmSessions", token, body)

    assert answer.status_code == 400
    assert answer.json()["error"]["details"][0]["property"] == property


def test_it_belongs_to_who_began_it_and_ends_with_204(house: House, seer: tuple[str, Device]) -> None:
    token, _ = seer
    session = begun(house, token)
    stranger = user_token(house, str(uuid4()), SCOPES)

    assert ask(house, "GET", f"alarmSessions/{session}/alarms", stranger).status_code == 404
    assert ask(house, "DELETE", f"alarmSessions/{session}", token).status_code == 204
    assert ask(house, "GET", f"alarmSessions/{session}/alarms", token).status_code == 404


def test_the_twenty_first_is_429(house: House, seer: tuple[str, Device]) -> None:
    token, _ = seer
    for _ in range(20):
        begun(house, token)

    answer = ask(house, "POST", "alarmSessions", token, {"filterBy": [], "orderBy": []})

    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0


@pytest.mark.parametrize("seed", range(3))
def test_whatever_happens_applying_the_polls_in_order_gives_the_set(
    house: House, seer: tuple[str, Device], seed: int
) -> None:
    token, camera = seer
    random, known, ids = Random(seed), dict[str, Any](), list[str]()
    session = begun(house, token, ("state.name", "oneOf", ["New", "In progress"]))

    def applied(query: str = "") -> bool:
        left, entered = polled(house, token, session, query)
        for id_ in left:
            del known[id_]
        known.update({one["id"]: one for one in entered})
        return bool(left or entered)

    for _ in range(25):
        if not ids or random.random() < 0.4:
            ids.append(raised(house, token, camera, name=f"n{len(ids)}"))
        else:
            step = random.choice(
                [{"state": "Closed"}, {"state": "On hold"}, {"state": "In progress"}, {"comment": "x"}]
            )
            ask(house, "PATCH", f"alarms/{random.choice(ids)}", token, step)
        if random.random() < 0.3:
            applied(f"?maxSize={random.randint(1, 3)}")
    while applied():
        pass

    wanted = got(house, token, "alarms?state.name=oneOf:('New','In progress')&size=2000")["array"]
    assert known == {one["id"]: one for one in wanted}
