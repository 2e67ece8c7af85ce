"""What is sent to make or change an account or an entity; in a change, what is not named stays as it is."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType

from gatebook.dialects.native.resources.schemas import Name, Number
from gatebook.dialects.native.schemas import Ref, Time
from gatebook.domain.access import Scope
from gatebook.domain.kinds import Kind, Method
from gatebook.domain.places import DeviceKind
from gatebook.services.forms import Reach

Scopes = Annotated[frozenset[Scope], Meta(max_length=64)]
Login = Annotated[str, Meta(min_length=1, max_length=200)]
Password = Annotated[str, Meta(min_length=10, max_length=1_024)]
Purpose = Annotated[str, Meta(min_length=1, max_length=200)]
Short = Annotated[str, Meta(max_length=200)]
Refs = Annotated[tuple[Ref, ...], Meta(max_length=10_000)]
VendorIds = Annotated[tuple[Annotated[str, Meta(min_length=1, max_length=255)], ...], Meta(max_length=100)]
Days = Annotated[int, Meta(ge=0, le=36_500)]
Zone = Annotated[str, Meta(min_length=1, max_length=64)]


class Wanted(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A body whose unknown fields are refused."""


class GrantWanted(Wanted, frozen=True, kw_only=True):
    """Everything, or the sites and devices named, by number, UUID, name or vendor id."""

    everything: bool = False
    sites: Refs = ()
    devices: Refs = ()

    def reach(self) -> Reach:
        """As the services name it."""
        return Reach(everything=self.everything, sites=self.sites, devices=self.devices)


EVERYTHING = GrantWanted(everything=True)


class OrganisationWanted(Wanted, frozen=True, kw_only=True):
    """A child of one's own organisation."""

    name: Name
    zone: Zone
    purpose_required: bool = False


class OrganisationChanged(Wanted, frozen=True, kw_only=True):
    """A change of one's own organisation."""

    name: Name | UnsetType = UNSET
    zone: Zone | UnsetType = UNSET
    purpose_required: bool | UnsetType = UNSET


class DeviceWanted(Wanted, frozen=True, kw_only=True):
    """A device to be made known."""

    name: Name
    kind: DeviceKind
    id: UUID | None = None
    number: Number | None = None
    site: Ref | None = None
    vendor_ids: VendorIds = ()


class DeviceChanged(Wanted, frozen=True, kw_only=True):
    """A change of a device; another site moves it, with its history."""

    name: Name | UnsetType = UNSET
    kind: DeviceKind | UnsetType = UNSET
    site: Ref | UnsetType | None = UNSET
    vendor_ids: VendorIds | UnsetType = UNSET


class SiteWanted(Wanted, frozen=True, kw_only=True):
    """A site to be made known; without a zone, the organisation's."""

    name: Name
    zone: Zone | None = None
    id: UUID | None = None
    number: Number | None = None


class SiteChanged(Wanted, frozen=True, kw_only=True):
    """A change of a site."""

    name: Name | UnsetType = UNSET
    zone: Zone | UnsetType = UNSET


class PersonWanted(Wanted, frozen=True, kw_only=True):
    """A person to be made known."""

    name: Name
    id: UUID | None = None
    number: Number | None = None


class PersonChanged(Wanted, frozen=True, kw_only=True):
    """A change of a person."""

    name: Name | UnsetType = UNSET


class CredentialWanted(Wanted, frozen=True, kw_only=True):
    """What a person carries or knows."""

    person: Ref
    method: Method
    value: Annotated[str, Meta(min_length=1, max_length=64)]
    label: Short = ""
    valid_from: Time | None = None
    valid_until: Time | None = None
    id: UUID | None = None
    number: Number | None = None


class CredentialChanged(Wanted, frozen=True, kw_only=True):
    """A change of a credential; its method stays."""

    person: Ref | UnsetType = UNSET
    value: Annotated[str, Meta(min_length=1, max_length=64)] | UnsetType = UNSET
    label: Short | UnsetType = UNSET
    valid_from: Time | UnsetType | None = UNSET
    valid_until: Time | UnsetType | None = UNSET


