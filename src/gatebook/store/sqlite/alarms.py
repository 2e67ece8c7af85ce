"""Alarms in SQL: the list that a grant shows, one, its steps, and what a use case writes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

import apsw

from gatebook.domain.access import EVERYTHING, Grant
from gatebook.domain.alarms import Alarm, AlarmState, Assignee, CloseReason, Priority
from gatebook.domain.times import ALWAYS, Instant, Window
from gatebook.store.contract import Ref
from gatebook.store.sql import load
from gatebook.store.sqlite.connection import Row, carray, carray_of, fetch, first

SQL = load("sqlite", "alarms")
PRIORITIES = tuple(Priority)


class Step(NamedTuple):
    """One step of an alarm, as its event tells it."""

    seq: int
    id: UUID
    received: Instant
    cause: int | None
    data: bytes | None
    message: str | None


class ShownAlarm(NamedTuple):
    """An alarm, with the names of where it was raised as they are now, and the id of what raised it first."""

    alarm: Alarm
    device_id: UUID | None
    device_name: str | None
    site_name: str | None
    zone: str | None
    cause_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmsAsked:
    """Which alarms, in which order: by `urgency`, or by time, `newest` or `oldest` first."""

    states: frozenset[AlarmState] | None = None
    priorities: frozenset[Priority] | None = None
    category: str | None = None
    device: int | None = None
    rule: UUID | None = None
    assignee: UUID | None = None
    raised: Window = ALWAYS
    updated_since: Instant | None = None
    order: str = "urgency"
    limit: int = 100
    offset: int = 0


def alarm(connection: apsw.Connection, org: int, grant: Grant, ref: Ref) -> ShownAlarm | None:
    """The alarm of this number or UUID, where the grant shows it."""
    named = _granted(org, grant)
    query = "alarm_by_uuid" if isinstance(ref, UUID) else "alarm_by_number"
    if isinstance(ref, str):
        return None
    row = first(connection, SQL[query], {**named, "ref": ref.bytes if isinstance(ref, UUID) else ref})
    return None if row is None else shown_of(row)


def alarms(connection: apsw.Connection, org: int, grant: Grant, asked: AlarmsAsked) -> list[ShownAlarm]:
    """One page of those that the grant shows."""
    states, priorities = asked.states, asked.priorities
    named = _granted(org, grant) | {
        "any_state": states is None,
        "states": carray_of([state.value for state in states or ()]),
        "any_priority": priorities is None,
        "priorities": carray([one.rank for one in priorities or ()]),
        "category": asked.category,
        "device": asked.device,
        "rule": asked.rule and asked.rule.bytes,
        "assignee": asked.assignee and asked.assignee.bytes,
        "since": asked.raised.since,
        "until": asked.raised.until,
        "updated_since": asked.updated_since or ALWAYS.since,
        "order": asked.order,
        "limit": asked.limit,
        "offset": asked.offset,
    }
    return [shown_of(row) for row in fetch(connection, SQL["alarms_listed"], named)]


def counted(connection: apsw.Connection, org: int, grant: Grant) -> Mapping[tuple[AlarmState, Priority], int]:
    """How many alarms the grant shows, by state and priority."""
    rows = fetch(connection, SQL["alarms_counted"], _granted(org, grant))
    return {(AlarmState(state), PRIORITIES[rank - 1]): n for state, rank, n in rows}


def categories(connection: apsw.Connection, org: int, grant: Grant) -> list[str]:
    """Categories that are used, by name."""
    return [text for (text,) in fetch(connection, SQL["categories"], _granted(org, grant))]


def steps_of(connection: apsw.Connection, org: int, number: int) -> list[Step]:
    """The steps of an alarm in order; those removed with their events are missing."""
    rows = fetch(connection, SQL["steps_of"], {"org": org, "alarm": number})
    return [Step(seq, UUID(bytes=id_), received, cause, data, message)
            for seq, id_, received, cause, data, message in rows]  # fmt: skip


def due(connection: apsw.Connection, now: Instant, limit: int = 100) -> list[tuple[int, int]]:
    """(organisation, number) of alarms that nobody took in time, in whichever organisation."""
    return [(org, number) for org, number in fetch(connection, SQL["alarms_due"], {"now": now, "limit": limit})]


class AlarmQuestions:
    """Alarms, as readers ask for them."""

    alarm = staticmethod(alarm)
    alarms = staticmethod(alarms)
    counted = staticmethod(counted)
    categories = staticmethod(categories)
    steps_of = staticmethod(steps_of)
    due = staticmethod(due)


class AlarmChanges:
    """Alarms within the writer's transaction."""

    def __init__(self, connection: apsw.Connection) -> None:
        """Works on the writer's connection."""
        self._connection = connection

    def one(self, org: int, ref: Ref, grant: Grant = EVERYTHING) -> Alarm | None:
        """The alarm of this number or UUID, where the grant shows it."""
        found = alarm(self._connection, org, grant, ref)
        return None if found is None else found.alarm

    def open_one(self, org: int, rule: UUID, stream: int, key: str) -> Alarm | None:
        """The open alarm of a rule at a device under a key."""
        named = {"org": org, "rule": rule.bytes, "stream": stream, "key": key}
        row = first(self._connection, SQL["open_alarm"], named)
        return None if row is None else shown_of(row).alarm

    def next_number(self, org: int) -> int:
        """The number of the next new alarm."""
        return int(fetch(self._connection, SQL["next_alarm"], {"org": org})[0][0])

    def insert(self, org: int, one: Alarm) -> None:
        """A new alarm."""
        fixed = {"uuid": one.id.bytes, "stream": one.stream, "device": one.device, "rule": one.rule and one.rule.bytes}
        fixed |= {"rule_revision": one.rule_revision, "key": one.key, "name": one.name, "raised": one.raised}
        fixed |= {"cause": one.cause, "seq": one.seq, "clearing": int(one.needs_clearing)}
        self._connection.execute(SQL["insert_alarm"], {**_changing(org, one), **fixed})

    def change(self, org: int, one: Alarm) -> None:
        """What an act made of it."""
        self._connection.execute(SQL["change_alarm"], _changing(org, one))

    def step(self, org: int, number: int, seq: int) -> None:
        """The event of this seq is a step of the alarm."""
        self._connection.execute(SQL["insert_step"], {"org": org, "alarm": number, "seq": seq})


