"""What can be done with a lock, and what it answers when it is asked how it stands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from msgspec import UNSET

from gatebook.dialects.smartphonekey import schemas
from gatebook.dialects.smartphonekey.errors import LockUnreachable
from gatebook.dialects.smartphonekey.mapping import Lock
from gatebook.dialects.smartphonekey.resources import commands, states
from gatebook.dialects.smartphonekey.resources.acting import Told, command, note_of, or_none
from gatebook.dialects.smartphonekey.resources.history import Locks
from gatebook.dialects.smartphonekey.schemas import LockPath
from gatebook.domain.access import Principal, Scope
from gatebook.domain.errors import BadInput
from gatebook.domain.times import Instant, rfc3339
from gatebook.http import Request, Response
from gatebook.http.dialect import Operation, Reply, principal
from gatebook.http.wire import json_reply, read_path
from gatebook.services import Services
from gatebook.services.gate_acts import Done, Note
from gatebook.services.gate_locks import NewKey, NewLock, NewResident
from gatebook.services.names import GREATEST_NUMBER, new_id

MANAGE = (Scope.DEVICES_MANAGE,)


class LockCommands:
    """Each command, on a caller's behalf."""

    def __init__(self, services: Services, locks: Locks) -> None:
        """Acts through these services."""
        self._services = services
        self._acts = services.gates.locks
        self._locks = locks

    async def create(self, caller: Principal, where: LockPath, form: commands.CreateLock) -> Told:
        """CreateLock."""
        if not 1 <= where.id <= GREATEST_NUMBER:
            raise BadInput("id", f"got {where.id}", f"give a number from 1 to {GREATEST_NUMBER}")
        now = self._services.now()
        index, serial, maker = or_none(form.index), or_none(form.serial_number), or_none(form.vendor_name)
        owner = or_none(form.owner_id)
        payload = schemas.LockCreated(
            **_base(where.id, form.uuid, now), index=_set(index), serial_number=_set(serial), vendor_name=_set(maker)
        )
        keys = [] if form.keys is UNSET else [_key(one, now) for one in form.keys]
        new = NewLock(id=form.uuid, name=f"Lock {where.id}", serial=serial, maker=maker, owner=owner, keys=keys)
        done = await self._acts.create(caller, where.id, new, note_of(now, "LockCreated", payload))
        return Told(str(where.id), done, "LockCreated", payload)

    async def set_owner(self, caller: Principal, where: LockPath, form: commands.SetOwner) -> Told:
        """SetOwner."""
        lock, now = await self._locks.lock(caller, where.id), self._services.now()
        owner = or_none(form.user_id) or or_none(form.owner_id)
        if owner is None:
            raise BadInput("userId", "is missing", "give the id of a user")
        done = await self._acts.set_owner(caller, where.id, owner, note_of(now))
        return _told(lock, done, "OwnerSet", schemas.OwnerSet(**_of(lock, now), user_id=str(owner)))

    async def add_key(self, caller: Principal, where: LockPath, form: commands.KeyBody) -> Told:
        """AddKey."""
        lock, now = await self._locks.lock(caller, where.id), self._services.now()
        index, user = or_none(form.key_index_number), or_none(form.user_id)
        new = NewKey(key=form.key_uuid, index=index, person=user)
        done = await self._acts.add_key(caller, where.id, new, _indexed(now, index))
        payload = schemas.KeyAdded(
            **_of(lock, now), key_uuid=form.key_uuid, key_index_number=_set(index), user_id=_set(user and str(user))
        )
        return _told(lock, done, "KeyAdded", payload)

    async def remove_key(self, caller: Principal, where: LockPath, form: commands.RemoveKey) -> Told:
        """RemoveKey."""
        lock, now = await self._locks.lock(caller, where.id), self._services.now()
        done = await self._acts.remove_key(caller, where.id, form.key_uuid, note_of(now))
        return _told(lock, done, "KeyRemoved", schemas.KeyRemoved(**_of(lock, now), key_uuid=form.key_uuid))

    async def add_resident(self, caller: Principal, where: LockPath, form: commands.AddResident) -> Told:
        """AddResident."""
        lock, now = await self._locks.lock(caller, where.id), self._services.now()
        given, email = or_none(form.user_id), or_none(form.email)
        user = given or new_id()
        new = NewResident(
            person=user, is_new=given is None, name=form.name, email=email, phone=or_none(form.phone_number)
        )
        done = await self._acts.add_resident(
            caller, where.id, new, note_of(now, None, None if email is None else {"email": email})
        )
        payload = schemas.ResidentAdded(**_of(lock, now), user_id=str(user), name=form.name, email=_set(email))
        return _told(lock, done, "ResidentAdded", payload)

    async def remove_resident(self, caller: Principal, where: LockPath, form: commands.RemoveResident) -> Told:
        """RemoveResident."""
        lock, now = await self._locks.lock(caller, where.id), self._services.now()
        email = or_none(form.email)
        kept = None if email is None else {"email": email}
        done = await self._acts.remove_resident(caller, where.id, form.user_id, note_of(now, None, kept))
        payload = schemas.ResidentRemoved(**_of(lock, now), user_id=str(form.user_id), email=_set(email))
        return _told(lock, done, "ResidentRemoved", payload)

    async def open(self, caller: Principal, where: LockPath, form: commands.OpenLock) -> Told:
        """OpenLock; a lock that is not on the line is not asked, and nothing is recorded."""
        lock, now = await self._locks.lock(caller, where.id), self._services.now()
        if self._services.commands.links.of(caller.organisation, lock.device.number) is None:
            raise LockUnreachable("the lock is not on the line; try again once its device is connected")
        reason, request = or_none(form.reason), or_none(form.request_id)
        kept = None if request is None else {"requestId": request}
        done = await self._acts.request_open(caller, where.id, note_of(now, None, kept), reason)
        payload = schemas.LockOpenRequested(**_of(lock, now), reason=_set(reason), request_id=_set(request))
        return _told(lock, done, "LockOpenRequested", payload)


