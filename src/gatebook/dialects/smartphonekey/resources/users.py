"""What can be done with a user, and how a user stands.  Users are people: who signs in is another matter."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from msgspec import UNSET, UnsetType

from gatebook.dialects.smartphonekey.resources import commands, payloads, states
from gatebook.dialects.smartphonekey.resources.acting import MS, Told, UserPath, command, millis, note_of, or_none
from gatebook.domain.access import Principal, Scope
from gatebook.domain.errors import BadInput, NotFound
from gatebook.domain.excerpts import excerpt
from gatebook.domain.gates import Role, bare_plate
from gatebook.domain.places import Person
from gatebook.domain.plates import normalise
from gatebook.domain.times import Instant, epoch_instant, parse_instant, rfc3339
from gatebook.http import Request, Response
from gatebook.http.dialect import Operation, Reply, principal
from gatebook.http.wire import json_reply, read_path
from gatebook.services import Services
from gatebook.services.credentials import PLATE_LIMIT
from gatebook.services.gate_people import NewPassage, NewPasser

MANAGE = (Scope.PEOPLE_MANAGE,)
READ = (Scope.PEOPLE_READ,)


class UserCommands:
    """Each command, on a caller's behalf."""

    def __init__(self, services: Services) -> None:
        """Acts through these services."""
        self._services = services
        self._acts = services.gates.people

    async def create(self, caller: Principal, where: UserPath, form: commands.CreateUser) -> Told:
        """CreateUser."""
        now, email, phone = self._services.now(), or_none(form.email), or_none(form.phone_number)
        parts = f"{or_none(form.first_name) or ''} {or_none(form.last_name) or ''}".strip()
        name = (or_none(form.name) or "").strip() or parts
        if not name:
            raise BadInput("name", "is missing", "give a name, or firstName and lastName")
        payload = payloads.UserCreated(
            user_id=str(where.id),
            name=name,
            email=payloads.masked_email(email),
            phone_number=payloads.masked_phone(phone),
            created_at=millis(now),
        )
        new = NewPasser(id=where.id, name=name, email=email, phone=phone)
        done = await self._acts.create(caller, new, note_of(now, "UserCreated", payload))
        return Told(str(where.id), done, "UserCreated", payload)

    async def add_plate(self, caller: Principal, where: UserPath, form: commands.AddLicensePlate) -> Told:
        """AddLicensePlate."""
        now, bare = self._services.now(), bare_plate(form.plate)
        if not normalise(bare) or len(bare) > PLATE_LIMIT:
            raise BadInput("plate", f"got {excerpt(form.plate)}", f"give 1 to {PLATE_LIMIT} letters and digits")
        payload = payloads.LicensePlateAdded(user_id=str(where.id), plate=bare, label=form.label, added_at=millis(now))
        done = await self._acts.add_plate(caller, where.id, form.plate, form.label, note_of(now, None, payload))
        return Told(str(where.id), done, "LicensePlateAdded", payload)

    async def remove_plate(self, caller: Principal, where: UserPath, form: commands.RemoveLicensePlate) -> Told:
        """RemoveLicensePlate."""
        now = self._services.now()
        payload = payloads.LicensePlateRemoved(
            user_id=str(where.id), plate=bare_plate(form.plate), removed_at=millis(now)
        )
        done = await self._acts.remove_plate(caller, where.id, form.plate, note_of(now, None, payload))
        return Told(str(where.id), done, "LicensePlateRemoved", payload)

    async def add_lock(self, caller: Principal, where: UserPath, form: commands.AddAccessibleLock) -> Told:
        """AddAccessibleLock."""
        now, zone = self._services.now(), await self._services.directory.zone(caller)
        since, until = _time(form.valid_from, zone, "validFrom"), _time(form.valid_until, zone, "validUntil")
        if since is not None and until is not None and until <= since:
            raise BadInput("validUntil", "is not after validFrom", "give a later time, or none")
        payload = payloads.AccessibleLockAdded(
            user_id=str(where.id),
            lock_id=str(int(form.lock_id)),
            lock_name=form.lock_name,
            access_level=form.access_level,
            granted_by=form.granted_by,
            valid_from=UNSET if since is None else rfc3339(since, 3),
            valid_until=UNSET if until is None else rfc3339(until, 3),
        )
        new = NewPassage(
            lock=int(form.lock_id),
            role=Role(form.access_level.lower()),
            label=form.lock_name,
            granted_by=form.granted_by,
            valid_from=since,
            valid_until=until,
        )
        done = await self._acts.let_pass(caller, where.id, new, note_of(now, None, payload))
        return Told(str(where.id), done, "AccessibleLockAdded", payload)

    async def remove_lock(self, caller: Principal, where: UserPath, form: commands.RemoveAccessibleLock) -> Told:
        """RemoveAccessibleLock."""
        lock = int(form.lock_id)
        payload = payloads.AccessibleLockRemoved(user_id=str(where.id), lock_id=str(lock))
        note = note_of(self._services.now(), None, payload)
        done = await self._acts.let_pass_no_more(caller, where.id, lock, note)
        return Told(str(where.id), done, "AccessibleLockRemoved", payload)


