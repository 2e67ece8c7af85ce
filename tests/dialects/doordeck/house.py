"""A server that speaks Doordeck alone, on a real store and a real socket, and what tests do to it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from gatebook.app.build import now, services_of
from gatebook.app.issuers import Signs
from gatebook.app.stores import Opened
from gatebook.dialects.doordeck import DIALECT
from gatebook.domain.access import EVERYTHING, Grant, Principal, Scope
from gatebook.domain.accounts import User
from gatebook.domain.places import Device, DeviceKind, Person, Site
from gatebook.domain.times import Instant, parse_instant
from gatebook.http.mount import mount
from gatebook.services import Services
from gatebook.services.directory import found_organisation, new_id
from gatebook.services.ingest import Accepted, Report
from gatebook.services.keys import make_key
from gatebook.store import Store, open_store
from tests.http.serving import serve

NOON = "2026-05-29T12:00:00Z"
NOON_S = 1_780_056_000
V2 = "application/vnd.doordeck.api-v2+json"
V3 = "application/vnd.doordeck.api-v3+json"
PASSWORD = "correct horse battery"
READS = frozenset({Scope.EVENTS_READ, Scope.PEOPLE_READ})
Rows = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class House:
    """One organisation; `token` is its administrator's."""

    store: Store
    services: Services
    org: int
    admin: Principal
    token: str
    base_url: str
    client: httpx.Client

    def device(self, kind: DeviceKind = DeviceKind.LOCK, site: Site | None = None, name: str = "a device") -> Device:
        number = None if site is None else site.number
        return self.store.write_now(lambda tx: tx.add_device(self.org, new_id(), kind, name, number))

    def site(self, name: str = "a site") -> Site:
        return self.store.write_now(lambda tx: tx.add_site(self.org, new_id(), name, "Europe/Zurich"))

    def person(self, name: str = "Ada") -> Person:
        return self.store.write_now(lambda tx: tx.add_person(self.org, new_id(), name))

    def user(
        self, login: str, scopes: frozenset[Scope] = READS, *, grant: Grant = EVERYTHING, person: Person | None = None,
        must_change: bool = False,
    ) -> User:  # fmt: skip
        user = account(self.services, self.org, login, scopes, grant, person, must_change)
        return self.store.write_now(lambda tx: tx.accounts.users.insert(self.org, user))

    def sign_in(self, login: str, password: str = PASSWORD) -> httpx.Response:
        return self.client.post("/auth/token", json={"email": login, "password": password})

    def token_of(self, login: str) -> str:
        answer = self.sign_in(login)
        assert answer.status_code == 200, answer.text
        token: str = answer.json()["authToken"]
        return token

    def report(self, device: Device, *kinds: str, at: str | Instant = NOON, **fields: object) -> list[Accepted]:
        """One report of each kind; they stand in the log when this returns."""
        occurred = parse_instant(at) if isinstance(at, str) else at
        return self.reports(
            [Report(kind=kind, device=device.number, occurred=occurred, **fields) for kind in kinds]  # type: ignore[arg-type]
        )

    def reports(self, reports: Sequence[Report]) -> list[Accepted]:
        return asyncio.run(self.services.ingest.accept_all(self.admin, reports))

    def get(self, path: str, accept: str | None = V2, token: str | None = None, **query: object) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token or self.token}"}
        if accept is not None:
            headers["Accept"] = accept
        return self.client.get(path, params=query or None, headers=headers)  # type: ignore[arg-type]

    def log(self, device: Device, accept: str | None = V2, token: str | None = None, **query: object) -> Rows:
        """The trail from 1970 on, unless the query says otherwise."""
        answer = self.get(f"/device/{device.id}/log", accept, token, **{"start": "0", **query})
        assert answer.status_code == 200, answer.text
        rows: Rows = answer.json()
        return rows


def account(
    services: Services, org: int, login: str, scopes: frozenset[Scope], grant: Grant, person: Person | None,
    must_change: bool,
) -> User:  # fmt: skip
    """A user who may sign in with PASSWORD."""
    encoded = asyncio.run(services.access._passwords.hash(PASSWORD))
    moment = now()
    return User(
        organisation=org, number=services.now() % 2**50, id=new_id(), login=login, name=login.split("@")[0].title(),
        scopes=scopes, grant=grant, person=None if person is None else person.number, password=encoded,
        password_changed=moment, must_change=must_change, created=moment,
    )  # fmt: skip


@contextmanager
def house_in(folder: Path) -> Iterator[House]:
    store = open_store(str(folder / "gatebook.db"))
    services = services_of(Opened(store, b"s" * 32), signs=Signs(audiences={DIALECT.name: DIALECT.names_person}))
    org = store.write_now(lambda tx: found_organisation(tx, "Acme", "Europe/Zurich"))
    key = store.write_now(lambda tx: make_key(tx, org, "admin", frozenset({Scope.ADMIN}), now=now()))
    admin = asyncio.run(services.keys.principal_of(key))
    root = account(services, org, "root@acme.example", frozenset({Scope.ADMIN}), EVERYTHING, None, False)
    store.write_now(lambda tx: tx.accounts.users.insert(org, root))
    asyncio.run(services.tokens.signing.ensure())
    try:
        with serve(mount([DIALECT], services)) as base_url, httpx.Client(base_url=base_url, timeout=20) as client:
            sent = {"email": "root@acme.example", "password": PASSWORD}
            answer = client.post("/auth/token", json=sent)
            assert answer.status_code == 200, answer.text
            yield House(store, services, org, admin, answer.json()["authToken"], base_url, client)
    finally:
        store.close()
