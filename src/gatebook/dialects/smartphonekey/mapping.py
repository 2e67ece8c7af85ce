"""Between SmartphoneKey's words and ours: event names, payloads, and which versions stand on which page."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import msgspec

from gatebook.dialects.smartphonekey import schemas
from gatebook.domain.errors import BadInput
from gatebook.domain.events import Event
from gatebook.domain.filters import PLATE_KINDS, PLATE_METHOD
from gatebook.domain.kinds import Kind
from gatebook.domain.places import Device, DeviceKind
from gatebook.domain.times import rfc3339
from gatebook.services.views import View, hides_data

PAGE_SIZE: Final = 10
"""Source: SmartphoneKey "Get lock event history", 2026-08-20: "Default: last 10 events"."""

LOCKS: Final = frozenset({DeviceKind.LOCK, DeviceKind.DOOR, DeviceKind.READER})
"""What is a lock to SmartphoneKey; it knows cameras and hubs by other roads."""

AGGREGATE: Final = "LockAggregate"
"""Source: SmartphoneKey event-schemas.json, registry of aggregates, 2026-08-20."""

WORDS: Final[Mapping[Kind, str]] = {
    Kind.ALARM_RAISED:      "AlarmTriggered",
    Kind.ALARM_CLOSED:      "AlarmCleared",
    Kind.OWNER_ASSIGNED:    "OwnerSet",
    Kind.KEY_ADDED:         "KeyAdded",
    Kind.KEY_REMOVED:       "KeyRemoved",
    Kind.RESIDENT_ADDED:    "ResidentAdded",
    Kind.RESIDENT_REMOVED:  "ResidentRemoved",
    Kind.SHARE_GRANTED:     "AccessibleLockAdded",
    Kind.SHARE_REVOKED:     "AccessibleLockRemoved",
    Kind.PLATE_REGISTERED:  "LicensePlateAdded",
    Kind.PLATE_WITHDRAWN:   "LicensePlateRemoved",
    Kind.COMMAND_REQUESTED: "LockOpenRequested",
}  # fmt: skip
"""What a kind is called by itself. Source: SmartphoneKey event-schemas.json, names of events, 2026-08-20."""

TAGGED: Final[Mapping[str, Kind]] = {
    "LockCreated":            Kind.SETTING_CHANGED,
    "OrganizationSet":        Kind.SETTING_CHANGED,
    "LockUuidChanged":        Kind.SETTING_CHANGED,
    "KeyWriteRequested":      Kind.COMMAND_REQUESTED,
    "UserCreated":            Kind.SETTING_CHANGED,
    "ProfileUpdated":         Kind.SETTING_CHANGED,
    "UserPhoneNumberUpdated": Kind.SETTING_CHANGED,
    "UserEmailUpdated":       Kind.SETTING_CHANGED,
    "PhysicalKeyAdded":       Kind.KEY_ADDED,
    "PhysicalKeyRemoved":     Kind.KEY_REMOVED,
    "WalletKeyAdded":         Kind.KEY_ADDED,
    "WalletKeyRemoved":       Kind.KEY_REMOVED,
    "CameraRegistered":       Kind.SETTING_CHANGED,
    "CameraUpdated":          Kind.SETTING_CHANGED,
    "CameraLinkedToLock":     Kind.SETTING_CHANGED,
    "CameraUnlinkedFromLock": Kind.SETTING_CHANGED,
    "CameraDisabled":         Kind.DEVICE_STOPPED,
    "CameraDeleted":          Kind.DEVICE_DECOMMISSIONED,
    "HubDecommissioned":      Kind.DEVICE_DECOMMISSIONED,
}  # fmt: skip
"""Names finer than our kinds: an event of the kind has the name when the name is its tag. Source: as `WORDS`."""

KINDS: Final[Mapping[Kind, tuple[str, ...]]] = {
    kind: tuple([word for word in (WORDS.get(kind),) if word] + [word for word, of in TAGGED.items() if of is kind])
    for kind in Kind
    if kind in WORDS or kind in TAGGED.values()
}
"""What a kind can be called, its own name first."""

UNSPOKEN: Final = frozenset(
    {
        Kind.ACCESS_GRANTED,
        Kind.ACCESS_DENIED,
        Kind.DOOR_OPENED,
        Kind.DOOR_CLOSED,
        Kind.DOOR_FORCED,
        Kind.DOOR_HELD,
        Kind.DOOR_RESTORED,
        Kind.LOCK_LOCKED,
        Kind.LOCK_UNLOCKED,
        Kind.SHIFT_STARTED,
        Kind.SHIFT_ENDED,
        Kind.EXIT_REQUESTED,
        Kind.TAMPER_DETECTED,
        Kind.TAMPER_CLEARED,
        Kind.DEVICE_STARTED,
        Kind.DEVICE_CONNECTED,
        Kind.DEVICE_DISCONNECTED,
        Kind.SYNC_STARTED,
        Kind.SYNC_SKIPPED,
        Kind.SYNC_COMPLETED,
        Kind.SYNC_FAILED,
        Kind.SYNC_DELAYED,
        Kind.USER_PROMOTED,
        Kind.USER_DEMOTED,
        Kind.TILE_ASSOCIATED,
        Kind.TILE_DISSOCIATED,
        Kind.PLATE_READ,
        Kind.PLATE_DECIDED,
        Kind.COMMAND_COMPLETED,
        Kind.COMMAND_FAILED,
        Kind.MOTION_STARTED,
        Kind.MOTION_STOPPED,
        Kind.RECORDING_STARTED,
        Kind.RECORDING_STOPPED,
        Kind.EVENT_TRIGGERED,
        Kind.ANALYTICS_DETECTED,
        Kind.ALARM_CHANGED,
        Kind.RECORD_SIGNED_IN,
        Kind.RECORD_SIGNED_OUT,
        Kind.RECORD_REFUSED,
        Kind.RECORD_SEARCHED,
        Kind.RECORD_EXPORTED,
        Kind.RECORD_CHANGED,
        Kind.RECORD_REMOVED,
        Kind.RECORD_ERASED,
    }
)
"""Kinds without a name of SmartphoneKey's: their rows carry our own, those of `record.*` are not shown at all."""

