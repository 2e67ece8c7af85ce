"""Event sessions: lists of the newest events that are polled for what has changed in them.

The set of a session is the newest `MOST_EVENTS` events that answer its question, in the order of history.  A poll tells
first which events left the set since the last one, then some that entered it; polled until nothing is told, and applied
in order, it equals the set.  What was told is kept on disk, and a poll looks only at what the log holds beyond the last
one, unless the directory, the grant or a removal has changed what the answer rests on.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from uuid import UUID
from weakref import WeakValueDictionary

from gatebook.domain.access import Principal
from gatebook.domain.errors import Conflict, NotFound, TooMany
from gatebook.domain.filters import Filter
from gatebook.domain.times import SECOND_NS, Instant
from gatebook.services.audit import Audit
from gatebook.services.names import new_id
from gatebook.store import Store, Transaction
from gatebook.store.contract import Asked, Page, Position
from gatebook.store.event_sessions import Basis, Change, EventSession, Member, Sorted

MOST_EVENTS = 10_000
IDLE_S = 600
MOST_SESSIONS = 20
"""Of one principal."""
TOUCH_S = 15
"""What is known on disk of when a session was last polled is no older than this."""
TRIES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What a session is about, as its dialect reads it: what is in the set, and how additions are sorted."""

    wanted: Filter
    sort: Callable[[list[Member], Sorted], list[Member]] | None = None
    """None: by time, the oldest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a poll tells: the ids of events that left the set, and events that entered it."""

    left: Sequence[UUID]
    entered: Page


