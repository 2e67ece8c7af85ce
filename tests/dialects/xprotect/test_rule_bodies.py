"""Bodies of rules, definitions and profiles that mean no good: each is taken or refused, and none fails the server."""

from __future__ import annotations

import random
from typing import Any
from uuid import uuid4

import pytest

from gatebook.domain.access import Scope
from tests.dialects.xprotect.asking import ask, user_token
from tests.houses import House

SCOPES = frozenset({Scope.ALARMS_MANAGE, Scope.EVENTS_READ, Scope.EVENTS_WRITE})
MOTION = "6eb95dd6-7ccc-4bce-99f8-af0d0b582d77"
GOOD: dict[str, dict[str, Any]] = {
    "rules": {
        "startRuleType": "Event", "startEventType": MOTION, "startActions": "CreateLogEntry", "stopRuleType": "None",
        "startEventSources": "", "always": True, "daysOfWeek": True, "daysOfWeek.Days": "Monday",
        "start.CreateLogEntry.Text": "x", "enabled": True, "description": "d",
    },
    "alarmDefinitions": {
        "eventType": MOTION, "eventTypeGroup": "", "sourceList": [], "enableRule": "0", "priority": "High",
        "category": "", "triggerEventlist": [], "managementTimeoutTime": "00:01:00", "description": "d", "owner": "o",
    },
    "timeProfiles": {
        "description": "d",
        "timeProfileAppointmentRecur": [{"recurrencePatternDaysOfWeek": 1, "recurrenceOccurrenceDuration": "01:00:00"}],
        "timeProfileAppointmentRoot": [{"startDateTime": "2026-12-24T08:00:00", "endDateTime": "2026-12-24T09:00:00"}],
    },
}  # fmt: skip
BAD: tuple[Any, ...] = (
    None, "", 0, -1, 2**63, 1.5, True, [], {}, [[]], [None], {"type": 1}, {"id": []}, "x" * 5_000, "a;b;;", "Camera[",
    "{00000000-0000-0000-0000-000000000000}", "9999-12-31T00:00:00", "0001-01-01T00:00:00Z", "99:99:99", "24:00:00",
    [{"startDateTime": "9999-12-31T00:00:00", "endDateTime": "9999-12-31T00:00:00", "allDayEvent": True}],
    [{"recurrencePatternDaysOfWeek": -1, "recurrenceOccurrenceDuration": "01:00:00"}], "\u202e", "'", "oneOf:(", "*",
)  # fmt: skip


@pytest.mark.parametrize("collection", GOOD)
def test_no_member_of_whatever_value_fails_the_server(house: House, collection: str) -> None:
    token = user_token(house, str(uuid4()), SCOPES)
    statuses = set()
    for member in [*GOOD[collection], "name", "id"]:
        for bad in BAD:
            body = {"name": str(uuid4()), **GOOD[collection], member: bad}
            answer = ask(house, "POST", collection, token, body)
            statuses.add(answer.status_code)
            assert answer.status_code in (201, 400, 403, 409), (member, bad, answer.text)

    assert statuses >= {201, 400}


@pytest.mark.parametrize("collection", GOOD)
def test_what_is_taken_can_be_read_changed_and_read_natively(house: House, collection: str) -> None:
    token, chance = user_token(house, str(uuid4()), SCOPES), random.Random(7)
    for _ in range(60):
        body = {"name": str(uuid4()), **GOOD[collection]}
        for member in chance.sample([*GOOD[collection]], 2):
            body[member] = chance.choice(BAD)
        answer = ask(house, "POST", collection, token, body)
        if answer.status_code != 201:
            continue
        made = answer.json()["result"]

        got = ask(house, "GET", f"{collection}/{made['id']}", token)
        again = ask(house, "PUT", f"{collection}/{made['id']}", token, got.json()["data"])

        assert (got.status_code, again.status_code) == (200, 200), (body, got.text, again.text)
        told, after = got.json()["data"], again.json()["data"]
        assert {**told, "lastModified": ""} == {**after, "lastModified": ""}
        if collection != "timeProfiles":
            native = house.get(f"/v1/rules/{made['id']}")
            trial = house.client.post("/v1/rules/trial", json={"rule": native.json() and rule_of(native.json())})
            assert trial.status_code == 200, trial.text


def rule_of(shown: dict[str, Any]) -> dict[str, Any]:
    fields = ("name", "when", "schedule", "by", "quiet_s", "lateness_s", "actions")
    return {field: shown[field] for field in fields if shown[field] is not None}
