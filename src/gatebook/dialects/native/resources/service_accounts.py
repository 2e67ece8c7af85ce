"""`/v1/services`: programs that sign in with a client id and a secret, which is shown once."""

from __future__ import annotations

from collections.abc import Sequence

from gatebook.dialects.native.resources import shown, wanted
from gatebook.dialects.native.resources.entities import ETAG, MATCH, Resource, expected_of, ref_of, when
from gatebook.domain.access import Principal, Scope
from gatebook.domain.accounts import Service
from gatebook.http import Request, Response
from gatebook.http.dialect import Operation, Reply, principal
from gatebook.services import Services
from gatebook.services.forms import NewService, ServiceChange


def operations(services: Services) -> Sequence[Operation]:
    """Services."""
    room = services.entities.services
    accounts: Resource[Service] = Resource(
        services=services, room=room, path="/v1/services", tag="services", shape=shown.Service,
        page=shown.ServiceAccounts, shown=services_of, one="a service, by UUID, integer or client id",
        reads=(Scope.ADMIN,), manages=(Scope.ADMIN,),
    )  # fmt: skip

    async def add(who: Principal, form: NewService) -> tuple[Service, str]:
        made = await room.add(who, form)
        return made.account, made.secret

    async def renew(request: Request) -> Response:
        who = principal(request)
        made = await room.renew_secret(who, ref_of(request), expected=expected_of(request))
        return await accounts.answer(who, made.account, 200, made.secret, shown.ServiceWithSecret)

    renewing = Operation(
        method="POST",
        path="/v1/services/{ref}/secret",
        handler=renew,
        summary="Give a service another secret; the old one no longer holds",
        headers=MATCH,
        replies={200: Reply(shape=shown.ServiceWithSecret, headers=ETAG)},
        scopes=(Scope.ADMIN,),
        tags=("services",),
    )
    example = '{"name":"Exporter","scopes":["events:read"]}'
    return (
        accounts.adding(wanted.ServiceWanted, NewService, add, example=example, shape=shown.ServiceWithSecret),
        accounts.listing(),
        accounts.getting(),
        accounts.changing(wanted.ServiceChanged, ServiceChange, example='{"disabled":true}'),
        accounts.removing(),
        renewing,
    )


async def services_of(_who: Principal, found: Sequence[Service]) -> list[shown.Service]:
    """Services on the wire."""
    return [
        shown.Service(
            id=one.id, number=one.number, client_id=one.client_id, name=one.name, scopes=sorted(one.scopes),
            purpose=one.purpose, created=when(one.created) or "", expires=when(one.expires),
            disabled=when(one.disabled), last_used=when(one.last_used),
        )
        for one in found
    ]  # fmt: skip