class EventSessions:
    """Begins, polls and ends them; each belongs to the principal who began it."""

    def __init__(self, store: Store, audit: Audit, *, now: Callable[[], Instant], most: int = MOST_EVENTS) -> None:
        """Keeps them in this store; `most`: events of a set."""
        self._most = most
        self._store = store
        self._audit = audit
        self._now = now
        self._used: dict[UUID, Instant] = {}
        self._turns: WeakValueDictionary[UUID, asyncio.Lock] = WeakValueDictionary()

    async def begin(self, principal: Principal, question: bytes, wanted: Filter) -> UUID:
        """A new session; TooMany where the principal has as many as it may have."""
        await self._audit.searched(principal, wanted, vendor=True)
        now, id_, holder = self._now(), new_id(), holder_of(principal)
        await self._flush(now)

        def work(transaction: Transaction) -> None:
            sessions = transaction.event_sessions
            sessions.drop_idle(Instant(now - IDLE_S * SECOND_NS))
            refuse_more(sessions.uses_of(principal.organisation, holder), "event", now)
            sessions.add(principal.organisation, holder, id_, question, now)

        await self._store.write(work)
        return id_

    async def get(self, principal: Principal, id: UUID) -> EventSession:
        """One that is the principal's own and was polled in time; NotFound for any other."""
        found = await self._store.read(
            self._store.event_sessions.session, principal.organisation, holder_of(principal), id
        )
        if found is None or self._now() - max(found.used, self._used.get(id, found.used)) > IDLE_S * SECOND_NS:
            raise NotFound("no such event session")
        return found

    async def end(self, principal: Principal, id: UUID) -> None:
        """Forgets a session; NotFound where it is not there."""
        await self.get(principal, id)
        self._used.pop(id, None)
        org, holder = principal.organisation, holder_of(principal)
        if not await self._store.write(lambda transaction: transaction.event_sessions.drop(org, holder, id)):
            raise NotFound("no such event session")

    async def poll(self, principal: Principal, id: UUID, question: Question, limit: int) -> Told:
        """All ids that left since the last poll, and at most `limit` events that entered."""
        turn = self._turns.setdefault(id, asyncio.Lock())
        async with turn:
            for _ in range(TRIES):
                told = await self._polled(principal, await self.get(principal, id), question, limit)
                if told is not None:
                    return told
        raise Conflict("the event session is being polled elsewhere; poll it from one place")

    async def _polled(self, principal: Principal, session: EventSession, question: Question, limit: int) -> Told | None:
        """None where another process polled it meanwhile."""
        asked = Asked(
            organisation=principal.organisation,
            grant=principal.grant,
            filter=question.wanted,
            unlisted=False,
            with_total=False,
        )
        basis = await self._store.read(self._store.event_sessions.basis, asked.organisation, asked.grant)
        known = await self._known(session, asked, basis)
        pending = await self._pending(session, known, self._most if question.sort else limit)
        chosen = (await self._sorted(asked.organisation, pending, question))[:limit]
        page = await self._store.read(self._store.event_sessions.events, asked.organisation, chosen)
        change = _change(session, known, basis, chosen, {event.seq for event in page.events})
        if not await self._kept(session, change):
            return None
        return Told(left=[one.id for one in known.left if one.told], entered=page)

    # -- the set -----------------------------------------------------------------------------------------------------

    async def _known(self, session: EventSession, asked: Asked, basis: Basis) -> _News:
        if session.basis == basis.digest and session.looked <= basis.head:
            entered = await self._store.read(
                self._store.event_sessions.matched, asked, session.looked, basis.head, self._most + 1
            )
            if len(entered) <= self._most:
                return await self._pushed_out(session, entered)
        return await self._anew(session, asked, basis)

    async def _pushed_out(self, session: EventSession, entered: list[Member]) -> _News:
        """What came in, and what it pushes out of a set that is full."""
        excess = session.size + len(entered) - self._most
        if excess <= 0 or not entered:
            return _News(left=(), entered=entered)
        oldest = await self._store.read(self._store.event_sessions.oldest, session.number, excess)
        out = {one.seq for one in sorted([*oldest, *entered])[:excess]}
        return _News(
            left=[one for one in oldest if one.seq in out], entered=[one for one in entered if one.seq not in out]
        )

    async def _anew(self, session: EventSession, asked: Asked, basis: Basis) -> _News:
        """The whole set, beside what is known of it."""
        places = await self._newest(replace(asked, ceiling=basis.head))
        now = {place.seq for place in places}
        members = await self._store.read(self._store.event_sessions.members, session.number)
        before = {one.seq for one in members}
        entering = sorted(now - before)
        entered = await self._store.read(self._store.event_sessions.placed, asked.organisation, entering)
        return _News(left=[one for one in members if one.seq not in now], entered=entered)

    async def _newest(self, asked: Asked) -> list[Position]:
        """As many places as the set may hold; a search goes on from where its budget stopped it."""
        places: list[Position] = []
        after: Position | None = None
        while len(places) < self._most:
            part = replace(asked, limit=self._most - len(places), after=after)
            found, _, after = await self._store.read(self._store.event_sessions.newest, part)
            places += found
            if after is None:
                break
        return places

    async def _pending(self, session: EventSession, news: _News, limit: int) -> list[Member]:
        """At least `limit` of what is to be told, the oldest first, or all of it."""
        before: list[Member] = []
        if session.untold:
            out = {one.seq for one in news.left}
            before = await self._store.read(self._store.event_sessions.untold, session.number, limit + len(out))
            before = [one for one in before if one.seq not in out]
        return sorted([*before, *news.entered])

    async def _sorted(self, org: int, pending: list[Member], question: Question) -> list[Member]:
        if question.sort is None or len(pending) < 2:
            return pending
        seqs = [one.seq for one in pending]
        return question.sort(pending, await self._store.read(self._store.event_sessions.sortable, org, seqs))

    # -- when it was used --------------------------------------------------------------------------------------------

    async def _kept(self, session: EventSession, change: Change) -> bool:
        """Writes what a poll changed; one that told nothing is written only now and then."""
        now = self._now()
        idle = not (change.left or change.entered or change.told) and change.basis == session.basis
        if idle and now - session.used < TOUCH_S * SECOND_NS and change.looked - session.looked < self._most:
            self._used[session.id] = now
            return True
        kept = await self._store.write(lambda transaction: transaction.event_sessions.change(session, change, now))
        self._used.pop(session.id, None)
        return kept

    async def _flush(self, now: Instant) -> None:
        """Writes down what this process alone knows of when sessions were polled, before idle ones are dropped."""
        used, self._used = self._used, {}
        recent = {id_: at for id_, at in used.items() if now - at <= IDLE_S * SECOND_NS}
        if recent:
            await self._store.write(lambda transaction: transaction.event_sessions.seen(recent))


@dataclass(frozen=True, slots=True, kw_only=True)
class _News:
    """Members that are in the set no longer, and events that are in it now; the latter in no order."""

    left: Sequence[Member]
    entered: Sequence[Member]


def _change(
    session: EventSession,
    news: _News,
    basis: Basis,
    chosen: Sequence[Member],
    read: set[int],
) -> Change:
    """`read`: of the chosen those that were still there to be told."""
    telling = {one.seq for one in chosen} & read
    new = {one.seq for one in news.entered}
    return Change(
        left=news.left,
        entered=[one._replace(told=one.seq in telling) for one in news.entered],
        told=[one for one in chosen if one.seq in telling and one.seq not in new],
        looked=basis.head,
        basis=basis.digest,
        size=session.size - len(news.left) + len(news.entered),
        untold=session.untold - sum(not one.told for one in news.left) + len(news.entered) - len(telling),
    )


def refuse_more(uses: Sequence[Instant], noun: str, now: Instant) -> None:
    """TooMany where one principal has as many sessions as it may have; `uses`: the longest ago first."""
    if len(uses) >= MOST_SESSIONS:
        wait_s = math.ceil((uses[0] + IDLE_S * SECOND_NS - now) / SECOND_NS)
        raise TooMany(f"{MOST_SESSIONS} {noun} sessions are open already; delete one of them", max(1, wait_s))


def holder_of(principal: Principal) -> str:
    """Whose it is, whatever token is presented."""
    return f"{principal.kind}/{principal.id}"
