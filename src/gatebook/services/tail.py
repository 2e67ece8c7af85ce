"""The newest events of the log, read once for everybody who is nearly up to date; a wake-up carries no data."""

from __future__ import annotations

import asyncio
import time
from bisect import bisect_right
from dataclasses import replace
from operator import attrgetter

from gatebook.domain.events import Event
from gatebook.domain.places import Person
from gatebook.store import Store
from gatebook.store.contract import Page

TAIL_EVENTS = 2_000
"""Events kept in memory for subscribers who are nearly up to date."""
BATCH = 500
POLL_S = 1.0
"""Another process may have written without ringing: this is about how long its events wait."""


class Wakeup:
    """Rung after each commit, on the event loop; take `next_ring()` before reading, so that none is missed."""

    def __init__(self) -> None:
        """Nobody has rung."""
        self._ring = asyncio.Event()
        self._pause: asyncio.Event | None = None

    def next_ring(self) -> asyncio.Event:
        """Set at the next ring."""
        return self._ring

    def ring(self) -> None:
        """Wakes all who wait."""
        self._ring.set()
        self._ring = asyncio.Event()
        if self._pause is not None:
            self._pause.set()

    async def pause(self, ring: asyncio.Event) -> None:
        """Until it rings, but at most `POLL_S`; all who wait share one timer."""
        if ring.is_set():
            return
        pause = self._pause
        if pause is None or pause.is_set():
            pause = self._pause = asyncio.Event()
            asyncio.get_running_loop().call_later(POLL_S, pause.set)
        await pause.wait()


class Tail:
    """The newest events of one organisation, read once for all at a ring or each second: `(floor, last]` is held."""

    def __init__(self, store: Store, org: int, wakeup: Wakeup) -> None:
        """Empty: the first who asks reads."""
        self._store = store
        self._org = org
        self._wakeup = wakeup
        self._floor = self._last = 0
        self._events: list[Event] = []
        self._people: dict[int, Person] = {}
        self._newest = Page(events=(), ceiling=0)
        self._to_the_end = False
        self._bell: asyncio.Event | None = None
        self._read_at = -POLL_S
        self._turn: asyncio.Event | None = None

    async def after(self, seq: int) -> Page:
        """The next batch beyond `seq`; empty when there is none yet.

        The directory on it, by which rights are judged, was read within the last second.
        """
        while not self._serves(seq):
            if self._turn is not None:
                await self._turn.wait()  # somebody reads already; all who wait go on in one turn of the loop
                continue
            await self._read_for(seq)
            break
        if not self._floor <= seq <= self._last:
            return await self._read(seq)
        start = bisect_right(self._events, seq, key=attrgetter("seq"))
        return replace(self._newest, events=self._events[start : start + BATCH], people=self._people)

    def _serves(self, seq: int) -> bool:
        """Whether what is held answers, or nothing is news to this one."""
        if time.monotonic() - self._read_at > POLL_S:
            return False
        return seq < self._last or (self._to_the_end and self._bell is self._wakeup.next_ring())

    async def _read_for(self, seq: int) -> None:
        turn = self._turn = asyncio.Event()
        try:
            await self._read_on(seq)
            while seq >= self._last and not self._to_the_end:
                await self._read_on(seq)
        finally:
            self._turn = None
            turn.set()

    async def _read_on(self, seq: int) -> None:
        if seq > self._last + TAIL_EVENTS and seq <= await self._store.read(self._store.history.head, self._org):
            self._begin(seq)
        bell = self._wakeup.next_ring()
        silent = self._bell is bell and self._to_the_end
        read_at = time.monotonic()
        page = await self._read(self._last)
        self._extend(page)
        self._read_at, self._to_the_end = read_at, len(page.events) < BATCH
        if silent and page.events:  # written by another process, which rings no bell here
            self._wakeup.ring()
            bell = self._wakeup.next_ring()
        self._bell = bell

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


async def heard(ring: asyncio.Event, timeout_s: float) -> bool:
    """Waits for the ring, but no longer than that; True when it rang."""
    try:
        async with asyncio.timeout(timeout_s):
            await ring.wait()
    except TimeoutError:
        return False
    return True
