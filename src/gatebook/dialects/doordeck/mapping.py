"""Between Doordeck's words and ours: types of audit records, their fields, and the window that is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import msgspec
from msgspec import UNSET, Raw, UnsetType

from gatebook.dialects.doordeck import schemas
from gatebook.dialects.doordeck.schemas import AuditType
from gatebook.domain.events import Event
from gatebook.domain.kinds import Kind
from gatebook.domain.places import Device, DeviceKind, Person
from gatebook.domain.times import DAY_NS, SECOND_NS, Instant, Window, epoch_bound, epoch_s, window_of

DOORS: Final = frozenset({DeviceKind.LOCK, DeviceKind.DOOR, DeviceKind.READER})
"""What is a device to Doordeck."""

WEEK_NS: Final = 7 * DAY_NS
"""Source: doordeck/doordeck-headless-sdk, default of `start`; "the last week" without both, 2026-08-17."""

WORDS: Final[Mapping[Kind, AuditType]] = {
    Kind.DOOR_OPENED:           "DOOR_OPEN",
    Kind.DOOR_CLOSED:           "DOOR_CLOSE",
    Kind.ACCESS_GRANTED:        "DOOR_UNLOCK",
    Kind.LOCK_UNLOCKED:         "DOOR_UNLOCK",
    Kind.LOCK_LOCKED:           "DOOR_LOCK",
    Kind.OWNER_ASSIGNED:        "OWNER_ASSIGNED",
    Kind.DEVICE_CONNECTED:      "DEVICE_CONNECTED",
    Kind.DEVICE_DISCONNECTED:   "DEVICE_DISCONNECTED",
    Kind.SHARE_GRANTED:         "LOCK_SHARED",
    Kind.SHARE_REVOKED:         "LOCK_REVOKED",
    Kind.USER_PROMOTED:         "USER_PROMOTED",
    Kind.USER_DEMOTED:          "USER_DEMOTED",
    Kind.SETTING_CHANGED:       "SETTING_CHANGED",
    Kind.TILE_ASSOCIATED:       "TILE_ASSOCIATED",
    Kind.TILE_DISSOCIATED:      "TILE_DISASSOCIATED",
    Kind.DEVICE_DECOMMISSIONED: "DEVICE_DECOMMISSIONED",
}  # fmt: skip
"""What a kind is called. Source: Doordeck "Get Lock Audit Trail (v2)", heading Event Types, 2026-07-20."""

KINDS: Final[Mapping[Kind, tuple[str, ...]]] = {kind: (word,) for kind, word in WORDS.items()}

UNSPOKEN: Final = frozenset(
    {
        Kind.ACCESS_DENIED, Kind.DOOR_FORCED, Kind.DOOR_HELD, Kind.DOOR_RESTORED, Kind.SHIFT_STARTED,
        Kind.SHIFT_ENDED, Kind.EXIT_REQUESTED, Kind.TAMPER_DETECTED, Kind.TAMPER_CLEARED, Kind.DEVICE_STARTED,
        Kind.DEVICE_STOPPED, Kind.SYNC_STARTED, Kind.SYNC_SKIPPED, Kind.SYNC_COMPLETED, Kind.SYNC_FAILED,
        Kind.SYNC_DELAYED, Kind.KEY_ADDED, Kind.KEY_REMOVED, Kind.RESIDENT_ADDED, Kind.RESIDENT_REMOVED,
        Kind.PLATE_REGISTERED, Kind.PLATE_WITHDRAWN, Kind.PLATE_READ, Kind.PLATE_DECIDED, Kind.COMMAND_REQUESTED,
        Kind.COMMAND_COMPLETED, Kind.COMMAND_FAILED, Kind.MOTION_STARTED, Kind.MOTION_STOPPED,
        Kind.RECORDING_STARTED, Kind.RECORDING_STOPPED, Kind.EVENT_TRIGGERED, Kind.ANALYTICS_DETECTED,
        Kind.ALARM_RAISED, Kind.ALARM_CHANGED, Kind.ALARM_CLOSED, Kind.RECORD_SIGNED_IN, Kind.RECORD_SIGNED_OUT,
        Kind.RECORD_REFUSED, Kind.RECORD_SEARCHED, Kind.RECORD_EXPORTED, Kind.RECORD_CHANGED, Kind.RECORD_REMOVED,
        Kind.RECORD_ERASED,
    }
)  # fmt: skip
"""Kinds without a word of Doordeck's: left out of trails, where an unknown word breaks the SDK's whole list."""

MESSAGES: Final[Mapping[AuditType, str]] = {
    "DOOR_OPEN":             "Door opened",
    "DOOR_CLOSE":            "Door closed",
    "DOOR_UNLOCK":           "Door unlocked",
    "DOOR_LOCK":             "Door locked",
    "OWNER_ASSIGNED":        "Owner assigned",
    "DEVICE_CONNECTED":      "Device connected",
    "DEVICE_DISCONNECTED":   "Device disconnected",
    "LOCK_SHARED":           "Lock shared",
    "LOCK_REVOKED":          "Lock access revoked",
    "USER_PROMOTED":         "User promoted",
    "USER_DEMOTED":          "User demoted",
    "SETTING_CHANGED":       "Setting changed",
    "TILE_ASSOCIATED":       "Tile associated",
    "TILE_DISASSOCIATED":    "Tile disassociated",
    "DEVICE_DECOMMISSIONED": "Device decommissioned",
}  # fmt: skip
"""Said where a report said nothing. Source for DOOR_LOCK and DOOR_UNLOCK: as `WORDS`, example. Assumed: the others."""

ABOUT: Final = frozenset(
    {Kind.OWNER_ASSIGNED, Kind.SHARE_GRANTED, Kind.SHARE_REVOKED, Kind.USER_PROMOTED, Kind.USER_DEMOTED}
)
"""Kinds whose person is the one it was done to."""


@dataclass(frozen=True, slots=True)
class View:
    """Which version of a trail is shown, 1 or 2, and whether its reader may know who the people are."""

    version: int
    people: bool


@dataclass(frozen=True, slots=True)
class Seen:
    """An event with what its page knows: the device's id, and its person, both as the directory has them."""

    event: Event
    device: UUID
    person: Person | None


