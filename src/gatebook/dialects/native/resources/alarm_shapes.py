"""Alarms on the wire of `/v1/alarms`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType, field

from gatebook.dialects.native.schemas import Named
from gatebook.domain.alarms import AlarmState, CloseReason, Priority

Name = Annotated[str, Meta(min_length=1, max_length=200)]
Comment = Annotated[str, Meta(min_length=1, max_length=4_096)]
Category = Annotated[str, Meta(max_length=200)]


class Holder(Struct, frozen=True):
    """Who has it in hand."""

    id: UUID | None
    name: str


class AlarmShown(Struct, frozen=True, kw_only=True):
    """One alarm as it stands."""

    id: UUID
    number: int
    name: str
    message: str | None
    state: AlarmState
    priority: Priority
    category: str
    device: Named | None
    """None where it belongs to the organisation as a whole."""
    assignee: Holder | None
    count: int
    """How often it was raised while open."""
    raised: str
    last: str
    updated: str
    rule: UUID | None
    rule_revision: int | None
    key: str
    cause: UUID | None
    """The event that raised it first."""
    needs_clearing: bool
    cleared: str | None
    escalates: str | None
    escalated: str | None
    reason: CloseReason | None
    """Why it was closed."""
    next_states: Sequence[AlarmState]
    """The states that it may take from here."""


class AlarmPage(Struct, frozen=True):
    """A page; `next` is the number of the next one."""

    items: Sequence[AlarmShown]
    next: int | None


class StepShown(Struct, frozen=True, kw_only=True):
    """One thing that was done with an alarm, and how it stood after it."""

    event: UUID
    at: str
    act: str
    state: str
    priority: str
    count: int
    assignee: str | None
    reason: str | None
    comment: str | None
    by: Holder | None


class AlarmHistory(Struct, frozen=True):
    """Every step, the first one first."""

    items: Sequence[StepShown]


class CountOf(Struct, frozen=True):
    """How many stand so."""

    state: AlarmState
    priority: Priority
    n: int


class AlarmCounts(Struct, frozen=True):
    """How many there are, by state and priority."""

    items: Sequence[CountOf]


class AlarmsWanted(Struct, frozen=True, kw_only=True):
    """Which alarms; several states or priorities are joined by commas."""

    state: str | None = None
    """Such as `new,in_progress`; `open` for all but closed."""
    priority: str | None = None
    category: str | None = None
    device: str | None = None
    rule: UUID | None = None
    assignee: str | None = None
    """A user's id, or `me`."""
    since: str | None = field(default=None, name="from")
    to: str | None = None
    order: Literal["urgency", "newest", "oldest"] = "urgency"
    page: Annotated[int, Meta(ge=1, le=100_000)] = 1
    size: Annotated[int, Meta(ge=1, le=1_000)] = 100
    organisation: str | None = None
    """One that the reader's own is the parent of, by number or UUID; without, the reader's own."""


class AlarmRaised(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What somebody raises."""

    name: Name
    device: int | str | None = None
    message: Comment | None = None
    priority: Priority = Priority.MEDIUM
    category: Category = ""
    occurred: str | None = None


class AlarmAct(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What somebody does with an alarm; what is not named stays as it is."""

    state: AlarmState | UnsetType = UNSET
    priority: Priority | UnsetType = UNSET
    category: Category | UnsetType = UNSET
    assignee: str | UnsetType | None = UNSET
    """`me`, a user's id or login, or null for nobody."""
    comment: Comment | UnsetType = UNSET
    reason: CloseReason | UnsetType = UNSET
