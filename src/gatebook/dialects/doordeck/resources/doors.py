"""Looks up locks, users and sites for a caller: absent and hidden are the same 404."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from gatebook.dialects.doordeck.mapping import DOORS
from gatebook.dialects.doordeck.schemas import LockState, Role
from gatebook.dialects.doordeck.tokens import user_id
from gatebook.domain.access import Principal, Scope
from gatebook.domain.accounts import User
from gatebook.domain.errors import Forbidden, NotFound
from gatebook.domain.kinds import Kind
from gatebook.domain.places import Device, Person, Site
from gatebook.services import Services

BATCH = 1_000
LINE, BOLT = UUID(int=1), UUID(int=2)
GROUPS: Final[Mapping[Kind, UUID]] = {
    Kind.DEVICE_CONNECTED: LINE,
    Kind.DEVICE_STARTED: LINE,
    Kind.DEVICE_DISCONNECTED: LINE,
    Kind.DEVICE_STOPPED: LINE,
    Kind.LOCK_LOCKED: BOLT,
    Kind.LOCK_UNLOCKED: BOLT,
}
"""What tells whether a lock is connected, and whether it is locked."""
CONNECTED: Final = frozenset({Kind.DEVICE_CONNECTED, Kind.DEVICE_STARTED})


class Doors:
    """Asks the directory, and the accounts, on a caller's behalf."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def device(self, caller: Principal, id: UUID) -> Device:
        """The lock of this id; one that was decommissioned still has its trail."""
        try:
            found = await self._services.directory.device(caller, id)
        except NotFound as error:
            raise NotFound("there is no such lock") from error
        if found.kind not in DOORS:
            raise NotFound("there is no such lock")
        return found

    async def devices(self, caller: Principal) -> Sequence[Device]:
        """All locks that the caller may see."""
        found: list[Device] = []
        after = 0
        while True:
            batch = await self._services.directory.devices(caller, after=after, limit=BATCH)
            found += [device for device in batch if device.kind in DOORS]
            if len(batch) < BATCH:
                return found
            after = batch[-1].number

    async def states(self, caller: Principal) -> Mapping[tuple[int, UUID], Kind]:
        """By stream and group of `GROUPS`, the kind that was told last."""
        found = await self._services.states.all(caller, GROUPS.get)
        return {(one.latest.stream, one.group): one.latest.event_class.kind for one in found.states}

    def state_of(self, caller: Principal, device: Device, told: Mapping[tuple[int, UUID], Kind]) -> LockState:
        """As the lock told last; one that told nothing is locked, and connected while it is on the device link."""
        on_the_line = self._services.commands.links.of(caller.organisation, device.number) is not None
        return LockState(
            locked=told.get((device.stream, BOLT)) is not Kind.LOCK_UNLOCKED,
            connected=on_the_line or told.get((device.stream, LINE)) in CONNECTED,
        )

    async def sites(self, caller: Principal) -> Sequence[Site]:
        """Sites that the caller may see, and those of locks that the caller may see, by number."""
        known = {site.number: site for site in await self._services.directory.sites(caller)}
        known |= await self._services.directory.sites_of(caller, await self.devices(caller))
        return [known[number] for number in sorted(known)]

    async def site(self, caller: Principal, id: UUID) -> Site:
        """One of `sites`."""
        for site in await self.sites(caller):
            if site.id == id:
                return site
        raise NotFound("there is no such site")

    async def devices_at(self, caller: Principal, site: Site) -> Sequence[Device]:
        """The locks at a site that the caller may see."""
        return [device for device in await self.devices(caller) if device.site == site.number]

    async def users(self, caller: Principal) -> Sequence[User]:
        """All users whose rights do not go beyond the caller's; Forbidden for who is no administrator."""
        found: list[User] = []
        after = 0
        while True:
            batch = await self._services.entities.users.list(caller, after=after, limit=BATCH)
            found += batch
            if len(batch) < BATCH:
                return found
            after = batch[-1].number

    async def id_of(self, caller: Principal, user: User) -> UUID:
        """Who a user is to Doordeck: the person that the user is bound to, else the user."""
        if user.person is None:
            return user.id
        return (await self._services.directory.person(caller, user.person)).id

    async def person(self, caller: Principal, id: UUID) -> Person | None:
        """The person of this id; None for a user who is bound to nobody, who has no history at doors.

        Everybody may ask for themselves, who reads people for all; Forbidden for others.
        """
        own = await user_id(self._services, caller)
        if id != own and not caller.may(Scope.PEOPLE_READ):
            raise Forbidden("this needs the scope people:read; ask for yourself alone")
        try:
            return await self._services.directory.person(caller, id)
        except NotFound as error:
            if id == own or await self._has_user(caller, id):
                return None
            raise NotFound("there is no such user") from error

    async def _has_user(self, caller: Principal, id: UUID) -> bool:
        if not caller.may(Scope.ADMIN):
            return False
        try:
            await self._services.entities.users.get(caller, id)
        except NotFound:
            return False
        return True


def role_of(caller: Principal | User) -> Role:
    """ADMIN for who administers Gatebook, and may thereby see who else uses a lock."""
    return "ADMIN" if Scope.ADMIN in caller.scopes else "USER"
