"""The event types that are there without having been made: one for each kind, with what the vendor tells of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from gatebook.dialects.xprotect.words import groups_of_types as groups
from gatebook.dialects.xprotect.words.groups_of_types import States, TypeGroup
from gatebook.domain.events import EventClass
from gatebook.domain.kinds import Kind
from gatebook.domain.places import EventType

CAMERAS: Final = ("Camera", "CameraGroup")
"""Source: recorded eventType of 2023 R2, sourceArray."""
DOORS: Final = ("Hardware",)
DEVICES: Final = ("Camera", "CameraGroup", "Hardware", "RecordingServer")
ANYWHERE: Final = ("Camera", "CameraGroup", "Hardware", "RecordingServer", "Site")


@dataclass(frozen=True, slots=True)
class Generator:
    """Who makes events of a type; `type` and `subtype` decide who may trigger them."""

    type: str
    subtype: str = ""
    name: str = ""
    id: UUID | None = None
    group: TypeGroup | None = None
    """The group that it names as its own; None: the one that the type stands in."""

    @property
    def is_open(self) -> bool:
        """True for what a user's token may trigger.  Source: Events REST API, "Event types"."""
        return self.type in ("External", "MIPDevice") and self.subtype != "Generic"


MOTION_DETECTION: Final = Generator(
    "RecorderPlugin",
    "Server",
    "Motion Detection Plugin",
    UUID("f020c881-72bf-4014-8504-2b4a5a658f1a"),
    groups.ANALYTICS,
)
"""Source: recorded eventType of 2023 R2."""
RECORDER: Final = Generator("Recorder", "Server")
DEVICE: Final = Generator("Device")
HARDWARE: Final = Generator("Hardware")
ACCESS_CONTROL: Final = Generator("MIP", "", "Access control")
PLATES: Final = Generator("MIP", "", "License plate recognition")
SYSTEM: Final = Generator("System")
EXTERNAL: Final = Generator("External", "UserDefined")
ANALYTICS: Final = Generator("MIPDevice", "", "Analytics")


@dataclass(frozen=True, slots=True)
class BuiltIn:
    """An event type of the catalogue."""

    id: UUID
    kind: Kind
    display: str
    group: TypeGroup
    generator: Generator
    sources: tuple[str, ...]
    states: States | None = None
    state: str | None = None

    @property
    def name(self) -> str:
        """What a program calls it: `MotionStopped`."""
        return "".join(self.display.split())

    @property
    def is_built_in(self) -> bool:
        """`builtIn`, which a plug-in's types are not.  Source: recorded eventType of 2023 R2, Motion Stopped; of other
        generators assumed."""
        return self.generator is not MOTION_DETECTION


def _type(
    kind: Kind, display: str, group: TypeGroup, generator: Generator, sources: tuple[str, ...],
    states: States | None = None, state: str | None = None, id: str | None = None,
) -> BuiltIn:  # fmt: skip
    if states is not None and state not in states.states:
        raise ValueError(f"{kind}: {states.name} has no state {state!r}")
    return BuiltIn(kind.type if id is None else UUID(id), kind, display, group, generator, sources, states, state)


_BOTH: Final = (groups.DEVICE, DEVICE, DEVICES)
_HARD: Final = (groups.HARDWARE, HARDWARE, DOORS)
_DOOR: Final = (groups.ACCESS, ACCESS_CONTROL, DOORS)
_WIDE: Final = (groups.ACCESS, ACCESS_CONTROL, ANYWHERE)
_CARS: Final = (groups.PLATES, PLATES, (*CAMERAS, "Hardware"))
_SYST: Final = (groups.SYSTEM, SYSTEM, ANYWHERE)
_MOVE: Final = (groups.PREDEFINED, MOTION_DETECTION, CAMERAS)
_FILM: Final = (groups.PREDEFINED, RECORDER, CAMERAS)