def lock_operations(services: Services, locks: Locks) -> Sequence[Operation]:
    """Commands and queries of locks."""
    acts = LockCommands(services, locks)

    async def state(request: Request) -> tuple[Lock, states.LockDetails]:
        caller = principal(request)
        lock = await locks.lock(caller, read_path(request, LockPath).id)
        return lock, states.lock_details(lock, await services.gates.lock(caller, lock.device), services.now())

    async def basic_info(request: Request) -> Response:
        _, details = await state(request)
        return json_reply(states.basic(details))

    async def details(request: Request) -> Response:
        return json_reply((await state(request))[1])

    async def residents(request: Request) -> Response:
        _, found = await state(request)
        return json_reply(states.Residents(residents=found.residents, total_count=len(found.residents)))

    def query(name: str, handler: object, shape: object, summary: str, *scopes: Scope) -> Operation:
        return Operation(
            method="GET",
            path=f"/locks/{{id}}/{name}",
            handler=handler,  # type: ignore[arg-type]
            summary=summary,
            params=LockPath,
            replies={200: Reply(shape=shape, description="As it stands now")},
            scopes=scopes,
            tags=("Lock",),
            example=f"/locks/123/{name}",
        )

    people = (Scope.EVENTS_READ, Scope.PEOPLE_READ)
    path, tag = "/locks/{id}/", "Lock"
    return (
        query("basic-info", basic_info, states.LockInfo, "Get a lock", Scope.EVENTS_READ),
        query("details", details, states.LockDetails, "Get a lock with keys and residents", *people,
              Scope.CREDENTIALS_READ),
        query("residents", residents, states.Residents, "Get a lock's residents", *people),
        command(path + "CreateLock", LockPath, commands.CreateLock, acts.create, summary="Create a lock",
                scopes=MANAGE, tag=tag, creates=True),
        command(path + "SetOwner", LockPath, commands.SetOwner, acts.set_owner, summary="Set a lock's owner",
                scopes=MANAGE, tag=tag),
        command(path + "AddKey", LockPath, commands.KeyBody, acts.add_key, summary="Add a key", scopes=MANAGE, tag=tag),
        command(path + "RemoveKey", LockPath, commands.RemoveKey, acts.remove_key, summary="Remove a key",
                scopes=MANAGE, tag=tag),
        command(path + "AddResident", LockPath, commands.AddResident, acts.add_resident, summary="Add a resident",
                scopes=MANAGE, tag=tag),
        command(path + "RemoveResident", LockPath, commands.RemoveResident, acts.remove_resident,
                summary="Remove a resident", scopes=MANAGE, tag=tag),
        command(path + "OpenLock", LockPath, commands.OpenLock, acts.open, summary="Open a lock",
                scopes=(Scope.DEVICES_COMMAND,), tag=tag),
    )  # fmt: skip


def _base(number: int, id: UUID, now: Instant) -> dict[str, Any]:
    return {"lock_id": number, "uuid": str(id), "timestamp": rfc3339(now, 3)}


def _of(lock: Lock, now: Instant) -> dict[str, Any]:
    return _base(lock.device.number, lock.device.id, now)


def _told(lock: Lock, done: Done, type: str, payload: schemas.LockPayload) -> Told:
    return Told(str(lock.device.number), done, type, payload)


def _set(value: Any) -> Any:
    """UNSET for None: an optional member of a payload is left out."""
    return UNSET if value is None else value


def _indexed(now: Instant, index: int | None) -> Note:
    return note_of(now, None, None if index is None else {"keyIndexNumber": index})


def _key(form: commands.NewLockKey, now: Instant) -> tuple[NewKey, Note]:
    name = or_none(form.key_uuid) or or_none(form.uuid)
    if name is None:
        raise BadInput("keys", "a key has no uuid", "give each key its keyUuid")
    index = or_none(form.key_index_number)
    index = or_none(form.index_number) if index is None else index
    return NewKey(key=name, index=index, person=or_none(form.user_id)), _indexed(now, index)
