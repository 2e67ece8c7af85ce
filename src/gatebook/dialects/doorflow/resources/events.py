"""`/api/3/events`: recent activity of channels, page by page at any depth, and single events."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, tzinfo
from typing import Final
from zoneinfo import ZoneInfo

from msgspec import UNSET

from gatebook.dialects.doorflow.errors import UNKNOWN_CODES
from gatebook.dialects.doorflow.mapping import ACTIVITY, ALLOWED, STATUS, coded, item_of, named
from gatebook.dialects.doorflow.resources.paging import HEADERS, Slice, listed, number_in, numbers, slice_of
from gatebook.dialects.doorflow.schemas import EventItem, EventQuery, EventsQuery
from gatebook.dialects.doorflow.tokens import EVENT_SCOPES, need_scope
from gatebook.domain.access import Principal, Scope
from gatebook.domain.errors import BadInput, Forbidden, NotFound
from gatebook.domain.events import Event
from gatebook.domain.filters import During, Field, Filter, all_of, one_of
from gatebook.domain.times import parse_bound, window_of
from gatebook.http import Request, Response
from gatebook.http.dialect import Operation, Reply, principal
from gatebook.http.wire import json_reply, read_query
from gatebook.services import Services
from gatebook.services.views import view_of
from gatebook.store.contract import Page

DEFAULT_SIZE: Final = 50
LARGEST: Final = 1_000
"""Source: DoorFlow openapi.yaml, listEvents, 2026-08-20."""
NOTICE: Final = "Gatebook-Notice"
_CODE: Final = re.compile(r"[0-9]{1,9}", re.ASCII)


def operations(services: Services) -> Sequence[Operation]:
    """The list, and one event."""

    async def events(request: Request) -> Response:
        query = read_query(request, EventsQuery, unknown="ignore")
        need_scope(request, EVENT_SCOPES)
        who, wanted = principal(request), slice_in(query)
        found = await page_of(services, who, query, wanted)
        total = found.total
        headers = wanted.headers(total.n if total else 0)
        if total is not None and not total.exact:
            headers[NOTICE] = "there may be more results than the total says"
        return json_reply(await items_of(services, who, found), headers=headers)

    async def event(request: Request) -> Response:
        read_query(request, EventQuery, unknown="ignore")
        need_scope(request, EVENT_SCOPES)
        number = number_in(request)
        found = None if not number else await single(services, principal(request), number)
        if found is None:
            raise NotFound("no such event")
        return json_reply(found)

    return (
        Operation(
            method="GET", path="/api/3/events", handler=events, summary="List all events",
            description="The newest activity first. A page at any depth costs what the first one costs.",
            query=EventsQuery, replies={200: Reply(shape=list[EventItem], headers=HEADERS)},
            scopes=(Scope.EVENTS_READ,), tags=("Events",), example="/api/3/events?n=10",
        ),
        Operation(
            method="GET", path="/api/3/events/{id}", handler=event, summary="Retrieve an event", query=EventQuery,
            replies={200: Reply(shape=EventItem)}, scopes=(Scope.EVENTS_READ,), tags=("Events",),
            example="/api/3/events/6455132",
        ),
    )  # fmt: skip


def slice_in(query: EventsQuery) -> Slice:
    """Which page; with `since` and without `n` pages are as large as they get."""
    default = LARGEST if query.since is not UNSET else DEFAULT_SIZE
    return slice_of(query.page, query.n, default=default, most=LARGEST, name="n")


def codes_in(query: EventsQuery) -> frozenset[int]:
    """The codes that are asked for; BadInput with the vendor's sentence for those that it does not know."""
    level = "" if query.level is UNSET else query.level.lower()
    if level not in ("", "debug"):
        raise BadInput("level", f"got {level[:60]!r}", "expected debug")
    words = listed(query.event_codes)
    if not words:
        return ACTIVITY | STATUS if level else ACTIVITY
    unknown = [word for word in words if not (_CODE.fullmatch(word) and int(word) in ALLOWED)]
    if unknown:
        told = ", ".join(word[:20] for word in unknown[:20])
        raise BadInput("event_codes", UNKNOWN_CODES + told, f"give some of {min(ALLOWED)} to {max(ALLOWED)}")
    return frozenset(map(int, words))


def is_descending(query: EventsQuery) -> bool:
    """The order; newest first unless ASC is asked for."""
    said = "DESC" if query.sort is UNSET else query.sort.upper()
    if said not in ("ASC", "DESC"):
        raise BadInput("sort", f"got {said[:60]!r}", "expected ASC or DESC")
    return said == "DESC"


async def filter_of(services: Services, who: Principal, query: EventsQuery) -> Filter:
    """All conditions together."""
    parts = [coded(codes_in(query))]
    channels = numbers("channels", query.channels) + numbers("door_controllers", query.door_controllers)
    if channels:
        parts.append(one_of(Field.DEVICE, sorted(set(channels))))
    if query.since is not UNSET:
        zone = await services.directory.zone(who)
        parts.append(During(Field.OCCURRED, window_of(parse_bound(query.since, zone, "since"), None)))
    names = named(*("" if one is UNSET else " ".join(one.split()) for one in (query.first_name, query.last_name)))
    if names and not who.may(Scope.PEOPLE_READ):
        raise Forbidden(f"first_name, last_name: they need the scope {Scope.PEOPLE_READ}, which {who.name} lacks")
    return all_of(*parts, *names)


async def page_of(services: Services, who: Principal, query: EventsQuery, wanted: Slice) -> Page:
    """The page; BadInput where a name is looked for in more events than one request looks through."""
    found = await services.history.page(
        who,
        await filter_of(services, who, query),
        limit=wanted.size,
        offset=wanted.offset,
        descending=is_descending(query),
        vendor=True,
    )
    if found.reached is not None:
        raise BadInput("since", "is too early for a search by name", "give a later time, or channels")
    return found


async def single(services: Services, who: Principal, number: int) -> EventItem | None:
    """The event of this id; None where it is absent, hidden, or has no code."""
    try:
        found = await services.history.event(who, number, vendor=True)
    except NotFound:
        return None
    items = await items_of(services, who, found)
    return items[0] if items else None


async def items_of(services: Services, who: Principal, page: Page) -> list[EventItem]:
    """The page's events, each told by the clocks of its site."""
    zones, local = await zones_of(services, who, page)
    view, items = view_of(who), []
    for event in page.events:
        place = page.places.get(event.stream)
        item = item_of(event, place, local if place is None else zones.get(place.site, local), view)
        if item is not None:
            items.append(item)
    return items


async def zones_of(services: Services, who: Principal, page: Page) -> tuple[Mapping[int | None, tzinfo], tzinfo]:
    """The clocks of the sites of a page by number, and those of the organisation for what stands nowhere."""
    places = [page.places.get(event.stream) for event in page.events]
    if not places:
        return {}, UTC
    local = await services.directory.zone(who)
    zones = {place.site: place.site_zone for place in places if place is not None}
    return {site: ZoneInfo(zone) for site, zone in zones.items() if site is not None and zone is not None}, local


async def shape_of(services: Services, caller: Principal, event: Event) -> EventItem | None:
    """The item of an event; None where the caller does not see it, or it has no code."""
    return await single(services, caller, event.seq)


async def url_of(services: Services, caller: Principal, event: Event) -> str | None:
    """Where an event can be fetched; None where `shape_of` has no item."""
    return None if await shape_of(services, caller, event) is None else f"/api/3/events/{event.seq}"
