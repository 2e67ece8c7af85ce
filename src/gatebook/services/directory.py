"""The directory as dialects read it: what devices, sites and people there are, and what each is called."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from gatebook.domain.access import Principal
from gatebook.domain.errors import NotFound
from gatebook.domain.places import Device, DeviceKind, Organisation, Person, Site
from gatebook.services.names import new_id, zoned
from gatebook.services.organisations import found_organisation
from gatebook.store import Store
from gatebook.store.contract import Ref

BATCH = 2_000


class Directory:
    """Reads the directory on behalf of a principal; each kind's own room changes it."""

    def __init__(self, store: Store) -> None:
        """Reads this store."""
        self._store = store

    async def organisation(self, principal: Principal) -> Organisation:
        """The principal's own."""
        found = await self._store.read(self._store.directory.organisation, principal.organisation)
        if found is None:
            raise NotFound("no such organisation")
        return found

    async def zone(self, principal: Principal) -> ZoneInfo:
        """The zone that a time without one means."""
        return ZoneInfo((await self.organisation(principal)).zone)

    async def device(self, principal: Principal, ref: Ref) -> Device:
        """The device named by integer, UUID or vendor id; absent and hidden are NotFound alike."""
        found = await self._store.read(self._store.directory.device, principal.organisation, ref)
        if found is None or not principal.grant.shows(found.number, found.site):
            raise NotFound("no such device")
        return found

    async def devices(self, principal: Principal, *, after: int = 0, limit: int = 100) -> Sequence[Device]:
        """Devices that the grant shows, by rising number beyond `after`."""
        return await self._store.read(
            self._store.directory.devices_after, principal.organisation, principal.grant, after, limit
        )

    async def every_device(self, principal: Principal, *kinds: DeviceKind, removed: bool = False) -> Sequence[Device]:
        """All devices of these kinds that the grant shows, by number; `removed`: decommissioned ones too."""
        found: list[Device] = []
        while True:
            after = found[-1].number if found else 0
            batch = await self._store.read(
                self._store.directory.devices_after,
                principal.organisation, principal.grant, after, BATCH, kinds, removed,
            )  # fmt: skip
            found += batch
            if len(batch) < BATCH:
                return found

    async def sites(self, principal: Principal) -> Sequence[Site]:
        """Sites by number: all, or those that the grant names."""
        found = await self._store.read(self._store.directory.sites, principal.organisation)
        return [site for site in found if principal.grant.everything or site.number in principal.grant.sites]

    async def site(self, principal: Principal, ref: Ref) -> Site:
        """The site named by integer, UUID or name; absent and hidden are NotFound alike."""
        found = await self._store.read(self._store.directory.site, principal.organisation, ref)
        if found is None or not (principal.grant.everything or found.number in principal.grant.sites):
            raise NotFound("no such site")
        return found

    async def sites_of(self, principal: Principal, devices: Sequence[Device]) -> dict[int, Site]:
        """By number, the sites at which these devices stand: whoever may see a device may see where it is."""
        wanted = {device.site for device in devices}
        found = await self._store.read(self._store.directory.sites, principal.organisation)
        return {site.number: site for site in found if site.number in wanted}

    async def person(self, principal: Principal, ref: Ref) -> Person:
        """The person named by integer or UUID."""
        found = await self._store.read(self._store.directory.person, principal.organisation, ref)
        if found is None:
            raise NotFound("no such person")
        return found


__all__ = ["Directory", "found_organisation", "new_id", "zoned"]
