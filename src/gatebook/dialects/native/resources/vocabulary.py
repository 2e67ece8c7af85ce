"""`GET /v1/kinds`, the words that a report may use, and `GET /v1/followers`, how far what follows the log has come."""

from __future__ import annotations

from collections.abc import Sequence

from gatebook.dialects.native.resources.schemas import Follower, Followers, KindRow, Vocabulary
from gatebook.domain.access import Scope
from gatebook.domain.kinds import PERSONAL_DATA_KINDS, Kind, Method, Reason
from gatebook.http import Request, Response
from gatebook.http.dialect import Operation, Reply, principal
from gatebook.http.wire import json_reply
from gatebook.services import Services
from gatebook.services.sites import need_everything


def operations(services: Services) -> Sequence[Operation]:
    """What can be said, and what listens."""

    async def kinds(_request: Request) -> Response:
        rows = [KindRow(kind, kind.type, not kind.is_record, kind in PERSONAL_DATA_KINDS) for kind in Kind]
        return json_reply(Vocabulary(rows, list(Method), list(Reason)))

    async def followers(request: Request) -> Response:
        who = principal(request)
        need_everything(who)  # a head is a seq
        found = await services.followers.positions(who.organisation)
        return json_reply(Followers([Follower(one.name, one.seq, one.head, one.lag, one.parked) for one in found]))

    return (
        Operation(
            method="GET",
            path="/v1/kinds",
            handler=kinds,
            summary="The vocabulary: kinds, methods and reasons",
            replies={200: Reply(shape=Vocabulary)},
            tags=("vocabulary",),
        ),
        Operation(
            method="GET",
            path="/v1/followers",
            handler=followers,
            summary="How far what follows the log has come",
            replies={200: Reply(shape=Followers)},
            scopes=(Scope.ADMIN,),
            tags=("server",),
        ),
    )
