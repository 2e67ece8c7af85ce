"""Who may pass where, and what stands at a gate: passages, keys and residents of locks, cameras that read plates."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final
from unicodedata import category
from uuid import UUID

from gatebook.domain.times import Instant

THRESHOLD: Final = 0.8
"""A read of a plate below this opens nothing, unless its camera says otherwise."""


class Role(StrEnum):
    """What somebody is at a lock, from the most to the least."""

    OWNER = "owner"
    ADMIN = "admin"
    USER = "user"
    GUEST = "guest"


class Level(StrEnum):
    """How near a read must come to a plate before it opens; each level takes in those before it."""

    EXACT = "exact"
    """The plate as read, or one of the reader's own candidates."""
    LOOK_ALIKE = "look_alike"
    """Characters that look alike, such as O and 0."""
    ONE_EDIT = "one_edit"
    """One character more, less or other, in plates of five and more."""


class Direction(StrEnum):
    """Which way those drive whom a camera sees."""

    ENTRY = "entry"
    EXIT = "exit"
    BOTH = "both"


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A person may open a device, from one time (None: always) until before another (None: for ever)."""

    person: int
    """The number of the person."""
    device: int
    """The number of the device."""
    role: Role = Role.USER
    valid_from: Instant | None = None
    valid_until: Instant | None = None
    label: str = ""
    """What the person's own list calls the device."""
    granted_by: str = ""
    """Who gave it, in the words of who said so."""
    revision: int = 1

    def holds(self, at: Instant) -> bool:
        """True when it may be used at that time."""
        return valid_at(self.valid_from, self.valid_until, at)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlateHolder:
    """Who carries a plate.  Two people never carry the same one."""

    credential: UUID
    person: int
    """The number of the person."""
    plate: str = field(repr=False)
    """As it is kept: in upper case, with or without spaces and dashes."""
    valid_from: Instant | None = None
    valid_until: Instant | None = None

    def holds(self, at: Instant) -> bool:
        """True when the plate is good at that time."""
        return valid_at(self.valid_from, self.valid_until, at)


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraSetting:
    """How a camera reads plates; `device` is the number of the camera."""

    device: int
    enabled: bool = True
    threshold: float = THRESHOLD
    """The least confidence that opens, from 0 to 1."""
    level: Level = Level.EXACT
    direction: Direction = Direction.BOTH
    owner: int | None = None
    """The number of the person whose camera it is."""
    model: str = "generic"
    """How its pictures are had, in its maker's word: generic, onvif or pnp."""
    http_url: str = ""
    rtsp_url: str = ""
    registration_code: str | None = field(default=None, repr=False)
    revision: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraLink:
    """What a camera reads may open a lock; both are numbers of devices."""

    camera: int
    lock: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LockSetting:
    """What is known of a lock beyond its place in the directory."""

    device: int
    owner: int | None = None
    """The number of the person whose lock it is."""
    serial: str | None = None
    maker: str | None = None
    revision: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class LockKey:
    """A key that a lock knows; `index` is its place in the lock's own memory."""

    device: int
    key: str
    index: int | None = None
    person: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Resident:
    """Somebody who lives behind a lock."""

    device: int
    person: int
    name: str = field(repr=False)
    email: str | None = field(default=None, repr=False)
    phone: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Where a person can be reached."""

    person: int
    email: str | None = field(default=None, repr=False)
    phone: str | None = field(default=None, repr=False)


def valid_at(since: Instant | None, until: Instant | None, at: Instant) -> bool:
    """Whether a time lies from `since` to before `until`; None is no bound."""
    return (since is None or since <= at) and (until is None or at < until)


def bare_plate(plate: str) -> str:
    """A plate in upper case, without spaces and dashes."""
    return "".join(char for char in plate.upper() if category(char) != "Pd" and not char.isspace())
