"""What SmartphoneKey's clients can ask: the history of a lock."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import UNSET, Raw

from gatebook.dialects.smartphonekey.mapping import (
    LOCKS,
    PAGE_SIZE,
    Lock,
    page_number,
    page_with,
    pages_in,
    row_of,
    versions_on,
)
from gatebook.dialects.smartphonekey.schemas import EventRow, HistoryQuery, LockHistory, LockPath
from gatebook.domain.access import Principal, Scope
from gatebook.domain.errors import NotFound, Unauthenticated
from gatebook.domain.events import Event
from gatebook.http import Request, Response
from gatebook.http.auth import Way, presented
from gatebook.http.dialect import Dialect, Operation, Reply, principal
from gatebook.http.openapi import document_of
from gatebook.http.visits import visit_of
from gatebook.http.wire import json_reply, read_path, read_query
from gatebook.services import Services
from gatebook.store.contract import Page

DOCUMENT = "/openapi.json"
AUDIENCE = "smartphonekey"


async def principal_of(services: Services, request: Request) -> Principal:
    """The holder of the Bearer token, of the key in `X-API-Key`, or of both, with the rights that both have.

    Whatever is presented must hold.  A key is no token: it is not believed as a Bearer.
    """
    given = [one.secret for one in presented(request, (Way.BEARER,))]
    keys = request.headers.getlist("x-api-key")
    if "authorization" in request.headers and not given:
        raise Unauthenticated("Authorization: expected a Bearer token; get one from POST /v1/tokens")
    if len(keys) > 1 or not (keys or given):
        raise Unauthenticated("expected one API key in X-API-Key, or a token in Authorization, or both")
    token, key = next(iter(given), None), next(iter(keys), None)
    visit = visit_of(request, AUDIENCE, "*")
    return await services.admission.principal_of(AUDIENCE, token=token, key=key, visit=visit)


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
        return Lock(device, await self._org_id(caller))

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
            events=rows_of(found, lock),
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

    async def _org_id(self, caller: Principal) -> str:
        org = caller.organisation
        if org not in self._org_ids:
            self._org_ids[org] = str((await self._services.directory.organisation(caller)).id)
        return self._org_ids[org]


def _no_lock() -> NotFound:
    return NotFound("there is no such lock")


def rows_of(found: Page, lock: Lock) -> list[EventRow]:
    """The events as rows, without the record of who looked, which no vendor's client sees."""
    users = {number: person.id for number, person in found.people.items()}
    return [
        row_of(event, lock, None if event.person is None else users.get(event.person))
        for event in found.events
        if not event.kind.is_record
    ]


async def shape_of(services: Services, caller: Principal, event: Event) -> EventRow | None:
    """The row of an event; None where it did not happen at a lock that the caller may see."""
    found = await Locks(services).lock_of(caller, event)
    return None if found is None else rows_of(found[1], found[0])[0]


async def url_of(services: Services, caller: Principal, event: Event) -> str | None:
    """The page that holds an event, for ever; None where `shape_of` has no row."""
    found = await Locks(services).lock_of(caller, event)
    return None if found is None else f"/locks/{found[0].device.number}/events?page={page_with(event.version)}"


def operations(services: Services, described: Dialect[Services]) -> Sequence[Operation]:
    """Everything that is served; `described` is the dialect whose document is at `/openapi.json`."""
    locks = Locks(services)

    async def lock_events(request: Request) -> Response:
        wanted = read_query(request, HistoryQuery, unknown="ignore").page
        page = None if wanted is UNSET else page_number(wanted)
        caller = principal(request)
        lock = await locks.lock(caller, read_path(request, LockPath).id)
        return json_reply(await locks.history(caller, lock, page))

    async def document(request: Request) -> Response:
        return json_reply(document_of(described, served, prefix=request.scope["gatebook.prefix"]))

    served = (
        Operation(
            method="GET",
            path="/locks/{id}/events",
            handler=lock_events,
            summary="Get lock event history",
            description="All events of a lock, oldest first, ten to a page. Page N holds versions 10(N-1)+1 to 10N "
            "for ever; what was removed is missing from its page, and nothing is renumbered. A page beyond the last "
            "is empty.",
            params=LockPath,
            query=HistoryQuery,
            replies={200: Reply(shape=LockHistory, description="One page")},
            scopes=(Scope.EVENTS_READ,),
            tags=("Lock",),
            example="/locks/123/events?page=1",
        ),
        Operation(
            method="GET",
            path=DOCUMENT,
            handler=document,
            summary="This document",
            replies={200: Reply(shape=Raw, description="An OpenAPI 3.1 document")},
            public=True,
            tags=("Document",),
        ),
    )
    return served
