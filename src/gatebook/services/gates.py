"""Gates: what stands there, who may pass, and what is read of them; each change is an act with its own event."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from gatebook.domain.access import Principal, Scope
from gatebook.domain.errors import NotFound
from gatebook.domain.gates import CameraLink, CameraSetting, Contact, LockKey, LockSetting, Passage, Resident
from gatebook.domain.places import Credential, Device, Person
from gatebook.domain.times import Instant
from gatebook.services.gate_cameras import GateCameras
from gatebook.services.gate_locks import GateLocks
from gatebook.services.gate_people import GatePeople
from gatebook.services.rooms import need
from gatebook.store import Store


class LockState(NamedTuple):
    """A lock as it stands; `people` are those it names, by number."""

    setting: LockSetting
    keys: list[LockKey]
    residents: list[Resident]
    people: dict[int, Person]
    version: int


class CameraState(NamedTuple):
    """A camera as it stands, with those of its locks that the caller may see."""

    device: Device
    setting: CameraSetting
    links: list[CameraLink]
    owner: Person | None
    version: int


class PersonState(NamedTuple):
    """Somebody who passes, as they stand; `locks` are the devices that the passages name, by number."""

    person: Person
    contact: Contact | None
    version: int


@dataclass(frozen=True, slots=True)
class Gates:
    """Reads what stands at the gates; `locks`, `cameras` and `people` change it."""

    store: Store
    locks: GateLocks
    cameras: GateCameras
    people: GatePeople

    async def lock(self, principal: Principal, device: Device) -> LockState:
        """A lock that the caller has been shown, with its keys and residents."""
        need(principal, Scope.EVENTS_READ, Scope.DEVICES_MANAGE)
        org, number, ask = principal.organisation, device.number, self.store.gates
        setting = await self.store.read(ask.lock, org, number) or LockSetting(device=number)
        keys = await self.store.read(ask.keys_of_lock, org, number)
        residents = await self.store.read(ask.residents_of_lock, org, number)
        numbers = {one.person for one in keys} | {one.person for one in residents} | {setting.owner}
        people = await self._people(principal, {one for one in numbers if one is not None})
        return LockState(setting, keys, residents, people, await self.store.read(ask.head, org, device.stream))

    async def camera(self, principal: Principal, device: Device) -> CameraState:
        """A camera that the caller has been shown; NotFound where it is not set up."""
        need(principal, Scope.EVENTS_READ, Scope.DEVICES_MANAGE)
        org, ask = principal.organisation, self.store.gates
        setting = await self.store.read(ask.camera, org, device.number)
        if setting is None:
            raise NotFound("there is no such camera")
        links = [
            link
            for link in await self.store.read(ask.links_of_camera, org, device.number)
            if await self._shown(principal, link.lock)
        ]
        found = {} if setting.owner is None else await self._people(principal, {setting.owner})
        version = await self.store.read(ask.head, org, device.stream)
        return CameraState(device, setting, links, next(iter(found.values()), None), version)

    async def cameras_of(self, principal: Principal, limit: int) -> list[CameraState]:
        """The cameras of the person to whom the caller is bound, or else all that the grant shows."""
        need(principal, Scope.EVENTS_READ, Scope.DEVICES_MANAGE)
        org = principal.organisation
        settings = await self.store.read(
            self.store.gates.cameras_after, org, principal.grant, 0, limit, principal.person
        )
        devices = [await self.store.read(self.store.directory.device, org, one.device) for one in settings]
        return [await self.camera(principal, device) for device in devices if device is not None]

    async def person(self, principal: Principal, person: Person) -> PersonState:
        """Somebody with where they can be reached."""
        need(principal, Scope.PEOPLE_READ, Scope.PEOPLE_MANAGE)
        org, ask = principal.organisation, self.store.gates
        contact = await self.store.read(ask.contact, org, person.number)
        _, version = await self.store.read(ask.person_head, org, person.number)
        return PersonState(person, contact, version)

    async def plates(self, principal: Principal, person: Person) -> list[Credential]:
        """The plates of a person."""
        need(principal, Scope.PLATES_READ)
        return await self.store.read(self.store.gates.plates_of_person, principal.organisation, person.number)

    async def passages(self, principal: Principal, person: Person) -> list[Passage]:
        """Where a person may pass, as far as the caller's grant shows."""
        need(principal, Scope.PEOPLE_READ, Scope.PEOPLE_MANAGE)
        return await self.store.read(
            self.store.gates.passages_of_person, principal.organisation, person.number, principal.grant
        )

    async def _shown(self, principal: Principal, device: int) -> bool:
        found = await self.store.read(self.store.directory.device, principal.organisation, device)
        return found is not None and principal.grant.shows(found.number, found.site)

    async def _people(self, principal: Principal, numbers: set[int]) -> dict[int, Person]:
        found = [
            await self.store.read(self.store.directory.person, principal.organisation, number) for number in numbers
        ]
        return {one.number: one for one in found if one is not None}


def gates_of(store: Store, *, now: Callable[[], Instant]) -> Gates:
    """All of them, on this store."""
    return Gates(store, GateLocks(store, now=now), GateCameras(store, now=now), GatePeople(store, now=now))