PAYLOADS: Final[Mapping[str, type[schemas.LockPayload]]] = {
    "OwnerSet":          schemas.OwnerSet,
    "OrganizationSet":   schemas.OrganizationSet,
    "KeyAdded":          schemas.KeyAdded,
    "KeyRemoved":        schemas.KeyRemoved,
    "ResidentAdded":     schemas.ResidentAdded,
    "ResidentRemoved":   schemas.ResidentRemoved,
    "LockUuidChanged":   schemas.LockUuidChanged,
    "LockOpenRequested": schemas.LockOpenRequested,
    "KeyWriteRequested": schemas.KeyWriteRequested,
}  # fmt: skip
"""The payloads that the vendor publishes for a lock's events."""

_PAGE = re.compile(r"0*([1-9][0-9]{0,14})", re.ASCII)
"""Fifteen digits: ten times as much still is a whole number in JavaScript, whose clients read our versions."""


@dataclass(frozen=True, slots=True)
class Lock:
    """A device as SmartphoneKey knows it, and the organisation's name for its clients."""

    device: Device
    org_id: str


def page_number(text: str) -> int:
    """The page asked for, 1 or more; BadInput for anything else."""
    match = _PAGE.fullmatch(text)
    if match is None:
        raise BadInput("page", f"got {text[:60]!r}", "expected a positive integer of at most 15 digits, such as 1")
    return int(match[1])


def pages_in(events: int) -> int:
    """How many pages so many versions fill, the last one perhaps in part."""
    return -(-events // PAGE_SIZE)


def versions_on(page: int) -> tuple[int, int]:
    """The first version on a page, and the first after it: the same for ever."""
    return PAGE_SIZE * (page - 1) + 1, PAGE_SIZE * page + 1


def page_with(version: int) -> int:
    """The page on which a version stands."""
    return pages_in(version)


def type_of(event: Event) -> str:
    """The name of what happened: SmartphoneKey's where it has one, else our own."""
    if event.tag is not None and TAGGED.get(event.tag) is event.kind:
        return event.tag
    return WORDS.get(event.kind, event.kind.value)


def kind_of(word: str) -> tuple[Kind, str | None] | None:
    """The kind and tag by which an event has this name; None for a name that no event here has."""
    if word in TAGGED:
        return TAGGED[word], word
    return next(((kind, None) for kind, name in WORDS.items() if name == word), None)


def row_of(event: Event, lock: Lock, user: UUID | None, view: View) -> schemas.EventRow:
    """An event of a lock's history, as its reader sees it; `user` is the id of its person."""
    return schemas.EventRow(
        aggregate_type=AGGREGATE,
        aggregate_id=str(lock.device.number),
        version=event.version,
        type=type_of(event),
        timestamp=rfc3339(event.occurred, 3),
        org_id=lock.org_id,
        event=payload_of(event, lock.device, user, view),
    )


def payload_of(event: Event, device: Device, user: UUID | None, view: View) -> msgspec.Raw | None:
    """The vendor's payload where what its reader may know fits it, else the event's data as they were stored, if any.

    What a command or a report wrote into the data comes before what the event says beside them, but for the lock's
    number and the time, which are the row's own.
    """
    is_plate = event.kind in PLATE_KINDS or event.method is PLATE_METHOD
    data = None if hides_data(event.kind, is_plate, view) else event.data
    stored = None if data is None else msgspec.Raw(data)
    shape = PAYLOADS.get(type_of(event))
    if shape is None:
        return stored
    beside: dict[str, str | None] = {"uuid": str(device.id), "reason": event.message}
    if view.people:
        beside |= {"userId": None if user is None else str(user), "name": event.person_name}
    if view.plates if is_plate else view.credentials:
        beside["keyUuid"] = event.credential
    own = {"lockId": device.number, "timestamp": rfc3339(event.occurred, 3)}
    told = {name: value for name, value in {**beside, **_members(data), **own}.items() if value is not None}
    try:
        return msgspec.Raw(msgspec.json.encode(msgspec.convert(told, shape)))
    except msgspec.ValidationError:
        return stored


def _members(data: bytes | None) -> dict[str, object]:
    """The members of stored data; none where they are no object."""
    read: object = None if data is None else msgspec.json.decode(data)
    return read if isinstance(read, dict) else {}
