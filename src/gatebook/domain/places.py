"""Where and who: organisations, sites, devices and people as the directory knows them."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from gatebook.domain.kinds import Kind, Method
from gatebook.domain.times import Instant


class DeviceKind(StrEnum):
    """What a device is; `event` is the pseudo-device of a user-defined event."""

    LOCK = "lock"
    DOOR = "door"
    READER = "reader"
    CAMERA = "camera"
    HUB = "hub"
    RECORDER = "recorder"
    EVENT = "event"


@dataclass(frozen=True, slots=True, kw_only=True)
class Organisation:
    """The tenant and the unit of order: one log each."""

    number: int
    id: UUID
    name: str
    zone: str
    """IANA name; a time without a zone means this one."""
    parent: int | None = None
    purpose_required: bool = False
    """True where a search for a person, credential or plate must say what it is for."""
    revision: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A place.  `stream` is the roll-up of its devices in the tallies; no event belongs to it."""

    number: int
    id: UUID
    name: str
    zone: str
    stream: int
    revision: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """Whatever reports.  `stream` is where its events are versioned."""

    number: int
    id: UUID
    kind: DeviceKind
    name: str
    stream: int
    site: int | None
    """The number of its site; None when it stands nowhere yet."""
    vendor_ids: tuple[str, ...] = ()
    revision: int = 1
    removed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who goes through doors."""

    number: int
    id: UUID
    name: str
    revision: int = 1
    removed: bool = False
    """True for one who is gone from the directory and still named by history."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """What a person carries or knows: a card, a PIN, a phone, a plate."""

    number: int
    id: UUID
    person: int
    """The number of the person."""
    method: Method
    value: str | None = field(repr=False)
    """The card's number, the PIN, the plate; unique within its method.  None where it is not to be seen."""
    label: str = ""
    valid_from: Instant | None = None
    valid_until: Instant | None = None
    revision: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class EventType:
    """A row of the catalogue beyond the built-in type of each kind."""

    id: UUID
    name: str
    kind: Kind
    generator: str = ""
    """Who makes such events, such as `External` or an analytics product."""
    state_group: UUID | None = None
    state: str | None = None
    retention_days: int | None = None
    """0: accepted and followed, and not listed to vendors' clients; None: kept as long as all else."""
    revision: int = 1
    removed: bool = False
    description: str = ""
    sources: tuple[str, ...] = ()
    """Where such events happen, in the words of the vendor's client that made it; none: anywhere."""
    modified: Instant | None = None
    """When it was last changed; None where that is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StateGroup:
    """States of which a source is in one at a time; an event whose type names one of them enters it."""

    id: UUID
    name: str
    states: tuple[str, ...]
    modified: Instant
    revision: int = 1
