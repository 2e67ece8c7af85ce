"""`cameras`: each in hardware of its own."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from gatebook.dialects.xprotect.resources.resource import Resource, absent
from gatebook.dialects.xprotect.words.estate import hardware_id
from gatebook.dialects.xprotect.words.shapes import CameraItem, at, placed
from gatebook.domain.access import Principal
from gatebook.domain.places import Device, DeviceKind
from gatebook.services import Services


async def every(services: Services, who: Principal, disabled: bool) -> Sequence[CameraItem]:
    """Those that the grant shows, by their numbers."""
    found = await services.directory.every_device(who, DeviceKind.CAMERA, removed=disabled)
    return [camera_of(device) for device in found]


async def one(services: Services, who: Principal, id: UUID) -> CameraItem:
    """One that was decommissioned, too: its events still name it."""
    device = await services.directory.device(who, id)
    if device.kind is not DeviceKind.CAMERA:
        raise absent()
    return camera_of(device)


def camera_of(device: Device) -> CameraItem:
    """A camera as clients read it."""
    return CameraItem(
        display_name=device.name,
        enabled=not device.removed,
        id=str(device.id),
        name=device.name,
        relations=placed("cameras", device.id, at("hardware", hardware_id(device.id))),
    )


RESOURCE = Resource(name="cameras", single="camera", shape=CameraItem, every=every, one=one)
