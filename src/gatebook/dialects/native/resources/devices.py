"""`/v1/devices`: made known, listed, and looked up."""

from __future__ import annotations

from collections.abc import Sequence

from gatebook.dialects.native.resources.making import MADE, made_known, whole
from gatebook.dialects.native.resources.schemas import After, Device, Devices, DeviceWanted
from gatebook.dialects.native.schemas import Named
from gatebook.domain import places
from gatebook.domain.access import Principal, Scope
from gatebook.http import Request, Response
from gatebook.http.dialect import Body, Operation, Reply, principal
from gatebook.http.paging import link_header, same_path
from gatebook.http.wire import json_reply, read_json, read_query
from gatebook.services import Services


def operations(services: Services) -> Sequence[Operation]:
    """Devices."""
    directory = services.directory

    async def add_device(request: Request) -> Response:
        who = whole(principal(request))
        wanted = await read_json(request, DeviceWanted)
        made = await directory.add_device(
            who,
            kind=wanted.kind,
            name=wanted.name,
            id=wanted.id,
            number=wanted.number,
            site=wanted.site,
            vendor_ids=wanted.vendor_ids,
        )
        [told] = await shown_as(who, [made])
        return made_known(request, told, f"/v1/devices/{made.id}")

    async def devices(request: Request) -> Response:
        who, asked = principal(request), read_query(request, After)
        found = await directory.devices(who, after=asked.after, limit=asked.limit + 1)
        shown = await shown_as(who, found[: asked.limit])
        further = shown[-1].number if len(found) > asked.limit else None
        links = {"next": None if further is None else same_path(request, after=further)}
        return json_reply(Devices(shown, further), headers=link_header(links))

    async def device(request: Request) -> Response:
        who = principal(request)
        [told] = await shown_as(who, [await directory.device(who, request.path_params["ref"])])
        return json_reply(told)

    async def shown_as(who: Principal, found: Sequence[places.Device]) -> list[Device]:
        sites = await directory.sites_of(who, found) if any(one.site for one in found) else {}
        return [device_of(one, sites.get(one.site or 0)) for one in found]

    return (
        Operation(
            method="POST",
            path="/v1/devices",
            handler=add_device,
            summary="Make a device known",
            body=Body(shape=DeviceWanted, example='{"name":"Front door","kind":"door","vendor_ids":["dev-1"]}'),
            replies={201: Reply(shape=Device, headers=MADE)},
            scopes=(Scope.DEVICES_MANAGE,),
            tags=("directory",),
        ),
        Operation(
            method="GET",
            path="/v1/devices",
            handler=devices,
            summary="Devices by number",
            query=After,
            replies={200: Reply(shape=Devices, headers={"Link": "The next page"})},
            scopes=(Scope.EVENTS_READ,),
            tags=("directory",),
        ),
        Operation(
            method="GET",
            path="/v1/devices/{ref}",
            handler=device,
            summary="One device, by UUID, integer or vendor id",
            replies={200: Reply(shape=Device)},
            scopes=(Scope.EVENTS_READ,),
            tags=("directory",),
        ),
    )


def device_of(found: places.Device, site: places.Site | None) -> Device:
    """A device on the wire."""
    where = None if site is None else Named(site.id, site.number, site.name)
    return Device(found.id, found.number, found.kind, found.name, where, list(found.vendor_ids))
