"""`/v1/sites`: made known, listed, and looked up."""

from __future__ import annotations

from collections.abc import Sequence

from gatebook.dialects.native.resources.making import MADE, made_known, whole
from gatebook.dialects.native.resources.schemas import Site, Sites, SiteWanted
from gatebook.domain import places
from gatebook.domain.access import Scope
from gatebook.http import Request, Response
from gatebook.http.dialect import Body, Operation, Reply, principal
from gatebook.http.wire import json_reply, read_json
from gatebook.services import Services


def operations(services: Services) -> Sequence[Operation]:
    """Sites."""
    directory = services.directory

    async def add_site(request: Request) -> Response:
        who = whole(principal(request))
        wanted = await read_json(request, SiteWanted)
        zone = wanted.zone or (await directory.organisation(who)).zone
        made = await directory.add_site(who, name=wanted.name, zone=zone, id=wanted.id, number=wanted.number)
        return made_known(request, site_of(made), f"/v1/sites/{made.id}")

    async def sites(request: Request) -> Response:
        return json_reply(Sites([site_of(found) for found in await directory.sites(principal(request))]))

    async def site(request: Request) -> Response:
        return json_reply(site_of(await directory.site(principal(request), request.path_params["ref"])))

    return (
        Operation(
            method="POST",
            path="/v1/sites",
            handler=add_site,
            summary="Make a site known",
            body=Body(shape=SiteWanted, example='{"name":"North Gate","zone":"Europe/London"}'),
            replies={201: Reply(shape=Site, headers=MADE)},
            scopes=(Scope.DEVICES_MANAGE,),
            tags=("directory",),
        ),
        Operation(
            method="GET",
            path="/v1/sites",
            handler=sites,
            summary="Sites by number",
            replies={200: Reply(shape=Sites)},
            scopes=(Scope.EVENTS_READ,),
            tags=("directory",),
        ),
        Operation(
            method="GET",
            path="/v1/sites/{ref}",
            handler=site,
            summary="One site, by UUID, integer or name",
            replies={200: Reply(shape=Site)},
            scopes=(Scope.EVENTS_READ,),
            tags=("directory",),
        ),
    )


def site_of(found: places.Site) -> Site:
    """A site on the wire."""
    return Site(found.id, found.number, found.name, found.zone)
