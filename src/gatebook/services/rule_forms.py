"""A rule as it is written, sent and kept: one form for the API, the command line's files and the store."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType, field

from gatebook.domain.alarms import Priority
from gatebook.domain.rules import Boundary, GroupBy

DAY_S = 86_400
Seconds = Annotated[float, Meta(gt=0, le=31 * DAY_S)]
Wait = Annotated[float, Meta(ge=0, le=31 * DAY_S)]
Lateness = Annotated[float, Meta(ge=0, le=DAY_S)]
Text = Annotated[str, Meta(max_length=4_096)]
Short = Annotated[str, Meta(max_length=255)]
Name = Annotated[str, Meta(min_length=1, max_length=200)]
Ref = Annotated[str, Meta(max_length=255)] | int
Mail = Annotated[str, Meta(max_length=320, pattern=r"^[A-Za-z0-9!#$%&'*+/=?^_{|}~.-]+@[A-Za-z0-9.-]+$")]
"""An address in ASCII, without the name of its owner."""

Conditions = dict[Annotated[str, Meta(max_length=1_024)], Annotated[str, Meta(max_length=65_536)]]
"""Property to `operator:value`, as a query of history has them: `{"kind": "access.denied", "data.zone": "gt:3"}`."""
Alternatives = Annotated[list[Conditions], Meta(min_length=1, max_length=16)]
When = Conditions | Alternatives
"""All conditions of one object must hold; of several objects, any."""


class Form(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A part whose unknown fields are refused."""


class Between(Form, frozen=True, kw_only=True):
    """`from` 22:00 `to` 06:00 ends on the day after; 24:00 is midnight."""

    since: str = field(name="from")
    to: str


class Weekly(Form, frozen=True, kw_only=True):
    """Hours on some days of the week, every day where none is named."""

    days: Annotated[tuple[str, ...], Meta(max_length=7)] = ()
    since: str = field(name="from", default="00:00")
    to: str = "24:00"


class OneDate(Form, frozen=True, kw_only=True):
    """The hours of one date, whatever day it is; none: it has no hours."""

    date: str
    hours: Annotated[tuple[Between, ...], Meta(max_length=16)] = ()


class ScheduleForm(Form, frozen=True, kw_only=True):
    """When the rule looks, by the clocks of the site (the organisation's where there is none)."""

    week: Annotated[tuple[Weekly, ...], Meta(max_length=64)] = ()
    holidays: Annotated[tuple[str, ...], Meta(max_length=1_000)] = ()
    on_holidays: Annotated[tuple[Between, ...], Meta(max_length=16)] = ()
    exceptions: Annotated[tuple[OneDate, ...], Meta(max_length=1_000)] = ()
    outside: bool = False
    """True: whenever it otherwise would not."""


class CountForm(Form, frozen=True, kw_only=True):
    """So many within a time."""

    times: Annotated[int, Meta(ge=2, le=1_000)]
    within_s: Seconds


class SequenceForm(Form, frozen=True, kw_only=True):
    """What comes after the condition, in this order, the last within a time after the first."""

    then: Annotated[tuple[When, ...], Meta(min_length=1, max_length=7)]
    within_s: Seconds


class AbsenceForm(Form, frozen=True, kw_only=True):
    """What does not come within a time after the condition."""

    of: When
    within_s: Seconds


class AlarmAction(Form, frozen=True, kw_only=True):
    """Raises an alarm at the device of the event that completed it."""

    name: Name | None = None
    """The rule's name where none is given."""
    priority: Priority = Priority.MEDIUM
    category: Annotated[str, Meta(max_length=200)] = ""
    message: Text | None = None
    instructions: Text | None = None
    clear: When | None = None
    """It cannot be closed before such an event has come, at the same device and in the same group."""
    escalate_after_s: Seconds | None = None


class EventAction(Form, frozen=True, kw_only=True):
    """Derives an `event.triggered`, at the device of the event that completed it or at another."""

    tag: Short | None = None
    message: Text | None = None
    type: UUID | None = None
    device: Ref | None = None


class CommandAction(Form, frozen=True, kw_only=True):
    """Asks a lock, door or reader to open, that of the event that completed it or another; never past its deadline."""

    command: Literal["open"] = "open"
    device: Ref | None = None
    deadline_s: Annotated[float, Meta(gt=0, le=300)] = 30


class WebhookAction(Form, frozen=True, kw_only=True):
    """Calls a webhook endpoint."""

    webhook: UUID


class EmailAction(Form, frozen=True, kw_only=True):
    """Sends an e-mail."""

    to: Annotated[tuple[Mail, ...], Meta(min_length=1, max_length=20)]
    subject: Annotated[str, Meta(min_length=1, max_length=200)]
    text: Text = ""


class NoteAction(Form, frozen=True, kw_only=True):
    """Writes a line into the rule's own log."""

    text: Annotated[str, Meta(min_length=1, max_length=4_096)]


class Action(Form, frozen=True, kw_only=True):
    """One of these."""

    alarm: AlarmAction | None = None
    event: EventAction | None = None
    command: CommandAction | None = None
    webhook: WebhookAction | None = None
    email: EmailAction | None = None
    note: NoteAction | None = None


Actions = Annotated[tuple[Action, ...], Meta(max_length=8)]


class Body(Form, frozen=True, kw_only=True):
    """What a rule waits for and does."""

    when: When
    schedule: ScheduleForm | None = None
    at: Boundary | None = None
    """It fires by the clock alone, when its schedule begins or ends; `when` is then empty."""
    count: CountForm | None = None
    sequence: SequenceForm | None = None
    absence: AbsenceForm | None = None
    by: GroupBy = GroupBy.NOTHING
    quiet_s: Wait = 0
    """So long before and after it fired for a group it does nothing again for it."""
    lateness_s: Lateness = 60
    """What occurred so long before it was received counts for no window."""
    actions: Actions = ()


class NewRule(Body, frozen=True, kw_only=True):
    """A rule."""

    name: Name
    enabled: bool = True
    id: UUID | None = None


class RuleChange(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A change of a rule; null takes a window or the schedule away."""

    name: Name | UnsetType = UNSET
    enabled: bool | UnsetType = UNSET
    when: When | UnsetType = UNSET
    schedule: ScheduleForm | UnsetType | None = UNSET
    at: Boundary | UnsetType | None = UNSET
    count: CountForm | UnsetType | None = UNSET
    sequence: SequenceForm | UnsetType | None = UNSET
    absence: AbsenceForm | UnsetType | None = UNSET
    by: GroupBy | UnsetType = UNSET
    quiet_s: Wait | UnsetType = UNSET
    lateness_s: Lateness | UnsetType = UNSET
    actions: Actions | UnsetType = UNSET
