"""Alarms as they are worked: listed, taken, commented on, put on hold, closed; each step an event in the log."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from uuid import UUID

from gatebook.domain.access import EVERYTHING, Principal, Scope
from gatebook.domain.alarms import Act, Alarm, AlarmState, Assignee, Priority, Raising, after, escalated
from gatebook.domain.errors import BadInput, NotFound, PreconditionFailed, Unplaceable
from gatebook.domain.times import Instant
from gatebook.services.names import named
from gatebook.services.raising import by_of, clear_alarm, raise_alarm, write_step
from gatebook.services.records import ORGANISATION_STREAM
from gatebook.services.rooms import need
from gatebook.store import Store, Transaction
from gatebook.store.contract import Ref
from gatebook.store.sqlite.alarms import AlarmsAsked, ShownAlarm, Step

log = logging.getLogger(__name__)

READS = (Scope.EVENTS_READ, Scope.ALARMS_MANAGE)
COMMENT_LIMIT = 4_096
CATEGORY_LIMIT = 200
ESCALATION_S = 1.0
"""How often it is looked for alarms that nobody took in time."""


class Alarms:
    """Every alarm that a principal's grant shows; those of the organisation as a whole need a grant of everything."""

    def __init__(self, store: Store, *, now: Callable[[], Instant]) -> None:
        """Keeps them in this store."""
        self._store = store
        self._now = now

    async def list(self, principal: Principal, asked: AlarmsAsked) -> Sequence[ShownAlarm]:
        """One page."""
        need(principal, *READS)
        return await self._store.read(self._store.alarms.alarms, principal.organisation, principal.grant, asked)

    async def counted(self, principal: Principal) -> Mapping[tuple[AlarmState, Priority], int]:
        """How many there are, by state and priority."""
        need(principal, *READS)
        return await self._store.read(self._store.alarms.counted, principal.organisation, principal.grant)

    async def categories(self, principal: Principal) -> Sequence[str]:
        """Those of the alarms that the grant shows; for who sees everything, those that rules would raise, too."""
        need(principal, *READS)
        return await self._store.read(self._store.alarms.categories, principal.organisation, principal.grant)

    async def get(self, principal: Principal, ref: Ref) -> ShownAlarm:
        """The one that is meant; NotFound for absent and hidden alike."""
        need(principal, *READS)
        found = await self._store.read(self._store.alarms.alarm, principal.organisation, principal.grant, ref)
        if found is None:
            raise NotFound("no such alarm")
        return found

    async def steps(self, principal: Principal, ref: Ref) -> tuple[ShownAlarm, Sequence[Step]]:
        """An alarm and all that was done with it, in order."""
        found = await self.get(principal, ref)
        return found, await self._store.read(self._store.alarms.steps_of, principal.organisation, found.alarm.number)

    async def raise_(
        self,
        principal: Principal,
        *,
        name: str,
        device: Ref | None,
        message: str | None = None,
        priority: Priority = Priority.MEDIUM,
        category: str = "",
        occurred: Instant | None = None,
    ) -> Alarm:
        """Somebody raises an alarm; Unplaceable where the device is unknown or hidden."""
        need(principal, Scope.ALARMS_MANAGE)
        checked(message, category)
        now = self._now()

        def work(transaction: Transaction) -> Alarm:
            stream, number = ORGANISATION_STREAM, None
            if device is not None:
                found = transaction.device(principal.organisation, device)
                if found is None or found.removed or not principal.grant.shows(found.number, found.site):
                    raise Unplaceable("device", "no such device", "give one that is known, or none")
                stream, number = found.stream, found.number
            elif not principal.grant.everything:
                raise Unplaceable("device", "is missing", "give the device where it is raised")
            raising = Raising(
                name=named(name),
                stream=stream,
                device=number,
                message=message,
                priority=priority,
                category=category,
                occurred=min(now, occurred or now),
            )
            raised = raise_alarm(transaction, principal.organisation, raising, now, by_of(principal))
            assert raised is not None  # without a source nothing is a repeat
            return raised

        return await self._store.write(work)

    async def act(self, principal: Principal, ref: Ref, act: Act, *, expected: int | None = None) -> Alarm:
        """Does something to an alarm; Conflict where its state forbids it.

        PreconditionFailed where its revision is no longer the `expected` one.  What changes nothing writes nothing.
        """
        need(principal, Scope.ALARMS_MANAGE)
        checked(act.comment, act.category or "")
        now = self._now()

        def work(transaction: Transaction) -> Alarm:
            org = principal.organisation
            before = transaction.alarms.one(org, ref, principal.grant)
            if before is None:
                raise NotFound("no such alarm")
            if expected is not None and before.revision != expected:
                raise PreconditionFailed("the alarm has been changed meanwhile; get it again and repeat the change")
            alarm = after(before, act, now)
            if alarm is before:
                return before
            transaction.alarms.change(org, alarm)
            write_step(transaction, org, alarm, name_of(act, before, alarm), now, by=by_of(principal),
                       message=act.comment)  # fmt: skip
            return alarm

        return await self._store.write(work)

    async def assignee(self, principal: Principal, ref: str) -> Assignee:
        """Whom `me`, a user's id or a login means; Unplaceable for nobody in the principal's organisation."""
        if ref == "me":
            return Assignee(id=principal.id, name=principal.name)
        found = await self._store.read(self._store.accounts.users.one, principal.organisation, _ref_of(ref))
        if found is None:
            raise Unplaceable("assignee", "no such user", "give me, or the id or login of a user")
        return Assignee(id=found.id, name=found.name)

    async def take(self, principal: Principal, ref: Ref, *, expected: int | None = None) -> Alarm:
        """The principal takes it in hand: it is in progress from now on."""
        act = Act(assignee=Assignee(id=principal.id, name=principal.name))
        return await self.act(principal, ref, act, expected=expected)

    async def escalate_due(self) -> int:
        """Escalates every alarm that nobody took in time, in whichever organisation; how many."""
        now = self._now()

        def work(transaction: Transaction, org: int, number: int) -> bool:
            before = transaction.alarms.one(org, number, EVERYTHING)
            alarm = before and escalated(before, now)
            if alarm is None or alarm is before:
                return False
            transaction.alarms.change(org, alarm)
            write_step(transaction, org, alarm, "escalated", now)
            return True

        n = 0
        for org, number in await self._store.read(self._store.alarms.due, now):
            n += await self._store.write(partial(work, org=org, number=number))
        return n

    async def run(self) -> None:
        """Escalates in time, until it is cancelled."""
        while True:
            if escalations := await self.escalate_due():
                log.info("%d alarms were not taken in time", escalations)
            else:
                await asyncio.sleep(ESCALATION_S)


def _ref_of(text: str) -> Ref:
    try:
        return UUID(text)
    except ValueError:
        return text


def name_of(act: Act, before: Alarm, alarm: Alarm) -> str:
    """What the step is called."""
    if before.is_open and not alarm.is_open:
        return "closed"
    return "commented" if act.is_comment else "changed"


def checked(message: str | None, category: str) -> None:
    """BadInput for texts that are too long."""
    if message is not None and len(message) > COMMENT_LIMIT:
        raise BadInput("message", f"has {len(message)} characters", f"give at most {COMMENT_LIMIT:,}")
    if len(category) > CATEGORY_LIMIT:
        raise BadInput("category", f"has {len(category)} characters", f"give at most {CATEGORY_LIMIT}")


__all__ = ["Alarms", "AlarmsAsked", "ShownAlarm", "Step", "clear_alarm", "raise_alarm"]
