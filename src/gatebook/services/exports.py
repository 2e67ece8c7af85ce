"""Events on their way out: on record before the first of them leaves, read by key in chunks, as the log stood then."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from typing import NamedTuple

from gatebook.domain.access import Principal, Scope
from gatebook.domain.errors import Forbidden
from gatebook.domain.filters import Filter
from gatebook.services.audit import Audit
from gatebook.services.views import View, permitted, view_of
from gatebook.store import Store
from gatebook.store.contract import Asked, Page, Position, Total

CHUNK = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """What leaves: all that passes the filter and stands in the log up to `ceiling`, in order of when it occurred."""

    principal: Principal
    filter: Filter
    """As it was asked."""
    ceiling: int
    total: Total
    """All of it, also where only the rest after a place is to follow."""


class Chunk(NamedTuple):
    """Events in order, what their reader may see of them, and where to go on (None: that was the last)."""

    page: Page
    view: View
    reached: Position | None


class Exports:
    """Hands events out to whoever may have them."""

    def __init__(
        self, store: Store, audit: Audit, *, renew: Callable[[Principal], Awaitable[Principal]], chunk: int = CHUNK
    ) -> None:
        """`renew` gives a principal as it stands now, or raises; `chunk` is how many events are read at a time."""
        self._store = store
        self._audit = audit
        self._renew = renew
        self._chunk = chunk

    async def begin(
        self, principal: Principal, wanted: Filter, *, form: str, ceiling: int | None = None
    ) -> Export:  # fmt: skip
        """An export, once it is on record; `form` is what it is written as, `ceiling` that of one that is continued.

        Without `ceiling`, it ends where the log ends now: its own record is not in it.
        """
        allowed = permitted(wanted, principal)
        if ceiling is None:
            ceiling = await self._store.read(self._store.history.head, principal.organisation)
        await self._audit.exported(principal, wanted, f"events/{form}")
        asked = replace(_asked(principal, allowed), ceiling=ceiling)
        total = await self._store.read(self._store.history.count, asked)
        return Export(principal=principal, filter=wanted, ceiling=ceiling, total=total)

    async def chunks(self, export: Export, after: Position | None = None) -> AsyncIterator[Chunk]:
        """All that follows on the place; no snapshot is held between two chunks.

        Rights that change count from the next chunk on: Unauthenticated or Forbidden where there are none left.
        """
        who = export.principal
        while True:
            asked = replace(
                _asked(who, permitted(export.filter, who)), ceiling=export.ceiling, after=after, limit=self._chunk
            )
            page = await self._store.read(self._store.history.page, asked)
            after = _reached(page)
            yield Chunk(page, view_of(who), after)
            if after is None:
                return
            who = await self._renew(who)
            if not who.may(Scope.EVENTS_READ):
                raise Forbidden("the right to read events was withdrawn")


def _asked(who: Principal, allowed: Filter) -> Asked:
    return Asked(
        organisation=who.organisation,
        grant=who.grant,
        filter=allowed,
        records=who.may(Scope.AUDIT_READ),
        descending=False,
        with_total=False,
    )


def _reached(page: Page) -> Position | None:
    if not page.more:
        return None
    return page.reached or Position(page.events[-1].occurred, page.events[-1].seq)
