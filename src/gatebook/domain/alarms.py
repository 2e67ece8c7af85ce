"""Alarms: what one is, which states it may take, and what an act makes of it.  Pure: the clock comes as an argument."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final
from uuid import UUID

from gatebook.domain.errors import BadInput, Conflict
from gatebook.domain.times import Instant


class AlarmState(StrEnum):
    """How far somebody has come with an alarm."""

    NEW = "new"
    IN_PROGRESS = "in_progress"
    ON_HOLD = "on_hold"
    CLOSED = "closed"


NEXT: Final[dict[AlarmState, frozenset[AlarmState]]] = {
    AlarmState.NEW: frozenset({AlarmState.IN_PROGRESS, AlarmState.ON_HOLD, AlarmState.CLOSED}),
    AlarmState.IN_PROGRESS: frozenset({AlarmState.ON_HOLD, AlarmState.CLOSED}),
    AlarmState.ON_HOLD: frozenset({AlarmState.IN_PROGRESS, AlarmState.CLOSED}),
    AlarmState.CLOSED: frozenset(),
}
"""The states that may follow each.  A closed alarm stays closed: what happens again raises another."""


class Priority(StrEnum):
    """How urgent it is; the first is the most urgent."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"

    @property
    def rank(self) -> int:
        """1 for the most urgent."""
        return list(Priority).index(self) + 1

    @property
    def letter(self) -> str:
        """The letter by which a mark tells it."""
        return self.value[0].upper()


class CloseReason(StrEnum):
    """Why an alarm was closed."""

    RESOLVED = "resolved"
    FALSE_ALARM = "false_alarm"
    TEST = "test"
    NUISANCE = "nuisance"
    MAINTENANCE = "maintenance"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignee:
    """The user who has it in hand; the name as it was when it was given."""

    id: UUID | None
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """One alarm.  Its events stand in the stream of the device where it was raised, else of the organisation."""

    number: int
    id: UUID
    stream: int
    device: int | None
    """The number of the device; None where it belongs to the organisation as a whole."""
    rule: UUID | None
    """The rule that raised it; None where somebody did."""
    rule_revision: int | None
    key: str
    """What tells apart the open alarms of one rule at one device, such as a person's id; mostly empty."""
    name: str
    message: str | None
    priority: Priority
    category: str
    state: AlarmState
    assignee: Assignee | None
    count: int
    """How often it was raised while open."""
    raised: Instant
    last: Instant
    """When it was raised last."""
    updated: Instant
    cause: int | None
    """The `seq` of the event that raised it first."""
    seq: int
    """The `seq` of its own `alarm.raised`."""
    needs_clearing: bool = False
    """True: it cannot be closed before its clearing event has come."""
    cleared: Instant | None = None
    escalates: Instant | None = None
    """When it is escalated, if nobody has taken it by then."""
    escalated: Instant | None = None
    reason: CloseReason | None = None
    revision: int = 1

    @property
    def is_open(self) -> bool:
        """True until it is closed."""
        return self.state is not AlarmState.CLOSED


@dataclass(frozen=True, slots=True, kw_only=True)
class Raising:
    """What raises an alarm: by a rule, or (`rule` None) by somebody."""

    name: str
    stream: int
    device: int | None = None
    rule: UUID | None = None
    rule_revision: int | None = None
    key: str = ""
    message: str | None = None
    priority: Priority = Priority.MEDIUM
    category: str = ""
    cause: int | None = None
    occurred: Instant
    """When what raised it happened."""
    needs_clearing: bool = False
    escalate_after_ns: int | None = None
    source: bytes | None = None
    """A key of 16 bytes that makes a repeat of the same raising a repeat."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """What somebody does to an alarm; None leaves as it is."""

    state: AlarmState | None = None
    priority: Priority | None = None
    category: str | None = None
    assignee: Assignee | None = None
    unassign: bool = False
    comment: str | None = None
    reason: CloseReason | None = None

    @property
    def is_comment(self) -> bool:
        """True where nothing is done but say something."""
        return self.comment is not None and replace(self, comment=None) == Act()


def after(alarm: Alarm, act: Act, now: Instant) -> Alarm:
    """The alarm after the act; Conflict where its state forbids it, BadInput where the act contradicts itself."""
    if not alarm.is_open and not act.is_comment and act != Act():
        raise Conflict("this alarm is closed and stays so; comment on it, or wait until it is raised again")
    state = next_state(alarm, act)
    closing = state is AlarmState.CLOSED and alarm.is_open
    if act.reason is not None and not closing:
        raise BadInput("reason", "is given and the alarm is not closed by this", "give it together with state closed")
    if closing and alarm.needs_clearing and alarm.cleared is None:
        raise Conflict("this alarm cannot be closed before its clearing event has come; put it on hold meanwhile")
    if act.unassign and act.assignee is not None:
        raise BadInput("assignee", "is both given and taken away", "give one of both")
    assignee = None if act.unassign else act.assignee or alarm.assignee
    changed = replace(
        alarm,
        state=state,
        priority=act.priority or alarm.priority,
        category=alarm.category if act.category is None else act.category,
        assignee=assignee,
        reason=(act.reason or CloseReason.RESOLVED) if closing else alarm.reason,
        escalates=None if state is not AlarmState.NEW or assignee is not None else alarm.escalates,
    )
    if changed == alarm and act.comment is None:
        return alarm
    return replace(changed, updated=max(now, alarm.updated), revision=alarm.revision + 1)


def next_state(alarm: Alarm, act: Act) -> AlarmState:
    """The state that an act asks for; to take a new alarm is to begin with it.  Conflict where it may not follow."""
    wanted = act.state
    if wanted is None:
        taken = act.assignee is not None and alarm.state is AlarmState.NEW
        return AlarmState.IN_PROGRESS if taken else alarm.state
    if wanted is not alarm.state and wanted not in NEXT[alarm.state]:
        allowed = ", ".join(sorted(NEXT[alarm.state])) or "nothing else"
        raise Conflict(f"state: an alarm that is {alarm.state} can become {allowed}, not {wanted}")
    return wanted


def raised_again(alarm: Alarm, raising: Raising, now: Instant) -> Alarm:
    """An open alarm after what raised it has happened once more: counted, and no longer cleared if that was after."""
    return replace(
        alarm,
        count=alarm.count + 1,
        last=max(alarm.last, raising.occurred),
        cleared=None if alarm.cleared is not None and raising.occurred > alarm.cleared else alarm.cleared,
        updated=max(now, alarm.updated),
        revision=alarm.revision + 1,
    )


def cleared(alarm: Alarm, at: Instant, now: Instant) -> Alarm:
    """The alarm after its clearing event; one older than the last raising, or than another, clears nothing.

    The latest counts: what raised it between two of them may still come late.
    """
    if not alarm.is_open or at < alarm.last or (alarm.cleared is not None and at <= alarm.cleared):
        return alarm
    return replace(alarm, cleared=at, updated=max(now, alarm.updated), revision=alarm.revision + 1)


def escalated(alarm: Alarm, now: Instant) -> Alarm:
    """An alarm that nobody took in time: one step more urgent, once."""
    if alarm.escalates is None or alarm.escalates > now or alarm.state is not AlarmState.NEW:
        return alarm
    order = list(Priority)
    higher = order[max(0, order.index(alarm.priority) - 1)]
    return replace(
        alarm, priority=higher, escalates=None, escalated=now, updated=max(now, alarm.updated),
        revision=alarm.revision + 1,
    )  # fmt: skip
