"""What may be said of an account or an entity when it is made or changed; what is UNSET stays as it is."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from msgspec import UNSET, Struct, UnsetType
from msgspec.structs import asdict

from gatebook.domain.access import Scope
from gatebook.domain.kinds import Kind, Method
from gatebook.domain.places import DeviceKind
from gatebook.domain.times import Instant
from gatebook.store.contract import Ref

Maybe = Instant | None | UnsetType


class Reach(Struct, frozen=True, kw_only=True):
    """A grant as it is named: everything, or sites and devices by number, UUID, name or vendor id."""

    everything: bool = False
    sites: tuple[Ref, ...] = ()
    devices: tuple[Ref, ...] = ()


ALL = Reach(everything=True)


class NewUser(Struct, frozen=True, kw_only=True):
    """A user; without a password, one who signs in by way of an outside issuer."""

    login: str
    name: str
    scopes: frozenset[Scope]
    grant: Reach = ALL
    password: str | None = None
    must_change: bool = True
    """Whether the password has to be changed at the first sign-in."""
    person: Ref | None = None
    purpose: str | None = None
    expires: Instant | None = None
    id: UUID | None = None
    number: int | None = None


class UserChange(Struct, frozen=True, kw_only=True):
    """A change of a user."""

    login: str | UnsetType = UNSET
    name: str | UnsetType = UNSET
    scopes: frozenset[Scope] | UnsetType = UNSET
    grant: Reach | UnsetType = UNSET
    person: Ref | UnsetType | None = UNSET
    purpose: str | UnsetType | None = UNSET
    expires: Maybe = UNSET
    disabled: bool | UnsetType = UNSET


class NewService(Struct, frozen=True, kw_only=True):
    """A service; its client id is made where none is given."""

    name: str
    scopes: frozenset[Scope]
    client_id: str | None = None
    purpose: str | None = None
    expires: Instant | None = None
    id: UUID | None = None
    number: int | None = None


class ServiceChange(Struct, frozen=True, kw_only=True):
    """A change of a service."""

    name: str | UnsetType = UNSET
    scopes: frozenset[Scope] | UnsetType = UNSET
    purpose: str | UnsetType | None = UNSET
    expires: Maybe = UNSET
    disabled: bool | UnsetType = UNSET


class NewKey(Struct, frozen=True, kw_only=True):
    """An API key."""

    name: str
    scopes: frozenset[Scope]
    grant: Reach = ALL
    purpose: str | None = None
    expires: Instant | None = None
    id: UUID | None = None


class KeyChange(Struct, frozen=True, kw_only=True):
    """A change of an API key; one that is revoked stays so."""

    name: str | UnsetType = UNSET
    scopes: frozenset[Scope] | UnsetType = UNSET
    grant: Reach | UnsetType = UNSET
    purpose: str | UnsetType | None = UNSET
    expires: Maybe = UNSET
    revoked: bool | UnsetType = UNSET


class NewDeviceToken(Struct, frozen=True, kw_only=True):
    """A token by which one device reports."""

    device: Ref
    name: str
    expires: Instant | None = None
    id: UUID | None = None


class DeviceTokenChange(Struct, frozen=True, kw_only=True):
    """A change of a device token; one that is revoked stays so."""

    name: str | UnsetType = UNSET
    expires: Maybe = UNSET
    revoked: bool | UnsetType = UNSET


class NewDevice(Struct, frozen=True, kw_only=True):
    """A device."""

    kind: DeviceKind
    name: str
    site: Ref | None = None
    vendor_ids: tuple[str, ...] = ()
    id: UUID | None = None
    number: int | None = None


class DeviceChange(Struct, frozen=True, kw_only=True):
    """A change of a device; another site moves it, with its history."""

    name: str | UnsetType = UNSET
    kind: DeviceKind | UnsetType = UNSET
    site: Ref | UnsetType | None = UNSET
    vendor_ids: tuple[str, ...] | UnsetType = UNSET


class NewSite(Struct, frozen=True, kw_only=True):
    """A site; without a zone, the organisation's."""

    name: str
    zone: str | None = None
    id: UUID | None = None
    number: int | None = None


class SiteChange(Struct, frozen=True, kw_only=True):
    """A change of a site."""

    name: str | UnsetType = UNSET
    zone: str | UnsetType = UNSET


class NewPerson(Struct, frozen=True, kw_only=True):
    """A person."""

    name: str
    id: UUID | None = None
    number: int | None = None


class PersonChange(Struct, frozen=True, kw_only=True):
    """A change of a person."""

    name: str | UnsetType = UNSET


class NewCredential(Struct, frozen=True, kw_only=True):
    """What a person carries or knows."""

    person: Ref
    method: Method
    value: str
    label: str = ""
    valid_from: Instant | None = None
    valid_until: Instant | None = None
    id: UUID | None = None
    number: int | None = None


class CredentialChange(Struct, frozen=True, kw_only=True):
    """A change of a credential."""

    person: Ref | UnsetType = UNSET
    value: str | UnsetType = UNSET
    label: str | UnsetType = UNSET
    valid_from: Maybe = UNSET
    valid_until: Maybe = UNSET


class NewEventType(Struct, frozen=True, kw_only=True):
    """An event type."""

    name: str
    kind: Kind = Kind.EVENT_TRIGGERED
    generator: str = ""
    state_group: UUID | None = None
    state: str | None = None
    retention_days: int | None = None
    id: UUID | None = None
    description: str = ""
    sources: tuple[str, ...] = ()


class EventTypeChange(Struct, frozen=True, kw_only=True):
    """A change of an event type; its kind stays, since what was reported is counted by it."""

    name: str | UnsetType = UNSET
    generator: str | UnsetType = UNSET
    state_group: UUID | UnsetType | None = UNSET
    state: str | UnsetType | None = UNSET
    retention_days: int | UnsetType | None = UNSET
    description: str | UnsetType = UNSET
    sources: tuple[str, ...] | UnsetType = UNSET


class NewStateGroup(Struct, frozen=True, kw_only=True):
    """A group of states."""

    name: str
    states: tuple[str, ...] = ()
    id: UUID | None = None


class StateGroupChange(Struct, frozen=True, kw_only=True):
    """A change of a group of states."""

    name: str | UnsetType = UNSET
    states: tuple[str, ...] | UnsetType = UNSET


class NewOrganisation(Struct, frozen=True, kw_only=True):
    """A child of one's own organisation."""

    name: str
    zone: str
    purpose_required: bool = False


class OrganisationChange(Struct, frozen=True, kw_only=True):
    """A change of an organisation."""

    name: str | UnsetType = UNSET
    zone: str | UnsetType = UNSET
    purpose_required: bool | UnsetType = UNSET


Form = (
    NewUser | UserChange | NewService | ServiceChange | NewKey | KeyChange | NewDeviceToken | DeviceTokenChange
    | NewDevice | DeviceChange | NewSite | SiteChange | NewPerson | PersonChange | NewCredential | CredentialChange
    | NewEventType | EventTypeChange | NewStateGroup | StateGroupChange | NewOrganisation | OrganisationChange
)  # fmt: skip


def given(form: Struct, *but: str) -> dict[str, Any]:
    """The fields that are set, save those named; `Any`, since each field has a type of its own."""
    return {name: value for name, value in asdict(form).items() if value is not UNSET and name not in but}
