"""Accounts: users, services, API keys and device tokens as they are kept, each of which can become a principal."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

from gatebook.domain.access import EVERYTHING, Grant, Scope
from gatebook.domain.times import Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """Somebody who signs in by name and password, or by way of an outside issuer."""

    number: int
    id: UUID
    organisation: int
    login: str
    """Unique in the whole installation, in any letter case: a vendor's client sends nothing else."""
    name: str
    scopes: frozenset[Scope]
    grant: Grant
    created: Instant
    password: str | None = field(default=None, repr=False)
    """The encoded argon2id hash; None where the user cannot sign in by password."""
    must_change: bool = False
    """True while the user may do nothing but choose a new password."""
    person: int | None = None
    """The number of the person the user is bound to."""
    purpose: str | None = None
    """What this user's searches are for, where its client cannot say so."""
    expires: Instant | None = None
    disabled: Instant | None = None
    password_changed: Instant | None = None
    last_used: Instant | None = None
    revision: int = 1

    def holds(self, now: Instant) -> bool:
        """True while it may be used."""
        return self.disabled is None and (self.expires is None or now < self.expires)


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A program with a client id and a secret; its grant is always everything."""

    number: int
    id: UUID
    organisation: int
    client_id: str
    """Unique in the whole installation."""
    name: str
    scopes: frozenset[Scope]
    created: Instant
    hash: bytes = field(repr=False)
    purpose: str | None = None
    expires: Instant | None = None
    disabled: Instant | None = None
    last_used: Instant | None = None
    revision: int = 1

    @property
    def grant(self) -> Grant:
        """Everything: whoever needs less takes a key or a user."""
        return EVERYTHING

    def holds(self, now: Instant) -> bool:
        """True while it may be used."""
        return self.disabled is None and (self.expires is None or now < self.expires)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """An API key, without the key."""

    id: UUID
    organisation: int
    name: str
    scopes: frozenset[Scope]
    grant: Grant
    created: Instant
    prefix: str
    """Its first characters, to tell one from another."""
    hash: bytes = field(repr=False)
    purpose: str | None = None
    expires: Instant | None = None
    revoked: Instant | None = None
    last_used: Instant | None = None
    revision: int = 1

    def holds(self, now: Instant) -> bool:
        """True while it may be used."""
        return self.revoked is None and (self.expires is None or now < self.expires)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceToken:
    """What a device presents when it reports about itself, without the token."""

    id: UUID
    organisation: int
    device: int
    """The number of the device, the only one that it may report for."""
    name: str
    created: Instant
    prefix: str
    hash: bytes = field(repr=False)
    expires: Instant | None = None
    revoked: Instant | None = None
    last_used: Instant | None = None
    revision: int = 1

    @property
    def scopes(self) -> frozenset[Scope]:
        """A device reports, and does nothing else."""
        return frozenset({Scope.EVENTS_WRITE})

    @property
    def grant(self) -> Grant:
        """The device itself."""
        return Grant(devices=frozenset({self.device}))

    def holds(self, now: Instant) -> bool:
        """True while it may be used."""
        return self.revoked is None and (self.expires is None or now < self.expires)


Account = User | Service | ApiKey | DeviceToken
