"""A server that speaks SmartphoneKey and holds the line to devices, on a real socket, and what tests do to it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import httpx
from websockets.sync.client import ClientConnection, connect

from gatebook.app.build import now, services_of
from gatebook.app.stores import Opened
from gatebook.dialects.native import DIALECT as NATIVE
from gatebook.dialects.smartphonekey import DIALECT
from gatebook.domain.access import EVERYTHING, Grant, Principal, Scope
from gatebook.domain.places import Device, DeviceKind, Person
from gatebook.domain.times import Instant, parse_instant
from gatebook.http.mount import mount
from gatebook.services import Services
from gatebook.services.directory import found_organisation, new_id
from gatebook.services.ingest import Accepted, Report
from gatebook.services.keys import make_key
from gatebook.store import Store, open_store
from tests.http.serving import serve

NOON = "2026-05-29T12:00:00Z"
READS = frozenset({Scope.EVENTS_READ})


@dataclass(frozen=True, slots=True)
class House:
    """One organisation with one administrator, whose key `client` sends."""

    store: Store
    services: Services
    org: int
    key: str
    admin: Principal
    base_url: str
    client: httpx.Client

    def make_key(
        self, *, scopes: frozenset[Scope] = READS, grant: Grant = EVERYTHING, org: int | None = None,
        expires: Instant | None = None,
    ) -> str:  # fmt: skip
        return self.store.write_now(
            lambda tx: make_key(tx, org or self.org, "a key", scopes, now=now(), grant=grant, expires=expires)
        )

    def add_device(
        self, number: int | None = None, kind: DeviceKind = DeviceKind.LOCK, id: UUID | None = None
    ) -> Device:
        return self.store.write_now(lambda tx: tx.add_device(self.org, id or new_id(), kind, "a device", number=number))

    def add_person(self, name: str) -> Person:
        return self.store.write_now(lambda tx: tx.add_person(self.org, new_id(), name))

    def report(self, device: Device, *kinds: str, at: str = NOON, **fields: object) -> list[Accepted]:
        """One report of each kind; they stand in the log when this returns."""
        reports = [
            Report(kind=kind, device=device.number, occurred=parse_instant(at), **fields)  # type: ignore[arg-type]
            for kind in kinds
        ]
        return asyncio.run(self.services.ingest.accept_all(self.admin, reports))

    def get(self, lock: Device | int | str, key: str | None = None, **query: str | int) -> httpx.Response:
        number = lock.number if isinstance(lock, Device) else lock
        return self.client.get(f"/locks/{number}/events", params=query, headers={"X-API-Key": key or self.key})

    @contextmanager
    def on_the_line(self, number: int) -> Iterator[ClientConnection]:
        """The device of this number, connected."""
        made = self.client.post(
            "/v1/device-tokens", json={"device": number, "name": "t"}, headers={"X-API-Key": self.key}
        )
        assert made.status_code == 201, made.text
        signed = {"Authorization": f"Bearer {made.json().get('token') or made.json().get('secret')}"}
        with connect(self.base_url.replace("http", "ws") + "/v1/device-link", additional_headers=signed) as line:
            until = time.monotonic() + 5
            while self.services.commands.links.of(self.org, number) is None:
                assert time.monotonic() < until
                time.sleep(0.01)
            yield line

    def row(self, lock: Device, key: str | None = None) -> dict[str, object]:
        """The newest row of a lock."""
        newest: dict[str, object] = self.get(lock, key).json()["events"][-1]
        return newest


@contextmanager
def house_in(folder: Path) -> Iterator[House]:
    store = open_store(str(folder / "gatebook.db"))
    services = services_of(Opened(store, b"s" * 32))
    org = store.write_now(lambda tx: found_organisation(tx, "Acme", "Europe/Zurich"))
    key = store.write_now(lambda tx: make_key(tx, org, "admin", frozenset({Scope.ADMIN}), now=now()))
    admin = asyncio.run(services.keys.principal_of(key))
    try:
        with (
            serve(mount([DIALECT, NATIVE], services)) as base_url,
            httpx.Client(base_url=base_url, timeout=20) as client,
        ):
            yield House(store, services, org, key, admin, base_url, client)
    finally:
        store.close()
