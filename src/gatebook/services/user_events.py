"""User-defined events: a pseudo-device and an event type of the same id, made, renamed and removed as one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

from gatebook.domain.access import Grant, Principal, PrincipalKind, Scope
from gatebook.domain.errors import NotFound
from gatebook.domain.kinds import Kind
from gatebook.domain.places import Device, DeviceKind, EventType
from gatebook.domain.times import Instant
from gatebook.services.names import named, new_id
from gatebook.services.rooms import need
from gatebook.services.telling import added, changed, removed, tell
from gatebook.store import Store, Transaction

GENERATOR = "External"


class UserEvents:
    """Whoever makes one sees it, however narrow the grant: the pseudo-device is added to it."""

    def __init__(self, store: Store, *, now: Callable[[], Instant]) -> None:
        """Keeps them in this store."""
        self._store = store
        self._now = now

    async def add(self, principal: Principal, name: str, id: UUID | None = None) -> tuple[Device, EventType]:
        """Makes one, to be triggered at once: as source and as type.  Conflict where its id is taken."""
        need(principal, Scope.DEVICES_MANAGE)

        def work(transaction: Transaction) -> tuple[Device, EventType]:
            device, type_ = _made(transaction, principal, id or new_id(), named(name), self._now())
            if not principal.grant.everything:
                _give(transaction, principal, device, self._now())
            return device, type_

        return await self._store.write(work)

    async def settled(self, principal: Principal, id: UUID, name: str) -> Device:
        """The one of this id, made where it is not there yet: for those that every system has from the start."""

        def work(transaction: Transaction) -> Device:
            found = transaction.device(principal.organisation, id)
            return found or _made(transaction, principal, id, name, self._now())[0]

        found = await self._store.read(self._store.directory.device, principal.organisation, id)
        return await self._store.write(work) if found is None else found

    async def rename(self, principal: Principal, id: UUID, name: str) -> Device:
        """Gives both another name; NotFound where it is absent, hidden, or removed."""
        need(principal, Scope.DEVICES_MANAGE)

        def work(transaction: Transaction) -> Device:
            org, now = principal.organisation, self._now()
            before = _found(transaction, principal, id)
            after = replace(before, name=named(name), revision=before.revision + 1)
            if after.name == before.name:
                return before
            transaction.change_device(org, before, name=after.name, kind=after.kind, site=after.site)
            tell(transaction, principal, f"device/{id}", changed(before, after), now)
            type_ = transaction.entities.event_types.one(org, id)
            if type_ is not None:
                renamed = replace(type_, name=after.name, modified=now, revision=type_.revision + 1)
                transaction.entities.event_types.change(org, renamed)
                tell(transaction, principal, f"event-type/{id}", changed(type_, renamed), now)
            return after

        return await self._store.write(work)

    async def remove(self, principal: Principal, id: UUID) -> None:
        """Nothing more is reported under it; its history stays, and gains nothing but the record.  NotFound as for
        `rename`."""
        need(principal, Scope.DEVICES_MANAGE)

        def work(transaction: Transaction) -> None:
            org, now = principal.organisation, self._now()
            device = _found(transaction, principal, id)
            gone = replace(device, removed=True)
            transaction.change_device(org, gone, name=gone.name, kind=gone.kind, site=gone.site)
            tell(transaction, principal, f"device/{id}", removed(device), now)
            type_ = transaction.entities.event_types.one(org, id)
            if type_ is not None and not type_.removed:
                ended = replace(type_, removed=True, modified=now, revision=type_.revision + 1)
                transaction.entities.event_types.change(org, ended)
                tell(transaction, principal, f"event-type/{id}", removed(type_), now)

        await self._store.write(work)


def _made(
    transaction: Transaction, principal: Principal, id: UUID, name: str, now: Instant
) -> tuple[Device, EventType]:
    org = principal.organisation
    device = transaction.add_device(org, id, DeviceKind.EVENT, name)
    type_ = EventType(id=id, name=name, kind=Kind.EVENT_TRIGGERED, generator=GENERATOR, modified=now)
    transaction.entities.event_types.insert(org, type_)
    tell(transaction, principal, f"device/{id}", added(device), now)
    tell(transaction, principal, f"event-type/{id}", added(type_), now)
    return device, type_


def _found(transaction: Transaction, principal: Principal, id: UUID) -> Device:
    found = transaction.device(principal.organisation, id)
    if (
        found is None or found.kind is not DeviceKind.EVENT or found.removed
        or not principal.grant.shows(found.number, found.site)
    ):  # fmt: skip
        raise NotFound("no such user-defined event")
    return found


def _give(transaction: Transaction, principal: Principal, device: Device, now: Instant) -> None:
    """Adds the device to what the maker sees: to the user or key, and to a key that bounds a token's rights."""
    org = principal.organisation
    if principal.kind is PrincipalKind.USER:
        user = transaction.accounts.users.one(org, principal.id)
        if user is not None and not user.grant.everything:
            wider = replace(user, grant=_with(user.grant, device), revision=user.revision + 1)
            transaction.accounts.users.change(org, wider)
            tell(transaction, principal, f"user/{user.id}", changed(user, wider), now)
    for id in {principal.key, principal.id if principal.kind is PrincipalKind.KEY else None} - {None}:
        key = None if id is None else transaction.accounts.keys.one(org, id)
        if key is not None and not key.grant.everything:
            wide = replace(key, grant=_with(key.grant, device), revision=key.revision + 1)
            transaction.accounts.keys.change(org, wide)
            tell(transaction, principal, f"key/{key.id}", changed(key, wide), now)


def _with(grant: Grant, device: Device) -> Grant:
    return replace(grant, devices=grant.devices | {device.number})
