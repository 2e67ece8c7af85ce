"""What SmartphoneKey's clients can ask and command, and who they are."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import UNSET, Raw

from gatebook.dialects.smartphonekey.mapping import page_number
from gatebook.dialects.smartphonekey.resources.cameras import camera_operations
from gatebook.dialects.smartphonekey.resources.history import Locks, shape_of, url_of
from gatebook.dialects.smartphonekey.resources.locks import lock_operations
from gatebook.dialects.smartphonekey.resources.lpr import lpr_operation
from gatebook.dialects.smartphonekey.resources.users import user_operations
from gatebook.dialects.smartphonekey.schemas import HistoryQuery, LockHistory, LockPath
from gatebook.domain.access import Principal, Scope
from gatebook.domain.errors import Unauthenticated
from gatebook.http import Request, Response
from gatebook.http.auth import Way, presented
from gatebook.http.dialect import Dialect, Operation, Reply, principal
from gatebook.http.openapi import document_of
from gatebook.http.visits import visit_of
from gatebook.http.wire import json_reply, read_path, read_query
from gatebook.services import Services

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

    served: tuple[Operation, ...] = (
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
        lpr_operation(services),
        *lock_operations(services, locks),
        *camera_operations(services, locks),
        *user_operations(services),
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


__all__ = ["operations", "principal_of", "shape_of", "url_of"]
