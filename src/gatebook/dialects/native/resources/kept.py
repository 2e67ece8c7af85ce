"""What goes over the wire of the record of who looked, of how long events are kept, and of what is forgotten."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType

from gatebook.dialects.native.schemas import Count

Days = Annotated[int, Meta(ge=1, le=36_500)]


class Actor(Struct, frozen=True):
    """Who looked or changed something: a user, service, key or device."""

    kind: str
    id: str
    name: str


class Client(Struct, frozen=True):
    """From where, with what, and by which road."""

    address: str
    agent: str
    dialect: str
    route: str


class Entry(Struct, frozen=True):
    """One entry of the record; what was erased is null."""

    id: UUID
    kind: str
    occurred: str
    version: int
    """Of the organisation's own stream."""
    actor: Actor | None = None
    client: Client | None = None
    purpose: str | None = None
    subject: str | None = None
    """What was changed, exported or removed, such as `device/0195…`."""
    filter: str | None = None
    """What was searched for."""
    count: int | None = None
    """How often, where equal ones are folded; how many events, where events were removed or erased."""
    details: dict[str, str | int | None] | None = None
    erased: bool = False
    seq: int | UnsetType = UNSET


class Entries(Struct, frozen=True):
    """One page of the record; `live` continues it on `/v1/events/stream`."""

    items: list[Entry]
    total: Count
    next: str | None
    prev: str | None
    live: str


class Refusal(Struct, frozen=True):
    """Equal refusals of one minute, of somebody who did not sign in."""

    minute: str
    address: str
    route: str
    status: int
    count: int


class Refusals(Struct, frozen=True):
    """The newest first."""

    items: list[Refusal]


class HowMany(Struct, frozen=True):
    """The newest so many."""

    limit: Annotated[int, Meta(ge=1, le=1_000)] = 100


class RuleWanted(Struct, frozen=True, forbid_unknown_fields=True):
    """How long events are kept; without kinds and type, every event."""

    name: Annotated[str, Meta(min_length=1, max_length=200)]
    days: Days
    kinds: Annotated[list[str], Meta(min_length=1, max_length=200)] | None = None
    type: UUID | None = None


class Rule(Struct, frozen=True):
    """A rule of retention: events of these kinds (null: all) and this type (null: all) go after so many days."""

    id: UUID
    name: str
    days: int
    kinds: list[str] | None
    type: UUID | None
    revision: int


class Rules(Struct, frozen=True):
    """All rules; none: everything is kept."""

    items: list[Rule]


class Verdict(Struct, frozen=True):
    """What one rule removes: so many events, the oldest and the newest by when they occurred."""

    rule: Rule
    before: str
    events: int
    oldest: str | None
    newest: str | None


class Verdicts(Struct, frozen=True):
    """By rule, and in all."""

    items: list[Verdict]
    events: int


class Span(Struct, frozen=True):
    """Numbers that are gone, both ends among them; `by` is the `seq` of the event that says so."""

    first: int
    last: int
    by: int


class Removed(Struct, frozen=True):
    """Ranges of `seq`, or of one device's versions, in order."""

    items: list[Span]


class RemovedOf(Struct, frozen=True):
    """Whose numbers: without a device, the organisation's `seq`."""

    device: str | None = None


class ErasureWanted(Struct, frozen=True, forbid_unknown_fields=True):
    """Exactly one of the three; `dry_run` only counts."""

    person: UUID | int | None = None
    credential: Annotated[str, Meta(min_length=1, max_length=64)] | None = None
    plate: Annotated[str, Meta(min_length=1, max_length=16)] | None = None
    dry_run: bool = False


class Erased(Struct, frozen=True):
    """How many events lost, or would lose, their personal parts."""

    events: int
    dry_run: bool
