"""`rules` over HTTP: the recorded shape and statuses, and that what is made here fires as any rule does."""

from __future__ import annotations

import asyncio
import time
from typing import Any
from uuid import uuid4

import pytest

from gatebook.domain.access import Scope
from gatebook.domain.places import Device, DeviceKind
from gatebook.domain.times import parse_instant
from gatebook.services.webhooks import NewWebhook
from tests.dialects.xprotect.asking import ask, got, made, user_token
from tests.houses import House

SCOPES = frozenset({Scope.EVENTS_READ, Scope.EVENTS_WRITE, Scope.ALARMS_MANAGE, Scope.ADMIN, Scope.DEVICES_MANAGE})
MOTION, STOPPED = "6eb95dd6-7ccc-4bce-99f8-af0d0b582d77", "6f55a7a7-d21c-4629-ac18-af1975e395a2"
WEBHOOK = "MIPAction:e4852d57-f44e-4514-950b-15ed63908266"
NOTES = {
    "startRuleType": "Event", "startEventType": MOTION, "startActions": "CreateLogEntry",
    "start.CreateLogEntry.Text": "Something moved",
}  # fmt: skip


@pytest.fixture(scope="module")
def token(house: House) -> str:
    return user_token(house, "rule maker", SCOPES)


@pytest.fixture
def camera(house: House) -> Device:
    return house.device("Yard", kind=DeviceKind.CAMERA)


def noted(house: House, rule: dict[str, Any], wanted: int = 1) -> list[list[str]]:
    """What the rule's log says that was done, newest first, once it fired so often."""
    until = time.monotonic() + 10
    while True:
        fired = house.get(f"/v1/rules/{rule['id']}/log").json()["fired"]
        if len(fired) >= wanted:
            return [one["done"] for one in fired]
        assert time.monotonic() < until, fired
        time.sleep(0.02)


def test_a_rule_is_made_with_201_and_has_the_recorded_members(house: House, token: str) -> None:
    """Configuration API OpenAPI 2025 R2, rules; `result` with `state` and `path` as of every collection."""
    result = made(house, token, "rules", name="Shape", description="long", **NOTES)

    assert result["path"] == {"type": "rule", "id": result["id"]}
    assert result["state"] == "Success"
    told = got(house, token, f"rules/{result['id']}")["data"]
    assert told["relations"] == {"self": {"type": "rules", "id": result["id"]}}
    assert {
        "always", "withinTimeProfile", "outsideTimeProfile", "timeOfDayBetween", "daysOfWeek", "failoverActive",
        "failoverInactive", "startRuleType", "stopRuleType", "startActions", "stopActions", "displayName", "enabled",
    } <= told.keys()  # fmt: skip
    assert (told["always"], told["daysOfWeek"], told["stopRuleType"]) == (True, False, "None")
    assert told["start.CreateLogEntry.Text"] == "Something moved"


def test_a_log_entry_is_written_when_the_event_comes(house: House, token: str, camera: Device) -> None:
    """MilestonePSTools, New-VmsRule, example 4: `CreateLogEntry`, upper-case first letters as in the MIP SDK."""
    spelled = {name[0].upper() + name[1:]: value for name, value in NOTES.items()}
    rule = made(house, token, "rules", **{"Name": "Upper", **spelled})

    house.report(camera, "motion.started")
    house.report(camera, "motion.stopped")

    assert noted(house, rule) == [["noted: Something moved"]]


def test_sources_bound_it_however_they_are_written(house: House, token: str, camera: Device) -> None:
    """MilestonePSTools, New-VmsRule: `Camera[GUID]`, `CameraGroup[…]` of all cameras, `External[…]`; and paths."""
    other = house.device("Elsewhere", kind=DeviceKind.CAMERA)
    written = [
        f"Camera[{camera.id}]",
        f"cameras/{camera.id}",
        str(camera.id),
        [{"type": "cameras", "id": str(camera.id)}],
    ]
    rules = [
        made(house, token, "rules", name=f"by {n}", **NOTES, startEventSources=one) for n, one in enumerate(written)
    ]
    everywhere = made(
        house,
        token,
        "rules",
        name="all",
        **NOTES,
        startEventSources="CameraGroup[0e1b0ad3-f67c-4d5f-b792-4bd6c3cf52f8]",
    )

    house.report(other, "motion.started")
    house.report(camera, "motion.started")

    assert len(noted(house, everywhere, 2)) == 2
    assert [len(noted(house, rule)) for rule in rules] == [1, 1, 1, 1]