_TYPES: Final = (
    _type(Kind.ACCESS_GRANTED, "Access Granted", *_DOOR),
    _type(Kind.ACCESS_DENIED, "Access Denied", *_DOOR),
    _type(Kind.DOOR_OPENED, "Door Opened", *_DOOR, groups.DOOR, "Open"),
    _type(Kind.DOOR_CLOSED, "Door Closed", *_DOOR, groups.DOOR, "Closed"),
    _type(Kind.DOOR_FORCED, "Door Forced Open", *_DOOR, groups.DOOR, "Forced Open"),
    _type(Kind.DOOR_HELD, "Door Held Open", *_DOOR, groups.DOOR, "Held Open"),
    _type(Kind.DOOR_RESTORED, "Door Restored", *_DOOR, groups.DOOR, "Closed"),
    _type(Kind.LOCK_LOCKED, "Lock Locked", *_DOOR, groups.LOCK, "Locked"),
    _type(Kind.LOCK_UNLOCKED, "Lock Unlocked", *_DOOR, groups.LOCK, "Unlocked"),
    _type(Kind.SHIFT_STARTED, "Shift Started", *_DOOR, groups.SHIFT, "On Shift"),
    _type(Kind.SHIFT_ENDED, "Shift Ended", *_DOOR, groups.SHIFT, "Off Shift"),
    _type(Kind.EXIT_REQUESTED, "Exit Requested", *_DOOR),
    _type(Kind.TAMPER_DETECTED, "Tampering Detected", *_BOTH, groups.TAMPERED, "Tampered"),
    _type(Kind.TAMPER_CLEARED, "Tampering Cleared", *_BOTH, groups.TAMPERED, "Normal"),
    _type(Kind.DEVICE_STARTED, "Device Started", *_BOTH, groups.RUNNING, "Running"),
    _type(Kind.DEVICE_STOPPED, "Device Stopped", *_BOTH, groups.RUNNING, "Stopped"),
    _type(Kind.DEVICE_CONNECTED, "Communication Started", *_BOTH, groups.REACHED, "Responding",
          "dd3e6464-7dc0-405a-a92f-6150587563e8"),
    _type(Kind.DEVICE_DISCONNECTED, "Communication Stopped", *_BOTH, groups.REACHED, "Not Responding",
          "0ee90664-2924-42a0-a816-4129d0ecabdc"),
    _type(Kind.DEVICE_DECOMMISSIONED, "Device Decommissioned", *_BOTH, groups.RUNNING, "Decommissioned"),
    _type(Kind.SYNC_STARTED, "Synchronization Started", *_HARD, groups.SYNC, "Running"),
    _type(Kind.SYNC_SKIPPED, "Synchronization Skipped", *_HARD, groups.SYNC, "Skipped"),
    _type(Kind.SYNC_COMPLETED, "Synchronization Completed", *_HARD, groups.SYNC, "Completed"),
    _type(Kind.SYNC_FAILED, "Synchronization Failed", *_HARD, groups.SYNC, "Failed"),
    _type(Kind.SYNC_DELAYED, "Synchronization Delayed", *_HARD, groups.SYNC, "Delayed"),
    _type(Kind.OWNER_ASSIGNED, "Owner Assigned", *_WIDE),
    _type(Kind.SHARE_GRANTED, "Access Shared", *_WIDE),
    _type(Kind.SHARE_REVOKED, "Shared Access Revoked", *_WIDE),
    _type(Kind.USER_PROMOTED, "User Promoted", *_WIDE),
    _type(Kind.USER_DEMOTED, "User Demoted", *_WIDE),
    _type(Kind.SETTING_CHANGED, "Setting Changed", *_BOTH),
    _type(Kind.TILE_ASSOCIATED, "Tile Associated", *_DOOR),
    _type(Kind.TILE_DISSOCIATED, "Tile Dissociated", *_DOOR),
    _type(Kind.KEY_ADDED, "Key Added", *_WIDE),
    _type(Kind.KEY_REMOVED, "Key Removed", *_WIDE),
    _type(Kind.RESIDENT_ADDED, "Resident Added", *_WIDE),
    _type(Kind.RESIDENT_REMOVED, "Resident Removed", *_WIDE),
    _type(Kind.PLATE_REGISTERED, "License Plate Registered", *_CARS),
    _type(Kind.PLATE_WITHDRAWN, "License Plate Withdrawn", *_CARS),
    _type(Kind.PLATE_READ, "License Plate Read", *_CARS),
    _type(Kind.PLATE_DECIDED, "License Plate Decided", *_CARS),
    _type(Kind.COMMAND_REQUESTED, "Command Requested", *_BOTH),
    _type(Kind.COMMAND_COMPLETED, "Command Completed", *_BOTH),
    _type(Kind.COMMAND_FAILED, "Command Failed", *_BOTH),
    _type(Kind.MOTION_STARTED, "Motion Started", *_MOVE, groups.MOTION, "Motion",
          "6eb95dd6-7ccc-4bce-99f8-af0d0b582d77"),
    _type(Kind.MOTION_STOPPED, "Motion Stopped", *_MOVE, groups.MOTION, "No Motion",
          "6f55a7a7-d21c-4629-ac18-af1975e395a2"),
    _type(Kind.RECORDING_STARTED, "Recording Started", *_FILM, groups.RECORDED, "Recording",
          "4577f552-765a-438c-bc7d-e5ff1f754bc3"),
    _type(Kind.RECORDING_STOPPED, "Recording Stopped", *_FILM, groups.RECORDED, "Not Recording",
          "79a94f89-92de-4fca-8a43-5561d407423d"),
    _type(Kind.EVENT_TRIGGERED, "External Event", groups.EXTERNAL, EXTERNAL, (*ANYWHERE, "UserDefinedEvent"),
          id="0fcb1955-0e80-4fd4-a78a-db47ee89700c"),
    _type(Kind.ANALYTICS_DETECTED, "Analytics Detected", groups.ANALYTICS, ANALYTICS, DEVICES),
    _type(Kind.ALARM_RAISED, "Alarm Raised", *_SYST),
    _type(Kind.ALARM_CHANGED, "Alarm Changed", *_SYST),
    _type(Kind.ALARM_CLOSED, "Alarm Closed", *_SYST),
)  # fmt: skip
"""Source: ids of another shape than our own from mipsdk-samples-protocol 3f42081, event_types.py, and the
Configuration API OpenAPI 2025 R2, alarmDefinitions; all of Motion Stopped from a recorded eventType of 2023 R2.
Assumed: the rest.  The record of who looked has no type, since it is in no vendor's dialect."""

