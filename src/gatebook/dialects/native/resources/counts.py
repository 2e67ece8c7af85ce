"""`GET /v1/events/counts`: facets and plots over the same filters as history."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo
from typing import Final, get_args
from zoneinfo import ZoneInfo

import msgspec
from msgspec import UNSET

from gatebook.dialects.native.resources.asking import Asked, read_asked
from gatebook.dialects.native.resources.schemas import Bar, Counts, CountsAsked, EventClass
from gatebook.dialects.native.schemas import Count, Named
from gatebook.domain.access import Principal, Scope
from gatebook.domain.admits import Place
from gatebook.domain.errors import BadInput
from gatebook.domain.events import EventClass as DomainClass
from gatebook.domain.times import with_offset
from gatebook.http import Request, Response
from gatebook.http.dialect import Operation, Reply, principal
from gatebook.http.wire import json_reply
from gatebook.services import Services, counts
from gatebook.services.directory import zoned

PARAMETERS: Final = ("by", "zone")
WHEN: Final[dict[str, counts.When]] = {word: word for word in get_args(counts.When)}
WORDS: Final[dict[str, counts.Word]] = {word: word for word in get_args(counts.Word)}
WHERE: Final[dict[str, counts.Where]] = {word: word for word in get_args(counts.Where)}
REMEDY: Final = f"expected one of {', '.join([*WORDS, *WHERE, *WHEN])}, or a time and a word, such as day,kind"


def operations(services: Services) -> Sequence[Operation]:
    """Counts."""

    async def count(request: Request) -> Response:
        asked = await read_asked(request, services, principal(request), PARAMETERS)
        who = asked.reader
        zone = await zone_of(asked, who)
        by = by_of(asked.paging.get("by", "kind"))
        found = await services.counts.bars(who, asked.filter, by=by, zone=zone)
        return json_reply(told(found, zone, by[1] if isinstance(by, tuple) else None if by in WHEN else by))

    async def zone_of(asked: Asked, who: Principal) -> tzinfo:
        text = asked.paging.get("zone")
        return await services.directory.zone(who) if text is None else ZoneInfo(zoned(text))

    return (
        Operation(
            method="GET",
            path="/v1/events/counts",
            handler=count,
            summary="How many events, by what they are, where they happened, or when",
            query=CountsAsked,
            query_style={
                "by": "class, kind (the default), method, reason, type, device, site, hour, day or month; or a time and"
                " one of the first five, such as `day,kind`",
                "zone": "Whose hours, days and months: an IANA name; else the organisation's",
            },
            replies={200: Reply(shape=Counts)},
            scopes=(Scope.EVENTS_READ,),
            tags=("events",),
            example="/v1/events/counts?by=day,kind&from=2026-01-01&to=2026-01-31",
        ),
    )


def by_of(text: str) -> counts.By | tuple[counts.When, counts.Word]:
    """What to count by."""
    first, comma, second = text.partition(",")
    if comma and first in WHEN and second in WORDS:
        return WHEN[first], WORDS[second]
    found: counts.By | None = WORDS.get(first) or WHERE.get(first) or WHEN.get(first)
    if comma or found is None:
        raise BadInput("by", f"got {text[:40]!r}", REMEDY)
    return found


def told(found: counts.Counted, zone: tzinfo, what: str | None) -> Counts:
    """The counts as they go over the wire; `what` they are by, None for time alone."""
    return Counts(
        items=[_bar(one, zone, what) for one in found.counts],
        bars=[with_offset(window.since, zone) for window in found.bars],
        total=Count(found.total.n, found.total.exact),
    )


def _bar(one: counts.Count, zone: tzinfo, what: str | None) -> Bar:
    since = UNSET if one.window is None else with_offset(one.window.since, zone)
    until = UNSET if one.window is None else with_offset(one.window.until, zone)
    match one.value:
        case _ if what is None:
            return Bar(one.n, since, until)
        case DomainClass(kind, method, reason, type_, listed):
            return Bar(one.n, since, until, class_=EventClass(kind, method, reason, type_ or kind.type, listed))
        case Place(device=None) as place:
            return Bar(one.n, since, until, site=Named(place.site_id, place.site, place.site_name))
        case Place() as place:
            return Bar(one.n, since, until, device=Named(place.device_id, place.device, place.device_name))
        case value:
            word = None if value is None else str(value)
            return msgspec.structs.replace(Bar(one.n, since, until), **{what: word})
