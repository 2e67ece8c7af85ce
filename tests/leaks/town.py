"""A parent with two organisations in one store, keys of every sort, and a list of what each must never be told."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID, uuid4

import httpx
import msgspec

from gatebook.app.build import App, build, now
from gatebook.app.settings import Settings
from gatebook.app.stores import made
from gatebook.domain.access import EVERYTHING, NOTHING, Grant, Principal, PrincipalKind, Scope
from gatebook.domain.places import Device, DeviceKind, Person, Site
from gatebook.domain.times import Instant, parse_instant
from gatebook.http.server import running
from gatebook.services.directory import found_organisation
from gatebook.services.ingest import Report
from gatebook.services.keys import make_key
from gatebook.store import Transaction

SIGNED_BY_TOKEN = {
    "doordeck": ("/device", "/user/", "/site", "/account", "/auth"),
    "xprotect": ("/api/rest", "/api/idp", "/api/.well-known", "/idp"),
}
ALL = frozenset(Scope) - {Scope.ADMIN}
NOON = parse_instant("2026-05-29T12:00:00Z")


@dataclass
class Happening:
    """One event as it was reported, and where."""

    id: UUID
    seq: int
    device: int
    message: str
    plate: str | None


@dataclass
class Works:
    """One organisation, and everything of it that has a name."""

    number: int
    id: UUID
    name: str
    sites: list[Site]
    devices: list[Device]
    people: list[Person]
    credential: str
    happenings: list[Happening] = field(default_factory=list)


@dataclass(frozen=True)
class Caller:
    """Somebody with a key; `holds` is False where the key no longer does."""

    name: str
    key: str
    works: Works
    scopes: frozenset[Scope]
    grant: Grant
    holds: bool = True

    def may(self, *scopes: str) -> bool:
        """Whether all are held, as the rules say."""
        return Scope.ADMIN in self.scopes or all(Scope(scope) in self.scopes for scope in scopes)

    def sees(self, device: Device) -> bool:
        """Whether the grant shows a device of the caller's own organisation: the plain rule."""
        if device not in self.works.devices:
            return False
        return self.grant.everything or device.number in self.grant.devices or device.site in self.grant.sites


@dataclass
class Town:
    """`app` at `url`; `start` is a log cursor from before anything happened at `alpha`."""

    app: App
    url: str
    parent: Works
    alpha: Works
    beta: Works
    callers: dict[str, Caller]
    client: httpx.Client
    start: str = ""
    tokens: dict[str, str] = field(default_factory=dict)

    def hidden(self, caller: Caller) -> dict[str, str]:
        """By what it is, each text that must be in no answer to this caller."""
        found: dict[str, str] = {}
        for works in (self.parent, self.alpha, self.beta):
            own = works is caller.works and caller.holds
            for device in works.devices:
                if not (own and caller.sees(device)):
                    found |= _device_texts(works, device)
            for happening in works.happenings:
                device = next(one for one in works.devices if one.number == happening.device)
                if not (own and caller.sees(device)):
                    found |= {
                        f"event {happening.id}": str(happening.id),
                        f"says {happening.message}": happening.message,
                    }
            if not own or not (caller.may("people:read") or caller.may("people:manage")):
                for person in works.people:
                    found |= {f"name of {person.name}": person.name, f"uuid of {person.name}": str(person.id)}
            if not own or not (caller.may("credentials:read") or caller.may("people:manage")):
                found[f"credential of {works.name}"] = works.credential
            for plate in {one.plate for one in works.happenings if one.plate} if not own else ():
                found[f"plate {plate}"] = plate
            if own and not caller.may("plates:read"):
                found |= {f"plate {one.plate}": one.plate for one in works.happenings if one.plate}
            if not own:
                found |= {f"name of {works.name}": works.name, f"uuid of {works.name}": str(works.id)}
            for site in works.sites:
                near = own and any(one.site == site.number and caller.sees(one) for one in works.devices)
                if not (near or (own and (caller.grant.everything or site.number in caller.grant.sites))):
                    found |= {f"name of {site.name}": site.name, f"uuid of {site.name}": str(site.id)}
        if caller.works is self.parent and caller.holds:  # it is the parent of alpha, and may know that it is there
            for text in (self.alpha.name, str(self.alpha.id)):
                found = {what: one for what, one in found.items() if one != text}
        return found

    def request(self, caller: Caller, method: str, path: str, body: object = None, **headers: str) -> httpx.Response:
        """As the caller's client sends it."""
        signed = {**self.signature(caller, path), **headers}
        return self.client.request(method, path, headers=signed, json=body)

    def signature(self, caller: Caller, path: str) -> dict[str, str]:
        """What signs a request in, in the dialect of this path: the key itself, or a token for it."""
        if path.startswith(("/api/3", "/oauth")):
            return {"Authorization": f"Token {caller.key}"}
        for dialect, roots in SIGNED_BY_TOKEN.items():
            if path.startswith(roots):
                return {"Authorization": f"Bearer {self._token(caller, dialect)}"}
        return {"X-API-Key": caller.key}

    def _token(self, caller: Caller, dialect: str) -> str:
        at = f"{dialect} {caller.name}"
        if at not in self.tokens:
            wanted = {"dialect": dialect}
            answer = self.client.post("/v1/tokens", headers={"X-API-Key": caller.key}, json=wanted)
            self.tokens[at] = answer.json().get("token", "none")
        return self.tokens[at]


def _device_texts(works: Works, device: Device) -> dict[str, str]:
    name = f"{works.name}'s device {device.number}"
    texts = {"name": device.name, "uuid": str(device.id), "number": str(device.number)}
    return {f"{what} of {name}": text for what, text in texts.items()} | {
        f"vendor id of {name}": text for text in device.vendor_ids
    }


