"""The directory: what devices, sites and people there are, and what each is called."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID
from zoneinfo import ZoneInfo, available_timezones

from uuid_utils import uuid7

from gatebook.domain.access import Principal
from gatebook.domain.errors import BadInput, NotFound, Unplaceable
from gatebook.domain.places import Device, DeviceKind, Organisation, Person, Site
from gatebook.store import Store, Transaction
from gatebook.store.contract import Ref

NAME_LIMIT = 200


class Directory:
    """Reads and changes the directory on behalf of a principal."""

    def __init__(self, store: Store) -> None:
        """Keeps it in this store."""
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

    async def add_device(
        self,
        principal: Principal,
        *,
        kind: DeviceKind,
        name: str,
        id: UUID | None = None,
        number: int | None = None,
        site: Ref | None = None,
        vendor_ids: Sequence[str] = (),
    ) -> Device:
        """Makes a device known.  An id, number or vendor id taken is a Conflict; an unknown site Unplaceable."""
        org = principal.organisation

        def work(transaction: Transaction) -> Device:
            place = None if site is None else _site(transaction, org, site).number
            return transaction.add_device(org, id or new_id(), kind, named(name), place, vendor_ids, number)

        return await self._store.write(work)

    async def add_site(
        self, principal: Principal, *, name: str, zone: str, id: UUID | None = None, number: int | None = None
    ) -> Site:
        """Makes a site known."""
        org = principal.organisation
        zoned(zone)
        return await self._store.write(lambda tx: tx.add_site(org, id or new_id(), named(name), zone, number))

    async def add_person(
        self, principal: Principal, *, name: str, id: UUID | None = None, number: int | None = None
    ) -> Person:
        """Makes a person known."""
        org = principal.organisation
        return await self._store.write(lambda tx: tx.add_person(org, id or new_id(), named(name), number))


def found_organisation(transaction: Transaction, name: str, zone: str) -> int:
    """Founds an organisation within a transaction; its number."""
    zoned(zone)
    return transaction.add_organisation(new_id(), named(name), zone)


def new_id() -> UUID:
    """A fresh UUIDv7."""
    return UUID(bytes=uuid7().bytes)


def named(name: str) -> str:
    """The name, if it is one."""
    if not name.strip() or len(name) > NAME_LIMIT:
        raise BadInput("name", f"has {len(name)} characters", f"give 1 to {NAME_LIMIT}, not all of them spaces")
    return name


def zoned(zone: str) -> str:
    """The zone, if it is one that the time zone database knows."""
    if zone not in available_timezones():
        raise BadInput("zone", f"{zone!r} is not a time zone", "give an IANA name such as Europe/London")
    return zone


def _site(transaction: Transaction, org: int, ref: Ref) -> Site:
    found = transaction.site(org, ref)
    if found is None:
        raise Unplaceable("site", "no such site", "make the site known first")
    return found
