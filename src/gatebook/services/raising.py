"""What writes alarms within the writer's transaction: raised, raised again, cleared, and each step as an event.

Rules and people raise alarms by the same function, so one open alarm stands for each rule, device and key whoever asks.
"""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import msgspec

from gatebook.domain.access import Principal
from gatebook.domain.alarms import Alarm, AlarmState, Raising, cleared, raised_again
from gatebook.domain.events import Draft, EventClass
from gatebook.domain.kinds import Kind
from gatebook.domain.times import Instant
from gatebook.services.names import new_id
from gatebook.store import Transaction
from gatebook.store.contract import Appended, KeyConflict


class By(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who did it: a principal, or a rule."""

    kind: str
    id: str
    name: str = ""


class StepTold(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The data of an `alarm.*` event: what was done, and how the alarm stands after it."""

    alarm: UUID
    number: int
    act: str
    """raised, repeated, changed, commented, cleared, escalated or closed."""
    name: str = ""
    state: str = ""
    priority: str = ""
    category: str = ""
    count: int = 1
    assignee: str | None = None
    reason: str | None = None
    rule: UUID | None = None
    rule_revision: int | None = None
    by: By | None = None


KINDS = {"raised": Kind.ALARM_RAISED, "closed": Kind.ALARM_CLOSED}


def raise_alarm(
    transaction: Transaction, org: int, raising: Raising, now: Instant, by: By | None = None
) -> Alarm | None:
    """Raises an alarm, or counts it up where the same one is open; its event stands in the same transaction.

    A `source` seen before changes nothing: the alarm is answered as it stands, None where it is closed by now.
    """
    before = None
    if raising.rule is not None:
        before = transaction.alarms.open_one(org, raising.rule, raising.stream, raising.key)
    if before is None:
        return _new(transaction, org, raising, now, by)
    alarm = raised_again(before, raising, now)
    seq = write_step(transaction, org, alarm, "repeated", now, by=by, cause=raising.cause, source=raising.source)
    if seq is None:
        return before
    transaction.alarms.change(org, alarm)
    return alarm


def clear_alarm(
    transaction: Transaction, org: int, rule: UUID, stream: int, key: str, *, cause: int, at: Instant, now: Instant
) -> Alarm | None:
    """The clearing event of an open alarm has come; None where it clears nothing."""
    before = transaction.alarms.open_one(org, rule, stream, key)
    if before is None:
        return None
    alarm = cleared(before, at, now)
    if alarm is before:
        return None
    transaction.alarms.change(org, alarm)
    if before.cleared is None:  # that it stays cleared is no step
        write_step(transaction, org, alarm, "cleared", now, cause=cause)
    return alarm


def write_step(
    transaction: Transaction,
    org: int,
    alarm: Alarm,
    act: str,
    now: Instant,
    *,
    by: By | None = None,
    message: str | None = None,
    cause: int | None = None,
    source: bytes | None = None,
    occurred: Instant | None = None,
) -> int | None:
    """Appends the event of one step and remembers that it is one; its seq, or None where `source` was there before."""
    told = StepTold(
        alarm=alarm.id,
        number=alarm.number,
        act=act,
        name=alarm.name,
        state=alarm.state,
        priority=alarm.priority,
        category=alarm.category,
        count=alarm.count,
        assignee=None if alarm.assignee is None else alarm.assignee.name,
        reason=alarm.reason,
        rule=alarm.rule,
        rule_revision=alarm.rule_revision,
        by=by,
    )
    draft = Draft(
        stream=alarm.stream,
        event_class=transaction.class_of(org, EventClass(KINDS.get(act, Kind.ALARM_CHANGED))),
        occurred=now if occurred is None else occurred,
        received=now,
        message=message,
        data=msgspec.json.encode(told),
        cause=cause,
        key=source,
        body=None if source is None else source[:8],
    )
    [outcome] = transaction.append(org, [draft])
    if isinstance(outcome, KeyConflict) or outcome.repeat:
        return None
    assert isinstance(outcome, Appended)
    transaction.alarms.step(org, alarm.number, outcome.seq)
    return outcome.seq


def _new(transaction: Transaction, org: int, raising: Raising, now: Instant, by: By | None) -> Alarm | None:
    after = raising.escalate_after_ns
    alarm = Alarm(
        number=transaction.alarms.next_number(org),
        id=new_id(),
        stream=raising.stream,
        device=raising.device,
        rule=raising.rule,
        rule_revision=raising.rule_revision,
        key=raising.key,
        name=raising.name,
        message=raising.message,
        priority=raising.priority,
        category=raising.category,
        state=AlarmState.NEW,
        assignee=None,
        count=1,
        raised=raising.occurred,
        last=raising.occurred,
        updated=now,
        cause=raising.cause,
        seq=0,
        needs_clearing=raising.needs_clearing,
        escalates=None if after is None else Instant(now + after),
    )
    seq = write_step(
        transaction, org, alarm, "raised", now, by=by, message=raising.message, cause=raising.cause,
        source=raising.source, occurred=raising.occurred,
    )  # fmt: skip
    if seq is None:  # it was raised by the same source before, and has been closed since
        return None
    stored = replace(alarm, seq=seq)
    transaction.alarms.insert(org, stored)
    return stored


def by_of(principal: Principal) -> By:
    """The principal, as a step tells it."""
    return By(kind=principal.kind, id=str(principal.id), name=principal.name)
