"""One atomic occurrence: as it is to be appended (`Draft`), and as it stands in the log (`Event`).

These two are msgspec Structs and not dataclasses, because every report makes one: see docs/adr/0003.
"""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID

from msgspec import Struct

from gatebook.domain.kinds import Kind, Method, Reason
from gatebook.domain.times import Instant


class EventClass(NamedTuple):
    """What is counted by: kind, method, reason, type and whether it is listed; interned as a small integer."""

    kind: Kind
    method: Method | None = None
    reason: Reason | None = None
    type: UUID | None = None
    """The event type beyond the kind's own built-in one (user-defined, analytics); None for the built-in one."""
    listed: bool = True
    """False for what a vendor's retention of zero days hides from that vendor's lists."""


class Draft(Struct, frozen=True, gc=False, kw_only=True):
    """An event that has a stream and a class, and no place in the log yet."""

    stream: int
    event_class: int
    occurred: Instant
    received: Instant
    reported: Instant | None = None
    """The device's own time, where its clock was more than five minutes ahead; else None."""
    person: int | None = None
    person_name: str | None = None
    """As it was shown that day."""
    credential: str | None = None
    tag: str | None = None
    message: str | None = None
    data: bytes | None = None
    """The JSON as sent, byte for byte; None when none was sent."""
    data_is_personal: bool = False
    cause: int | None = None
    """The `seq` of the event that led to this one."""
    key: bytes | None = None
    """What makes a repeat a repeat, within its stream: a keyed hash of 16 bytes."""
    body: bytes | None = None
    """A keyed hash of what was sent, 8 bytes: the same key with another body is a conflict."""
    unkeyed_body: bytes | None = None
    """The hash that was kept before hashes of bodies were keyed: what stands by it is a repeat as well."""


class Event(Struct, frozen=True, gc=False, kw_only=True):
    """An event in its place.  `device` and `site` are what they are called now; `person_name` as it was that day."""

    seq: int
    id: UUID
    stream: int
    version: int
    kind: Kind
    method: Method | None
    reason: Reason | None
    type: UUID | None
    listed: bool
    occurred: Instant
    received: Instant
    reported: Instant | None
    person: int | None
    person_name: str | None
    credential: str | None
    tag: str | None
    message: str | None
    data: bytes | None
    cause: int | None
    erased: bool = False
    """True when its personal parts have been erased."""

    @property
    def event_class(self) -> EventClass:
        """What it is counted by."""
        return EventClass(self.kind, self.method, self.reason, self.type, self.listed)

    @property
    def type_id(self) -> UUID:
        """Its event type's UUID: the one given, else the built-in one of its kind."""
        return self.type or self.kind.type