def test_an_event_is_triggered_by_a_rule(house: House, token: str, camera: Device) -> None:
    """Configuration API OpenAPI 2025 R2, startActions: `TriggerEventOnRemoteSite`, "trigger <user-defined event>"."""
    event = made(house, token, "userDefinedEvents", name="Lights on")["id"]
    rule = made(
        house, token, "rules", name="Lights", startRuleType="Event", startEventType=MOTION,
        startActions="TriggerEventOnRemoteSite",
        **{"start.TriggerEventOnRemoteSite.Event": f"userDefinedEvents/{event}"},
    )  # fmt: skip

    house.report(camera, "motion.started")

    assert noted(house, rule) == [["event derived"]]
    listed = got(house, token, f"events?type={event}")["array"]
    assert [one["source"] for one in listed] == [f"userDefinedEvents/{event}"]


def test_the_webhook_action_fills_the_queue_of_the_webhook_that_it_names(
    house: House, token: str, camera: Device
) -> None:
    """Add-on Webhooks: the action `MIPAction:e4852d57-…` sends the event to a webhook."""
    form = NewWebhook(name="vendor", url="https://hooks.example.org/x", sends="rules", format="xprotect")
    hook = asyncio.run(house.services.webhooks.add(house.admin, form)).webhook
    rule = made(
        house, token, "rules", name="Calls", startRuleType="Event", startEventType=MOTION, startActions=WEBHOOK,
        **{f"start.{WEBHOOK}.Webhook": "vendor"},
    )  # fmt: skip

    house.report(camera, "motion.started")
    done = noted(house, rule)
    asyncio.run(house.services.outbox.drain())

    assert done == [["webhook waits to be sent"]]
    [waiting] = house.get(f"/v1/webhooks/{hook.id}/deliveries").json()["items"]
    assert waiting["rule"] == rule["id"]


def test_what_a_rule_stops_with_is_done_at_its_stop_event(house: House, token: str, camera: Device) -> None:
    """Configuration API OpenAPI 2025 R2, stopRuleType `Event`, stopActions."""
    rule = made(
        house, token, "rules", name="Both", **NOTES, stopRuleType="Event", stopEventType=STOPPED,
        stopActions="CreateLogEntry", **{"stop.CreateLogEntry.Text": "Quiet again"},
    )  # fmt: skip
    stop = next(one for one in house.get("/v1/rules", limit=1000).json()["items"] if one["name"] == "Both (stop)")

    house.report(camera, "motion.started")
    house.report(camera, "motion.stopped")

    assert noted(house, rule) == [["noted: Something moved"]]
    assert noted(house, stop) == [["noted: Quiet again"]]


def test_a_rule_on_an_interval_goes_by_the_clock_and_its_time_profile(house: House, token: str) -> None:
    """Configuration API OpenAPI 2025 R2, startRuleType `TimeInterval`, withinTimeProfile."""
    profile = made(
        house, token, "timeProfiles", name="Nights",
        timeProfileAppointmentRecur=[{"recurrenceOccurrenceStartTime": "22:00:00", "recurrencePatternDaysOfWeek": 127,
                                      "recurrenceOccurrenceDuration": "08:00:00"}],
    )  # fmt: skip
    rule = made(
        house, token, "rules", name="Night", startRuleType="TimeInterval", stopRuleType="TimeInterval",
        withinTimeProfile=True, startActions="CreateLogEntry", stopActions="CreateLogEntry",
        **{"withinTimeProfile.TimeProfile": f"TimeProfile[{profile['id']}]", "start.CreateLogEntry.Text": "dark",
           "stop.CreateLogEntry.Text": "light"},
    )  # fmt: skip

    native = house.get(f"/v1/rules/{rule['id']}").json()
    other = next(one for one in house.get("/v1/rules", limit=1000).json()["items"] if one["name"] == "Night (stop)")

    assert (native["at"], other["at"]) == ("begin", "end")
    assert [(one["from"], one["to"]) for one in native["schedule"]["week"]] == [("22:00", "06:00")]
    changed = ask(
        house, "PATCH", f"timeProfiles/{profile['id']}", token,
        {"timeProfileAppointmentRecur": [{"recurrenceOccurrenceStartTime": "20:00:00", "recurrencePatternDaysOfWeek": 1,
                                          "recurrenceOccurrenceDuration": "01:30:00"}]},
    )  # fmt: skip
    assert changed.status_code == 200, changed.text
    week = house.get(f"/v1/rules/{other['id']}").json()["schedule"]["week"]
    assert week == [{"days": ["sunday"], "from": "20:00", "to": "21:30"}]
    assert got(house, token, f"rules/{rule['id']}")["data"]["name"] == "Night"  # told as before


def test_within_and_outside_bound_when_an_event_counts(house: House, token: str, camera: Device) -> None:
    """Configuration API OpenAPI 2025 R2, timeOfDayBetween and daysOfWeek; MilestonePSTools for their parameters."""
    at = parse_instant("2026-05-29T12:00:00Z")  # a Friday, 14:00 by the clocks of the house
    assert at
    between = {"timeOfDayBetween": True, "timeOfDayBetween.EndTime": "15:00:00"}
    inside = made(house, token, "rules", name="in", **NOTES, **between, **{"timeOfDayBetween.StartTime": "13:00:00"})
    outside = made(house, token, "rules", name="out", **NOTES, **between, **{"timeOfDayBetween.StartTime": "14:30:00"})
    friday = made(house, token, "rules", name="day", **NOTES, daysOfWeek="True", **{"daysOfWeek.Days": "Friday;Sunday"})

    house.report(camera, "motion.started", occurred="2026-05-29T12:00:00Z")

    assert len(noted(house, inside)) == len(noted(house, friday)) == 1
    assert noted(house, outside, 0) == []