def user_operations(services: Services) -> Sequence[Operation]:
    """Commands and queries of users."""
    acts = UserCommands(services)

    async def person_of(request: Request) -> Person:
        try:
            found = await services.directory.person(principal(request), read_path(request, UserPath).id)
        except NotFound as error:
            raise NotFound("there is no such user") from error
        if found.removed:
            raise NotFound("there is no such user")
        return found

    async def profile(request: Request) -> Response:
        return json_reply(states.profile(await services.gates.person(principal(request), await person_of(request))))

    async def plates(request: Request) -> Response:
        return json_reply(states.plates(await services.gates.plates(principal(request), await person_of(request))))

    async def locks(request: Request) -> Response:
        found = await services.gates.passages(principal(request), await person_of(request))
        return json_reply(states.accessible(found))

    def query(name: str, handler: object, shape: object, summary: str, *scopes: Scope) -> Operation:
        return Operation(
            method="GET",
            path=f"/users/{{id}}/{name}",
            handler=handler,  # type: ignore[arg-type]
            summary=summary,
            params=UserPath,
            replies={200: Reply(shape=shape, description="As it stands now")},
            scopes=scopes,
            tags=("User",),
        )

    path, tag = "/users/{id}/", "User"
    return (
        query("profile", profile, states.Profile, "Get a user", *READ),
        query("license-plates", plates, states.Plates, "List a user's plates", Scope.PEOPLE_READ, Scope.PLATES_READ),
        query("accessible-locks", locks, states.AccessibleLocks, "List the locks that a user may open", *READ),
        command(path + "CreateUser", UserPath, commands.CreateUser, acts.create, summary="Create a user",
                scopes=MANAGE, tag=tag, creates=True),
        command(path + "AddLicensePlate", UserPath, commands.AddLicensePlate, acts.add_plate, summary="Add a plate",
                scopes=MANAGE, tag=tag),
        command(path + "RemoveLicensePlate", UserPath, commands.RemoveLicensePlate, acts.remove_plate,
                summary="Remove a plate", scopes=MANAGE, tag=tag),
        command(path + "AddAccessibleLock", UserPath, commands.AddAccessibleLock, acts.add_lock,
                summary="Let a user open a lock", scopes=MANAGE, tag=tag),
        command(path + "RemoveAccessibleLock", UserPath, commands.RemoveAccessibleLock, acts.remove_lock,
                summary="Let a user open a lock no more", scopes=MANAGE, tag=tag),
    )  # fmt: skip


def _time(value: str | int | UnsetType | None, zone: ZoneInfo, field: str) -> Instant | None:
    if isinstance(value, UnsetType) or value is None or value == "":
        return None
    return epoch_instant(value, MS, field) if isinstance(value, int) else parse_instant(value, zone, field)
