"""Gates: what stands there, who may pass, and what is read of them; each change is an act with its own event."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from gatebook.domain.access import Principal, Scope
from gatebook.domain.errors import NotFound
from gatebook.domain.gates import Contact, Passage
from gatebook.domain.places import Credential, Device, Person
from gatebook.domain.times import Instant
from gatebook.services.gate_cameras import GateCameras
from gatebook.services.gate_locks import GateLocks
from gatebook.services.gate_people import GatePeople
from gatebook.services.rooms import need
from gatebook.store import Store
from gatebook.store.sqlite.gate_states import CameraState, GateStates, LockState, PersonState


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
        return await self.store.read(GateStates.lock, principal.organisation, device)

    async def camera(self, principal: Principal, device: Device) -> CameraState:
        """A camera that the caller has been shown; NotFound where it is not set up."""
        need(principal, Scope.EVENTS_READ, Scope.DEVICES_MANAGE)
        found = await self.store.read(GateStates.camera, principal.organisation, principal.grant, device)
        if found is None:
            raise NotFound("there is no such camera")
        return found

    async def cameras_of(self, principal: Principal, limit: int) -> list[CameraState]:
        """The cameras of the person to whom the caller is bound, or else all that the grant shows."""
        need(principal, Scope.EVENTS_READ, Scope.DEVICES_MANAGE)
        return await self.store.read(
            GateStates.cameras, principal.organisation, principal.grant, limit, principal.person
        )

    async def person(self, principal: Principal, person: Person) -> PersonState:
        """Somebody with where they can be reached."""
        need(principal, Scope.PEOPLE_READ, Scope.PEOPLE_MANAGE)
        return await self.store.read(GateStates.person, principal.organisation, person)

    async def contacts(self, principal: Principal, people: Collection[int]) -> dict[int, Contact]:
        """Where those of these people who said so can be reached, by number."""
        need(principal, Scope.PEOPLE_READ)
        return await self.store.read(self.store.gates.contacts, principal.organisation, people) if people else {}

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


def gates_of(store: Store, *, now: Callable[[], Instant]) -> Gates:
    """All of them, on this store."""
    return Gates(store, GateLocks(store, now=now), GateCameras(store, now=now), GatePeople(store, now=now))


__all__ = ["CameraState", "Gates", "LockState", "PersonState", "gates_of"]