def test_a_rule_that_is_duplicated_as_the_vendors_sample_does_is_a_rule_of_its_own(house: House, token: str) -> None:
    """mipsdk-samples-protocol 3f42081, RestfulCommunication: get it, change `name` and `id`, post the whole object."""
    first = made(house, token, "rules", name="First", **NOTES)
    whole = got(house, token, f"rules/{first['id']}")["data"]
    id_ = str(uuid4())

    answer = ask(house, "POST", "rules", token, {**whole, "name": "Copy", "id": id_})

    assert answer.status_code == 201, answer.text
    copy = answer.json()["result"]
    assert (copy["id"], copy["name"]) == (id_, "Copy")
    assert copy["start.CreateLogEntry.Text"] == whole["start.CreateLogEntry.Text"]
    assert ask(house, "POST", "rules", token, {**whole, "name": "Again"}).status_code == 409


def test_a_disabled_rule_is_listed_when_it_is_asked_for_and_fires_no_more(
    house: House, token: str, camera: Device
) -> None:
    """Configuration API, query flag `disabled`: by default only what is enabled; `enabled` as text is taken, too."""
    rule = made(house, token, "rules", name="Off", **NOTES)
    ids = lambda query: {one["id"] for one in got(house, token, f"rules{query}")["array"]}  # noqa: E731

    off = ask(house, "PATCH", f"rules/{rule['id']}", token, {"enabled": "false"})

    assert off.json()["data"]["enabled"] is False
    assert rule["id"] not in ids("")
    assert rule["id"] in ids("?disabled")
    assert house.get(f"/v1/rules/{rule['id']}").json()["enabled"] is False


def test_a_change_keeps_what_is_not_given(house: House, token: str, camera: Device) -> None:
    """Configuration API: PUT with the name alone is taken; PATCH changes what it gives."""
    rule = made(house, token, "rules", name="Before", **NOTES)

    named = ask(house, "PUT", f"rules/{rule['id']}", token, {"name": "After"}).json()["data"]
    text = ask(house, "PATCH", f"rules/{rule['id']}", token, {"start.CreateLogEntry.Text": "moved"}).json()["data"]
    house.report(camera, "motion.started")

    assert (named["name"], named["startEventType"]) == ("After", MOTION)
    assert (text["name"], text["start.CreateLogEntry.Text"]) == ("After", "moved")
    assert noted(house, rule) == [["noted: moved"]]


def test_what_is_removed_is_gone_everywhere(house: House, token: str) -> None:
    """Configuration API: DELETE answers 200 with the state."""
    rule = made(house, token, "rules", name="Gone", **NOTES)

    answer = ask(house, "DELETE", f"rules/{rule['id']}", token)

    assert (answer.status_code, answer.json()) == (200, {"state": "Success"})
    assert ask(house, "GET", f"rules/{rule['id']}", token).status_code == 404
    assert house.get(f"/v1/rules/{rule['id']}").status_code == 404


def test_a_rule_that_is_rewritten_natively_is_no_longer_told_here(house: House, token: str) -> None:
    kept, lost = (made(house, token, "rules", name=name, **NOTES) for name in ("Kept", "Lost"))

    house.client.patch(f"/v1/rules/{kept['id']}", json={"name": "Renamed"})
    house.client.patch(f"/v1/rules/{lost['id']}", json={"quiet_s": 5})

    assert got(house, token, f"rules/{kept['id']}")["data"]["name"] == "Renamed"
    assert ask(house, "GET", f"rules/{lost['id']}", token).status_code == 404
    assert house.get(f"/v1/rules/{lost['id']}").status_code == 200


def test_who_may_not_manage_alarms_is_refused(house: House) -> None:
    reader = user_token(house, "no rule maker", frozenset({Scope.EVENTS_READ}))

    assert ask(house, "GET", "rules", reader).status_code == 403
    assert ask(house, "POST", "rules", reader, {"name": "x", **NOTES}).status_code == 403


def test_filters_and_definitions_are_as_of_every_collection(house: House, token: str) -> None:
    made(house, token, "rules", name="Findable", **NOTES)

    found = got(house, token, "rules?name=contains:INDAB&startRuleType=Event")["array"]
    flags = got(house, token, "rules?definitions&noData")

    assert [one["name"] for one in found] == ["Findable"]
    assert flags["definitions"]["startActions"]["valueType"] == "string"
