"""History as a principal may see it: their grant and scopes go into every question."""

from __future__ import annotations

from uuid import UUID

from gatebook.domain.access import Principal, Scope
from gatebook.domain.errors import NotFound
from gatebook.domain.filters import EVERY, Filter
from gatebook.domain.places import Device
from gatebook.services.audit import Audit
from gatebook.store import Store
from gatebook.store.contract import Asked, Page, Position, Total


class History:
    """Questions to the log, on behalf of a principal."""

    def __init__(self, store: Store, audit: Audit) -> None:
        """Reads from this store; `audit` learns of searches for somebody before they are answered."""
        self._store = store
        self._audit = audit

    async def page(
        self,
        principal: Principal,
        wanted: Filter = EVERY,
        *,
        limit: int = 50,
        offset: int = 0,
        descending: bool = True,
        after: Position | None = None,
        ceiling: int | None = None,
        with_total: bool = True,
        vendor: bool = False,
        recorded: bool = False,
    ) -> Page:
        """One page of what the principal may see.

        `after` and `ceiling` go on from an earlier page; late arrivals beyond the ceiling then stay out. `vendor`: as a
        vendor's dialect shows it, without the record of who looked.  `recorded`: part of an answer whose search is on
        record.
        """
        if not recorded:
            await self._audit.searched(principal, wanted, vendor=vendor)
        asked = Asked(
            organisation=principal.organisation,
            grant=principal.grant,
            filter=wanted,
            records=not vendor and principal.may(Scope.AUDIT_READ),
            descending=descending,
            limit=limit,
            offset=offset,
            after=after,
            ceiling=ceiling,
            with_total=with_total,
        )
        return await self._store.read(self._store.history.page, asked)

    async def total(self, principal: Principal, wanted: Filter = EVERY, *, vendor: bool = False) -> Total:
        """How many events answer the question."""
        await self._audit.searched(principal, wanted, vendor=vendor)
        asked = Asked(
            organisation=principal.organisation,
            grant=principal.grant,
            filter=wanted,
            records=not vendor and principal.may(Scope.AUDIT_READ),
        )
        return await self._store.read(self._store.history.count, asked)

    async def event(self, principal: Principal, ref: UUID | int, *, vendor: bool = False) -> Page:
        """The event of this id or seq as a page of one; absent and hidden are NotFound alike."""
        records = not vendor and principal.may(Scope.AUDIT_READ)
        page = await self._store.read(
            self._store.history.one, principal.organisation, principal.grant, ref, records=records
        )
        if page is None:
            raise NotFound("no such event")
        return page

    async def versions(self, principal: Principal, device: Device, since: int, before: int) -> Page:
        """A device's own events with `since <= version < before`, ascending; `ceiling` is its newest version."""
        return await self._store.read(
            self._store.history.versions, principal.organisation, device.stream, since, before
        )

    async def head(self, principal: Principal) -> int:
        """The newest seq of the principal's organisation."""
        return await self._store.read(self._store.history.head, principal.organisation)