BUILT_IN: Final[Mapping[UUID, BuiltIn]] = {one.id: one for one in _TYPES}
"""By the id on the wire."""
OF_KIND: Final[Mapping[Kind, BuiltIn]] = {one.kind: one for one in _TYPES}
"""Every kind that this dialect speaks of."""

_PAIRS: Final = (
    (Kind.MOTION_STARTED, Kind.MOTION_STOPPED), (Kind.RECORDING_STARTED, Kind.RECORDING_STOPPED),
    (Kind.DEVICE_CONNECTED, Kind.DEVICE_DISCONNECTED), (Kind.DEVICE_STARTED, Kind.DEVICE_STOPPED),
    (Kind.DOOR_OPENED, Kind.DOOR_CLOSED), (Kind.LOCK_LOCKED, Kind.LOCK_UNLOCKED),
    (Kind.TAMPER_DETECTED, Kind.TAMPER_CLEARED), (Kind.SHIFT_STARTED, Kind.SHIFT_ENDED),
)  # fmt: skip
COUNTERS: Final[Mapping[Kind, UUID]] = {one: OF_KIND[other].id for pair in _PAIRS for one, other in (pair, pair[::-1])}
"""By kind, the id of the type that ends or begins again what it tells of."""


def type_of(one: EventClass) -> UUID:
    """The `type` of an event on the wire: its own where it has one, else the built-in one of its kind.

    KeyError for the record of who looked.
    """
    return one.type or OF_KIND[one.kind].id


def kind_of(id: UUID) -> Kind | None:
    """The kind of a built-in type, by the id on the wire or by the kind's own; None for any other id."""
    found = BUILT_IN.get(id)
    return _BY_OWN_ID.get(id) if found is None else found.kind


def generator_of(kind: Kind) -> Generator:
    """Who makes events of a type that was made for this kind: a plug-in, where it is not one of the two known ways."""
    return MADE_BY.get(kind, Generator("MIP"))


def maker_of(made: EventType) -> Generator:
    """Who makes events of a type that was made; what calls itself generic is triggered by no user's token."""
    found = generator_of(made.kind)
    if made.generator.lower() == "generic":
        return replace(found, subtype="Generic")
    return found if made.kind in MADE_BY else replace(found, name=made.generator)


def state_group_of(one: EventClass, made: EventType | None) -> UUID | None:
    """The `stategroupid` of an event; `made` is the catalogue's row of its type, where the type was made."""
    if one.type is not None:
        return None if made is None else made.state_group
    built_in = OF_KIND.get(one.kind)
    return None if built_in is None or built_in.states is None else built_in.states.id


MADE_BY: Final[Mapping[Kind, Generator]] = {Kind.EVENT_TRIGGERED: EXTERNAL, Kind.ANALYTICS_DETECTED: ANALYTICS}
_BY_OWN_ID: Final[Mapping[UUID, Kind]] = {one.kind.type: one.kind for one in _TYPES}
