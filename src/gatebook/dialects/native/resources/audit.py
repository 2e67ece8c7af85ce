"""`GET /v1/audit`: who looked and who changed what; `/v1/audit/refusals`: who was refused and had not signed in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import msgspec
from msgspec import UNSET

from gatebook.dialects.native.resources.asking import read_asked
from gatebook.dialects.native.resources.events import NOTES, PAGING, ends_of, in_order, links_of, page_of, walk_of
from gatebook.dialects.native.resources.kept import Actor, Client, Entries, Entry, HowMany, Refusal, Refusals
from gatebook.dialects.native.schemas import Asked as AskedShape
from gatebook.domain.access import Scope
from gatebook.domain.events import Event
from gatebook.domain.filters import Field, all_of, one_of
from gatebook.domain.kinds import Kind
from gatebook.domain.times import rfc3339
from gatebook.http import Request, Response
from gatebook.http.cursors import Cursors
from gatebook.http.dialect import Operation, Reply, principal
from gatebook.http.paging import link_header
from gatebook.http.wire import json_reply, read_query
from gatebook.services import Services
from gatebook.services.records import Record
from gatebook.services.views import view_of

RECORDS: Final = one_of(Field.KIND, sorted(kind for kind in Kind if kind.is_record))
_decoder: Final = msgspec.json.Decoder(Record)


def operations(services: Services) -> Sequence[Operation]:
    """The record: read, never written."""
    cursors = Cursors(services.cursor_key)

    async def entries(request: Request) -> Response:
        asked = await read_asked(request, services, principal(request), PAGING)
        asked = replace(asked, filter=all_of(asked.filter, RECORDS), said=all_of(asked.said, RECORDS))
        walk = walk_of(asked, cursors)
        page = await page_of(services, asked, walk)
        ends, seqs = ends_of(page, asked, walk, cursors), view_of(asked.reader).order
        items = [entry_of(event, seqs=seqs) for event in in_order(page, walk)]
        told = Entries(items, ends.total, ends.next, ends.prev, ends.live)
        return json_reply(told, headers=link_header(links_of(request, ends, walk, more=page.more)))

    async def refusals(request: Request) -> Response:
        found = await services.audit.refusals(principal(request), read_query(request, HowMany).limit)
        return json_reply(
            Refusals([Refusal(rfc3339(one.minute), one.address, one.route, one.status, one.n) for one in found])
        )

    return (
        Operation(
            method="GET",
            path="/v1/audit",
            handler=entries,
            summary="Who looked and who changed what, newest first, with the exact total",
            description="Filters as for events; `data.actor=equals:key/0195…` and the like look into an entry.",
            query=AskedShape,
            query_style=NOTES,
            replies={200: Reply(shape=Entries, headers={"Link": "first, prev and next page (RFC 8288)"})},
            scopes=(Scope.AUDIT_READ,),
            tags=("audit",),
            example="/v1/audit?kind=record.searched&limit=20",
        ),
        Operation(
            method="GET",
            path="/v1/audit/refusals",
            handler=refusals,
            summary="Refusals of those who did not sign in, by the minute; they belong to the installation",
            query=HowMany,
            replies={200: Reply(shape=Refusals)},
            scopes=(Scope.ADMIN,),
            tags=("audit",),
        ),
    )


def entry_of(event: Event, *, seqs: bool) -> Entry:
    """An entry on the wire; of an erased one, what is left."""
    bare = Entry(
        id=event.id,
        kind=event.kind.value,
        occurred=rfc3339(event.occurred),
        version=event.version,
        erased=event.erased,
        seq=event.seq if seqs else UNSET,
    )
    if event.data is None:
        return bare
    record = _decoder.decode(event.data)
    kind, _, id_ = record.actor.partition("/")
    return msgspec.structs.replace(
        bare,
        actor=Actor(kind, id_, record.name),
        client=Client(record.address, record.agent, record.dialect, record.route),
        purpose=record.purpose,
        subject=record.subject or None,
        filter=record.filter or None,
        count=record.count,
        details=dict(record.details),
    )
