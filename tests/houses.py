"""A running server on a real store and a real socket: one organisation, one administrator, and what tests do to it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx

from gatebook.app.build import now, services_of
from gatebook.app.issuers import Signs
from gatebook.app.stores import Opened
from gatebook.app.wellknown import well_known
from gatebook.domain.access import EVERYTHING, Grant, Principal, Scope
from gatebook.domain.places import Device, DeviceKind, Person, Site
from gatebook.domain.times import Instant
from gatebook.http.dialect import Dialect
from gatebook.http.mount import mount
from gatebook.services import Services
from gatebook.services.directory import found_organisation, new_id
from gatebook.services.keys import make_key
from gatebook.services.outside import Issuer
from gatebook.store import Store, open_store
from tests.http.serving import serve

ZONE = "Europe/Zurich"
NOON = "2026-05-29T12:00:00Z"
READS = frozenset({Scope.EVENTS_READ})


@dataclass(frozen=True, slots=True)
class House:
    """`client` sends the administrator's key."""

    store: Store
    services: Services
    org: int
    key: str
    admin: Principal
    url: str
    client: httpx.Client

    # -- the directory -----------------------------------------------------------------------------------------------

    def key_of(self, *scopes: Scope, grant: Grant = EVERYTHING, org: int | None = None) -> dict[str, str]:
        """The header of a new key."""
        made = self.store.write_now(
            lambda tx: make_key(tx, org or self.org, "a key", frozenset(scopes) or READS, now=now(), grant=grant)
        )
        return {"Authorization": f"Bearer {made}"}

    def neighbour(self) -> int:
        """Another organisation's number."""
        return self.store.write_now(lambda tx: found_organisation(tx, "Neighbour", "UTC"))

    # All by the store alone: a change by way of the services would stand in the log, as a record.

    def device(
        self, name: str = "a door", *, kind: DeviceKind = DeviceKind.DOOR, id: UUID | None = None,
        site: int | None = None, vendor_ids: Sequence[str] = (), number: int | None = None,
    ) -> Device:  # fmt: skip
        return self.store.write_now(
            lambda tx: tx.add_device(self.org, id or new_id(), kind, name, site, vendor_ids, number)
        )

    def site(self, name: str = "a site", zone: str = ZONE) -> Site:
        return self.store.write_now(lambda tx: tx.add_site(self.org, new_id(), name, zone))

    def person(self, name: str = "Ada") -> Person:
        return self.store.write_now(lambda tx: tx.add_person(self.org, new_id(), name))

    # -- reports -----------------------------------------------------------------------------------------------------

    def post(self, body: object, media: str = "application/json", *, query: str = "", **headers: str) -> httpx.Response:
        """`body`: bytes as they are, all else as JSON."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        told = {"Content-Type": media, **{name.replace("_", "-"): value for name, value in headers.items()}}
        return self.client.post(f"/v1/events{query}", content=content, headers=told)

    def report(self, device: Device | int | str, kind: str = "access.granted", **fields: object) -> dict[str, Any]:
        """One report that is taken: its receipt."""
        ref = device.number if isinstance(device, Device) else device
        answer = self.post({"kind": kind, "device": ref, "occurred": NOON, **fields})
        assert answer.status_code in (200, 201), answer.text
        told: dict[str, Any] = answer.json()
        return told

    def reports(self, items: Sequence[dict[str, object]]) -> list[dict[str, Any]]:
        """A list that is taken as a whole."""
        answer = self.post(list(items), query="?atomic=true")
        assert answer.status_code == 201, answer.text
        told: list[dict[str, Any]] = answer.json()["items"]
        return told

    # -- history -----------------------------------------------------------------------------------------------------

    def get(self, path: str = "/v1/events", headers: dict[str, str] | None = None, **query: object) -> httpx.Response:
        """`from_` stands for `from`."""
        asked = {name.rstrip("_"): value for name, value in query.items()}
        return self.client.get(path, params=asked or None, headers=headers)  # type: ignore[arg-type]

    def history(self, headers: dict[str, str] | None = None, **query: object) -> dict[str, Any]:
        answer = self.get(headers=headers, **query)
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.json()
        return told

    def ids(self, headers: dict[str, str] | None = None, **query: object) -> list[str]:
        return [item["id"] for item in self.history(headers, **query)["items"]]

    # -- what lies beneath -------------------------------------------------------------------------------------------

    @property
    def state(self) -> tuple[int, int]:
        """The log's head, and how many reports are in quarantine."""
        head = self.store.read_now(self.store.history.head, self.org)
        return head, self.store.read_now(self.store.quarantine.size, self.org)


@contextmanager
def house_in(
    folder: Path,
    *dialects: Dialect[Services],
    queue_limit: int = 20_000,
    witnessed: bool = False,
    clock: Callable[[], Instant] = now,
    outside: Issuer | None = None,
) -> Iterator[House]:
    """A house that speaks these dialects, for as long as the block runs; followers run with it.

    `witnessed`: refusals are counted for the record.  `clock`: the services' time.  `outside`: whose tokens count, too.
    """
    store = open_store(str(folder / "gatebook.db"), queue_limit=queue_limit)
    signs = Signs(
        issuers={one.name: one.issuer for one in dialects if one.issuer is not None},
        audiences={one.name: one.names_person for one in dialects},
        renewable=frozenset(one.name for one in dialects if one.renews),
    )
    services = services_of(Opened(store, b"s" * 32), signs=signs, outside=outside, now=clock)
    org = store.write_now(lambda tx: found_organisation(tx, "Acme", ZONE))
    key = store.write_now(lambda tx: make_key(tx, org, "admin", frozenset({Scope.ADMIN}), now=now()))
    admin = asyncio.run(services.keys.principal_of(key))

    @asynccontextmanager
    async def life() -> AsyncIterator[None]:
        services.live.listen()
        await services.tokens.signing.ensure()
        followers = asyncio.create_task(services.followers.run())
        yield
        followers.cancel()
        await asyncio.gather(followers, return_exceptions=True)

    signed_in = {"Authorization": f"Bearer {key}"}
    served = [*dialects, well_known(services.tokens.signing)]
    try:
        with (
            serve(mount(served, services, witness=services.audit.refused if witnessed else None), life) as url,
            httpx.Client(base_url=url, headers=signed_in, timeout=20) as client,
        ):
            yield House(store, services, org, key, admin, url, client)
    finally:
        store.close()