def works_of(tx: Transaction, org: int, name: str, base: int) -> Works:
    """Two sites, five locks (two at each site, one at none), two people; every text is nowhere else."""
    own = tx.organisation(org)
    assert own is not None
    sites = [tx.add_site(org, uuid4(), f"{name}-site-{n}-zq", "UTC") for n in range(2)]
    homes = [sites[0].number, sites[0].number, sites[1].number, sites[1].number, None]
    devices = [
        tx.add_device(org, uuid4(), DeviceKind.LOCK, f"{name}-lock-{n}-zq", home, [f"{name}-vendor-{n}-zq"], base + n)
        for n, home in enumerate(homes)
    ]
    people = [tx.add_person(org, uuid4(), f"{name}-person-{n}-zq", base + 50 + n) for n in range(2)]
    return Works(org, own.id, own.name, sites, devices, people, f"{name}-card-zq")


@contextmanager
def town_in(folder: Path) -> Iterator[Town]:
    """The town, served whole as it is in earnest, for as long as the block runs."""
    settings = msgspec.structs.replace(
        Settings(), store=msgspec.structs.replace(Settings().store, url=str(folder / "town.db"))
    )
    found = made(settings.store)
    orgs = [found.store.write_now(lambda tx, name=name: found_organisation(tx, name, "UTC"))
            for name in ("Parentco-zq", "Alphaworks-zq", "Betaworks-zq")]  # fmt: skip
    parent, alpha, beta = (
        found.store.write_now(lambda tx, org=org, name=name, base=base: works_of(tx, org, name, base))
        for org, name, base in zip(orgs, ("pa", "al", "be"), (7_100_000, 7_200_000, 7_300_000), strict=True)
    )
    found.store.write_now(
        lambda tx: tx.connection.execute("UPDATE organisations SET parent = ? WHERE org = ?", (orgs[0], orgs[1]))
    )
    callers = {caller.name: caller for caller in callers_of(found.store.write_now, parent, alpha, beta)}
    found.store.close()
    app = build(settings)
    with running(lambda _closing: app.asgi) as url, httpx.Client(base_url=url, timeout=20) as client:
        town = Town(app, url, parent, alpha, beta, callers, client)
        town.start = town.request(callers["everything"], "GET", "/v1/events").json()["live"]
        for works in (parent, alpha, beta):
            _report(app, works)
        yield town


def callers_of(write: object, parent: Works, alpha: Works, beta: Works) -> Sequence[Caller]:
    """One of every sort."""
    two = frozenset({alpha.devices[0].number, alpha.devices[4].number})
    sorts: list[tuple[str, Works, frozenset[Scope], Grant]] = [
        ("everything", alpha, ALL, EVERYTHING),
        ("admin", alpha, frozenset({Scope.ADMIN}), EVERYTHING),
        ("admin of one site", alpha, frozenset({Scope.ADMIN}), Grant(sites=frozenset({alpha.sites[0].number}))),
        ("one site", alpha, ALL, Grant(sites=frozenset({alpha.sites[0].number}))),
        ("two devices", alpha, ALL, Grant(devices=two)),
        ("nothing", alpha, ALL, NOTHING),
        ("another organisation", beta, ALL, EVERYTHING),
        ("another's admin", beta, frozenset({Scope.ADMIN}), EVERYTHING),
        ("the parent", parent, ALL, EVERYTHING),
        ("expired", alpha, ALL, EVERYTHING),
        ("revoked", alpha, ALL, EVERYTHING),
        *((f"only {scope}", alpha, frozenset({scope}), EVERYTHING) for scope in Scope if scope is not Scope.ADMIN),
    ]
    return [_caller(write, *sort) for sort in sorts]


def _caller(write: object, name: str, works: Works, scopes: frozenset[Scope], grant: Grant) -> Caller:
    expires = Instant(now() - 1) if name == "expired" else None

    def work(tx: Transaction) -> str:
        key = make_key(tx, works.number, f"key {name}", scopes, now=now(), grant=grant, expires=expires)
        if name == "revoked":
            tx.connection.execute("UPDATE api_keys SET revoked = 1 WHERE name = 'key revoked'")
        return key

    key: str = write(work)  # type: ignore[operator]  # the store's own
    return Caller(name, key, works, scopes, grant, name not in ("expired", "revoked"))


def _report(app: App, works: Works) -> None:
    """At each lock an admission by card, one by plate, and a door that was forced."""
    admin = Principal(
        organisation=works.number, kind=PrincipalKind.KEY, id=uuid4(), name="reporter", scopes=ALL, grant=EVERYTHING
    )
    for device in works.devices:
        person, plate = works.people[device.number % 2].number, f"ZQ{device.number}"[:16]
        reports = [
            Report(kind="access.granted", device=device.number, occurred=NOON, person=person,
                   credential=works.credential, method="card", message=f"card-at-{device.name}"),
            Report(kind="access.granted", device=device.number, occurred=NOON, credential=plate, method="plate",
                   message=f"plate-at-{device.name}"),
            Report(kind="door.forced", device=device.number, occurred=NOON, tag=f"tag-{device.name}",
                   message=f"forced-at-{device.name}"),
        ]  # fmt: skip
        taken = asyncio.run(app.services.ingest.accept_all(admin, reports))
        for report, one in zip(reports, taken, strict=True):
            seen = plate if report.credential == plate else None
            works.happenings.append(
                Happening(one.outcome.id, one.outcome.seq, device.number, str(report.message), seen)
            )
