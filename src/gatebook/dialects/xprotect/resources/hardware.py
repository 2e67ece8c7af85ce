"""`hardware`: locks, doors and readers, and one for each camera."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from gatebook.dialects.xprotect.resources.resource import Resource, absent, by_parent
from gatebook.dialects.xprotect.words.estate import HARDWARE, Estate, estate_of, hardware_id
from gatebook.dialects.xprotect.words.shapes import HardwareItem, at, placed
from gatebook.domain.access import Principal
from gatebook.domain.errors import NotFound
from gatebook.domain.places import Device, DeviceKind
from gatebook.services import Services


async def every(services: Services, who: Principal, disabled: bool) -> Sequence[HardwareItem]:
    """Those that the grant shows, by the numbers of the devices."""
    estate = await estate_of(services, who)
    found = await services.directory.every_device(who, DeviceKind.CAMERA, *HARDWARE, removed=disabled)
    return [hardware_of(device, estate) for device in found]


async def one(services: Services, who: Principal, id: UUID) -> HardwareItem:
    """By the device's own id, or by the one derived from a camera's; decommissioned ones, too."""
    try:
        device = await services.directory.device(who, id)
    except NotFound:
        cameras = await services.directory.every_device(who, DeviceKind.CAMERA, removed=True)
        found = next((camera for camera in cameras if hardware_id(camera.id) == id), None)
    else:
        found = device if device.kind in HARDWARE else None
    if found is None:
        raise absent()
    return hardware_of(found, await estate_of(services, who))


def hardware_of(device: Device, estate: Estate) -> HardwareItem:
    """A device, or the hardware of a camera, as clients read it."""
    id = hardware_id(device.id) if device.kind is DeviceKind.CAMERA else device.id
    return HardwareItem(
        display_name=device.name,
        enabled=not device.removed,
        id=str(id),
        name=device.name,
        model=device.kind.value,
        relations=placed("hardware", id, at("recordingServers", estate.recorder_of(device))),
    )


RESOURCE = Resource(
    name="hardware", single="hardware", shape=HardwareItem, every=every, one=one,
    children={"cameras": by_parent("hardware")},
)  # fmt: skip