class UserWanted(Wanted, frozen=True, kw_only=True):
    """A user; without a password, one who signs in by way of an outside issuer."""

    login: Login
    name: Name
    scopes: Scopes
    grant: GrantWanted = EVERYTHING
    password: Password | None = None
    must_change: bool = True
    person: Ref | None = None
    purpose: Purpose | None = None
    expires: Time | None = None
    id: UUID | None = None
    number: Number | None = None


class UserChanged(Wanted, frozen=True, kw_only=True):
    """A change of a user."""

    login: Login | UnsetType = UNSET
    name: Name | UnsetType = UNSET
    scopes: Scopes | UnsetType = UNSET
    grant: GrantWanted | UnsetType = UNSET
    person: Ref | UnsetType | None = UNSET
    purpose: Purpose | UnsetType | None = UNSET
    expires: Time | UnsetType | None = UNSET
    disabled: bool | UnsetType = UNSET


class PasswordWanted(Wanted, frozen=True, kw_only=True):
    """A user's next password; none: a random one, which is shown once."""

    password: Password | None = None


class NtlmWanted(Wanted, frozen=True, kw_only=True):
    """The password that the user has already: what is kept of it for NTLM can be made of nothing else."""

    password: Annotated[str, Meta(max_length=1_024)]


class OwnPasswordWanted(Wanted, frozen=True, kw_only=True):
    """One's own password, by giving the old one."""

    old: Annotated[str, Meta(max_length=1_024)]
    new: Password


class ServiceWanted(Wanted, frozen=True, kw_only=True):
    """A service; its client id is its UUID where none is given."""

    name: Name
    scopes: Scopes
    client_id: Login | None = None
    purpose: Purpose | None = None
    expires: Time | None = None
    id: UUID | None = None
    number: Number | None = None


class ServiceChanged(Wanted, frozen=True, kw_only=True):
    """A change of a service."""

    name: Name | UnsetType = UNSET
    scopes: Scopes | UnsetType = UNSET
    purpose: Purpose | UnsetType | None = UNSET
    expires: Time | UnsetType | None = UNSET
    disabled: bool | UnsetType = UNSET


class KeyWanted(Wanted, frozen=True, kw_only=True):
    """An API key."""

    name: Name
    scopes: Scopes
    grant: GrantWanted = EVERYTHING
    purpose: Purpose | None = None
    expires: Time | None = None
    id: UUID | None = None


class KeyChanged(Wanted, frozen=True, kw_only=True):
    """A change of an API key; one that is revoked stays so."""

    name: Name | UnsetType = UNSET
    scopes: Scopes | UnsetType = UNSET
    grant: GrantWanted | UnsetType = UNSET
    purpose: Purpose | UnsetType | None = UNSET
    expires: Time | UnsetType | None = UNSET
    revoked: bool | UnsetType = UNSET


class DeviceTokenWanted(Wanted, frozen=True, kw_only=True):
    """A token by which one device reports."""

    device: Ref
    name: Name
    expires: Time | None = None
    id: UUID | None = None


class DeviceTokenChanged(Wanted, frozen=True, kw_only=True):
    """A change of a device token; one that is revoked stays so."""

    name: Name | UnsetType = UNSET
    expires: Time | UnsetType | None = UNSET
    revoked: bool | UnsetType = UNSET


class EventTypeWanted(Wanted, frozen=True, kw_only=True):
    """An event type beyond the built-in ones."""

    name: Name
    kind: Kind = Kind.EVENT_TRIGGERED
    generator: Short = ""
    state_group: UUID | None = None
    state: Short | None = None
    retention_days: Days | None = None
    id: UUID | None = None


class EventTypeChanged(Wanted, frozen=True, kw_only=True):
    """A change of an event type; its kind stays."""

    name: Name | UnsetType = UNSET
    generator: Short | UnsetType = UNSET
    state_group: UUID | UnsetType | None = UNSET
    state: Short | UnsetType | None = UNSET
    retention_days: Days | UnsetType | None = UNSET
