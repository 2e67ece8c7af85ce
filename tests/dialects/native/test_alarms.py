"""Alarms over HTTP: raised, listed by urgency, worked, and each step an event in the log."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest

from gatebook.domain.access import Grant, Scope
from gatebook.domain.alarms import Alarm, Raising
from gatebook.domain.times import SECOND_NS, Instant, parse_instant
from gatebook.services.alarms import clear_alarm, raise_alarm
from tests.houses import NOON, House

RULE = UUID(int=42)
AT = parse_instant(NOON)


def raised(house: House, name: str = "Forced", **fields: object) -> dict[str, Any]:
    answer = house.client.post("/v1/alarms", json={"name": name, **fields})
    assert answer.status_code == 201, answer.text
    told: dict[str, Any] = answer.json()
    return told


def acted(house: House, alarm: dict[str, Any], status: int = 200, **act: object) -> dict[str, Any]:
    answer = house.client.patch(f"/v1/alarms/{alarm['id']}", json=act)
    assert answer.status_code == status, answer.text
    told: dict[str, Any] = answer.json()
    return told


def by_rule(house: House, stream: int, device: int, *, key: str = "", at: int = 0, **more: object) -> Alarm | None:
    raising = Raising(
        name="Held", stream=stream, device=device, rule=RULE, rule_revision=1, key=key,
        occurred=Instant(AT + at * SECOND_NS), **more,  # type: ignore[arg-type]
    )  # fmt: skip
    return house.store.write_now(lambda tx: raise_alarm(tx, house.org, raising, house.services.now()))


@pytest.fixture
def listed(house: House) -> Callable[..., list[str]]:
    def names(headers: dict[str, str] | None = None, **query: object) -> list[str]:
        answer = house.get("/v1/alarms", headers, **query)
        assert answer.status_code == 200, answer.text
        return [item["name"] for item in answer.json()["items"]]

    return names


def test_an_alarm_is_raised_taken_and_closed_and_each_step_is_an_event(house: House) -> None:
    door = house.device("Back door")
    alarm = raised(house, device=door.number, message="The bolt is broken", priority="high", category="intrusion")

    taken = acted(house, alarm, assignee="me", comment="On my way")
    closed = acted(house, alarm, state="closed", reason="false_alarm")

    assert alarm["state"] == "new"
    assert alarm["device"] == {"id": str(door.id), "number": door.number, "name": "Back door"}
    assert (taken["state"], taken["assignee"]["name"]) == ("in_progress", house.admin.name)
    assert (closed["state"], closed["reason"], closed["next_states"]) == ("closed", "false_alarm", [])
    events = house.history(device=str(door.number), order="asc")["items"]
    assert [event["kind"] for event in events] == ["alarm.raised", "alarm.changed", "alarm.closed"]
    assert [event["message"] for event in events] == ["The bolt is broken", "On my way", None]
    steps = house.get(f"/v1/alarms/{alarm['number']}/history").json()["items"]
    assert [(step["act"], step["state"]) for step in steps] == [
        ("raised", "new"), ("changed", "in_progress"), ("closed", "closed"),
    ]  # fmt: skip
    assert [step["event"] for step in steps] == [event["id"] for event in events]
    assert {step["by"]["name"] for step in steps} == {house.admin.name}


def test_the_list_has_the_most_urgent_first_and_then_the_oldest(house: House, listed: Callable[..., list[str]]) -> None:
    raised(house, "low", priority="low")
    raised(house, "older", priority="high", occurred="2026-05-01T00:00:00Z")
    raised(house, "newer", priority="high", occurred="2026-05-02T00:00:00Z")
    closed = raised(house, "closed", priority="high")
    acted(house, closed, state="closed")

    assert listed() == ["older", "newer", "low", "closed"]
    assert listed(state="open") == ["older", "newer", "low"]
    assert listed(state="closed") == ["closed"]
    assert listed(priority="low,medium") == ["low"]
    assert listed(order="oldest", size=1) == ["older"]
    assert listed(order="oldest", size=1, page=2) == ["newer"]
    assert listed(from_="2026-05-02", to="2026-05-02") == ["newer"]
    assert listed(assignee="me") == []


def test_one_open_alarm_stands_for_each_rule_device_and_key(house: House) -> None:
    one, other = house.device("one"), house.device("other")

    first = by_rule(house, one.stream, one.number)
    again = by_rule(house, one.stream, one.number, at=5)
    elsewhere = by_rule(house, other.stream, other.number)
    keyed = by_rule(house, one.stream, one.number, key="Ada")

    assert first is not None
    assert again is not None
    assert (again.id, again.count, again.last) == (first.id, 2, Instant(AT + 5 * SECOND_NS))
    assert len({found.id for found in (first, elsewhere, keyed) if found}) == 3
    acted(house, {"id": first.id}, state="closed")
    anew = by_rule(house, one.stream, one.number, at=9)
    assert anew is not None
    assert (anew.id != first.id, anew.count) == (True, 1)


def test_the_same_source_raises_once(house: House) -> None:
    door = house.device()
    first = by_rule(house, door.stream, door.number, source=b"s" * 16)

    again = by_rule(house, door.stream, door.number, source=b"s" * 16)

    assert first is not None
    assert again is not None
    assert (again.id, again.count) == (first.id, 1)
    assert house.state[0] == 1


def test_an_alarm_that_needs_clearing_cannot_be_closed_before(house: House) -> None:
    door = house.device()
    alarm = by_rule(house, door.stream, door.number, needs_clearing=True)
    assert alarm is not None
    refused = acted(house, {"id": alarm.id}, 409, state="closed")
    house.store.write_now(
        lambda tx: clear_alarm(
            tx, house.org, RULE, door.stream, "", cause=1, at=Instant(AT + SECOND_NS), now=house.services.now()
        )
    )

    closed = acted(house, {"id": alarm.id}, state="closed")

    assert "clearing" in refused["detail"]
    assert closed["state"] == "closed"


async def test_what_nobody_takes_in_time_is_escalated(house: House) -> None:
    door = house.device()
    alarm = by_rule(house, door.stream, door.number, escalate_after_ns=-1)

    escalated = await house.services.alarms.escalate_due()
    again = await house.services.alarms.escalate_due()

    assert alarm is not None
    found = house.get(f"/v1/alarms/{alarm.id}").json()
    assert found["priority"] == "high"
    assert found["escalated"] is not None
    assert again == 0
    assert escalated in (0, 1)  # the house's own task may have come first


def test_a_stale_revision_is_refused_and_changes_nothing(house: House) -> None:
    alarm = raised(house)
    tag = house.get(f"/v1/alarms/{alarm['id']}").headers["ETag"]
    acted(house, alarm, comment="first")

    answer = house.client.patch(f"/v1/alarms/{alarm['id']}", json={"state": "closed"}, headers={"If-Match": tag})

    assert answer.status_code == 412
    assert house.get(f"/v1/alarms/{alarm['id']}").json()["state"] == "new"


def test_a_narrow_grant_sees_and_works_only_what_its_devices_raised(
    house: House, listed: Callable[..., list[str]]
) -> None:
    mine, other = house.device("mine"), house.device("other")
    raised(house, "mine", device=mine.number)
    hidden, whole = raised(house, "other", device=other.number), raised(house, "whole")
    narrow = house.key_of(Scope.ALARMS_MANAGE, Scope.EVENTS_READ, grant=Grant(devices=frozenset({mine.number})))

    absent = house.client.get(f"/v1/alarms/{uuid4()}", headers=narrow)

    assert listed(narrow) == ["mine"]
    for alarm in (hidden, whole):
        assert house.client.get(f"/v1/alarms/{alarm['id']}", headers=narrow).content == absent.content
        done = house.client.patch(f"/v1/alarms/{alarm['id']}", json={"state": "closed"}, headers=narrow)
        assert done.status_code == 404
    counts = house.client.get("/v1/alarms/counts", headers=narrow).json()["items"]
    assert counts == [{"state": "new", "priority": "medium", "n": 1}]
    refused = house.client.post("/v1/alarms", json={"name": "x", "device": other.number}, headers=narrow)
    unknown = house.client.post("/v1/alarms", json={"name": "x", "device": 999}, headers=narrow)
    assert (refused.status_code, refused.content) == (unknown.status_code, unknown.content)


@pytest.mark.parametrize(
    ("act", "status"),
    [
        ({"state": "done"}, 400),
        ({"priority": 1}, 400),
        ({"reason": "test"}, 400),
        ({"assignee": "nobody"}, 422),
        ({"comment": "x" * 4_097}, 400),
        ({"no such": 1}, 400),
    ],
)
def test_a_bad_act_is_refused_by_its_field_and_writes_nothing(
    house: House, act: dict[str, object], status: int
) -> None:
    alarm = raised(house)
    before = house.state

    told = acted(house, alarm, status, **act)

    assert json.dumps(told)
    assert next(iter(act)) in json.dumps(told)
    assert house.state == before