def kind_of(word: AuditType, *, user: bool) -> Kind:
    """The kind of a record: an unlock with a user is a person let in; without one, the lock changed its state.

    Source: Doordeck "Get Lock Audit Trail (v2)", heading Event Types and example, 2026-07-20.
    """
    if word == "DOOR_UNLOCK":
        return Kind.ACCESS_GRANTED if user else Kind.LOCK_UNLOCKED
    return next(kind for kind, name in WORDS.items() if name == word)


def window(start: str | UnsetType, end: str | UnsetType, now: Instant) -> Window:
    """The window of two inclusive bounds in seconds; without `start`, it begins seven days before `end` or now.

    BadInput names the bound that cannot be read.
    """
    since = None if isinstance(start, UnsetType) else epoch_bound(start, SECOND_NS, "start")
    until = None if isinstance(end, UnsetType) else epoch_bound(end, SECOND_NS, "end")
    found = window_of(since, until)
    if since is not None:
        return found
    last = now if until is None else until.instant
    return Window(Instant(max(0, last - WEEK_NS)), found.until)


def record_of(seen: Seen, view: View) -> schemas.AuditRecord:
    """An event as a record; it has to have a word."""
    event = seen.event
    word = WORDS[event.kind]
    person = seen.person if view.people else None
    user = None if person is None else str(person.id)
    message = event.message or MESSAGES[word]
    if view.version == 1:
        return schemas.AuditRecord(timestamp=_precise(event.occurred), type=word, user=user, message=message)
    told = _told(event.data) if view.people else schemas.Told()
    name = _name(event, person) if view.people else None
    party = None if user is None else schemas.Party(user_id=user, email=told.email, display_name=name)
    about = event.kind in ABOUT
    subject = told.subject or (party if about else None)
    return schemas.AuditRecord(
        device_id=seen.device,
        timestamp=Raw(b"%d" % epoch_s(event.occurred)),
        type=word,
        user=user,
        email=told.email,
        display_name=name,
        message=message,
        issuer=told.issuer or (None if about else party) or schemas.Party(user_id=str(seen.device)),
        # The SDK before 2025 cannot read a subject whose address is null.
        subject=None if subject is None else msgspec.structs.replace(subject, email=subject.email or ""),
        rejected=False,
        rejection_reason=None,
        user_agent=told.user_agent,
    )


def _name(event: Event, person: Person | None) -> str | None:
    """The person's name as it was shown that day."""
    return event.person_name or (None if person is None else person.name)


def _told(data: bytes | None) -> schemas.Told:
    """What the data say of the record; nothing where they are of another form."""
    try:
        return schemas.Told() if data is None else msgspec.json.decode(data, type=schemas.Told)
    except msgspec.DecodeError:
        return schemas.Told()


def _precise(instant: Instant) -> Raw:
    """`1473061669.000000000`. Source: Doordeck "Get Lock Audit Trail (v1)", example, 2026-07-20."""
    return Raw(b"%d.%09d" % divmod(instant, SECOND_NS))


def lock_of(device: Device, role: schemas.Role, state: schemas.LockState) -> schemas.Lock:
    """A device as a lock; how long it stays open is not known here, which 0 says."""
    settings = schemas.LockSettings(
        unlock_time=0.0, permitted_addresses=[], default_name=device.name, tiles=[], hidden=False
    )
    return schemas.Lock(id=device.id, name=device.name, role=role, settings=settings, state=state, favourite=False)


def made_at(id: UUID) -> Raw:
    """When something of this id was made, in seconds with three digits, as far as its id tells (UUIDv7); else 0."""
    milliseconds = id.int >> 80 if id.version == 7 else 0
    return Raw(b"%d.%03d" % divmod(milliseconds, 1000))


__all__ = ["ABOUT", "DOORS", "KINDS", "MESSAGES", "UNSET", "UNSPOKEN", "WORDS", "Seen", "View", "kind_of", "lock_of",
           "made_at", "record_of", "window"]  # fmt: skip
