"""The clock, the caller's account, locks, sites, and who may use them."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from gatebook.dialects.doordeck import schemas
from gatebook.dialects.doordeck.mapping import lock_of, made_at
from gatebook.dialects.doordeck.resources.doors import Doors, role_of
from gatebook.dialects.doordeck.tokens import holder_of
from gatebook.domain.access import Principal, Scope
from gatebook.domain.accounts import User
from gatebook.domain.errors import NotFound
from gatebook.domain.places import Device, Site
from gatebook.domain.times import epoch_ms
from gatebook.http import Request, Response
from gatebook.http.dialect import Operation, Reply, principal
from gatebook.http.wire import json_reply, read_path
from gatebook.services import Services

COLOUR = "#808080"
"""Assumed: any colour does; Gatebook keeps none."""


class Directory:
    """Answers from the directory."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._doors = Doors(services)

    async def time(self, request: Request) -> Response:
        """The server's clock."""
        return json_reply(schemas.Time(now=epoch_ms(self._services.now())))

    async def account(self, request: Request) -> Response:
        """Who the token stands for."""
        caller, token = await holder_of(self._services, request)
        email = str(token.claims.get("email", ""))
        account = schemas.Account(public_key="", email=email, display_name=caller.name, email_verified=True)
        return json_reply(account)

    async def devices(self, request: Request) -> Response:
        """All locks."""
        caller = principal(request)
        return json_reply(await self._locks(caller, await self._doors.devices(caller)))

    async def shareable(self, request: Request) -> Response:
        """The locks that the caller administers."""
        caller = principal(request)
        found = await self._doors.devices(caller) if role_of(caller) == "ADMIN" else []
        return json_reply([schemas.ShareableLock(id=one.id, name=one.name) for one in found])

    async def favourites(self, request: Request) -> Response:
        """None: no lock is anybody's favourite here, as each lock says of itself."""
        return json_reply(await self._locks(principal(request), []))

    async def device(self, request: Request) -> Response:
        """One lock."""
        caller = principal(request)
        found = await self._doors.device(caller, read_path(request, schemas.ById).id)
        if found.removed:
            raise NotFound("there is no such lock")
        [shown] = await self._locks(caller, [found])
        return json_reply(shown)

    async def device_users(self, request: Request) -> Response:
        """Who may use a lock."""
        caller = principal(request)
        device = await self._doors.device(caller, read_path(request, schemas.ById).id)
        found = [user for user in await self._doors.users(caller) if user.grant.shows(device.number, device.site)]
        return json_reply([lock_user(user, await self._doors.id_of(caller, user)) for user in found])

    async def user(self, request: Request) -> Response:
        """One user, and the locks that both this user and the caller may use."""
        caller = principal(request)
        id = read_path(request, schemas.ById).id
        for user in await self._doors.users(caller):
            if await self._doors.id_of(caller, user) == id:
                return json_reply(user_with(user, id, await self._doors.devices(caller)))
        person = await self._doors.person(caller, id)
        if person is None or person.removed:
            raise NotFound("there is no such user")
        nobody = schemas.User(
            user_id=str(id), email="", public_key="", display_name=person.name, orphan=True, foreign=False, devices=[]
        )
        return json_reply(nobody)

    async def sites(self, request: Request) -> Response:
        """All sites."""
        return json_reply([site_of(site) for site in await self._doors.sites(principal(request))])

    async def site_devices(self, request: Request) -> Response:
        """The locks at a site."""
        caller = principal(request)
        site = await self._doors.site(caller, read_path(request, schemas.ById).id)
        return json_reply(await self._locks(caller, await self._doors.devices_at(caller, site)))

    async def _locks(self, caller: Principal, devices: Sequence[Device]) -> list[schemas.Lock]:
        """The locks as the caller has them, in the state that they told last."""
        told = await self._doors.states(caller) if devices else {}
        return [lock_of(one, role_of(caller), self._doors.state_of(caller, one, told)) for one in devices]

    async def site_users(self, request: Request) -> Response:
        """Who may use a lock at a site."""
        caller = principal(request)
        site = await self._doors.site(caller, read_path(request, schemas.ById).id)
        doors = await self._doors.devices_at(caller, site)
        found = [
            user
            for user in await self._doors.users(caller)
            if any(user.grant.shows(device.number, device.site) for device in doors)
        ]
        return json_reply([site_user(user, await self._doors.id_of(caller, user)) for user in found])


def lock_user(user: User, id: UUID) -> schemas.LockUser:
    """A user of a lock; nobody here has a public key."""
    return schemas.LockUser(
        user_id=str(id), email=user.login, public_key="", display_name=user.name, orphan=False, foreign=False,
        role=role_of(user),
    )  # fmt: skip


def user_with(user: User, id: UUID, devices: Sequence[Device]) -> schemas.User:
    """A user with those of these locks that are the user's, too."""
    roles = [
        schemas.LockRole(device_id=device.id, role=role_of(user))
        for device in devices
        if user.grant.shows(device.number, device.site)
    ]
    return schemas.User(
        user_id=str(id), email=user.login, public_key="", display_name=user.name, orphan=False, foreign=False,
        devices=roles,
    )  # fmt: skip


def site_user(user: User, id: UUID) -> schemas.SiteUser:
    """A user of a site."""
    return schemas.SiteUser(user_id=str(id), email=user.login, display_name=user.name, orphan=False, foreign=False)


def site_of(site: Site) -> schemas.Site:
    """A site; where on earth it is, Gatebook does not know."""
    made = made_at(site.id)
    return schemas.Site(
        id=site.id, name=site.name, colour=COLOUR, longitude=0.0, latitude=0.0, radius=0, created=made, updated=made
    )


def operations(services: Services) -> Sequence[Operation]:
    """All of them; none takes parameters but the id in its path."""
    asked = Directory(services)
    reads, administers = (Scope.EVENTS_READ,), (Scope.EVENTS_READ, Scope.ADMIN)
    rows = (
        ("/time", asked.time, "Get server time", schemas.Time, ()),
        ("/account", asked.account, "Get user details", schemas.Account, ()),
        ("/device", asked.devices, "Get all locks", list[schemas.Lock], reads),
        ("/device/shareable", asked.shareable, "Get shareable locks", list[schemas.ShareableLock], reads),
        ("/device/favourite", asked.favourites, "Get favourite locks", list[schemas.Lock], reads),
        ("/device/{id}", asked.device, "Get lock", schemas.Lock, reads),
        ("/device/{id}/users", asked.device_users, "Get lock users", list[schemas.LockUser], administers),
        ("/user/{id}", asked.user, "Get locks for a user", schemas.User, administers),
        ("/site", asked.sites, "Get all sites", list[schemas.Site], reads),
        ("/site/{id}/device", asked.site_devices, "Get locks for a site", list[schemas.Lock], reads),
        ("/site/{id}/user", asked.site_users, "Get users for a site", list[schemas.SiteUser], administers),
    )
    return [
        Operation(
            method="GET",
            path=path,
            handler=handler,
            summary=summary,
            params=schemas.ById if "{id}" in path else None,
            replies={200: Reply(shape=shape)},
            scopes=scopes,
            public=path == "/time",
            cost=None if path in ("/time", "/account") else 5,
            tags=(path.split("/")[1].capitalize(),),
        )
        for path, handler, summary, shape, scopes in rows
    ]
