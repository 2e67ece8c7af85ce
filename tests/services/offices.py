"""An organisation with its accounts and directory on a real store, and what tests ask of them."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from gatebook.domain.access import EVERYTHING, Grant, Principal, Scope
from gatebook.domain.kinds import Kind
from gatebook.domain.places import Device, DeviceKind, Person, Site
from gatebook.domain.times import DAY_NS, Instant, parse_instant
from gatebook.services.access import Access, Attempt
from gatebook.services.entities import Entities, entities_of
from gatebook.services.keys import make_key
from gatebook.services.names import new_id
from gatebook.services.organisations import found_organisation
from gatebook.services.passwords import Passwords
from gatebook.services.records import ORGANISATION_STREAM
from gatebook.store import Store, open_store
from gatebook.store.contract import Asked

T = TypeVar("T")
START = parse_instant("2026-05-29T12:00:00Z")


@dataclass(slots=True)
class Clock:
    """Goes on when told."""

    now: Instant = START

    def __call__(self) -> Instant:
        return self.now

    def pass_days(self, days: int) -> None:
        self.now = Instant(self.now + days * DAY_NS)


@dataclass(slots=True)
class Office:
    """`root` holds everything; every coroutine is run to its end by `run`."""

    store: Store
    clock: Clock
    passwords: Passwords
    access: Access
    entities: Entities
    org: int
    root: Principal
    root_key: str
    attempts: list[Attempt] = field(default_factory=list)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run(work)

    def principal(self, *scopes: Scope, grant: Grant = EVERYTHING, org: int | None = None) -> Principal:
        """The holder of a new key."""
        key = self.store.write_now(
            lambda tx: make_key(tx, org or self.org, "a key", frozenset(scopes), now=self.clock(), grant=grant)
        )
        return self.run(self.access.principal_of_key(key))

    def site(self, name: str = "North") -> Site:
        return self.store.write_now(lambda tx: tx.add_site(self.org, new_id(), name, "UTC"))

    def device(self, name: str = "a door", site: int | None = None) -> Device:
        return self.store.write_now(lambda tx: tx.add_device(self.org, new_id(), DeviceKind.DOOR, name, site))

    def person(self, name: str = "Ada") -> Person:
        return self.store.write_now(lambda tx: tx.add_person(self.org, new_id(), name))

    def records(self, org: int | None = None) -> list[dict[str, Any]]:
        """The data of every `record.changed`, oldest first."""
        asked = Asked(organisation=org or self.org, grant=EVERYTHING, records=True, descending=False, limit=500)
        page = self.store.read_now(self.store.history.page, asked)
        return [
            msgspec.json.decode(event.data or b"null")
            for event in page.events
            if event.kind is Kind.RECORD_CHANGED and event.stream == ORGANISATION_STREAM
        ]

    @property
    def head(self) -> int:
        return self.store.read_now(self.store.history.head, self.org)


@contextmanager
def office_in(folder: Path, passwords: Passwords | None = None) -> Iterator[Office]:
    """An office in this folder, on the file that is there already if there is one; its hashes cost next to nothing."""
    store = open_store(str(folder / "gatebook.db"))
    clock, attempts = Clock(), list[Attempt]()

    async def note(attempt: Attempt) -> None:
        attempts.append(attempt)

    passwords = passwords or Passwords(passes=1, memory_kib=64)
    access = Access(store, now=clock, passwords=passwords, after_attempt=note)
    org = store.write_now(lambda tx: found_organisation(tx, "Acme", "Europe/Zurich"))
    key = store.write_now(lambda tx: make_key(tx, org, "administrator", frozenset({Scope.ADMIN}), now=clock()))
    entities = entities_of(store, now=clock, passwords=passwords, access=access, pins=b"p" * 32)
    root = asyncio.run(access.principal_of_key(key))
    try:
        yield Office(store, clock, passwords, access, entities, org, root, key, attempts)
    finally:
        store.close()
