"""`/v1/devices`: made known, listed, looked up, changed and decommissioned."""

from __future__ import annotations

from collections.abc import Sequence

from gatebook.dialects.native.resources import shown, wanted
from gatebook.dialects.native.resources.entities import Resource
from gatebook.dialects.native.schemas import Named
from gatebook.domain.access import Principal, Scope
from gatebook.domain.places import Device
from gatebook.http.dialect import Operation
from gatebook.services import Services
from gatebook.services.forms import DeviceChange, NewDevice

GONE = "It reports no more; its history stays, and it can still be had by its UUID."


def operations(services: Services) -> Sequence[Operation]:
    """Devices."""
    room = services.entities.devices

    async def devices_of(who: Principal, found: Sequence[Device]) -> list[shown.Device]:
        sites = await services.directory.sites_of(who, found) if any(one.site for one in found) else {}
        named = {number: Named(site.id, site.number, site.name) for number, site in sites.items()}
        return [
            shown.Device(
                id=one.id, number=one.number, kind=one.kind, name=one.name, site=named.get(one.site or 0),
                vendor_ids=list(one.vendor_ids), removed=one.removed,
            )
            for one in found
        ]  # fmt: skip

    devices: Resource[Device] = Resource(
        services=services, room=room, path="/v1/devices", tag="devices", shape=shown.Device, page=shown.Devices,
        shown=devices_of, one="a device, by UUID, integer or vendor id", manages=(Scope.DEVICES_MANAGE,),
    )  # fmt: skip

    async def add(who: Principal, form: NewDevice) -> tuple[Device, None]:
        return await room.add(who, form), None

    example = '{"name":"Front door","kind":"door","vendor_ids":["dev-1"]}'
    return (
        devices.adding(wanted.DeviceWanted, NewDevice, add, example=example),
        devices.listing(),
        devices.getting(),
        devices.changing(wanted.DeviceChanged, DeviceChange, example='{"name":"Back door"}'),
        devices.removing(GONE),
    )
