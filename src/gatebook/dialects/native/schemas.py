"""What goes over the wire in the native API, field for field."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from msgspec import UNSET, Meta, Raw, Struct, UnsetType, field

from gatebook.domain.kinds import Method, Reason

Tag = Annotated[str, Meta(max_length=255)]
Message = Annotated[str, Meta(max_length=4_096)]
Credential = Annotated[str, Meta(max_length=64)]
Key = Annotated[str, Meta(min_length=1, max_length=256)]
Ref = int | Annotated[str, Meta(min_length=1, max_length=255)]
Time = Annotated[str, Meta(min_length=1, max_length=64)]
Word = Annotated[str, Meta(max_length=64)]


class Reported(Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """One report.  Without `occurred`, it happened when it was received."""

    kind: Word | None = None
    device: Ref | None = None
    """Its UUID, its integer, or a vendor's id."""
    occurred: Time | None = None
    method: Method | None = None
    reason: Reason | None = None
    type: UUID | None = None
    person: Ref | None = None
    person_name: Annotated[str, Meta(max_length=200)] | None = None
    credential: Credential | None = None
    tag: Tag | None = None
    message: Message | None = None
    data: Raw | UnsetType = UNSET
    """An object, kept byte for byte."""
    key: Key | None = None


class CloudEvent(Struct, frozen=True, gc=False):
    """A CloudEvent in its JSON format; extension attributes that are not named here are ignored.

    Source: CloudEvents 1.0.2, section "Context Attributes", and its JSON Event Format, section 3.
    """

    specversion: Literal["1.0"]
    id: Key
    source: Annotated[str, Meta(min_length=1, max_length=255)] | None = None
    type: Word | None = None
    subject: Annotated[str, Meta(min_length=1, max_length=255)] | None = None
    time: Time | None = None
    datacontenttype: Tag | None = None
    dataschema: Annotated[str, Meta(min_length=1, max_length=2_048)] | None = None
    data: Raw | UnsetType = UNSET
    data_base64: str | None = None
    method: Method | None = None
    reason: Reason | None = None
    credential: Credential | None = None
    tag: Tag | None = None
    message: Message | None = None


class Receipt(Struct, frozen=True, gc=False):
    """Where a report now stands."""

    id: UUID
    device: UUID
    version: int
    occurred: str
    received: str


class Taken(Struct, frozen=True, gc=False, omit_defaults=True):
    """One item's outcome: a receipt (201 new, 200 a repeat), or the problem that it has."""

    status: int
    id: UUID | UnsetType = UNSET
    device: UUID | UnsetType = UNSET
    version: int | UnsetType = UNSET
    occurred: str | UnsetType = UNSET
    received: str | UnsetType = UNSET
    problem: Raw | UnsetType = UNSET


class Outcomes(Struct, frozen=True):
    """One outcome for each item, in the order in which they came."""

    items: list[Taken]


class Stored(Struct, frozen=True, gc=False, omit_defaults=True):
    """A receipt; where a list was taken as a whole, the outcomes of its items."""

    id: UUID | UnsetType = UNSET
    device: UUID | UnsetType = UNSET
    version: int | UnsetType = UNSET
    occurred: str | UnsetType = UNSET
    received: str | UnsetType = UNSET
    items: list[Taken] | UnsetType = UNSET


class Named(Struct, frozen=True, gc=False):
    """A device or site, with its current name."""

    id: UUID | None
    number: int | None
    name: str | None


class Event(Struct, frozen=True, gc=False):
    """An event as its reader may see it: what is hidden is null."""

    id: UUID
    kind: str
    occurred: str
    received: str
    device: Named | None
    version: int
    site: Named | None = None
    method: str | None = None
    reason: str | None = None
    type: UUID | None = None
    reported: str | None = None
    """The device's own time, where its clock was more than five minutes ahead."""
    person: Named | None = None
    """The name is as it was shown that day."""
    credential: str | None = None
    plate: str | None = None
    tag: str | None = None
    message: str | None = None
    data: Raw | None = None
    listed: bool = True
    erased: bool = False
    cause: int | UnsetType | None = UNSET
    """The `seq` of the event that led to this one; only for a grant of everything, as `seq` is."""
    seq: int | UnsetType = UNSET


class Count(Struct, frozen=True):
    """How many there are; not `exact`: at least so many."""

    n: int
    exact: bool


class EventPage(Struct, frozen=True):
    """One page of history; `live` continues it on `/v1/events/stream`, without gap or repeat."""

    items: list[Event]
    total: Count
    next: str | None
    prev: str | None
    live: str


class Within(Struct, frozen=True):
    """The organisation that is read, where it is not the reader's own."""

    organisation: str | None = None


class Filters(Struct, frozen=True, kw_only=True):
    """What events can be filtered by; each may be given more than once, but for `from` and `to`."""

    organisation: str | None = None
    """One that the reader's own is the parent of, by number or UUID; without, the reader's own."""
    since: str | None = field(default=None, name="from")
    to: str | None = None
    id: str | None = None
    seq: str | None = None
    version: str | None = None
    occurred: str | None = None
    received: str | None = None
    device: str | None = None
    device_name: str | None = None
    site: str | None = None
    site_name: str | None = None
    kind: str | None = None
    method: str | None = None
    reason: str | None = None
    type: str | None = None
    listed: str | None = None
    person: str | None = None
    person_name: str | None = None
    credential: str | None = None
    plate: str | None = None
    tag: str | None = None
    message: str | None = None
    cause: str | None = None
    data: str | None = None


class Conditions(Filters, frozen=True, kw_only=True):
    """A place to go on from, and filters."""

    cursor: str | None = None


class Asked(Conditions, frozen=True, kw_only=True):
    """Which page of the events that pass the filters."""

    order: Literal["asc", "desc"] = "desc"
    limit: Annotated[int, Meta(ge=1, le=1_000)] = 50
    page: Annotated[int, Meta(ge=1, le=10**12)] | None = None
    size: Annotated[int, Meta(ge=1, le=1_000)] | None = None
