"""What XProtect's clients send and read of events, field for field."""

from __future__ import annotations

from typing import Annotated, Final

from msgspec import UNSET, Meta, Raw, Struct, UnsetType, field

from gatebook.dialects.xprotect.errors import Fault

SPECVERSION: Final = "1.0"
TAG_LIMIT: Final = 255
LARGEST: Final = 2_000
"""Source: ZabbixCustomDashboard, two scripts that read the vendor's OpenAPI."""
DEFAULT_SIZE: Final = 100
"""Assumed: the vendor's page names none."""
Include = Annotated[str, Meta(pattern="^(data)?$")]
"""Source: Events REST API, "List past stored events", include: optional fields."""


class Event(Struct, frozen=True, kw_only=True, rename="camel"):
    """An event.  Source: Events REST API, "Retrieves the details of an event given its id", 2026-11-21."""

    specversion: str
    type: str
    source: str
    time: str
    """UTC, with seven digits of the second."""
    id: str
    local_id: int
    """The event's place in the log."""
    datatype: str
    """`analytics` where there is `data` of that kind, else `none`."""
    tag: str | None
    data: Raw | UnsetType = UNSET
    """There with `include=data` alone; null where the event has none."""


class Links(Struct, frozen=True, kw_only=True):
    """Absolute-path URIs of the pages beside this one; absent at the ends."""

    prev: str | UnsetType = UNSET
    next: str | UnsetType = UNSET


class Events(Struct, frozen=True, kw_only=True):
    """A page.  Source: Events REST API, "List past stored events", 2026-11-21."""

    links: Links = field(name="_links")
    array: list[Event]


class EventData(Struct, frozen=True, kw_only=True):
    """One event.  Source: Events REST API, "Create and trigger a new event", 2026-11-21."""

    data: Event


class Outcome(Struct, frozen=True, kw_only=True):
    """What became of one item of a list.  Source: Events REST API, "Create and trigger multiple events", 2026-11-21.

    Assumed: that `error` holds what it holds in the body of a whole refusal.
    """

    data: Event | UnsetType = UNSET
    error: Fault | UnsetType = UNSET
    status: str
    """`202`, or the status of the refusal."""


class Outcomes(Struct, frozen=True, kw_only=True):
    """One outcome for each item, in order."""

    array: list[Outcome]


class NewEvent(Struct, frozen=True, kw_only=True):
    """An event to be triggered.  Source: Events REST API, "Create and trigger a new event", 2026-11-21; that `type`
    alone is enough from mipsdk-samples-protocol, the Events sample."""

    type: str
    source: str | None = None
    time: str | None = None
    datatype: str | None = None
    tag: Annotated[str, Meta(max_length=TAG_LIMIT)] | None = None
    data: Raw | UnsetType = UNSET


class EventsQuery(Struct, frozen=True, kw_only=True):
    """Which events.  Source: Events REST API, "List past stored events", 2026-11-21; `type`, `tag`, `id` and `localId`
    are our own."""

    time: str | UnsetType = UNSET
    source_id: str | UnsetType = field(name="source.id", default=UNSET)
    source_name: str | UnsetType = field(name="source.name", default=UNSET)
    type: str | UnsetType = UNSET
    tag: str | UnsetType = UNSET
    id: str | UnsetType = UNSET
    local_id: str | UnsetType = field(name="localId", default=UNSET)
    order_by: str | UnsetType = field(name="orderBy", default=UNSET)
    include: Include | UnsetType = UNSET
    page: Annotated[int, Meta(ge=0, le=2**31 - 1)] | UnsetType = UNSET
    size: Annotated[int, Meta(ge=1, le=LARGEST)] | UnsetType = UNSET


class EventQuery(Struct, frozen=True, kw_only=True):
    """What of the event."""

    include: Include | UnsetType = UNSET


class TriggerQuery(Struct, frozen=True, kw_only=True, rename="camel"):
    """How it is triggered."""

    trigger_rules: bool | UnsetType = UNSET
