"""Alarms as XProtect's clients read and write them, and the ids by which they name states, priorities and the rest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final, TypeVar
from uuid import UUID, uuid5

from msgspec import UNSET, Meta, Raw, Struct, UnsetType, field

from gatebook.domain.alarms import AlarmState, CloseReason, Priority
from gatebook.domain.kinds import NAMESPACE

T = TypeVar("T", AlarmState, Priority, CloseReason)
Text = Annotated[str, Meta(max_length=4_096)]
Short = Annotated[str, Meta(max_length=255)]


class Word(Struct, frozen=True, kw_only=True):
    """A state or a priority.  Source: TCS-NetMon, which reads `name` of both; `level` from mipsdk-samples-component
    1d967e6, AlarmEventViewer; an array of objects with `id` from mipsdk-samples-protocol 3f42081, the Alarms sample."""

    id: str
    name: str
    level: int


class Named(Struct, frozen=True, kw_only=True):
    """A category or a reason for closing.  Assumed: in the manner of states, without a level."""

    id: str
    name: str


def _id(path: str) -> str:
    return str(uuid5(NAMESPACE, f"xprotect/{path}"))


STATES: Final[Mapping[AlarmState, Word]] = {
    state: Word(id=_id(f"alarmStates/{state}"), name=name, level=level)
    for state, name, level in (
        (AlarmState.NEW, "New", 1), (AlarmState.IN_PROGRESS, "In progress", 4), (AlarmState.ON_HOLD, "On hold", 9),
        (AlarmState.CLOSED, "Closed", 11),
    )
}  # fmt: skip
"""Source: mipsdk-samples-component 1d967e6, AlarmEventViewer, for 4 and 11.  Assumed: 1, 9, and all ids."""
PRIORITIES: Final[Mapping[Priority, Word]] = {
    Priority.HIGH: Word(id="8188ff24-b5da-4c19-9ebf-c1d8fc2caa75", name="High", level=1),
    Priority.MEDIUM: Word(id="9ad9338b-22ba-4f2e-bf62-e6948ae99bbf", name="Medium", level=2),
    Priority.LOW: Word(id="34f1f987-6854-44fb-88a5-daa0add1e38a", name="Low", level=3),
}
"""Source: Configuration API OpenAPI 2025 R2, alarmDefinitions, priority."""
REASONS: Final[Mapping[CloseReason, Named]] = {
    one: Named(id=_id(f"closeReasons/{one}"), name=one.replace("_", " ").capitalize()) for one in CloseReason
}
NO_CATEGORY: Final = Named(id=str(UUID(int=0)), name="")
"""Source: Configuration API OpenAPI 2025 R2, alarmDefinitions, category: none is the all-zero GUID."""


def category_of(text: str) -> Named:
    """A category by its name; the same id on every installation."""
    return Named(id=_id(f"alarmCategories/{text.casefold()}"), name=text) if text else NO_CATEGORY


class Holder(Struct, frozen=True, kw_only=True, rename="camel"):
    """Who has it in hand."""

    display_name: str


class Alarm(Struct, frozen=True, kw_only=True, rename="camel"):
    """An alarm.  Source: TCS-NetMon, for all but `category`, `assignedTo` and `reasonForClosing`, which are Assumed
    from the same object of the component SDK."""

    id: str
    local_id: int
    name: str
    message: str | None
    source: str
    time: str
    last_updated_time: str
    state: Word
    priority: Word
    category: Named
    assigned_to: Holder | None
    reason_for_closing: str | None
    data: Raw | UnsetType = UNSET
    """With `include=data`: those of the event that raised it, null where there are none to be seen."""


class AlarmData(Struct, frozen=True, kw_only=True):
    """One alarm.  Source: mipsdk-samples-protocol 3f42081, the Alarms sample."""

    data: Alarm


class Links(Struct, frozen=True, kw_only=True):
    """The pages beside this one; absent at the ends.  Assumed: as of events."""

    prev: str | UnsetType = UNSET
    next: str | UnsetType = UNSET


class Alarms(Struct, frozen=True, kw_only=True):
    """A page."""

    links: Links = field(name="_links")
    array: list[Alarm]


class Step(Struct, frozen=True, kw_only=True, rename="camel"):
    """One thing that was done.  Assumed: the whole shape."""

    id: str
    time: str
    action: str
    state: Word | None
    priority: Word | None
    assigned_to: Holder | None
    reason_for_closing: str | None
    comment: str | None
    user: str | None


class Steps(Struct, frozen=True, kw_only=True):
    """All that was done, in order."""

    array: list[Step]


class Words(Struct, frozen=True, kw_only=True):
    """The states or the priorities."""

    array: list[Word]


class Names(Struct, frozen=True, kw_only=True):
    """The categories or the reasons for closing."""

    array: list[Named]


class Tally(Struct, frozen=True, kw_only=True):
    """How many alarms are in a state at a priority.  Assumed: the whole shape."""

    state: Word
    priority: Word
    count: int


class Tallies(Struct, frozen=True, kw_only=True):
    """Those combinations of which there are any."""

    array: list[Tally]


class NewAlarm(Struct, frozen=True, kw_only=True):
    """An alarm to be raised.  Source: mipsdk-samples-protocol 3f42081, the Alarms sample; `priority` is Assumed."""

    name: str
    message: Text | None = None
    source: Short | None = None
    priority: Short | None = None


class AlarmPatch(Struct, frozen=True, kw_only=True, rename="camel"):
    """What is to change; null leaves as it is.  Source: mipsdk-samples-protocol 3f42081, the Alarms sample, where
    `assignedTo.displayName` is one member's name."""

    state: Short | None = None
    priority: Short | None = None
    comment: Text | None = None
    assigned_to: Short | None = field(name="assignedTo.displayName", default=None)
    reason_for_closing: Short | None = None
