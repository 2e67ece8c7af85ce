"""`userDefinedEvents`: each is a source and an event type of the same id."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from msgspec import UnsetType

from gatebook.dialects.xprotect.resources.event_types import made_types, refuse_built_in
from gatebook.dialects.xprotect.resources.resource import Body, Resource, absent
from gatebook.dialects.xprotect.resources.system_events import SYSTEM_EVENTS
from gatebook.dialects.xprotect.words.shapes import UserDefinedEventItem, placed, printed
from gatebook.domain.access import Principal
from gatebook.domain.errors import Conflict, Forbidden, NotFound
from gatebook.domain.places import Device, DeviceKind, EventType
from gatebook.services import Services


async def every(services: Services, who: Principal, disabled: bool) -> Sequence[UserDefinedEventItem]:
    """Those of the system, then those that the grant shows, by their numbers; removed ones where they are asked for."""
    found = await services.directory.every_device(who, DeviceKind.EVENT, removed=disabled)
    types = {one.id: one for one in await made_types(services, who)}
    return [*map(system, SYSTEM_EVENTS), *(made_of(one, types) for one in found if one.id not in SYSTEM_EVENTS)]


async def one(services: Services, who: Principal, id: UUID) -> UserDefinedEventItem:
    """The one of this id; one that was removed, only while events name it as their source."""
    if id in SYSTEM_EVENTS:
        return system(id)
    device = await services.directory.device(who, id)
    if device.kind is not DeviceKind.EVENT or (device.removed and not await _has_happened(services, who, device)):
        raise absent()
    try:
        type_ = await services.entities.event_types.get(who, id)
    except NotFound:
        return made_of(device, {})
    return made_of(device, {type_.id: type_})


async def _has_happened(services: Services, who: Principal, device: Device) -> bool:
    return (await services.history.versions(who, device, 1, 1)).ceiling > 0


def system(id: UUID) -> UserDefinedEventItem:
    """One that every system has."""
    name = SYSTEM_EVENTS[id]
    return UserDefinedEventItem(
        display_name=name, id=str(id), name=name, subtype="System", relations=placed("userDefinedEvents", id)
    )


def made_of(device: Device, types: Mapping[UUID, EventType]) -> UserDefinedEventItem:
    """One that was made, as clients read it."""
    type_ = types.get(device.id)
    return UserDefinedEventItem(
        display_name=device.name,
        id=str(device.id),
        name=device.name,
        last_modified=printed(None if type_ is None else type_.modified),
        subtype="UserDefined",
        relations=placed("userDefinedEvents", device.id),
    )


class Writing:
    """Whoever makes one may see it and trigger it at once."""

    settable = frozenset({"name"})

    async def add(self, services: Services, who: Principal, body: Body) -> UserDefinedEventItem:
        """Makes a pseudo-device and an event type of one id."""
        if body.given_id in SYSTEM_EVENTS:
            raise Conflict("an event of the system has this id; choose another")
        refuse_built_in(body.given_id)
        device, type_ = await services.entities.user_events.add(who, body.given_name, body.given_id)
        return made_of(device, {type_.id: type_})

    async def change(self, services: Services, who: Principal, id: UUID, body: Body) -> UserDefinedEventItem:
        """Gives it another name."""
        refuse_system(id)
        if not isinstance(body.name, UnsetType):
            await services.entities.user_events.rename(who, id, body.name)
        return await one(services, who, id)

    async def remove(self, services: Services, who: Principal, id: UUID) -> None:
        """Nothing more is reported under it."""
        refuse_system(id)
        await services.entities.user_events.remove(who, id)


def refuse_system(id: UUID) -> None:
    """Forbidden for what every system has."""
    if id in SYSTEM_EVENTS:
        raise Forbidden("an event of the system stays as it is; make one of your own")


RESOURCE = Resource(
    name="userDefinedEvents", single="userDefinedEvent", shape=UserDefinedEventItem, every=every, one=one,
    making=Writing(),
)  # fmt: skip
