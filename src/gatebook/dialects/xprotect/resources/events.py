"""`GET /events` and `GET /events/{id}`: what is stored, the oldest first, at any depth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote
from uuid import UUID

from msgspec import UNSET

from gatebook.dialects.xprotect.mapping import UNSPOKEN, wire_of
from gatebook.dialects.xprotect.resources.filters import NAMES, Asking
from gatebook.dialects.xprotect.schemas import (
    DEFAULT_SIZE,
    LARGEST,
    Event,
    EventData,
    EventQuery,
    Events,
    EventsQuery,
    Links,
)
from gatebook.domain import events as log
from gatebook.domain.access import Principal, Scope
from gatebook.domain.errors import BadInput, NotFound
from gatebook.domain.excerpts import excerpt
from gatebook.domain.filters import Condition, Field, Operator, all_of
from gatebook.http import Request, Response
from gatebook.http.dialect import Operation, Reply, principal
from gatebook.http.paging import same_path
from gatebook.http.queries import pairs_of, raw_query
from gatebook.http.wire import json_reply
from gatebook.services import Services
from gatebook.services.views import view_of
from gatebook.store.contract import Page

PATH: Final = "/api/rest/v1/events"
NOTICE: Final = "Gatebook-Notice"
LISTED: Final = Condition(Field.LISTED, Operator.EQUALS, (True,))
UNLISTED: Final = Condition(Field.LISTED, Operator.EQUALS, (False,))
LAST_PAGE: Final = 2**31 - 1
"""Source: Events REST API, "List past stored events", page: integer <int32>, 2026-11-21."""
BESIDE: Final = {name.lower(): name for name in ("orderBy", "include", "page", "size")}


@dataclass(slots=True)
class Asked:
    """A query that is being read: conditions, and the parameters beside them; names in any letter case."""

    conditions: list[tuple[str, str]] = field(default_factory=list)
    beside: dict[str, str] = field(default_factory=dict)
    includes: list[str] = field(default_factory=list)
    spelled_page: str = "page"
    """As the client wrote it, so that a link says it once."""
    ignored: list[str] = field(default_factory=list)

    def take(self, name: str, value: str) -> None:
        """Takes in one parameter; BadInput for one that is given twice and may not be."""
        lowered = name.lower()
        known = BESIDE.get(lowered)
        if lowered in NAMES:
            self.conditions.append((NAMES[lowered], value))
        elif known == "include":
            self.includes.append(value)
        elif known is None:
            self.ignored.append(name)
        elif known in self.beside:
            raise BadInput(known, "is given twice", "give it once")
        else:
            self.beside[known] = value
            if known == "page":
                self.spelled_page = name

    def whole(self, name: str, default: int, least: int, most: int) -> int:
        """A parameter's number; BadInput names it."""
        text = self.beside.get(name)
        if not text:
            return default
        if text.isascii() and text.isdigit() and len(text) <= 19 and least <= int(text) <= most:
            return int(text)
        raise BadInput(name, f"got {excerpt(text)}", f"expected an integer from {least} to {most}")

    @property
    def with_data(self) -> bool:
        """Whether `include` asks for data; BadInput for another word."""
        words = [word.strip().strip("'").lower() for text in self.includes for word in text.split(",")]
        for word in words:
            if word not in ("", "data"):
                raise BadInput("include", f"unknown word {excerpt(word)}", "expected data")
        return "data" in words

    @property
    def descending(self) -> bool:
        """The order; oldest first unless `desc:'time'` is asked for."""
        text = self.beside.get("orderBy", "").strip()
        if not text:
            return False
        way, _colon, target = text.partition(":") if ":" in text else ("asc", ":", text)
        named = target.strip().removeprefix("'").removesuffix("'").lower()
        if way.strip().lower() not in ("asc", "desc") or named != "time":
            raise BadInput("orderBy", f"got {excerpt(text)}", "expected asc:'time' or desc:'time'")
        return way.strip().lower() == "desc"


def read_asked(request: Request) -> Asked:
    """The query; what is not known is left out and listed in `Gatebook-Ignored`."""
    asked = Asked()
    for name, value in pairs_of(raw_query(request)):
        asked.take(name, value)
    ignore(request, asked.ignored)
    return asked


