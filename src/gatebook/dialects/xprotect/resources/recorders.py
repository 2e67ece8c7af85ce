"""`recordingServers`: recorders and hubs, and one that stands for an organisation without any."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from gatebook.dialects.xprotect.resources.resource import Resource, absent, by_parent
from gatebook.dialects.xprotect.words.estate import RECORDERS, Estate, estate_of, recorder_id
from gatebook.dialects.xprotect.words.shapes import RecordingServerItem, at, placed
from gatebook.domain.access import Principal
from gatebook.domain.places import Device
from gatebook.services import Services


async def every(services: Services, who: Principal, disabled: bool) -> Sequence[RecordingServerItem]:
    """Those that the grant shows, by their numbers; where there are none, the one that stands for them."""
    estate = await estate_of(services, who)
    found = await services.directory.every_device(who, *RECORDERS, removed=True) if disabled else estate.recorders
    own = [] if estate.recorders else [own_of(estate)]
    return own + [recorder_of(device, estate) for device in found]


async def one(services: Services, who: Principal, id: UUID) -> RecordingServerItem:
    """One that was decommissioned, too, and the one that stands for none at any time."""
    estate = await estate_of(services, who)
    if id == recorder_id(estate.organisation.id):
        return own_of(estate)
    device = await services.directory.device(who, id)
    if device.kind not in RECORDERS:
        raise absent()
    return recorder_of(device, estate)


def recorder_of(device: Device, estate: Estate) -> RecordingServerItem:
    """A recorder as clients read it."""
    return RecordingServerItem(
        display_name=device.name,
        enabled=not device.removed,
        id=str(device.id),
        name=device.name,
        time_zone_name=estate.zone_of(device),
        relations=placed("recordingServers", device.id, estate.site_of(device)),
    )


def own_of(estate: Estate) -> RecordingServerItem:
    """What stands for the recorders of an organisation that has none."""
    organisation = estate.organisation
    id = recorder_id(organisation.id)
    return RecordingServerItem(
        display_name=organisation.name,
        enabled=True,
        id=str(id),
        name=organisation.name,
        time_zone_name=organisation.zone,
        relations=placed("recordingServers", id, at("sites", organisation.id)),
    )


RESOURCE = Resource(
    name="recordingServers", single="recordingServer", shape=RecordingServerItem, every=every, one=one,
    children={"hardware": by_parent("recordingServers")},
)  # fmt: skip
