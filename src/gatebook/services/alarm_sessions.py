"""Alarm sessions: lists of the newest alarms that are polled for what has changed in them.

A poll tells first which alarms left the set since the last one, then some that entered it or have changed; polled until
nothing is told, and applied in order, it equals the set.  What was told is kept on disk.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from uuid import UUID
from weakref import WeakValueDictionary

from gatebook.domain.access import Principal
from gatebook.domain.errors import Conflict, NotFound
from gatebook.domain.times import SECOND_NS, Instant
from gatebook.services.alarms import READS, ShownAlarm
from gatebook.services.event_sessions import IDLE_S, MOST_EVENTS, TOUCH_S, holder_of, refuse_more
from gatebook.services.names import new_id
from gatebook.services.rooms import need
from gatebook.store import Store, Transaction
from gatebook.store.sqlite.alarm_sessions import AlarmSession, ToldAlarm

MOST_ALARMS = MOST_EVENTS
"""Of a set: the newest."""
Answer = Callable[[bytes], Awaitable[Sequence[ShownAlarm]]]
"""To a question, the set as it is now, in the order in which it is to be told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldChanges:
    """The ids of alarms that left the set, and alarms that entered it or have changed."""

    left: Sequence[UUID]
    entered: Sequence[ShownAlarm]


class AlarmSessions:
    """Begins, polls and ends them; each belongs to the principal who began it."""

    def __init__(self, store: Store, *, now: Callable[[], Instant]) -> None:
        """Keeps them in this store."""
        self._store = store
        self._now = now
        self._turns: WeakValueDictionary[UUID, asyncio.Lock] = WeakValueDictionary()

    async def begin(self, principal: Principal, question: bytes) -> UUID:
        """A new session; TooMany where the principal has as many as it may have."""
        need(principal, *READS)
        now, id_, holder = self._now(), new_id(), holder_of(principal)

        def work(transaction: Transaction) -> None:
            sessions = transaction.alarm_sessions
            sessions.drop_idle(Instant(now - IDLE_S * SECOND_NS))
            refuse_more(sessions.uses_of(principal.organisation, holder), "alarm", now)
            sessions.add(principal.organisation, holder, id_, question, now)

        await self._store.write(work)
        return id_

    async def get(self, principal: Principal, id: UUID) -> AlarmSession:
        """One that is the principal's own and was polled in time; NotFound for any other."""
        need(principal, *READS)
        org, holder = principal.organisation, holder_of(principal)
        found = await self._store.read(self._store.alarm_sessions.session, org, holder, id)
        if found is None or self._now() - found.used > IDLE_S * SECOND_NS:
            raise NotFound("no such alarm session")
        return found

    async def end(self, principal: Principal, id: UUID) -> None:
        """Forgets a session; NotFound where it is not there."""
        await self.get(principal, id)
        org, holder = principal.organisation, holder_of(principal)
        if not await self._store.write(lambda transaction: transaction.alarm_sessions.drop(org, holder, id)):
            raise NotFound("no such alarm session")

    async def poll(self, principal: Principal, id: UUID, answer: Answer, limit: int) -> ToldChanges:
        """All ids that left since the last poll, and at most `limit` alarms that entered or have changed."""
        turn = self._turns.setdefault(id, asyncio.Lock())
        async with turn:
            session = await self.get(principal, id)
            shown = await answer(session.question)
            told = await self._store.read(self._store.alarm_sessions.members, session.number)
            known, there = {one.number: one for one in told}, {one.alarm.number for one in shown}
            left = [one for one in told if one.number not in there]
            news = [one for one in shown if is_news(one, known.get(one.alarm.number))][:limit]
            if not await self._kept(session, left, news):
                raise Conflict("the alarm session is being polled elsewhere; poll it from one place")
        return ToldChanges(left=[one.id for one in left], entered=news)

    async def _kept(self, session: AlarmSession, left: Sequence[ToldAlarm], news: Sequence[ShownAlarm]) -> bool:
        """Writes what a poll told; one that told nothing is written only now and then."""
        now = self._now()
        if not left and not news and now - session.used < TOUCH_S * SECOND_NS:
            return True
        entered = [ToldAlarm(one.alarm.number, one.alarm.id, one.alarm.revision) for one in news]
        return await self._store.write(
            lambda transaction: transaction.alarm_sessions.change(session, left, entered, now)
        )


def is_news(one: ShownAlarm, told: ToldAlarm | None) -> bool:
    """Whether it was not told as it is now."""
    return told is None or told.revision != one.alarm.revision
