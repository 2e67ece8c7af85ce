"""Names, payloads, and where an event is found."""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import msgspec
import pytest

from gatebook.dialects.smartphonekey import DIALECT
from gatebook.dialects.smartphonekey.mapping import KINDS, TAGGED, WORDS, kind_of
from gatebook.domain.access import NOTHING
from gatebook.domain.kinds import Kind
from gatebook.domain.places import Device, DeviceKind
from tests.dialects.smartphonekey.house import House

ROOT = Path(__file__).parents[3]
KEY_UUID = "7b0c8f4a-3a0e-4b61-9a2c-0d4a3f2b1c5d"
NAMES = """
AlarmTriggered AlarmCleared LockCreated OwnerSet OrganizationSet KeyAdded KeyRemoved ResidentAdded ResidentRemoved
LockUuidChanged LockOpenRequested KeyWriteRequested UserCreated ProfileUpdated UserPhoneNumberUpdated UserEmailUpdated
PhysicalKeyAdded PhysicalKeyRemoved WalletKeyPrepared WalletKeyCommitted WalletKeyRolledBack WalletKeyRemoved
AccessibleLockAdded AccessibleLockRemoved UserSuspended UserReactivated WalletKeyAdded LicensePlateAdded
LicensePlateRemoved DeviceAdded DeviceRemoved HubProvisioned HubClaimed HubReClaimed HubRoleSet HubSuspended
HubDecommissioned MigrationStarted DeviceMigrationStatusUpdated MigrationCompleted CameraRegistered CameraUpdated
CameraDisabled CameraDeleted CameraLinkedToLock CameraUnlinkedFromLock CameraRoleCreated CameraRoleDeleted
CameraRoleUserAssigned CameraRoleUserRemoved CameraRoleCameraAssigned CameraRoleCameraRemoved TempKeyCreated TempKeyUsed
TempKeyDeleted TempKeyUpdated MatterDeviceCreated ReportedShadowUpdated DesiredShadowUpdated MatterPinSet
MatterPinCleared RtspCameraRegistered RtspCameraUpdated RtspCameraDeleted RtspCameraAccessGranted
RtspCameraAccessRevoked RtspCameraStreamStarted RtspCameraStreamStopped RtspCameraPlaced RtspCameraPlacementFailed
""".split()  # noqa: SIM905
"""Source: SmartphoneKey event-schemas.json, 2026-08-20."""


@pytest.fixture(scope="module")
def lock(house: House) -> Device:
    return house.add_device()


def test_every_name_has_a_kind_or_is_told_to_have_none() -> None:
    """SmartphoneKey event-schemas.json: 70 names."""
    readme = (ROOT / "src/gatebook/dialects/smartphonekey/README.md").read_text()

    without = set(re.findall(r"`([A-Z][A-Za-z]+[a-z])`", readme.split("## Not spoken")[1].split("##")[0]))

    assert len(NAMES) == 70
    assert {name for name in NAMES if kind_of(name) is None} == without
    assert {*WORDS.values(), *TAGGED} <= set(NAMES)


def test_the_documented_table_is_the_one_in_force() -> None:
    page = (ROOT / "docs/dialects/smartphonekey.md").read_text()

    rows = re.findall(r"^\| `([a-z_]+\.[a-z_]+)` \| (.*) \|$", page, re.MULTILINE)

    assert {Kind(kind): tuple(re.findall(r"`(\w+)`", names)) for kind, names in rows} == KINDS


@pytest.mark.parametrize("name", sorted({*WORDS.values(), *TAGGED}))
def test_an_event_written_under_a_name_is_read_under_it(house: House, lock: Device, name: str) -> None:
    """SmartphoneKey event-schemas.json, names of events."""
    found = kind_of(name)
    assert found is not None
    kind, tag = found

    house.report(lock, kind.value, tag=tag)

    assert house.row(lock)["type"] == name


@pytest.mark.parametrize("kind", [kind for kind in Kind if not kind.is_record])
def test_a_kind_is_called_by_its_own_name_where_nothing_says_otherwise(house: House, lock: Device, kind: Kind) -> None:
    """SmartphoneKey event-schemas.json, names of events; our own where there is none."""
    house.report(lock, kind.value, tag="LockSmashed")

    assert house.row(lock)["type"] == WORDS.get(kind, kind.value)


def test_a_tag_that_is_a_name_of_another_kind_changes_nothing(house: House, lock: Device) -> None:
    """SmartphoneKey event-schemas.json, names of events."""
    house.report(lock, "door.opened", tag="LockCreated")

    assert house.row(lock)["type"] == "door.opened"


PAYLOADS: dict[str, tuple[str, str | None, dict[str, object], dict[str, object]]] = {
    "owner": ("owner.assigned", None, {"userId": "u1"}, {"userId": "u1"}),
    "organisation": ("setting.changed", "OrganizationSet", {"orgId": "acme"}, {"orgId": "acme"}),
    "key": ("key.added", None, {"keyUuid": KEY_UUID}, {"keyUuid": KEY_UUID}),
    "key, whole": (
        "key.added", None,
        {"keyUuid": KEY_UUID, "keyIndexNumber": 7, "userId": "u1", "more": True},
        {"keyUuid": KEY_UUID, "keyIndexNumber": 7, "userId": "u1"},
    ),
    "key gone": ("key.removed", None, {"keyUuid": KEY_UUID, "keyIndexNumber": 7, "userId": "u1"},
                 {"keyUuid": KEY_UUID, "keyIndexNumber": 7}),
    "resident": ("resident.added", None, {"userId": "u1", "name": "Ann", "email": "a@x.org"},
                 {"userId": "u1", "name": "Ann", "email": "a@x.org"}),
    "resident, without": ("resident.added", None, {"userId": "u1", "name": "Ann", "email": None},
                          {"userId": "u1", "name": "Ann"}),
    "resident gone": ("resident.removed", None, {"userId": "u1", "name": "Ann"}, {"userId": "u1"}),
    "uuid": ("setting.changed", "LockUuidChanged", {"newUuid": "b", "previousUuid": "a"},
             {"newUuid": "b", "previousUuid": "a"}),
    "opening": ("command.requested", None, {"reason": "delivery", "requestId": "r1"},
                {"reason": "delivery", "requestId": "r1"}),
    "opening, bare": ("command.requested", None, {}, {}),
    "writing": ("command.requested", "KeyWriteRequested", {"keyUuid": KEY_UUID}, {"keyUuid": KEY_UUID}),
}  # fmt: skip