def shown_of(row: Row) -> ShownAlarm:
    """A row of the view."""
    device_uuid, device_name, _site, site_name, zone, cause_id = row[27:]
    return ShownAlarm(
        _alarm_of(row[1:27]),
        None if device_uuid is None else UUID(bytes=device_uuid),
        device_name,
        site_name,
        zone,
        None if cause_id is None else UUID(bytes=cause_id),
    )


def _alarm_of(row: Row) -> Alarm:
    (number, uuid, stream, device, rule, rule_revision, key, name, priority, category, state, assignee, assignee_name,
     n, raised, last, updated, cause, seq, clearing, cleared, escalates, escalated, reason, revision,
     message) = row  # fmt: skip
    held = None
    if assignee_name is not None:
        held = Assignee(id=None if assignee is None else UUID(bytes=assignee), name=assignee_name)
    return Alarm(
        number=number, id=UUID(bytes=uuid), stream=stream, device=device,
        rule=None if rule is None else UUID(bytes=rule), rule_revision=rule_revision, key=key, name=name,
        message=message, priority=PRIORITIES[priority - 1], category=category, state=AlarmState(state), assignee=held,
        count=n, raised=raised, last=last, updated=updated, cause=cause, seq=seq, needs_clearing=bool(clearing),
        cleared=cleared, escalates=escalates, escalated=escalated,
        reason=None if reason is None else CloseReason(reason), revision=revision,
    )  # fmt: skip


def _granted(org: int, grant: Grant) -> dict[str, object]:
    return {
        "org": org,
        "everything": grant.everything,
        "sites": carray(grant.sites),
        "devices": carray(grant.devices),
    }


def _changing(org: int, one: Alarm) -> dict[str, object]:
    held = one.assignee
    return {
        "org": org, "alarm": one.number, "priority": one.priority.rank, "category": one.category, "state": one.state,
        "assignee": None if held is None or held.id is None else held.id.bytes,
        "assignee_name": None if held is None else held.name, "n": one.count, "last": one.last, "updated": one.updated,
        "cleared": one.cleared, "escalates": one.escalates, "escalated": one.escalated, "reason": one.reason,
        "revision": one.revision,
    }  # fmt: skip
