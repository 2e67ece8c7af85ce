"""`GET /v1/events/export`: all that passes a filter, as one file, on record before its first byte leaves."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from gatebook.dialects.native.resources.asking import Asked, read_asked
from gatebook.dialects.native.resources.events import NOTES, id_of, live_binding, rights_of
from gatebook.dialects.native.resources.written import WRITERS, Write, events_of
from gatebook.dialects.native.schemas import Conditions
from gatebook.domain.access import Scope
from gatebook.domain.errors import BadInput
from gatebook.domain.filters import fingerprint
from gatebook.http import Request, Response
from gatebook.http.cursors import Binding, Cursors, LogCursor
from gatebook.http.dialect import CSV, NDJSON, Operation, Reply, principal
from gatebook.http.limits import EVENT_COST, charge
from gatebook.http.streams import Pieces
from gatebook.services import Services
from gatebook.services.exports import Export
from gatebook.store.contract import Position

PARAMETERS: Final = ("format", "cursor", "after")


class Exported(Conditions, frozen=True, kw_only=True):
    """Which events, written how, and what of an earlier export is there already."""

    format: Literal["ndjson", "csv"] | None = None
    after: Annotated[str, Meta(max_length=64)] | None = None


class Ceiling(Struct, frozen=True, array_like=True):
    """Where the log ended when an export began."""

    seq: int


def operations(services: Services) -> Sequence[Operation]:
    """The export."""
    cursors = Cursors(services.cursor_key)

    async def export(request: Request) -> Response:
        asked = await read_asked(request, services, principal(request), PARAMETERS)
        form = form_of(request, asked)
        ceiling, after = await begun_at(services, asked, cursors)
        found = await services.exports.begin(asked.reader, asked.said, form=form, ceiling=ceiling)
        media, heading, write = WRITERS[form]
        pieces = pieces_of(services, request, found, after, b"" if after else heading, write)
        return await Pieces.begun(pieces, headers=headers_of(found, asked, cursors, form), media=media)

    return (
        Operation(
            method="GET",
            path="/v1/events/export",
            handler=export,
            summary="All events that pass a filter, the oldest first, as one file",
            description=(
                "A line of JSON for each event, as `GET /v1/events` shows it, or a row of CSV. What is reported after"
                " it began is not in it. An answer that broke off is cut off, never ended; `cursor` (that answer's"
                " `Gatebook-Cursor`) with `after` (the `id` of its last whole line) has the rest of it. Every export is"
                " an event, on disk before the first byte leaves."
            ),
            query=Exported,
            query_style={
                **NOTES,
                "format": "Without it: CSV where `Accept` says text/csv, else NDJSON",
                "cursor": "`Gatebook-Cursor` of an export that broke off",
                "after": "The `id` of the last event of it that arrived whole; with `cursor` alone",
            },
            headers={"Accept": "text/csv for CSV"},
            replies={
                200: Reply(
                    shape=str,
                    media=(NDJSON, CSV),
                    headers={
                        "Gatebook-Cursor": "With `after`, goes on with this export where it broke off",
                        "Gatebook-Live": "A `cursor` of `/v1/events/stream`: what comes after this export",
                        "Gatebook-Total": "How many events it has in all; `at least` where they are not counted",
                    },
                )
            },
            scopes=(Scope.EVENTS_READ,),
            tags=("events",),
            example="/v1/events/export?kind=access.denied&format=csv",
        ),
    )


def form_of(request: Request, asked: Asked) -> str:
    """What is to be written."""
    said = asked.word("format", tuple(WRITERS))
    return said or ("csv" if CSV in request.headers.get("accept", "").lower() else "ndjson")


async def begun_at(services: Services, asked: Asked, cursors: Cursors) -> tuple[int | None, Position | None]:
    """The ceiling and the place of an export that goes on; BadInput where one is given without the other."""
    cursor, after = asked.paging.get("cursor"), asked.paging.get("after")
    if cursor is None and after is None:
        return None, None
    if cursor is None:
        raise BadInput("cursor", "is missing, and after is given", "give the Gatebook-Cursor of the export, too")
    ceiling = cursors.open(cursor, binding_of(asked), Ceiling).seq
    if after is None:
        return ceiling, None
    found = (await services.history.event(asked.reader, id_of(after, "after"))).events[0]
    return ceiling, Position(found.occurred, found.seq)


def binding_of(asked: Asked) -> Binding:
    """An export goes on for the same question of the same principal with the same rights."""
    who = asked.reader
    return Binding("export", who.organisation, fingerprint(asked.said) + rights_of(who), who.id)


def headers_of(export: Export, asked: Asked, cursors: Cursors, form: str) -> dict[str, str]:
    """What is known before the first event is read."""
    total = export.total
    return {
        "Content-Disposition": f'attachment; filename="events.{form}"',
        "Cache-Control": "no-store",
        "Vary": "Accept",
        "Gatebook-Cursor": cursors.seal(Ceiling(export.ceiling), binding_of(asked)),
        "Gatebook-Live": cursors.seal(LogCursor(export.ceiling), live_binding(asked)),
        "Gatebook-Total": str(total.n) if total.exact else f"at least {total.n}",
    }


async def pieces_of(
    services: Services, request: Request, export: Export, after: Position | None, heading: bytes, write: Write
) -> AsyncIterator[bytes]:
    """The file, a piece for each chunk."""
    async for chunk in services.exports.chunks(export, after):
        charge(request, EVENT_COST * len(chunk.page.events))
        yield heading + write(events_of(chunk.page, chunk.view))
        heading = b""
        await asyncio.sleep(0)  # others are served between two pieces, however fast the reader is
