"""What tests ask a house in XProtect's words, and who they are when they ask."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx

from gatebook.app.build import now
from gatebook.domain.access import EVERYTHING, Grant, Scope
from gatebook.domain.accounts import Service, User
from gatebook.services.directory import new_id
from gatebook.services.secrets import hash_of
from tests.houses import House

REST = "/api/rest/v1"
PASSWORD = "correct horse battery"
READS_AND_WRITES = frozenset({Scope.EVENTS_READ, Scope.EVENTS_WRITE})
_passwords: dict[str, str] = {}


def user(
    house: House, login: str, scopes: frozenset[Scope] = READS_AND_WRITES, *, grant: Grant = EVERYTHING,
    password: str = PASSWORD, must_change: bool = False, org: int | None = None,
) -> User:  # fmt: skip
    """A new user, who may sign in with this password."""
    if password not in _passwords:
        _passwords[password] = asyncio.run(house.services.access._passwords.hash(password))
    made = User(
        organisation=org or house.org, number=house.services.now() % 2**50, id=new_id(), login=login, name=login,
        scopes=scopes, grant=grant, person=None, password=_passwords[password], password_changed=now(),
        must_change=must_change, created=now(),
    )  # fmt: skip
    return house.store.write_now(lambda tx: tx.accounts.users.insert(made.organisation, made))


def user_token(
    house: House, login: str, scopes: frozenset[Scope] = READS_AND_WRITES, *, grant: Grant = EVERYTHING
) -> str:
    """The token of a new user."""
    made = user(house, login, scopes, grant=grant)

    async def issued() -> str:
        holder = await house.services.access.principal_of_user(made.id)
        return (await house.services.tokens.issue(holder, "xprotect"))[0]

    return asyncio.run(issued())


def service(
    house: House, client_id: str, scopes: frozenset[Scope] = READS_AND_WRITES, *, secret: str = PASSWORD
) -> Service:
    """A new service with this client id and secret."""
    made = Service(
        organisation=house.org, number=house.services.now() % 2**50, id=new_id(), client_id=client_id, name=client_id,
        scopes=scopes, created=now(), hash=hash_of(secret),
    )  # fmt: skip
    return house.store.write_now(lambda tx: tx.accounts.services.insert(made.organisation, made))


def service_token(house: House, client_id: str, scopes: frozenset[Scope] = READS_AND_WRITES) -> str:
    """The token of a new service."""
    service(house, client_id, scopes)

    async def issued() -> str:
        holder = await house.services.access.principal_of_service(client_id, PASSWORD)
        return (await house.services.tokens.issue(holder, "xprotect"))[0]

    return asyncio.run(issued())


def windows_user(house: House, login: str) -> User:
    """A user who may sign in by NTLM."""
    made = user(house, login)
    answer = house.client.put(f"/v1/users/{made.id}/ntlm", json={"password": PASSWORD})
    assert answer.status_code == 204, answer.text
    return made


def ask(
    house: House, method: str, path: str, token: str, json: object = None, headers: dict[str, str] | None = None
) -> httpx.Response:
    """`path` as it goes over the wire: whole, or without `/` below the REST root."""
    where = path if path.startswith("/") else f"{REST}/{path}"
    told = {"Authorization": f"Bearer {token}", **(headers or {})}
    return house.client.request(method, where, json=json, headers=told)


def got(house: House, token: str, path: str) -> dict[str, Any]:
    """What `GET` of a path below `/api/rest/v1` answers."""
    answer = ask(house, "GET", path, token)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def made(house: House, token: str, path: str, **body: object) -> dict[str, Any]:
    """The `result` of making one."""
    answer = ask(house, "POST", path, token, json=body)
    assert answer.status_code == 201, answer.text
    result: dict[str, Any] = answer.json()["result"]
    return result
