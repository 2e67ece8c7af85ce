"""Who asks, and what they may do and see."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from uuid import UUID

from gatebook.domain.places import Organisation


class Scope(StrEnum):
    """What a principal may do; which devices it may do it to is its grant."""

    EVENTS_READ = "events:read"
    EVENTS_WRITE = "events:write"
    CREDENTIALS_READ = "credentials:read"
    PEOPLE_READ = "people:read"
    PLATES_READ = "plates:read"
    ALARMS_MANAGE = "alarms:manage"
    DEVICES_COMMAND = "devices:command"
    DEVICES_MANAGE = "devices:manage"
    PEOPLE_MANAGE = "people:manage"
    AUDIT_READ = "audit:read"
    ADMIN = "admin"


class PrincipalKind(StrEnum):
    """What sort of principal asks."""

    USER = "user"
    SERVICE = "service"
    KEY = "key"
    DEVICE = "device"


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """Which devices may be seen: all of the organisation, or the listed sites and devices together."""

    everything: bool = False
    sites: frozenset[int] = frozenset()
    """Site numbers."""
    devices: frozenset[int] = frozenset()
    """Device numbers."""

    def shows(self, device: int, site: int | None) -> bool:
        """Whether a device, standing at that site, may be seen."""
        return self.everything or device in self.devices or (site is not None and site in self.sites)


EVERYTHING = Grant(everything=True)
NOTHING = Grant()


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """The circumstances of one request: they go into the record of who looked."""

    address: str
    """The client's network address, as far as the trusted proxies tell it."""
    agent: str = ""
    """What the client calls itself."""
    dialect: str = ""
    route: str = ""
    """Method and path pattern of the operation."""
    purpose: str | None = None
    """What the search is for, as the client said or as is fixed on the principal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """Somebody or something that signed in; belongs to one organisation."""

    organisation: int
    kind: PrincipalKind
    id: UUID
    name: str
    scopes: frozenset[Scope]
    grant: Grant
    person: int | None = None
    """The number of the person a user is bound to."""
    purpose: str | None = None
    """What this principal's searches are for, where its client cannot say so itself."""
    visit: Visit | None = None
    """Set for each request."""
    token: UUID | None = None
    """The `jti` of the token that it came with."""
    key: UUID | None = None
    """The id of the API key that came beside the token and bounds its rights."""
    must_change_password: bool = False
    """True for a user who holds no scope until a new password is chosen."""

    def may(self, scope: Scope) -> bool:
        """True when the scope is held; `admin` holds every scope."""
        return scope in self.scopes or Scope.ADMIN in self.scopes


READING = frozenset({Scope.EVENTS_READ, Scope.CREDENTIALS_READ, Scope.PEOPLE_READ, Scope.PLATES_READ, Scope.AUDIT_READ})
"""Scopes that change nothing: the only ones that reach from a parent into a child."""


def reading(principal: Principal, organisation: Organisation) -> Principal | None:
    """The principal as it may read this organisation's log; None where it may not.

    Its own is read with its own rights. A child's is read by principals of the parent itself (not of a parent's
    parent) whose grant is everything: a narrow grant names devices of its own organisation and shows none of another.
    """
    if organisation.number == principal.organisation:
        return principal
    if organisation.parent != principal.organisation or not principal.grant.everything:
        return None
    scopes = frozenset(scope for scope in READING if principal.may(scope))
    return replace(principal, organisation=organisation.number, scopes=scopes, person=None)


def intersection(first: Principal, second: Principal, sites: Mapping[int, int | None]) -> Principal | None:
    """`first`, with the rights that both hold; None where they belong to different organisations.

    `sites` tells the site number of each device that either grant names; a device that it does not tell stands nowhere.
    """
    if first.organisation != second.organisation:
        return None
    scopes = frozenset(scope for scope in Scope if first.may(scope) and second.may(scope))
    grant = overlap(first.grant, second.grant, sites)
    return replace(first, scopes=scopes, grant=grant, purpose=first.purpose or second.purpose)


def overlap(first: Grant, second: Grant, sites: Mapping[int, int | None]) -> Grant:
    """The grant of what both show."""
    if first.everything:
        return second
    if second.everything:
        return first
    named = first.devices | second.devices
    return Grant(
        sites=first.sites & second.sites,
        devices=frozenset(
            device
            for device in named
            for site in [sites.get(device)]
            if first.shows(device, site) and second.shows(device, site)
        ),
    )


def excess(
    giver: Principal, scopes: Iterable[Scope], grant: Grant, sites: Mapping[int, int | None]
) -> tuple[str, str] | None:
    """`(field, what)` of the first right that would be given and is not held; None where all are held.

    `sites` tells the site number of each device that the grant names; a device that it does not tell is not held.
    """
    for scope in sorted(scopes):
        if not giver.may(scope):
            return "scopes", scope.value
    if giver.grant.everything:
        return None
    if grant.everything:
        return "grant", "everything"
    for site in sorted(grant.sites - giver.grant.sites):
        return "grant.sites", str(site)
    for device in sorted(grant.devices):
        if device not in sites or not giver.grant.shows(device, sites[device]):
            return "grant.devices", str(device)
    return None
