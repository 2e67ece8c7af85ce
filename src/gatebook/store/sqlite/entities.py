"""Organisations, sites, people, credentials and event types in SQL, as they are listed and changed one by one."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from uuid import UUID

import apsw

from gatebook.domain.access import Grant
from gatebook.domain.errors import Conflict
from gatebook.domain.kinds import Kind, Method
from gatebook.domain.places import Credential, Device, EventType, Organisation, Person, Site, StateGroup
from gatebook.store.sql import load
from gatebook.store.sqlite.connection import Row, carray, fetch, first
from gatebook.store.sqlite.directory import sites_of_devices
from gatebook.store.sqlite.rows import device_of, organisation_of, person_of, site_of
from gatebook.store.sqlite.shelves import KEEP_NUMBER, Columns, Shelf, Writing

SQL = load("sqlite", "entities")
DIRECTORY = load("sqlite", "directory")
STATES = load("sqlite", "state_groups")


def credential_of(row: Row) -> Credential:
    """(credential, uuid, person, method, value, label, valid_from, valid_until, revision)."""
    number, uuid, person, method, value, label, valid_from, valid_until, revision = row
    return Credential(
        number=number,
        id=UUID(bytes=uuid),
        person=person,
        method=Method(method),
        value=value,
        label=label,
        valid_from=valid_from,
        valid_until=valid_until,
        revision=revision,
    )


def event_type_of(row: Row) -> EventType:
    """The columns of `event_type_by_uuid`, in their order."""
    uuid, name, kind, generator, group, state, days, revision, removed, description, sources, modified = row
    return EventType(
        id=UUID(bytes=uuid),
        name=name,
        kind=Kind(kind),
        generator=generator,
        state_group=None if group is None else UUID(bytes=group),
        state=state,
        retention_days=days,
        revision=revision,
        removed=bool(removed),
        description=description,
        sources=tuple(json.loads(sources)),
        modified=modified,
    )


def state_group_of(row: Row) -> StateGroup:
    """(uuid, name, states as a JSON array, modified, revision)."""
    uuid, name, states, modified, revision = row
    return StateGroup(
        id=UUID(bytes=uuid), name=name, states=tuple(json.loads(states)), modified=modified, revision=revision
    )


def _organisation(one: Organisation) -> Columns:
    return {
        "number": one.number,
        "name": one.name,
        "zone": one.zone,
        "parent": one.parent,
        "purpose_required": int(one.purpose_required),
        "revision": one.revision,
    }


def _site(site: Site) -> Columns:
    return {"site": site.number, "name": site.name, "zone": site.zone, "revision": site.revision}


def _person(person: Person) -> Columns:
    return {
        "person": person.number,
        "name": person.name,
        "removed": int(person.removed),
        "revision": person.revision,
    }


def _credential(credential: Credential) -> Columns:
    return {
        "credential": credential.number,
        "uuid": credential.id.bytes,
        "person": credential.person,
        "method": credential.method,
        "value": credential.value,
        "label": credential.label,
        "valid_from": credential.valid_from,
        "valid_until": credential.valid_until,
        "revision": credential.revision,
    }


def _event_type(one: EventType) -> Columns:
    return {
        "uuid": one.id.bytes,
        "name": one.name,
        "kind": one.kind,
        "generator": one.generator,
        "state_group": None if one.state_group is None else one.state_group.bytes,
        "state": one.state,
        "retention_days": one.retention_days,
        "removed": int(one.removed),
        "revision": one.revision,
        "description": one.description,
        "sources": json.dumps(one.sources),
        "modified": one.modified,
    }


def _state_group(one: StateGroup) -> Columns:
    return {
        "uuid": one.id.bytes,
        "name": one.name,
        "states": json.dumps(one.states),
        "modified": one.modified,
        "revision": one.revision,
    }


class EntityQuestions:
    """What the directory lists, one kind on each shelf."""

    devices: Shelf[Device] = Shelf(
        queries=DIRECTORY,
        noun="device",
        plural="devices",
        value_of=device_of,
        columns_of=lambda device: {"device": device.number},
        word="vendor_id",
    )
    """To be looked up; their lists and changes have queries of their own."""

    organisations: Shelf[Organisation] = Shelf(
        queries=SQL, noun="organisation", plural="organisations", value_of=organisation_of, columns_of=_organisation
    )
    sites: Shelf[Site] = Shelf(
        queries=SQL, noun="site", plural="sites", value_of=site_of, columns_of=_site, word="name"
    )
    people: Shelf[Person] = Shelf(queries=SQL, noun="person", plural="people", value_of=person_of, columns_of=_person)
    credentials: Shelf[Credential] = Shelf(
        queries=SQL, noun="credential", plural="credentials", value_of=credential_of, columns_of=_credential
    )
    event_types: Shelf[EventType] = Shelf(
        queries=SQL,
        noun="event_type",
        plural="event_types",
        value_of=event_type_of,
        columns_of=_event_type,
        word="name",
        numbered=False,
    )
    state_groups: Shelf[StateGroup] = Shelf(
        queries=STATES,
        noun="state_group",
        plural="state_groups",
        value_of=state_group_of,
        columns_of=_state_group,
        word="name",
        numbered=False,
    )

    def has_pins_in_the_clear(self, connection: apsw.Connection) -> bool:
        """Whether a PIN lies there as it was typed, as they did in older stores."""
        return first(connection, SQL["pins_in_the_clear"], ()) is not None

    def shown_event_types(self, connection: apsw.Connection, org: int, grant: Grant) -> frozenset[UUID]:
        """The types that were made, without those of user-defined events that the grant does not show."""
        named = {"org": org, "everything": grant.everything}
        lists = {"sites": carray(grant.sites), "devices": carray(grant.devices)}
        return frozenset(
            UUID(bytes=uuid) for (uuid,) in fetch(connection, SQL["shown_event_types"], {**named, **lists})
        )


class Entities:
    """The same within a transaction; every change rings in the directory's revision."""

    def __init__(self, connection: apsw.Connection, forget: Callable[[], None]) -> None:
        """`forget`: called when what the transaction remembers of the directory is no longer so."""
        self._connection = connection
        self._forget = forget
        self.devices = Writing(EntityQuestions.devices, connection)
        self.organisations = Writing(EntityQuestions.organisations, connection, self._touch)
        self.sites = Writing(EntityQuestions.sites, connection, self._touch)
        self.people = Writing(EntityQuestions.people, connection, self._touch)
        self.credentials = Writing(EntityQuestions.credentials, connection)
        self.event_types = Writing(EntityQuestions.event_types, connection, self._touch)
        self.state_groups = Writing(EntityQuestions.state_groups, connection, self._touch)

    def sites_of_devices(self, org: int, devices: Iterable[int]) -> dict[int, int | None]:
        """By number of device, the number of the site where it stands; a device that is not there is left out."""
        return sites_of_devices(self._connection, org, devices)

    def is_empty(self, org: int, site: Site) -> bool:
        """True when no device stands there, not even a decommissioned one."""
        return first(self._connection, SQL["devices_at"], {"org": org, "site": site.number}) is None

    def entering(self, org: int, group: UUID) -> str | None:
        """The name of an event type whose events enter a state of this group; None where there is none."""
        row = first(self._connection, STATES["entering"], {"org": org, "uuid": group.bytes})
        return None if row is None else str(row[0])

    def drop_credentials(self, org: int, person: Person) -> None:
        """Takes all credentials of a person away."""
        named = {"org": org, "person": person.number}
        highest = first(self._connection, SQL["credentials_of_person"], named)
        if highest is not None and highest[0] is not None:
            self._connection.execute(KEEP_NUMBER, {"org": org, "noun": "credential", "last": highest[0]})
            self._connection.execute(SQL["drop_credentials"], named)

    def pins_in_the_clear(self) -> list[tuple[int, int, str]]:
        """(organisation, number of the credential, PIN) of those that lie there as they were typed."""
        return [(org, number, pin) for org, number, pin in fetch(self._connection, SQL["pins_in_the_clear"], ())]

    def set_value(self, org: int, credential: int, value: str) -> None:
        """What is kept of a credential, instead of what was; nobody's revision changes."""
        self._connection.execute(SQL["set_value"], {"org": org, "credential": credential, "value": value})

    def set_vendor_ids(self, org: int, device: int, vendor_ids: Sequence[str]) -> None:
        """What the device's maker calls it, instead of what was there; Conflict where another device has one."""
        self._connection.execute(DIRECTORY["drop_vendor_ids"], {"org": org, "device": device})
        for vendor_id in vendor_ids:
            named = {"org": org, "vendor_id": vendor_id, "device": device}
            try:
                self._connection.execute(DIRECTORY["insert_vendor_id"], named)
            except apsw.ConstraintError as fault:
                raise Conflict(f"another device has the vendor id {vendor_id}; give each to one device") from fault
        self._touch(org)

    def _touch(self, org: int) -> None:
        self._connection.execute(DIRECTORY["touch"], {"org": org})
        self._forget()
