"""`GET /v1/events` and `/v1/events/{id}`: history by cursor or by page, and single events."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, NamedTuple
from uuid import UUID

from gatebook.dialects.native.mapping import wire_of
from gatebook.dialects.native.resources.asking import Asked, read_asked
from gatebook.dialects.native.schemas import Asked as AskedShape
from gatebook.dialects.native.schemas import Count, Event, EventPage, Within
from gatebook.domain.access import Principal, Scope
from gatebook.domain.errors import BadInput
from gatebook.domain.events import Event as DomainEvent
from gatebook.domain.filters import fingerprint
from gatebook.domain.times import Instant
from gatebook.http import Request, Response
from gatebook.http.cursors import Binding, Cursors, HistoryCursor, LogCursor
from gatebook.http.dialect import Operation, Reply, principal
from gatebook.http.paging import link_header, same_path
from gatebook.http.wire import json_reply, read_query
from gatebook.services import Services
from gatebook.services.views import view_of
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
        asked = await read_asked(request, services, principal(request), PAGING)
        walk = walk_of(asked, cursors)
        page = await page_of(services, asked, walk)
        ends, view = ends_of(page, asked, walk, cursors), view_of(asked.reader)
        items = [wire_of(event, page, view) for event in in_order(page, walk)]
        told = EventPage(items, ends.total, ends.next, ends.prev, ends.live)
        return json_reply(told, headers=link_header(links_of(request, ends, walk, more=page.more)))

    async def one(request: Request) -> Response:
        named = read_query(request, Within).organisation
        who = await services.access.reading(principal(request), named)
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
            query=Within,
            replies={200: Reply(shape=Event)},
            scopes=(Scope.EVENTS_READ,),
            tags=("events",),
        ),
    )


def id_of(text: str, parameter: str = "id") -> UUID:
    """The UUID in a path or parameter."""
    try:
        return UUID(text)
    except ValueError as error:
        raise BadInput(parameter, f"got {text[:60]!r}", "expected a UUID") from error


def walk_of(asked: Asked, cursors: Cursors) -> Walk:
    """Which page is asked for; BadInput where the ways of asking are mixed."""
    descending = asked.word("order", ("asc", "desc")) != "asc"
    number, size = asked.whole("page", 1, 10**12), asked.whole("size", 1, 1_000)
    limit, cursor = asked.whole("limit", 1, 1_000), asked.paging.get("cursor")
    if number is None and size is None:
        found = None
        if cursor is not None:
            found = cursors.open(cursor, binding_of(asked, descending=descending), HistoryCursor)
        return Walk(descending, limit or 50, came_from=found)
    if cursor is not None or limit is not None:
        told = "cursor" if cursor is not None else "limit"
        raise BadInput(told, "stands beside page or size", "give page and size, or cursor and limit")
    return Walk(descending, size or 50, ((number or 1) - 1) * (size or 50), paged=True)


def binding_of(asked: Asked, *, descending: bool) -> Binding:
    """A history cursor is good for one question of one principal with the same rights: it holds a total of theirs."""
    who, order = asked.reader, b"desc" if descending else b"asc"
    return Binding("history", who.organisation, fingerprint(asked.filter) + order + rights_of(who), who.id)


def rights_of(who: Principal) -> bytes:
    """What decides which events are counted for somebody."""
    grant = who.grant
    shown = (grant.everything, sorted(grant.sites), sorted(grant.devices), who.may(Scope.AUDIT_READ))
    return sha256(repr(shown).encode()).digest()


def live_binding(asked: Asked) -> Binding:
    """A log cursor is good for one filter; another key of the same organisation may go on with it."""
    return Binding("log", asked.reader.organisation, fingerprint(asked.said))


async def page_of(services: Services, asked: Asked, walk: Walk) -> Page:
    """The page, in the order in which it was looked for."""
    page = await services.history.page(
        asked.reader,
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


def in_order(page: Page, walk: Walk) -> Sequence[DomainEvent]:
    """The page's events in the order that was asked for."""
    return list(reversed(page.events)) if walk.backward else page.events


class Ends(NamedTuple):
    """What stands around a page: the total, and where to go on."""

    total: Count
    next: str | None
    prev: str | None
    live: str


def ends_of(page: Page, asked: Asked, walk: Walk, cursors: Cursors) -> Ends:
    """The total of the whole walk, and sealed cursors to the pages on both sides and to what comes live."""
    came_from = walk.came_from
    total = Total(came_from.total, came_from.total_exact) if came_from else page.total or Total(0)
    ceiling = came_from.ceiling if came_from else page.ceiling
    events = in_order(page, walk)
    places = [Position(event.occurred, event.seq) for event in (*events[:1], *events[-1:])]
    binding = binding_of(asked, descending=walk.descending)

    def sealed(place: Position | None, *, backward: bool) -> str | None:
        if place is None:
            return None
        cursor = HistoryCursor(place.occurred, place.seq, ceiling, total.n, total.exact, backward)
        return cursors.seal(cursor, binding)

    following, preceding = ends(page, walk, places)
    return Ends(
        total=Count(total.n, total.exact),
        next=sealed(following, backward=False),
        prev=sealed(preceding, backward=True),
        live=cursors.seal(LogCursor(ceiling), live_binding(asked)),
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


def links_of(request: Request, told: Ends, walk: Walk, *, more: bool) -> dict[str, str | None]:
    """The pages beside this one."""
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
