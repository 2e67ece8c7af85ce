"""`/v1/quarantine`: reports that had no place; listed, replayed, given up."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from msgspec import Raw

from gatebook.dialects.native.errors import declined, placed
from gatebook.dialects.native.mapping import sent_of
from gatebook.dialects.native.resources.events import id_of
from gatebook.dialects.native.resources.reports import single
from gatebook.dialects.native.resources.schemas import Replayed, ReplayWanted, Waiting, WaitingAfter, WaitingPage
from gatebook.dialects.native.schemas import Receipt
from gatebook.domain.access import Principal, Scope
from gatebook.domain.errors import Conflict, Forbidden, Unplaceable
from gatebook.domain.times import rfc3339
from gatebook.http import Request, Response
from gatebook.http.dialect import Operation, Reply, principal
from gatebook.http.paging import link_header, same_path
from gatebook.http.wire import json_reply, read_query
from gatebook.services import Services
from gatebook.services.ingest import Report
from gatebook.services.views import view_of
from gatebook.store.contract import Quarantined

REPLAYS = (Scope.DEVICES_MANAGE, Scope.EVENTS_WRITE)


def operations(services: Services) -> Sequence[Operation]:
    """Whoever mends the directory sees what waits for it; only with a grant of everything."""
    quarantine = services.quarantine

    async def listed(request: Request) -> Response:
        who, asked = whole(principal(request)), read_query(request, WaitingAfter)
        found = await quarantine.listed(who, after=asked.after, limit=asked.limit + 1)
        shown = found[: asked.limit]
        further = shown[-1].id if len(found) > asked.limit else None
        links = {"next": None if further is None else same_path(request, after=str(further))}
        return json_reply(WaitingPage([waiting_of(one, who) for one in shown], further), headers=link_header(links))

    async def one(request: Request) -> Response:
        who = whole(principal(request))
        return json_reply(waiting_of(await quarantine.one(who, id_of(request.path_params["id"])), who))

    async def replay(request: Request) -> Response:
        who, id_ = whole(principal(request)), id_of(request.path_params["id"])
        try:
            return single(request, await quarantine.replay(who, id_))
        except (Unplaceable, Conflict) as error:
            return declined(placed(error, "$"), id_)

    async def replay_all(request: Request) -> Response:
        who, wanted = whole(principal(request)), read_query(request, ReplayWanted)
        found = await quarantine.replay_all(who, after=wanted.after, limit=wanted.limit)
        return json_reply(Replayed(found.done, found.waiting, found.after))

    async def drop(request: Request) -> Response:
        await quarantine.drop(whole(principal(request)), id_of(request.path_params["id"]))
        return Response(status_code=204)

    return (
        Operation(
            method="GET",
            path="/v1/quarantine",
            handler=listed,
            summary="Reports that wait for a place, oldest first",
            query=WaitingAfter,
            replies={200: Reply(shape=WaitingPage, headers={"Link": "The next page"})},
            scopes=(Scope.DEVICES_MANAGE,),
            tags=("quarantine",),
        ),
        Operation(
            method="POST",
            path="/v1/quarantine/replay",
            handler=replay_all,
            summary="Send in again all that waits",
            query=ReplayWanted,
            replies={200: Reply(shape=Replayed)},
            scopes=REPLAYS,
            tags=("quarantine",),
        ),
        Operation(
            method="GET",
            path="/v1/quarantine/{id}",
            handler=one,
            summary="One report that waits",
            replies={200: Reply(shape=Waiting)},
            scopes=(Scope.DEVICES_MANAGE,),
            tags=("quarantine",),
        ),
        Operation(
            method="DELETE",
            path="/v1/quarantine/{id}",
            handler=drop,
            summary="Give a report up",
            replies={204: Reply()},
            scopes=(Scope.DEVICES_MANAGE,),
            tags=("quarantine",),
        ),
        Operation(
            method="POST",
            path="/v1/quarantine/{id}/replay",
            handler=replay,
            summary="Send a report in again, with the time at which it first came",
            replies={
                200: Reply(shape=Receipt, description="A repeat: it stands there already"),
                201: Reply(shape=Receipt, description="Stored; on disk", headers={"Location": "The event"}),
            },
            scopes=REPLAYS,
            tags=("quarantine",),
        ),
    )


def whole(who: Principal) -> Principal:
    """The principal, if their grant is of the whole organisation; else Forbidden."""
    if not who.grant.everything:
        raise Forbidden(f"this needs a grant of the whole organisation, which {who.name} does not hold")
    return who


def waiting_of(found: Quarantined, who: Principal) -> Waiting:
    """A waiting report on the wire, as its reader may see it."""
    report = sent_of(msgspec.json.decode(found.report, type=Report), view_of(who))
    told = Raw(msgspec.json.encode(report))
    return Waiting(found.id, found.reason, rfc3339(found.received), found.times, told)