@pytest.mark.parametrize("case", PAYLOADS)
def test_a_payload_is_built_from_the_data(house: House, lock: Device, case: str) -> None:
    """SmartphoneKey event-schemas.json, lock events: {lockId (number), uuid, timestamp (ISO)} and each one's own."""
    kind, tag, data, own = PAYLOADS[case]

    house.report(lock, kind, tag=tag, data=msgspec.json.encode(data))

    shared = {"lockId": lock.number, "uuid": str(lock.id), "timestamp": "2026-05-29T12:00:00.000Z"}
    assert house.row(lock)["event"] == {**shared, **own}


def test_a_payload_is_built_from_what_the_event_says_beside_its_data(house: House, lock: Device) -> None:
    """SmartphoneKey event-schemas.json, lock events: KeyAdded, ResidentAdded, LockOpenRequested."""
    ann = house.add_person("Ann")

    def told(kind: str, **fields: object) -> dict[str, object]:
        house.report(lock, kind, **fields)
        event = house.row(lock)["event"]
        assert isinstance(event, dict)
        return {name: value for name, value in event.items() if name not in ("lockId", "uuid", "timestamp")}

    assert told("owner.assigned", person=ann.number) == {"userId": str(ann.id)}
    assert told("key.added", person=ann.number, credential="0401") == {"userId": str(ann.id), "keyUuid": "0401"}
    assert told("resident.added", person=ann.number) == {"userId": str(ann.id), "name": "Ann"}
    assert told("command.requested", message="parcel") == {"reason": "parcel"}


def test_the_uuid_is_that_of_the_day_where_it_was_written_down(house: House, lock: Device) -> None:
    """SmartphoneKey event-schemas.json, lock events: LockUuidChanged leaves earlier payloads as they were."""
    house.report(lock, "command.requested", data=b'{"uuid":"as-it-was","lockId":"9","timestamp":"never"}')

    assert house.row(lock)["event"] == {
        "lockId": lock.number, "uuid": "as-it-was", "timestamp": "2026-05-29T12:00:00.000Z",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("owner.assigned", '{"note":"no user"}'),
        ("owner.assigned", '{"userId":7}'),
        ("key.added", '{"keyUuid":"k","keyIndexNumber":"seven"}'),
        ("key.added", "[1,2]"),
        ("access.granted", '{"b":1,"a":1.50,"b2":"\\u00e9"}'),
        ("alarm.raised", '{"alarm":{"deep":[1]}}'),
    ],
)
def test_data_that_fit_no_payload_come_as_they_were_stored(house: House, lock: Device, kind: str, data: str) -> None:
    """SmartphoneKey "Get lock event history", example response: `event` may be anything."""
    house.report(lock, kind, data=data.encode())

    assert f'"event":{data}}}' in house.get(lock).text


@pytest.mark.parametrize("kind", ["access.granted", "owner.assigned", "resident.added"])
def test_without_data_or_anything_to_build_from_there_is_null(house: House, lock: Device, kind: str) -> None:
    """SmartphoneKey "Get lock event history", example response: `"event": "null"`."""
    house.report(lock, kind)

    assert house.row(lock)["event"] is None


def test_an_event_has_its_row_and_its_page(house: House) -> None:
    """SmartphoneKey "Get lock event history", example response."""
    lock = house.add_device()
    house.report(lock, *["door.opened"] * 9)
    accepted = house.report(lock, "key.added", "door.closed", credential="0401")
    rows = [row for page in (1, 2) for row in house.get(lock, page=page).json()["events"]]
    assert DIALECT.shape_of is not None
    assert DIALECT.url_of is not None

    for one in accepted:
        page = asyncio.run(house.services.history.event(house.admin, one.outcome.id))
        shape = asyncio.run(DIALECT.shape_of(house.services, house.admin, page.events[0]))
        url = asyncio.run(DIALECT.url_of(house.services, house.admin, page.events[0]))

        assert json.loads(msgspec.json.encode(shape)) == rows[one.outcome.version - 1]
        assert url is not None
        assert rows[one.outcome.version - 1] in house.client.get(url, headers={"X-API-Key": house.key}).json()["events"]


def test_an_event_elsewhere_or_hidden_has_neither(house: House) -> None:
    """SmartphoneKey "Get lock event history": locks only."""
    lock, camera = house.add_device(), house.add_device(kind=DeviceKind.CAMERA)
    (at_lock,), (at_camera,) = house.report(lock, "door.opened"), house.report(camera, "motion.started")
    stranger = replace(house.admin, grant=NOTHING)
    assert DIALECT.shape_of is not None
    assert DIALECT.url_of is not None

    for caller, id in ((stranger, at_lock.outcome.id), (house.admin, at_camera.outcome.id)):
        page = asyncio.run(house.services.history.event(house.admin, UUID(str(id))))

        assert asyncio.run(DIALECT.shape_of(house.services, caller, page.events[0])) is None
        assert asyncio.run(DIALECT.url_of(house.services, caller, page.events[0])) is None
