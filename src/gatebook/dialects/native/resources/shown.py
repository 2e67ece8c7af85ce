"""What accounts and entities look like; each page is `items` and the cursor of the `next` one."""

from __future__ import annotations

from uuid import UUID

from msgspec import Struct

from gatebook.dialects.native.schemas import Named
from gatebook.domain.access import Grant


class GrantShown(Struct, frozen=True):
    """Everything, or the numbers of sites and devices."""

    everything: bool
    sites: list[int]
    devices: list[int]


def grant_of(grant: Grant) -> GrantShown:
    """A grant on the wire."""
    return GrantShown(grant.everything, sorted(grant.sites), sorted(grant.devices))


class Organisation(Struct, frozen=True, kw_only=True):
    """An organisation; `parent` is a number."""

    id: UUID
    number: int
    name: str
    zone: str
    parent: int | None
    purpose_required: bool


class FoundedOrganisation(Organisation, frozen=True, kw_only=True):
    """A new organisation; `secret` is its administrator's API key, shown once."""

    secret: str


class Organisations(Struct, frozen=True, kw_only=True):
    """One's own, and its children."""

    items: list[Organisation]
    next: str | None


class Device(Struct, frozen=True, kw_only=True):
    """A device; one that was decommissioned is marked `removed`."""

    id: UUID
    number: int
    kind: str
    name: str
    site: Named | None
    vendor_ids: list[str]
    removed: bool


class Devices(Struct, frozen=True, kw_only=True):
    """Devices by number, without those that were decommissioned."""

    items: list[Device]
    next: str | None


class Site(Struct, frozen=True, kw_only=True):
    """A site."""

    id: UUID
    number: int
    name: str
    zone: str


class Sites(Struct, frozen=True, kw_only=True):
    """Sites by number."""

    items: list[Site]
    next: str | None


class Person(Struct, frozen=True, kw_only=True):
    """A person; one who is gone from the directory is marked `removed`."""

    id: UUID
    number: int
    name: str
    removed: bool


class People(Struct, frozen=True, kw_only=True):
    """People by number, without those who are gone."""

    items: list[Person]
    next: str | None


class Credential(Struct, frozen=True, kw_only=True):
    """What a person (by number) carries; the value is null where its reader may not see it, a PIN's always."""

    id: UUID
    number: int
    person: int
    method: str
    value: str | None
    label: str
    valid_from: str | None
    valid_until: str | None


class Credentials(Struct, frozen=True, kw_only=True):
    """Credentials by number."""

    items: list[Credential]
    next: str | None


class User(Struct, frozen=True, kw_only=True):
    """A user; `person` is the number of the person bound to."""

    id: UUID
    number: int
    login: str
    name: str
    scopes: list[str]
    grant: GrantShown
    person: int | None
    purpose: str | None
    must_change: bool
    has_password: bool
    created: str
    expires: str | None
    disabled: str | None
    password_changed: str | None
    last_used: str | None


class UserWithPassword(User, frozen=True, kw_only=True):
    """A user whose password was reset; `secret` is the new one, shown once."""

    secret: str


class Users(Struct, frozen=True, kw_only=True):
    """Users by number."""

    items: list[User]
    next: str | None


class Service(Struct, frozen=True, kw_only=True):
    """A service."""

    id: UUID
    number: int
    client_id: str
    name: str
    scopes: list[str]
    purpose: str | None
    created: str
    expires: str | None
    disabled: str | None
    last_used: str | None


class ServiceWithSecret(Service, frozen=True, kw_only=True):
    """A service and its client secret, shown once."""

    secret: str


class ServiceAccounts(Struct, frozen=True, kw_only=True):
    """Services by number."""

    items: list[Service]
    next: str | None


class Key(Struct, frozen=True, kw_only=True):
    """An API key; `prefix` is how it begins."""

    id: UUID
    prefix: str
    name: str
    scopes: list[str]
    grant: GrantShown
    purpose: str | None
    created: str
    expires: str | None
    revoked: str | None
    last_used: str | None


class KeyWithSecret(Key, frozen=True, kw_only=True):
    """An API key; `secret` is the key itself, shown once."""

    secret: str


class Keys(Struct, frozen=True, kw_only=True):
    """API keys by id."""

    items: list[Key]
    next: str | None


class DeviceToken(Struct, frozen=True, kw_only=True):
    """A device token; `device` is a number."""

    id: UUID
    prefix: str
    name: str
    device: int
    created: str
    expires: str | None
    revoked: str | None
    last_used: str | None


class DeviceTokenWithSecret(DeviceToken, frozen=True, kw_only=True):
    """A device token; `secret` is the token itself, shown once."""

    secret: str


class DeviceTokens(Struct, frozen=True, kw_only=True):
    """Device tokens by id."""

    items: list[DeviceToken]
    next: str | None


class EventType(Struct, frozen=True, kw_only=True):
    """An event type; one that was removed is marked so."""

    id: UUID
    name: str
    kind: str
    generator: str
    state_group: UUID | None
    state: str | None
    retention_days: int | None
    removed: bool


class EventTypes(Struct, frozen=True, kw_only=True):
    """Event types by id, without the built-in ones (see `/v1/kinds`) and those that were removed."""

    items: list[EventType]
    next: str | None


class Me(Struct, frozen=True, kw_only=True):
    """Who asks, as the server knows them."""

    kind: str
    id: UUID
    name: str
    organisation: int
    scopes: list[str]
    grant: GrantShown
    person: int | None
    must_change_password: bool
