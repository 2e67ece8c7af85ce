"""Clients that follow the log by subscriptions: what they subscribed to is kept, so that they come back and go on.

Where to go on is the client's own word: the last event that it has.  Nothing about what was sent is kept here.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from uuid import UUID

from gatebook.domain.access import Principal
from gatebook.domain.errors import NotFound
from gatebook.domain.times import SECOND_NS, Instant
from gatebook.services.event_sessions import holder_of
from gatebook.services.history import History
from gatebook.services.names import new_id
from gatebook.store import Store, Transaction
from gatebook.store.sqlite.listeners import Listener

RESUME_S = 30
"""For so long after its connection ended, a client may come back."""
TOUCH_S = 10.0
"""So often it is written down who is connected; after a crash they have so much longer to come back."""


class Listeners:
    """Begins, resumes and forgets them; each belongs to the principal who began it."""

    def __init__(self, store: Store, history: History, *, now: Callable[[], Instant]) -> None:
        """Keeps them in this store."""
        self._store = store
        self._history = history
        self._now = now
        self._connected: dict[UUID, Callable[[], None]] = {}
        self._touched = time.monotonic()

    async def begin(self, principal: Principal) -> Listener:
        """A new one, which hears what comes from now on; forgets those who did not come back."""

        connected, now = set(self._connected), self._now()

        def work(transaction: Transaction) -> Listener:
            listeners = transaction.listeners
            listeners.seen(connected, now)
            listeners.drop_idle(Instant(now - _kept_ns()))
            one = Listener(
                id=new_id(),
                organisation=principal.organisation,
                holder=holder_of(principal),
                begun=listeners.head(principal.organisation),
                subscriptions=b"[]",
                seen=now,
            )
            listeners.begin(one)
            return one

        return await self._store.write(work)

    async def resume(self, principal: Principal, id: UUID, last: UUID | None) -> tuple[Listener, int] | None:
        """The principal's own listener and the seq to go on after; None where it is gone, or its last event is.

        `last`: the last event that the client has; None where it has none yet.
        """
        org = principal.organisation
        found = await self._store.read(self._store.listeners.listener, org, holder_of(principal), id)
        if found is None or (id not in self._connected and self._now() - found.seen > _kept_ns()):
            return None
        if last is None:
            return found, found.begun
        try:
            page = await self._history.event(principal, last, vendor=True)
        except NotFound:
            return None
        return found, max(found.begun, page.events[0].seq)

    async def subscribe(self, listener: Listener, change: Callable[[int], bytes]) -> None:
        """Keeps other subscriptions; `change(head)` makes them, where head is the log's newest seq by then."""

        def work(transaction: Transaction) -> None:
            head = transaction.listeners.head(listener.organisation)
            transaction.listeners.subscribe(listener.id, change(head), self._now())

        await self._store.write(work)

    def connect(self, listener: Listener, end: Callable[[], None]) -> None:
        """The client is there; whoever was connected as the same before is ended."""
        before = self._connected.pop(listener.id, None)
        if before is not None:
            before()
        self._connected[listener.id] = end

    async def disconnect(self, listener: Listener, end: Callable[[], None]) -> None:
        """The client is gone, and has its time to come back from now on."""
        if self._connected.get(listener.id) is not end:
            return
        del self._connected[listener.id]
        await self._store.write(lambda transaction: transaction.listeners.seen([listener.id], self._now()))

    async def alive(self) -> None:
        """To be called now and then while a client is there: writes down all who are, when it is time."""
        if time.monotonic() - self._touched < TOUCH_S or not self._connected:
            return
        self._touched = time.monotonic()
        connected = set(self._connected)
        await self._store.write(lambda transaction: transaction.listeners.seen(connected, self._now()))


def _kept_ns() -> int:
    return (RESUME_S + int(TOUCH_S)) * SECOND_NS


__all__ = ["RESUME_S", "TOUCH_S", "Listener", "Listeners"]
