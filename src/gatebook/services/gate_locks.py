"""Locks as they are set up: made, owned, given keys and residents; and asked to open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

import msgspec
from msgspec import Struct

from gatebook.domain.access import Principal, Scope
from gatebook.domain.errors import BadInput, Conflict, Forbidden
from gatebook.domain.gates import LockKey, LockSetting, Passage, Resident, Role
from gatebook.domain.kinds import Kind
from gatebook.domain.places import Device, DeviceKind, Person
from gatebook.domain.times import Instant, rfc3339
from gatebook.services.commands import OPEN, WITHIN_S, CommandTold
from gatebook.services.gate_acts import (
    LOCKS,
    Act,
    Done,
    GateActs,
    Note,
    already,
    device_in,
    missing,
    named_person,
)
from gatebook.services.names import named, new_id, numbered
from gatebook.services.rooms import need
from gatebook.store import Transaction
from gatebook.store.sqlite.commands import Command

KEY_LIMIT = 64
KEYS_LIMIT = 1_000


class NewKey(Struct, frozen=True, kw_only=True):
    """A key to be known by a lock; `person` is the id of who carries it."""

    key: str
    index: int | None = None
    person: UUID | None = None


class NewLock(Struct, frozen=True, kw_only=True):
    """A lock to be made; `keys` come with the notes of their events."""

    id: UUID
    name: str
    serial: str | None = None
    maker: str | None = None
    owner: UUID | None = None
    keys: Sequence[tuple[NewKey, Note]] = ()


class NewResident(Struct, frozen=True, kw_only=True):
    """Somebody who lives behind a lock; `is_new`: the person is made, under this id."""

    person: UUID
    is_new: bool
    name: str
    email: str | None = None
    phone: str | None = None


class GateLocks(GateActs):
    """What may be done with a lock."""

    async def create(self, principal: Principal, number: int, form: NewLock, note: Note) -> Done:
        """Makes the lock of this number; the same lock again writes nothing, another under its number is a Conflict."""
        need(principal, Scope.DEVICES_MANAGE)
        org = principal.organisation
        if len(form.keys) > KEYS_LIMIT:
            raise BadInput("keys", f"has {len(form.keys)} items", f"give at most {KEYS_LIMIT}")

        def work(transaction: Transaction) -> Done:
            found = transaction.device(org, numbered(number))
            site = None if found is None else found.site
            if not principal.grant.shows(number, site):
                raise Forbidden("you could not see the lock; make it with a grant that shows it")
            if found is not None:
                if found.removed or found.kind not in LOCKS or found.id != form.id:
                    raise Conflict("another device has this number; choose another")
                if transaction.gates.lock(org, number) is None:
                    transaction.gates.put_lock(org, LockSetting(device=number, serial=form.serial, maker=form.maker))
                return self._unchanged(transaction, principal, found.stream)
            device = transaction.add_device(org, form.id, DeviceKind.LOCK, named(form.name), number=number)
            transaction.gates.put_lock(org, LockSetting(device=number, serial=form.serial, maker=form.maker))
            done = self._tell(transaction, principal, _act(device, Kind.SETTING_CHANGED, "lock made"), note)
            if form.owner is not None:
                owner = named_person(transaction, principal, form.owner, "ownerId")
                done = self._owned(transaction, principal, device, owner, replace(note, tag=None, data=None))
            for key, of_key in form.keys:
                done = self._keyed(transaction, principal, device, key, of_key)
            return done

        return await self._store.write(work)

    async def set_owner(self, principal: Principal, number: int, person: UUID, note: Note) -> Done:
        """Makes the person the lock's owner, who may pass; the one before may no longer, as its owner."""
        need(principal, Scope.DEVICES_MANAGE)

        def work(transaction: Transaction) -> Done:
            device = device_in(transaction, principal, number, LOCKS, "lock")
            return self._owned(
                transaction, principal, device, named_person(transaction, principal, person, "userId"), note
            )

        return await self._store.write(work)

    async def add_key(self, principal: Principal, number: int, form: NewKey, note: Note) -> Done:
        """The lock knows a key more; BadInput where it knows it."""
        need(principal, Scope.DEVICES_MANAGE)

        def work(transaction: Transaction) -> Done:
            device = device_in(transaction, principal, number, LOCKS, "lock")
            return self._keyed(transaction, principal, device, form, note)

        return await self._store.write(work)

    async def remove_key(self, principal: Principal, number: int, key: str, note: Note) -> Done:
        """A key less; BadInput where the lock does not know it."""
        need(principal, Scope.DEVICES_MANAGE)
        org = principal.organisation

        def work(transaction: Transaction) -> Done:
            device = device_in(transaction, principal, number, LOCKS, "lock")
            if transaction.gates.key_of_lock(org, number, key) is None:
                raise missing("keyUuid", "the lock knows no such key")
            transaction.gates.drop_key(org, number, key)
            act = _act(device, Kind.KEY_REMOVED, "key removed")._replace(credential=key)
            return self._tell(transaction, principal, act, note)

        return await self._store.write(work)

    async def add_resident(self, principal: Principal, number: int, form: NewResident, note: Note) -> Done:
        """Somebody lives behind the lock; a person who is new is made, which needs `people:manage` too."""
        need(principal, Scope.DEVICES_MANAGE)
        if form.is_new:
            need(principal, Scope.PEOPLE_MANAGE)
        org = principal.organisation

        def work(transaction: Transaction) -> Done:
            device = device_in(transaction, principal, number, LOCKS, "lock")
            if form.is_new:
                person = transaction.add_person(org, form.person, named(form.name))
            else:
                person = named_person(transaction, principal, form.person, "userId")
            if transaction.gates.resident(org, number, person.number) is not None:
                raise already("userId", "is a resident")
            transaction.gates.insert_resident(
                org,
                Resident(
                    device=number, person=person.number, name=named(form.name), email=form.email, phone=form.phone
                ),
            )
            shown = replace(person, name=form.name)
            act = _act(device, Kind.RESIDENT_ADDED, "resident added")._replace(person=shown)
            return self._tell(transaction, principal, act, note)

        return await self._store.write(work)

    async def remove_resident(self, principal: Principal, number: int, person: UUID, note: Note) -> Done:
        """Somebody lives there no more; BadInput where they did not."""
        need(principal, Scope.DEVICES_MANAGE)
        org = principal.organisation

        def work(transaction: Transaction) -> Done:
            device = device_in(transaction, principal, number, LOCKS, "lock")
            found = transaction.person(org, person)
            lives = None if found is None else transaction.gates.resident(org, number, found.number)
            if found is None or lives is None:
                raise missing("userId", "is no resident of this lock")
            transaction.gates.drop_resident(org, number, found.number)
            act = _act(device, Kind.RESIDENT_REMOVED, "resident removed")._replace(person=found)
            return self._tell(transaction, principal, act, note)

        return await self._store.write(work)

    async def request_open(self, principal: Principal, number: int, note: Note, reason: str | None) -> Done:
        """Asks the lock to open, on record: the device link sends it if the lock is on the line within its deadline."""
        need(principal, Scope.DEVICES_COMMAND)
        org, id = principal.organisation, new_id()
        deadline = Instant(note.occurred + int(WITHIN_S * 1e9))
        told = CommandTold(id=id, action=OPEN, deadline=rfc3339(deadline), by=principal.name)
        data = {**msgspec.to_builtins(told), **msgspec.json.decode(note.data or b"{}")}

        def work(transaction: Transaction) -> Done:
            device = device_in(transaction, principal, number, LOCKS, "lock")
            act = _act(device, Kind.COMMAND_REQUESTED, "opening requested")._replace(message=reason)
            done = self._tell(transaction, principal, act, replace(note, data=msgspec.json.encode(data)))
            command = Command(
                organisation=org,
                id=id,
                device=number,
                action=OPEN,
                made=note.occurred,
                deadline=deadline,
                seq=done.seq,
            )
            transaction.commands.insert(command)
            return done

        return await self._store.write(work)

    def _owned(self, transaction: Transaction, principal: Principal, device: Device, owner: Person, note: Note) -> Done:
        org, gates = principal.organisation, transaction.gates
        before = gates.lock(org, device.number) or LockSetting(device=device.number)
        if before.owner is not None and before.owner != owner.number:
            held = gates.passage(org, before.owner, device.number)
            if held is not None and held.role is Role.OWNER:
                gates.drop_passage(org, before.owner, device.number)
        gates.put_lock(org, replace(before, owner=owner.number))
        gates.put_passage(org, Passage(person=owner.number, device=device.number, role=Role.OWNER, label=device.name))
        act = _act(device, Kind.OWNER_ASSIGNED, "owner set")._replace(person=owner)
        return self._tell(transaction, principal, act, note)

    def _keyed(self, transaction: Transaction, principal: Principal, device: Device, form: NewKey, note: Note) -> Done:
        org = principal.organisation
        if not form.key.strip() or len(form.key) > KEY_LIMIT:
            raise BadInput("keyUuid", f"has {len(form.key)} characters", f"give 1 to {KEY_LIMIT}")
        if transaction.gates.key_of_lock(org, device.number, form.key) is not None:
            raise already("keyUuid", "the lock knows this key")
        person = None if form.person is None else named_person(transaction, principal, form.person, "userId")
        one = LockKey(
            device=device.number, key=form.key, index=form.index, person=None if person is None else person.number
        )
        transaction.gates.insert_key(org, one)
        act = _act(device, Kind.KEY_ADDED, "key added")._replace(person=person, credential=form.key)
        return self._tell(transaction, principal, act, note)


def _act(device: Device, kind: Kind, what: str) -> Act:
    return Act(device.stream, kind, f"device/{device.id}", what)
