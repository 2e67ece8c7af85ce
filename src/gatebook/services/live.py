"""Push is a read: whoever wants what is new follows the log from a `seq` of their own.

One read of the log serves every subscriber of an organisation, one filtering and one encoding all who hear the same.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable
from contextlib import suppress
from dataclasses import replace

from gatebook.domain.access import Principal, Scope
from gatebook.domain.admits import Place, admits
from gatebook.domain.errors import Forbidden
from gatebook.domain.events import Event
from gatebook.domain.filters import EVERY, Filter
from gatebook.services.circles import Circle, Circles
from gatebook.services.tail import Tail, Wakeup
from gatebook.store import Store
from gatebook.store.contract import Page, ShownStreams

SIFTED = 32  # pages kept as they were sifted, for the next who asks the same with the same grant


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
        self._circles = Circles()
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
        while True:
            page = await self._next_page(org, after)
            after = page.ceiling if not page.events else page.events[-1].seq
            yield page

    async def _next_page(self, org: int, after: int) -> Page:
        """As soon as there is one; empty, with how far was looked through, after a second without any."""
        tail = self._tails.setdefault(org, Tail(self._store, org, self._wakeup))
        while True:
            ring = self._wakeup.next_ring()
            page = await tail.after(after)
            if page.events:
                return page
            after = max(after, page.ceiling)
            await self._wakeup.pause(ring)
            if not ring.is_set():
                return replace(page, ceiling=after)

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
        sieve = self._sieve(principal, wanted, unlisted)
        async for page in self.follow(principal.organisation, after):
            if not sieve.holds:
                principal = await self._renewed(principal)
                wanted = wanted if changed is None else changed(principal)
                sieve = self._sieve(principal, wanted, unlisted)
            yield await sieve.sifted(page)

    async def told(
        self,
        principal: Principal,
        after: int,
        wanted: Filter,
        tell: Callable[[Page, Principal], bytes],
        form: Hashable,
        *,
        changed: Callable[[Principal], Filter],
    ) -> AsyncIterator[tuple[int, bytes]]:
        """As `subscribe` with the search on record, each page as `tell` encodes it, and where it ends.

        Empty bytes say that so far there was nothing for this one.  Whoever has the same rights and filter and gives an
        equal `form` must tell the same: all of them share one sifting and one telling.
        """
        sieve = self._sieve(principal, wanted, True)
        while True:
            if not sieve.holds:
                principal = await self._renewed(principal)
                sieve = self._sieve(principal, changed(principal), True)
            with self._circles.joined((sieve.key, form), after) as circle:
                if circle is not None:
                    async for place, text in self._overheard(circle, sieve, after, tell, principal):
                        after = place
                        yield place, text
            page = await self._next_page(principal.organisation, after)
            if not sieve.holds:
                continue
            page = await sieve.sifted(page)
            after = page.ceiling
            yield after, tell(page, principal) if page.events else b""

    async def _overheard(
        self, circle: Circle, sieve: Sieve, after: int, tell: Callable[[Page, Principal], bytes], principal: Principal
    ) -> AsyncIterator[tuple[int, bytes]]:
        """What the circle tells, until it is over or what comes next was told before this one came to it."""

        async def more(place: int) -> tuple[int, bytes] | None:
            page = await self._next_page(principal.organisation, place)
            if not sieve.holds:
                return None
            page = await sieve.sifted(page)
            return page.ceiling, tell(page, principal) if page.events else b""

        while True:
            piece = circle.next(after)
            if piece is None and not circle.lost(after):
                if not await circle.wait(more):
                    return
                piece = circle.next(after)
            if circle.lost(after) or (piece is not None and piece.after < after):
                return
            after, text = (max(after, circle.at), b"") if piece is None else (piece.upto, piece.text)
            yield after, text

    def _sieve(self, principal: Principal, wanted: Filter, unlisted: bool) -> Sieve:
        return Sieve(self._store, self._sifted, principal, wanted, unlisted)

    async def _renewed(self, principal: Principal) -> Principal:
        renewed = await self._renew(principal)
        if not renewed.may(Scope.EVENTS_READ):
            raise Forbidden("the right to read events was withdrawn")
        return renewed


class Sieve:
    """What of the log one grant shows and one filter admits, for as long as nobody's rights change."""

    def __init__(
        self, store: Store, kept: dict[Hashable, Page], principal: Principal, wanted: Filter, unlisted: bool
    ) -> None:
        """`kept`: pages as they were sifted last, for all."""
        self._store = store
        self._kept = kept
        self._revision = store.pulse.access_revision()
        self._org, self._grant, self._wanted, self._unlisted = principal.organisation, principal.grant, wanted, unlisted
        self._records = principal.may(Scope.AUDIT_READ)
        self._shown: ShownStreams | None = None
        self.key = (self._org, self._grant, principal.scopes, wanted, unlisted, self._revision)
        """Equal for all who are shown the same, and may see the same of it."""

    @property
    def holds(self) -> bool:
        """Whether nobody's rights have changed since."""
        return self._store.pulse.access_revision() == self._revision

    async def sifted(self, page: Page) -> Page:
        """The page with those events alone."""
        shown = self._shown
        if shown is None or shown.freshness != page.freshness:
            shown = self._shown = await self._store.read(self._store.history.shown, self._org, self._grant)
        if not page.events:
            return page
        ends = (page.events[0].seq, page.events[-1].seq)
        key = (self._org, self._grant, self._records, self._unlisted, self._wanted, page.freshness, ends)
        sifted = self._kept.get(key)
        if sifted is None:
            events = [event for event in page.events if self._admits(event, page, shown)]
            sifted = replace(page, events=events, ceiling=ends[1])
            if len(self._kept) >= SIFTED:
                self._kept.clear()
            self._kept[key] = sifted
        return sifted

    def _admits(self, event: Event, page: Page, shown: ShownStreams) -> bool:
        return (
            shown.streams.holds(event.stream)
            and (self._records or not event.kind.is_record)
            and (self._unlisted or event.listed)
            and (self._wanted is EVERY or passes(self._wanted, event, page))
        )


def passes(wanted: Filter, event: Event, page: Page) -> bool:
    """Whether the filter admits an event, with the places and people of its page."""
    return admits(wanted, event, place_of(event, page))


def place_of(event: Event, page: Page) -> Place:
    """Where an event happened, and whom it tells of, as its page names them."""
    place = page.places.get(event.stream) or Place(stream=event.stream)
    person = None if event.person is None else page.people.get(event.person)
    return place if person is None else replace(place, person_id=person.id)
