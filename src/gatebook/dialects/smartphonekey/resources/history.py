"""The history of locks, as SmartphoneKey pages it, and where an event stands in it."""

from __future__ import annotations

from gatebook.dialects.smartphonekey.mapping import (
    LOCKS,
    PAGE_SIZE,
    Lock,
    page_with,
    pages_in,
    row_of,
    versions_on,
)
from gatebook.dialects.smartphonekey.schemas import EventRow, LockHistory
from gatebook.domain.access import Principal
from gatebook.domain.errors import NotFound
from gatebook.domain.events import Event
from gatebook.services import Services
from gatebook.services.views import view_of
from gatebook.store.contract import Page


class Locks:
    """Asks about locks on a principal's behalf; remembers the ids of organisations, which never change."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._org_ids: dict[int, str] = {}

    async def lock(self, caller: Principal, number: int) -> Lock:
        """The lock of this number; NotFound, in the same words, where it is absent, hidden, or no lock."""
        try:
            device = await self._services.directory.device(caller, number)
        except NotFound as error:
            raise _no_lock() from error
        if device.kind not in LOCKS:
            raise _no_lock()
        return Lock(device, await self.org_id(caller))

    async def history(self, caller: Principal, lock: Lock, page: int | None) -> LockHistory:
        """A page of a lock's events; None is the last one, as it stands at one moment."""
        versions = self._services.history.versions
        if page is None:
            total = (await versions(caller, lock.device, 1, 1)).ceiling
            page = max(1, pages_in(total))
            since, before = versions_on(page)
            found = await versions(caller, lock.device, since, min(before, total + 1))
        else:
            found = await versions(caller, lock.device, *versions_on(page))
            total = found.ceiling
        return LockHistory(
            aggregate_id=str(lock.device.number),
            total_events=total,
            page=page,
            page_size=PAGE_SIZE,
            total_pages=pages_in(total),
            events=rows_of(found, lock, caller),
        )

    async def lock_of(self, caller: Principal, event: Event) -> tuple[Lock, Page] | None:
        """The lock at which it happened, and the event with those it names; None where SmartphoneKey has no lock."""
        try:
            found = await self._services.history.event(caller, event.id, vendor=True)
            place = found.places.get(event.stream)
            if place is None or place.device is None:
                return None
            return await self.lock(caller, place.device), found
        except NotFound:
            return None

    async def org_id(self, caller: Principal) -> str:
        """What the caller's organisation is called."""
        org = caller.organisation
        if org not in self._org_ids:
            self._org_ids[org] = str((await self._services.directory.organisation(caller)).id)
        return self._org_ids[org]


def _no_lock() -> NotFound:
    return NotFound("there is no such lock")


def rows_of(found: Page, lock: Lock, caller: Principal) -> list[EventRow]:
    """The events as rows, as the caller sees them, without the record of who looked, which no vendor's client sees."""
    view = view_of(caller)
    users = {number: person.id for number, person in found.people.items()}
    return [
        row_of(event, lock, None if event.person is None else users.get(event.person), view)
        for event in found.events
        if not event.kind.is_record
    ]


async def shape_of(services: Services, caller: Principal, event: Event) -> EventRow | None:
    """The row of an event; None where it did not happen at a lock that the caller may see."""
    found = await Locks(services).lock_of(caller, event)
    return None if found is None else rows_of(found[1], found[0], caller)[0]


async def url_of(services: Services, caller: Principal, event: Event) -> str | None:
    """The page that holds an event, for ever; None where `shape_of` has no row."""
    found = await Locks(services).lock_of(caller, event)
    return None if found is None else f"/locks/{found[0].device.number}/events?page={page_with(event.version)}"
