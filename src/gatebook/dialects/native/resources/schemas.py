"""What goes over the wire of everything but events: the directory, quarantine, the vocabulary, the followers."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from msgspec import UNSET, Meta, Raw, Struct, UnsetType, field

from gatebook.dialects.native.schemas import Count, Filters, Named

MOST_NUMBER = 2**53 - 1
"""The greatest integer that every JSON reader keeps exactly."""

Name = Annotated[str, Meta(min_length=1, max_length=200)]
Number = Annotated[int, Meta(ge=1, le=MOST_NUMBER)]


class Waiting(Struct, frozen=True):
    """A report in quarantine."""

    id: UUID
    reason: str
    received: str
    times: int
    report: Raw
    """As a report is sent, with its parts that the reader may see."""


class WaitingPage(Struct, frozen=True):
    """Reports in quarantine, oldest first; `next` is the `after` of the page that follows."""

    items: list[Waiting]
    next: UUID | None


class Replayed(Struct, frozen=True):
    """How many were stored, and how many of those looked at still wait; `next` is where to go on."""

    replayed: int
    waiting: int
    next: UUID | None


class KindRow(Struct, frozen=True):
    """One word of the vocabulary."""

    kind: str
    type: UUID
    reportable: bool
    data_is_personal: bool


class Vocabulary(Struct, frozen=True):
    """The closed vocabulary."""

    kinds: list[KindRow]
    methods: list[str]
    reasons: list[str]


class Follower(Struct, frozen=True):
    """How far one that follows the log has come."""

    name: str
    seq: int
    head: int
    lag: int
    parked: int


class Followers(Struct, frozen=True):
    """Everything that follows the log."""

    items: list[Follower]


class EventClass(Struct, frozen=True):
    """What events are counted by at the finest."""

    kind: str
    method: str | None
    reason: str | None
    type: UUID
    listed: bool


class Bar(Struct, frozen=True, omit_defaults=True):
    """How many events have what was counted by: only that is there, and null for events that have none."""

    n: int
    since: str | UnsetType = UNSET
    until: str | UnsetType = UNSET
    kind: str | UnsetType = UNSET
    method: str | UnsetType | None = UNSET
    reason: str | UnsetType | None = UNSET
    type: str | UnsetType = UNSET
    class_: EventClass | UnsetType = field(default=UNSET, name="class")
    device: Named | UnsetType | None = UNSET
    site: Named | UnsetType | None = UNSET


class Counts(Struct, frozen=True):
    """Counts in order of time, then the most frequent first; what has none is not among them."""

    items: list[Bar]
    bars: list[str]
    """Where each hour, day or month begins, empty ones too."""
    total: Count


class CountsAsked(Filters, frozen=True, kw_only=True):
    """What to count by, and which events."""

    by: str = "kind"
    zone: str | None = None


class WaitingAfter(Struct, frozen=True):
    """A page by id."""

    after: UUID | None = None
    limit: Annotated[int, Meta(ge=1, le=1_000)] = 100


class ReplayWanted(Struct, frozen=True):
    """How many to look at, and from where on."""

    after: UUID | None = None
    limit: Annotated[int, Meta(ge=1, le=10_000)] = 1_000
