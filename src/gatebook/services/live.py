"""Push is a read: whoever wants what is new follows the log from a `seq` of their own.

One read of the log serves every subscriber of an organisation: the newest events are kept in a short tail, and who is
further behind reads the log until they have caught up.  A wake-up carries no data.
"""

from __future__ import annotations

import asyncio
import time
from bisect import bisect_right
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable
from contextlib import suppress
from dataclasses import replace
from operator import attrgetter

from gatebook.domain.access import Principal, Scope
from gatebook.domain.admits import Place, admits
from gatebook.domain.errors import Forbidden
from gatebook.domain.events import Event
from gatebook.domain.filters import EVERY, Filter
from gatebook.domain.places import Person
from gatebook.store import Store
from gatebook.store.contract import Page, ShownStreams

TAIL_EVENTS = 2_000
"""Events kept in memory for subscribers who are nearly up to date."""
BATCH = 500
SIFTED = 32  # pages kept as they were sifted, for the next who asks the same with the same grant
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


async def _as_it_was(principal: Principal) -> Principal:
    """Nobody's rights change here."""
    return principal


async def _unrecorded(_principal: Principal, _wanted: Filter) -> None:
    """Nobody keeps a record here."""


class Live:
    """Follows the log for everybody."""

    def __init__(
        self,
        store: Store,
        *,
        renew: Callable[[Principal], Awaitable[Principal]] = _as_it_was,
        searched: Callable[[Principal, Filter], Awaitable[None]] = _unrecorded,
    ) -> None:
        """`renew` gives a principal as it stands now, or raises; `searched` records a search for somebody.

        Call `listen` once the event loop runs.
        """
        self._store = store
        self._renew = renew
        self._searched = searched
        self._wakeup = Wakeup()
        self._tails: dict[int, Tail] = {}
        self._sifted: dict[Hashable, Page] = {}

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
            if not pending:
                pending = True
                with suppress(RuntimeError):  # the loop has been closed: nobody listens any more
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
        """The log beyond `after`, for ever, in batches of whole events; an empty page each second without any."""
        tail = self._tails.setdefault(org, Tail(self._store, org, self._wakeup))
        while True:
            ring = self._wakeup.next_ring()
            page = await tail.after(after)
            if page.events:
                after = page.events[-1].seq
                yield page
                continue
            if page.ceiling > after:
                after = page.ceiling
            await self._wakeup.pause(ring)
            if not ring.is_set():
                yield replace(page, ceiling=after)

    async def subscribe(
        self,
        principal: Principal,
        after: int,
        wanted: Filter = EVERY,
        *,
        unlisted: bool = True,
        changed: Callable[[Principal], Filter] | None = None,
        recorded: bool = False,
    ) -> AsyncIterator[Page]:
        """As `follow`, for one principal: only what the grant shows and the filter admits; a page may be empty.

        `changed` is told of a principal whose rights changed, and gives the filter as it may be asked from then on.
        `recorded`: the search is on record already.

        `page.ceiling`: how far the log was looked through.  Rights that change count from the next page on, and at
        least each second; when the principal no longer holds, Unauthenticated is raised.
        """
        if not recorded:
            await self._searched(principal, wanted)
        shown: ShownStreams | None = None
        revision = self._store.pulse.access_revision()
        async for page in self.follow(principal.organisation, after):
            now = self._store.pulse.access_revision()
            if now != revision:
                principal, revision, shown = await self._renewed(principal), now, None
                wanted = wanted if changed is None else changed(principal)
            records = principal.may(Scope.AUDIT_READ)
            if shown is None or shown.freshness != page.freshness:
                shown = await self._store.read(self._store.history.shown, principal.organisation, principal.grant)
            if not page.events:
                yield page
                continue
            ends = (page.events[0].seq, page.events[-1].seq)
            key = (principal.organisation, principal.grant, records, unlisted, wanted, page.freshness, ends)
            sifted = self._sifted.get(key)
            if sifted is None:
                events = [
                    event
                    for event in page.events
                    if shown.streams.holds(event.stream)
                    and (records or not event.kind.is_record)
                    and (unlisted or event.listed)
                    and (wanted is EVERY or passes(wanted, event, page))
                ]
                sifted = replace(page, events=events, ceiling=ends[1])
                if len(self._sifted) >= SIFTED:
                    self._sifted.clear()
                self._sifted[key] = sifted
            yield sifted

    async def _renewed(self, principal: Principal) -> Principal:
        renewed = await self._renew(principal)
        if not renewed.may(Scope.EVENTS_READ):
            raise Forbidden("the right to read events was withdrawn")
        return renewed


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
