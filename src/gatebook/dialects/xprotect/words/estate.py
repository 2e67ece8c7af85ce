"""What of the directory stands where in XProtect: sites, recording servers, hardware, cameras; as a grant shows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from uuid import UUID, uuid5

from gatebook.dialects.xprotect.words.shapes import ItemPath, at
from gatebook.domain.access import Principal
from gatebook.domain.kinds import NAMESPACE
from gatebook.domain.places import Device, DeviceKind, Organisation, Site
from gatebook.services import Services

RECORDERS: Final = (DeviceKind.RECORDER, DeviceKind.HUB)
HARDWARE: Final = (DeviceKind.LOCK, DeviceKind.DOOR, DeviceKind.READER)
"""These are hardware themselves; a camera stands in hardware of its own."""
COLLECTIONS: Final = {
    DeviceKind.CAMERA: "cameras", DeviceKind.EVENT: "userDefinedEvents",
    **dict.fromkeys(RECORDERS, "recordingServers"), **dict.fromkeys(HARDWARE, "hardware"),
}  # fmt: skip
"""The resource that tells of a device of each kind: what its events name as their source."""


@lru_cache(maxsize=65_536)
def hardware_id(camera: UUID) -> UUID:
    """The hardware that a camera stands in."""
    return uuid5(NAMESPACE, f"xprotect/hardware/{camera}")


def recorder_id(organisation: UUID) -> UUID:
    """The recording server of an organisation that has none to be seen."""
    return uuid5(NAMESPACE, f"xprotect/recordingServers/{organisation}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Estate:
    """The upper floors, which few things stand on: what is below finds its parent here."""

    organisation: Organisation
    """The management server: the first site."""
    sites: Sequence[Site]
    recorders: Sequence[Device]
    """Those that report still; none: the organisation's own stands for them."""

    def recorder_of(self, device: Device) -> UUID:
        """The recording server of a device: the first at its site, else the first there is."""
        near = [one for one in self.recorders if one.site is not None and one.site == device.site]
        first = next(iter(near or self.recorders), None)
        return recorder_id(self.organisation.id) if first is None else first.id

    def site_of(self, device: Device) -> ItemPath:
        """The site where a device stands; the organisation's own where that is not shown."""
        found = next((site.id for site in self.sites if site.number == device.site), self.organisation.id)
        return at("sites", found)

    def zone_of(self, device: Device) -> str:
        """The zone where a device stands, as far as it is shown."""
        return next((site.zone for site in self.sites if site.number == device.site), self.organisation.zone)


async def estate_of(services: Services, who: Principal) -> Estate:
    """As the principal sees it."""
    directory = services.directory
    return Estate(
        organisation=await directory.organisation(who),
        sites=await directory.sites(who),
        recorders=await directory.every_device(who, *RECORDERS),
    )
