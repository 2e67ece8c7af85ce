"""Push is a read: whoever wants what is new follows the log from a `seq` of their own.

One read of the log serves every subscriber of an organisation: the newest events are kept in a short tail, and who is
further behind reads the log until they have caught up.  A wake-up carries no data.
"""

from __future__ import annotations

import asyncio
from bisect import bisect_right
from collections.abc import AsyncIterator
from dataclasses import replace
from operator import attrgetter

from gatebook.domain.access import Principal, Scope
from gatebook.domain.admits import Place, admits
from gatebook.domain.events import Event
from gatebook.domain.filters import EVERY, Filter
from gatebook.domain.places import Person
from gatebook.store import Store
from gatebook.store.contract import Page, ShownStreams

TAIL_EVENTS = 2_000
"""Events kept in memory for subscribers who are nearly up to date."""
BATCH = 500
POLL_S = 1.0
"""Another process may have written without ringing: this is the longest that its events wait."""


class Wakeup:
    """Rung after each commit, on the event loop; take `next_ring()` before reading, so that none is missed."""

    def __init__(self) -> None:
        """Nobody has rung."""
        self._ring = asyncio.Event()

    def next_ring(self) -> asyncio.Event:
        """Set at the next ring."""
        return self._ring

    def ring(self) -> None:
        """Wakes all who wait."""
        self._ring.set()
        self._ring = asyncio.Event()


class Live:
    """Follows the log for everybody."""

    def __init__(self, store: Store) -> None:
        """Call `listen` once the event loop runs."""
        self._store = store
        self._wakeup = Wakeup()
        self._tails: dict[int, Tail] = {}

    def listen(self) -> None:
        """Has the store ring this event loop after each commit."""
        loop = asyncio.get_running_loop()
        pending = False

        def ring() -> None:
            nonlocal pending
            pending = False
            self._wakeup.ring()

        def bell() -> None:
            nonlocal pending
            if not pending and not loop.is_closed():
                pending = True
                loop.call_soon_threadsafe(ring)

        self._store.ring_after_commit(bell)

    @property
    def wakeup(self) -> Wakeup:
        """The bell."""
        return self._wakeup

    async def head(self, org: int) -> int:
        """The organisation's newest seq."""
        return await self._store.read(self._store.history.head, org)

    async def follow(self, org: int, after: int) -> AsyncIterator[Page]:
        """The log beyond `after`, for ever, in batches of whole events."""
        tail = self._tails.setdefault(org, Tail(self._store, org))
        while True:
            ring = self._wakeup.next_ring()
            page = await tail.after(after)
            if page.events:
                after = page.events[-1].seq
                yield page
                continue
            if page.ceiling > after:
                after = page.ceiling
            await heard(ring, POLL_S)

    async def subscribe(
        self, principal: Principal, after: int, wanted: Filter = EVERY, *, unlisted: bool = True
    ) -> AsyncIterator[Page]:
        """As `follow`, for one principal: only what the grant shows and the filter admits; a page may be empty.

        `page.ceiling` is how far the log has been looked through, whatever was admitted.
        """
        shown: ShownStreams | None = None
        records = principal.may(Scope.AUDIT_READ)
        async for page in self.follow(principal.organisation, after):
            if shown is None or shown.freshness != page.freshness:
                shown = await self._store.read(self._store.history.shown, principal.organisation, principal.grant)
            events = [
                event
                for event in page.events
                if shown.streams.holds(event.stream)
                and (records or not event.kind.is_record)
                and (unlisted or event.listed)
                and (wanted is EVERY or passes(wanted, event, page))
            ]
            yield replace(page, events=events, ceiling=page.events[-1].seq)


class Tail:
    """The newest events of one organisation, read once for all: every event in `(floor, last]` is held."""

    def __init__(self, store: Store, org: int) -> None:
        """Empty: the first who asks reads."""
        self._store = store
        self._org = org
        self._floor = self._last = 0
        self._events: list[Event] = []
        self._people: dict[int, Person] = {}
        self._newest = Page(events=(), ceiling=0)
        self._reading = asyncio.Lock()

    async def after(self, seq: int) -> Page:
        """The next batch beyond `seq`; empty when there is none yet."""
        if seq < self._floor:
            return await self._read(seq)
        if seq >= self._last:
            async with self._reading:
                if seq > self._last:
                    self._begin(seq)
                if seq == self._last:
                    self._extend(await self._read(seq))
        if seq < self._floor:
            return await self._read(seq)
        start = bisect_right(self._events, seq, key=attrgetter("seq"))
        return replace(self._newest, events=self._events[start : start + BATCH], people=self._people)

    def _begin(self, seq: int) -> None:
        """Anew from here: what lies between is nobody's news."""
        self._floor = self._last = seq
        self._events, self._people = [], {}

    def _extend(self, page: Page) -> None:
        self._newest = page
        if not page.events:
            return
        self._events = [*self._events, *page.events]
        self._people = {**self._people, **page.people}
        self._last = page.events[-1].seq
        if len(self._events) > TAIL_EVENTS:
            self._floor = self._events[-TAIL_EVENTS - 1].seq
            self._events = self._events[-TAIL_EVENTS:]
            met = {event.person for event in self._events}
            self._people = {number: person for number, person in self._people.items() if number in met}

    async def _read(self, after: int) -> Page:
        return await self._store.read(self._store.history.log_after, self._org, after, BATCH)


def passes(wanted: Filter, event: Event, page: Page) -> bool:
    """Whether the filter admits an event, with the places and people of its page."""
    return admits(wanted, event, place_of(event, page))


def place_of(event: Event, page: Page) -> Place:
    """Where an event happened, and whom it tells of, as its page names them."""
    place = page.places.get(event.stream) or Place(stream=event.stream)
    person = None if event.person is None else page.people.get(event.person)
    return place if person is None else replace(place, person_id=person.id)


async def heard(ring: asyncio.Event, timeout_s: float) -> bool:
    """Waits for the ring, but no longer than that; True when it rang."""
    try:
        async with asyncio.timeout(timeout_s):
            await ring.wait()
    except TimeoutError:
        return False
    return True
