"""`alarmDefinitions` and `timeProfiles` over HTTP: recorded shapes and ids, and alarms that are really raised."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest

from gatebook.domain.access import Grant, Scope
from gatebook.domain.places import Device, DeviceKind
from tests.dialects.xprotect.asking import ask, got, made, user_token
from tests.houses import House

SCOPES = frozenset({Scope.EVENTS_READ, Scope.EVENTS_WRITE, Scope.ALARMS_MANAGE, Scope.DEVICES_MANAGE})
MOTION = "6eb95dd6-7ccc-4bce-99f8-af0d0b582d77"
EXTERNAL_GROUP, EXTERNAL_EVENT = "5946b6fa-44d9-4f4c-82bb-46a17b924265", "0fcb1955-0e80-4fd4-a78a-db47ee89700c"
HIGH, LOW = "8188ff24-b5da-4c19-9ebf-c1d8fc2caa75", "34f1f987-6854-44fb-88a5-daa0add1e38a"
NONE = str(UUID(int=0))
DAY = {"recurrenceOccurrenceStartTime": "08:00:00", "recurrenceOccurrenceDuration": "09:00:00",
       "recurrencePatternFrequency": "Weekly", "recurrencePatternDaysOfWeek": 62}  # fmt: skip


@pytest.fixture(scope="module")
def token(house: House) -> str:
    return user_token(house, "definer", SCOPES)


@pytest.fixture
def camera(house: House) -> Device:
    return house.device("Yard", kind=DeviceKind.CAMERA)


def eventually(look: Callable[[], Any]) -> Any:
    until = time.monotonic() + 10
    while not (found := look()):
        assert time.monotonic() < until
        time.sleep(0.02)
    return found


def alarms(house: House, token: str, name: str) -> list[dict[str, Any]]:
    return got(house, token, f"alarms?name='{name}'")["array"]


def test_it_has_the_recorded_members_and_defaults(house: House, token: str) -> None:
    """Configuration API OpenAPI 2025 R2, alarmDefinitions."""
    result = made(house, token, "alarmDefinitions", name="Shape", eventType=MOTION, priority=HIGH, owner="A (B/C)")

    told = got(house, token, f"alarmDefinitions/{result['id']}")["data"]
    assert result["path"] == {"type": "alarmDefinition", "id": result["id"]}
    assert {
        "eventTypeGroup", "eventType", "sourceList", "enableRule", "timeProfile", "enableEventList", "disableEventList",
        "managementTimeoutTime", "managementTimeoutEventList", "relatedCameraList", "mapType", "relatedMap", "owner",
        "priority", "category", "triggerEventlist", "autoClose", "assignableToAdmins", "displayName", "description",
    } <= told.keys()  # fmt: skip
    assert (told["enableRule"], told["mapType"], told["managementTimeoutTime"]) == ("0", "0", "00:01:00")
    assert (told["priority"], told["category"], told["owner"]) == (HIGH, NONE, "A (B/C)")


def test_an_alarm_is_raised_at_a_source_of_the_list_alone(house: House, token: str, camera: Device) -> None:
    """Configuration API OpenAPI 2025 R2: eventType, sourceList as paths, priority by its recorded id."""
    other = house.device("Elsewhere", kind=DeviceKind.CAMERA)
    made(house, token, "alarmDefinitions", name="At the yard", eventType=MOTION, priority=LOW, description="go",
         sourceList=[{"type": "cameras", "id": str(camera.id)}])  # fmt: skip

    house.report(other, "motion.started")
    house.report(camera, "motion.started")
    house.report(camera, "motion.started")
    [alarm] = eventually(lambda: [one for one in alarms(house, token, "At the yard")])

    assert (alarm["source"], alarm["priority"]["id"], alarm["message"]) == (f"cameras/{camera.id}", LOW, "go")
    assert alarm["state"]["name"] == "New"


def test_a_user_defined_event_raises_one_by_the_external_type_and_its_source(house: House, token: str) -> None:
    """Configuration API OpenAPI 2025 R2: External Events 5946b6fa-…, External Event 0fcb1955-…; sources are
    userDefinedEvents."""
    event, other = (made(house, token, "userDefinedEvents", name=str(uuid4()))["id"] for _ in range(2))
    made(house, token, "alarmDefinitions", name="By button", eventTypeGroup=EXTERNAL_GROUP, eventType=EXTERNAL_EVENT,
         sourceList=[f"userDefinedEvents/{event}"])  # fmt: skip

    for one in (other, event):
        assert ask(house, "POST", "events", token, {"type": one}).status_code == 202
    [alarm] = eventually(lambda: alarms(house, token, "By button"))

    assert alarm["source"] == f"userDefinedEvents/{event}"


def test_a_group_alone_means_all_of_its_types(house: House, token: str) -> None:
    """Configuration API OpenAPI 2025 R2, eventTypeGroup: Device 1eacbcad-d566-4375-834b-cfbe3d937caa."""
    made(
        house, token, "alarmDefinitions", name="Any of a device", eventTypeGroup="1eacbcad-d566-4375-834b-cfbe3d937caa"
    )
    door = house.device()

    house.report(door, "door.opened")
    house.report(door, "tamper.detected")
    [alarm] = eventually(lambda: alarms(house, token, "Any of a device"))

    assert alarm["source"] == f"hardware/{door.id}"


def test_events_are_triggered_by_the_alarm_and_when_nobody_takes_it(house: House, token: str, camera: Device) -> None:
    """Configuration API OpenAPI 2025 R2: triggerEventlist, managementTimeoutTime, managementTimeoutEventList."""
    first, late = (made(house, token, "userDefinedEvents", name=str(uuid4()))["id"] for _ in range(2))
    made(
        house, token, "alarmDefinitions", name="Somebody come", eventType=MOTION, sourceList=[f"cameras/{camera.id}"],
        triggerEventlist=[f"userDefinedEvents/{first}"], managementTimeoutTime="00:00:01",
        managementTimeoutEventList=[{"type": "userDefinedEvents", "id": late}],
    )  # fmt: skip

    house.report(camera, "motion.started")
    eventually(lambda: got(house, token, f"events?type={first}")["array"])
    before = got(house, token, f"events?type={late}")["array"]
    eventually(lambda: asyncio.run(house.services.alarms.escalate_due()))
    [event] = eventually(lambda: got(house, token, f"events?type={late}")["array"])

    assert before == []
    assert event["source"] == f"userDefinedEvents/{late}"


def test_a_time_profile_bounds_when_it_is_raised(house: House, token: str, camera: Device) -> None:
    """Configuration API OpenAPI 2025 R2: enableRule "1" is by TimeProfile."""
    profile = made(house, token, "timeProfiles", name="Office", timeProfileAppointmentRecur=[DAY])
    definition = made(
        house, token, "alarmDefinitions", name="In hours", eventType=MOTION, enableRule="1",
        timeProfile={"type": "timeProfiles", "id": profile["id"]}, sourceList=[f"cameras/{camera.id}"],
    )  # fmt: skip
    made(house, token, "alarmDefinitions", name="Always", eventType=MOTION, sourceList=[f"cameras/{camera.id}"])

    house.report(camera, "motion.started", occurred="2026-05-30T10:00:00Z")  # a Saturday
    eventually(lambda: alarms(house, token, "Always"))
    weekend = alarms(house, token, "In hours")
    house.report(camera, "motion.started", occurred="2026-05-29T10:00:00Z")
    eventually(lambda: alarms(house, token, "In hours"))

    assert weekend == []
    told = got(house, token, f"alarmDefinitions/{definition['id']}")["data"]
    assert (told["enableRule"], told["timeProfile"]) == ("1", {"type": "timeProfiles", "id": profile["id"]})
    taken = ask(house, "DELETE", f"timeProfiles/{profile['id']}", token)
    assert taken.status_code == 409
    assert "In hours" in taken.text


@pytest.mark.parametrize(
    ("body", "property"),
    [
        ({"enableRule": "2"}, "enableRule"),
        ({"enableRule": "1", "timeProfile": f"timeProfiles/{UUID(int=7)}"}, "timeProfile"),
        ({"autoClose": True}, "autoClose"),
        ({"priority": str(UUID(int=7))}, "priority"),
        ({"category": str(UUID(int=7))}, "category"),
        ({"eventType": str(UUID(int=7))}, "eventType"),
        ({"sourceList": [f"cameras/{UUID(int=7)}"]}, "sourceList"),
        ({"sourceList": ["door 7"]}, "sourceList"),
        ({"triggerEventlist": [f"userDefinedEvents/{UUID(int=7)}"]}, "triggerEventlist"),
        ({"managementTimeoutTime": "soon"}, "managementTimeoutTime"),
    ],
)
def test_what_cannot_be_done_is_400_by_its_name(
    house: House, token: str, body: dict[str, object], property: str
) -> None:
    answer = ask(house, "POST", "alarmDefinitions", token, {"name": "x", "eventType": MOTION, **body})

    assert answer.status_code == 400
    assert answer.json()["error"]["details"][0]["property"] == property


def test_a_category_is_one_of_those_that_are_listed(house: House, token: str) -> None:
    """Configuration API OpenAPI 2025 R2: category by its GUID; none is all-zero."""
    named = made(house, token, "alarmDefinitions", name="By name", eventType=MOTION, category="Intrusion")
    [id_] = [one["id"] for one in got(house, token, "alarmCategories")["array"] if one["name"] == "Intrusion"]

    by_id = made(house, token, "alarmDefinitions", name="By id", eventType=MOTION, category=id_)

    assert named["category"] == by_id["category"] == id_


def test_a_definition_is_changed_disabled_and_removed_with_its_rules(house: House, token: str) -> None:
    """Configuration API OpenAPI 2025 R2, alarmDefinitions: PUT, PATCH, DELETE."""
    event = made(house, token, "userDefinedEvents", name=str(uuid4()))["id"]
    one = made(house, token, "alarmDefinitions", name="Two rules", eventType=MOTION,
               managementTimeoutEventList=[f"userDefinedEvents/{event}"])  # fmt: skip
    native = lambda: [n["name"] for n in house.get("/v1/rules", limit=1000).json()["items"] if "wo rules" in n["name"]]  # noqa: E731

    both = native()
    changed = ask(house, "PATCH", f"alarmDefinitions/{one['id']}", token,
                  {"managementTimeoutEventList": [], "priority": HIGH, "enabled": False}).json()["data"]  # fmt: skip
    left = native()
    removed = ask(house, "DELETE", f"alarmDefinitions/{one['id']}", token)

    assert sorted(both) == ["Two rules", "Two rules (not taken)"]
    assert (changed["priority"], changed["enabled"], changed["eventType"]) == (HIGH, False, MOTION)
    assert left == ["Two rules"]
    assert (removed.json(), native()) == ({"state": "Success"}, [])


def test_a_rule_and_a_definition_may_have_one_name(house: House, token: str) -> None:
    body = {"startRuleType": "Event", "startEventType": MOTION, "startActions": "CreateLogEntry"}
    rule = made(house, token, "rules", name="Same", **body)

    definition = made(house, token, "alarmDefinitions", name="Same", eventType=MOTION)

    assert (rule["name"], definition["name"]) == ("Same", "Same")


def test_a_time_profile_tells_its_hours_as_they_were_given(house: House, token: str) -> None:
    """A client generated from the vendor's OpenAPI, TimeProfileAppointmentRecur: names, bits of days, words."""
    once = {"startDateTime": "2026-12-24T08:00:00", "endDateTime": "2026-12-26T12:00:00", "subject": "Market"}
    profile = made(house, token, "timeProfiles", name="Told", description="d", timeProfileAppointmentRecur=[DAY],
                   timeProfileAppointmentRoot=[once])  # fmt: skip

    told = got(house, token, f"timeProfiles/{profile['id']}")["data"]

    [hours], [market] = told["timeProfileAppointmentRecur"], told["timeProfileAppointmentRoot"]
    assert DAY.items() <= hours.items()
    assert (hours["recurrencePatternType"], hours["recurrenceRangeLimit"]) == ("Explicit", "NoLimit")
    assert once.items() <= market.items()
    assert told["relations"] == {"self": {"type": "timeProfiles", "id": profile["id"]}}