def ignore(request: Request, names: Sequence[str]) -> None:
    """Has these parameters listed in the answer's `Gatebook-Ignored`."""
    if names:
        request.scope["gatebook.ignored"] = ", ".join(quote(name[:60], safe="") for name in names[:20])


def operations(services: Services) -> Sequence[Operation]:
    """The list, and one event."""

    async def events(request: Request) -> Response:
        who, asked = principal(request), read_asked(request)
        number, size = asked.whole("page", 0, 0, LAST_PAGE), asked.whole("size", DEFAULT_SIZE, 1, LARGEST)
        page = await page_of(services, who, asked, number * size, size)
        items = await items_of(services, who, page, data=asked.with_data)
        spelled = asked.spelled_page
        links = Links(
            prev=same_path(request, **{spelled: number - 1}) if number else UNSET,
            next=same_path(request, **{spelled: number + 1}) if page.more and number < LAST_PAGE else UNSET,
        )
        return json_reply(Events(links=links, array=items), headers=await notice(services, who, page))

    async def event(request: Request) -> Response:
        asked = read_asked(request)
        found = await single(services, principal(request), request.path_params["id"], data=asked.with_data)
        if found is None:
            raise NotFound("no such event")
        return json_reply(EventData(data=found))

    return (
        Operation(
            method="GET", path=PATH, handler=events, summary="List stored events, the oldest first",
            description="Filters are `property=operator:value`. A page at any depth costs what the first one costs.",
            query=EventsQuery, scopes=(Scope.EVENTS_READ,), tags=("events",), example=f"{PATH}?size=10",
            replies={200: Reply(shape=Events, headers={NOTICE: "That some events are not listed, and why"})},
        ),
        Operation(
            method="GET", path=f"{PATH}/{{id}}", handler=event, summary="Get an event", query=EventQuery,
            replies={200: Reply(shape=EventData)}, scopes=(Scope.EVENTS_READ,), tags=("events",),
        ),
    )  # fmt: skip


async def page_of(services: Services, who: Principal, asked: Asked, offset: int, size: int) -> Page:
    """The page; BadInput where it lies beyond what one request looks through for its filter."""
    descending = asked.descending
    organisation = await services.directory.organisation(who)
    wanted = await Asking(services, who, organisation).filter_of(asked.conditions)
    found = await services.history.page(
        who, all_of(LISTED, wanted), limit=size, offset=offset, descending=descending, with_total=False, vendor=True
    )
    if found.reached is not None:
        raise BadInput("page", "lies beyond what one request looks through for this filter", "narrow it by time")
    return found


async def items_of(services: Services, who: Principal, page: Page, *, data: bool) -> list[Event]:
    """The page's events as the reader sees them."""
    id, view = (await services.directory.organisation(who)).id, view_of(who)
    return [wire_of(one, page, id, view, data=data) for one in page.events if one.kind not in UNSPOKEN]


async def notice(services: Services, who: Principal, page: Page) -> Mapping[str, str]:
    """A header that tells of what is not listed because of its type's retention, where there is any such event."""
    if not page.has_unlisted:
        return {}
    total = await services.history.total(who, UNLISTED, vendor=True)
    if not total.n:
        return {}
    return {NOTICE: f"events of types with a retention of 0 days are not listed; {total.n} came in so far"}


async def single(services: Services, who: Principal, ref: str | UUID | int, *, data: bool = False) -> Event | None:
    """The event; None where it is absent, hidden, not listed, or in no vendor's dialect."""
    try:
        page = await services.history.event(who, UUID(ref) if isinstance(ref, str) else ref, vendor=True)
    except (NotFound, ValueError):
        return None
    if not page.events[0].listed:
        return None
    return next(iter(await items_of(services, who, page, data=data)), None)


async def shape_of(services: Services, caller: Principal, event: log.Event) -> Event | None:
    """The item of an event; None where the caller does not see it here."""
    return await single(services, caller, event.id)


async def url_of(services: Services, caller: Principal, event: log.Event) -> str | None:
    """Where an event can be fetched; None where `shape_of` has no item."""
    return None if await shape_of(services, caller, event) is None else f"{PATH}/{event.id}"
