"""Devices: made known, renamed, moved with their history, and decommissioned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import msgspec
from msgspec import UnsetType

from gatebook.domain.access import Principal, Scope
from gatebook.domain.errors import Forbidden
from gatebook.domain.events import Draft, EventClass
from gatebook.domain.kinds import Kind
from gatebook.domain.places import Device
from gatebook.services.accounts import site_of
from gatebook.services.forms import DeviceChange, NewDevice, given
from gatebook.services.names import named, new_id, numbered, vendor_ids_of
from gatebook.services.rooms import Place, Room, need
from gatebook.services.shares import issuer_of, told_at
from gatebook.services.telling import changed
from gatebook.store import Shelf, Transaction, Writing

READERS = (Scope.EVENTS_READ, Scope.EVENTS_WRITE, Scope.DEVICES_MANAGE, Scope.DEVICES_COMMAND, Scope.ALARMS_MANAGE)
"""Any of these lets a principal know of the devices that its grant shows, and of sites and event types."""


class Devices(Room[Device, DeviceChange]):
    """Whatever reports.  A decommissioned one can still be had by name, since history tells of it; no list has it."""

    noun = "device"
    reads = READERS
    manages = Scope.DEVICES_MANAGE

    @property
    def _shelf(self) -> Shelf[Device]:
        return self._store.entities.devices

    def _writing(self, transaction: Transaction) -> Writing[Device]:
        return transaction.entities.devices

    async def list(self, principal: Principal, *, after: Place = None, limit: int = 100) -> list[Device]:
        """Those that the grant shows, by number."""
        need(principal, *self.reads)
        start = after if isinstance(after, int) else 0
        devices = self._store.directory.devices_after
        return await self._store.read(devices, principal.organisation, principal.grant, start, limit)

    async def _shown(self, principal: Principal, found: Sequence[Device]) -> Sequence[Device]:
        return [device for device in found if principal.grant.shows(device.number, device.site)]

    def _shown_in(self, transaction: Transaction, principal: Principal, found: Device) -> bool:
        return principal.grant.shows(found.number, found.site)

    async def add(self, principal: Principal, form: NewDevice) -> Device:
        """Makes a device known.

        An id, number or vendor id taken is a Conflict, an unknown site Unplaceable, a device that its maker could
        not see Forbidden.
        """
        need(principal, self.manages)
        vendor_ids = vendor_ids_of(form.vendor_ids)
        number = None if form.number is None else numbered(form.number)

        def work(transaction: Transaction) -> Device:
            org = principal.organisation
            site = None if form.site is None else site_of(transaction, principal, form.site)
            self._stay_in_sight(principal, number or 0, site)
            device = transaction.add_device(
                org, form.id or new_id(), form.kind, named(form.name), site, vendor_ids, number
            )
            self._tell_added(transaction, principal, device)
            return device

        return await self._store.write(work)

    def _changed(self, transaction: Transaction, principal: Principal, before: Device, form: DeviceChange) -> Device:
        fields = given(form, "site")
        if isinstance(form.name, str):
            named(form.name)
        if isinstance(form.vendor_ids, tuple):
            fields["vendor_ids"] = vendor_ids_of(form.vendor_ids)
        if form.site is None:
            fields["site"] = None
        elif not isinstance(form.site, UnsetType):
            fields["site"] = site_of(transaction, principal, form.site)
        after = replace(before, **fields)
        self._stay_in_sight(principal, after.number, after.site)
        return after

    def _write_change(self, transaction: Transaction, principal: Principal, before: Device, after: Device) -> None:
        org = principal.organisation
        if after.vendor_ids != before.vendor_ids:
            transaction.entities.set_vendor_ids(org, after.number, after.vendor_ids)
        transaction.change_device(org, before, name=after.name, kind=after.kind, site=after.site)

    def _taken_away(self, transaction: Transaction, principal: Principal, found: Device) -> None:
        """Nothing of its history goes; it reports no more, and its tokens hold no more."""
        if found.removed:
            raise self._absent()
        org, now = principal.organisation, self._now()
        gone = replace(found, removed=True)
        transaction.change_device(org, gone, name=gone.name, kind=gone.kind, site=gone.site)
        transaction.accounts.revoke_tokens_of(org, found.number, now)
        last = Draft(
            stream=found.stream,
            event_class=transaction.class_of(org, EventClass(Kind.DEVICE_DECOMMISSIONED)),
            occurred=now,
            received=now,
        )
        transaction.append(org, [last])

    def _settled(self, transaction: Transaction, principal: Principal, before: Device, after: Device | None) -> None:
        """What was changed about a device stands in its own history, too."""
        if after is None:
            return
        issuer = {"issuer": issuer_of(transaction, principal)}
        data = msgspec.json.encode({**changed(before, after), **issuer})
        told_at(transaction, principal, before, Kind.SETTING_CHANGED, self._now(), data=data)

    def _stay_in_sight(self, principal: Principal, device: int, site: int | None) -> None:
        if not principal.grant.shows(device, site):
            raise Forbidden("site: you could not see the device there; give a site that your grant names")
