"""`GET /v1/events` and `/v1/events/{id}`: history by cursor or by page, and single events."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from gatebook.dialects.native.mapping import view_of, wire_of
from gatebook.dialects.native.resources.asking import Asked, read_asked
from gatebook.dialects.native.schemas import Asked as AskedShape
from gatebook.dialects.native.schemas import Count, Event, EventPage
from gatebook.domain.access import Principal, Scope
from gatebook.domain.errors import BadInput
from gatebook.domain.filters import fingerprint
from gatebook.domain.times import Instant
from gatebook.http import Request, Response
from gatebook.http.cursors import Binding, Cursors, HistoryCursor, LogCursor
from gatebook.http.dialect import Operation, Reply, principal
from gatebook.http.paging import link_header, same_path
from gatebook.http.wire import json_reply
from gatebook.services import Services
from gatebook.store.contract import Page, Position, Total

PAGING: Final = ("order", "limit", "cursor", "page", "size")
LINKS: Final = {"Link": "first, prev and next page (RFC 8288)"}
NOTES: Final = {
    "cursor": "`next` or `prev` of an earlier answer to the same question",
    "page": "From 1; at any depth. Instead of a cursor",
    "size": "Events on a page, with `page`; else `limit`",
    "from": "The first instant of `occurred`, inclusive",
    "to": "The last instant of `occurred`, inclusive",
    "data": "A whole value; `data.path.to[0].x` looks inside",
    "plate": "`?` is any one character, `*` any number",
}


@dataclass(frozen=True, slots=True)
class Walk:
    """One step of a walk: which way, from where, and what is known of the whole."""

    descending: bool
    limit: int
    offset: int = 0
    paged: bool = False
    came_from: HistoryCursor | None = None

    @property
    def backward(self) -> bool:
        """True when the page before a place is asked for."""
        return self.came_from is not None and self.came_from.backward

    @property
    def after(self) -> Position | None:
        """Where the step begins."""
        return None if self.came_from is None else Position(self.came_from.occurred, self.came_from.seq)


def operations(services: Services) -> Sequence[Operation]:
    """History and single events."""
    cursors = Cursors(services.cursor_key)

    async def history(request: Request) -> Response:
        who = principal(request)
        asked = await read_asked(request, services, who, PAGING)
        walk = walk_of(asked, cursors, who)
        page = await _page(services, who, asked, walk)
        told = _told(page, asked, walk, cursors, who)
        return json_reply(told, headers=link_header(_links(request, told, walk, more=page.more)))

    async def one(request: Request) -> Response:
        who = principal(request)
        page = await services.history.event(who, id_of(request.path_params["id"]))
        return json_reply(wire_of(page.events[0], page, view_of(who)))

    return (
        Operation(
            method="GET",
            path="/v1/events",
            handler=history,
            summary="History, newest first, with the exact total",
            description="Filters are `property=operator:value`; see the documentation of the dialect.",
            query=AskedShape,
            query_style=NOTES,
            replies={200: Reply(shape=EventPage, headers=LINKS)},
            scopes=(Scope.EVENTS_READ,),
            tags=("events",),
            example="/v1/events?kind=access.denied&limit=20",
        ),
        Operation(
            method="GET",
            path="/v1/events/{id}",
            handler=one,
            summary="One event",
            replies={200: Reply(shape=Event)},
            scopes=(Scope.EVENTS_READ,),
            tags=("events",),
        ),
    )


def id_of(text: str) -> UUID:
    """The UUID in a path."""
    try:
        return UUID(text)
    except ValueError as error:
        raise BadInput("id", f"got {text[:60]!r}", "expected a UUID") from error


def walk_of(asked: Asked, cursors: Cursors, who: Principal) -> Walk:
    """Which page is asked for; BadInput where the ways of asking are mixed."""
    descending = asked.word("order", ("asc", "desc")) != "asc"
    number, size = asked.whole("page", 1, 10**12), asked.whole("size", 1, 1_000)
    limit, cursor = asked.whole("limit", 1, 1_000), asked.paging.get("cursor")
    if number is None and size is None:
        found = None
        if cursor is not None:
            found = cursors.open(cursor, binding_of(asked, who, descending=descending), HistoryCursor)
        return Walk(descending, limit or 50, came_from=found)
    if cursor is not None or limit is not None:
        told = "cursor" if cursor is not None else "limit"
        raise BadInput(told, "stands beside page or size", "give page and size, or cursor and limit")
    return Walk(descending, size or 50, ((number or 1) - 1) * (size or 50), paged=True)


def binding_of(asked: Asked, who: Principal, *, descending: bool) -> Binding:
    """A history cursor is good for one question of one principal, since it holds the total of what they may see."""
    order = b"desc" if descending else b"asc"
    return Binding("history", who.organisation, fingerprint(asked.filter) + order, who.id)


def live_binding(asked: Asked, organisation: int) -> Binding:
    """A log cursor is good for one filter; another key of the same organisation may go on with it."""
    return Binding("log", organisation, fingerprint(asked.filter))


async def _page(services: Services, who: Principal, asked: Asked, walk: Walk) -> Page:
    page = await services.history.page(
        who,
        asked.filter,
        limit=walk.limit,
        offset=walk.offset,
        descending=walk.descending is not walk.backward,
        after=walk.after,
        ceiling=None if walk.came_from is None else walk.came_from.ceiling,
        with_total=walk.came_from is None,
    )
    if walk.offset and page.reached is not None:
        raise BadInput("page", "lies beyond what one request looks through for this filter", "go by cursor")
    return page


def _told(page: Page, asked: Asked, walk: Walk, cursors: Cursors, who: Principal) -> EventPage:
    came_from, events = walk.came_from, list(page.events)
    if walk.backward:
        events.reverse()
    total = Total(came_from.total, came_from.total_exact) if came_from else page.total or Total(0)
    ceiling = came_from.ceiling if came_from else page.ceiling
    places = [Position(event.occurred, event.seq) for event in events]
    binding = binding_of(asked, who, descending=walk.descending)

    def sealed(place: Position | None, *, backward: bool) -> str | None:
        if place is None:
            return None
        cursor = HistoryCursor(place.occurred, place.seq, ceiling, total.n, total.exact, backward)
        return cursors.seal(cursor, binding)

    following, preceding = ends(page, walk, places)
    view = view_of(who)
    return EventPage(
        items=[wire_of(event, page, view) for event in events],
        total=Count(total.n, total.exact),
        next=sealed(following, backward=False),
        prev=sealed(preceding, backward=True),
        live=cursors.seal(LogCursor(ceiling), live_binding(asked, who.organisation)),
    )


def ends(page: Page, walk: Walk, places: Sequence[Position]) -> tuple[Position | None, Position | None]:
    """Where the page after and the page before this one begin; None where there is none.

    On the side that the step came from there is always something; a step that found nothing leaves from where it began,
    moved by one place, so that the event there is not passed over.
    """
    first, last = (places[0], places[-1]) if places else (None, None)
    if walk.backward:
        onward = (page.reached or first) if page.more else None
        return last or _beside(walk.after, back=not walk.descending), onward
    onward = (page.reached or last) if page.more else None
    behind = first or _beside(walk.after, back=walk.descending)
    return onward, behind if walk.came_from or walk.offset else None


def _beside(place: Position | None, *, back: bool) -> Position | None:
    """The place next to this one; `back`: towards smaller numbers."""
    return None if place is None else Position(Instant(place.occurred), place.seq + (-1 if back else 1))


def _links(request: Request, told: EventPage, walk: Walk, *, more: bool) -> dict[str, str | None]:
    if walk.paged:
        number = walk.offset // walk.limit + 1
        return {
            "first": same_path(request, page=1),
            "prev": same_path(request, page=number - 1) if number > 1 else None,
            "next": same_path(request, page=number + 1) if more else None,
        }
    return {
        "first": same_path(request, cursor=None),
        "prev": same_path(request, cursor=told.prev) if told.prev else None,
        "next": same_path(request, cursor=told.next) if told.next else None,
    }