@pytest.mark.parametrize(
    ("hours", "property"),
    [
        ({**DAY, "recurrencePatternFrequency": "Monthly"}, "recurrencePatternFrequency"),
        ({**DAY, "recurrencePatternInterval": 2}, "recurrencePatternFrequency"),
        ({**DAY, "recurrenceRangeLimit": "LimitByDate"}, "recurrenceRangeLimit"),
        ({**DAY, "recurrencePatternDaysOfWeek": 0}, "recurrencePatternDaysOfWeek"),
        ({**DAY, "recurrenceOccurrenceDuration": "00:00:00"}, "recurrenceOccurrenceDuration"),
        ({**DAY, "recurrenceOccurrenceStartTime": "noon"}, "recurrenceOccurrenceStartTime"),
    ],
)
def test_hours_that_cannot_be_kept_are_400_by_their_name(
    house: House, token: str, hours: dict[str, object], property: str
) -> None:
    answer = ask(house, "POST", "timeProfiles", token, {"name": "x", "timeProfileAppointmentRecur": [hours]})

    assert answer.status_code == 400
    assert answer.json()["error"]["details"][0]["property"] == property


def test_hours_belong_to_the_whole_organisation(house: House, camera: Device) -> None:
    narrow = user_token(house, "narrow definer", SCOPES, grant=Grant(devices=frozenset({camera.number})))

    assert ask(house, "POST", "timeProfiles", narrow, {"name": "mine"}).status_code == 403
    assert ask(house, "GET", "timeProfiles", narrow).status_code == 200
    assert [one["name"] for one in got(house, narrow, "alarmDefinitions?disabled")["array"]] == []
