"""The directory in SQL: organisations, sites, devices, people, classes and types, read within any transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

import apsw

from gatebook.domain.access import Grant
from gatebook.domain.events import EventClass
from gatebook.domain.kinds import Kind
from gatebook.domain.places import Device, DeviceKind, Organisation, Person, Site
from gatebook.store.contract import Ref
from gatebook.store.sql import load
from gatebook.store.sqlite.connection import Row, carray, carray_of, fetch, first
from gatebook.store.sqlite.glances import at_a_glance
from gatebook.store.sqlite.references import row_by_ref
from gatebook.store.sqlite.rows import class_of, device_of, organisation_of, people_of, person_of, site_of

SQL = load("sqlite", "directory")


def _one(connection: apsw.Connection, query: str, org: int, ref: object) -> Row | None:
    return first(connection, SQL[query], {"org": org, "ref": ref})


@at_a_glance
def device(connection: apsw.Connection, org: int, ref: Ref) -> Device | None:
    """The device named by integer, UUID or vendor id; removed ones too, since their history stays."""
    row = row_by_ref(connection, SQL, "device", org, ref, "vendor_id")
    return None if row is None else device_of(row)


def device_of_stream(connection: apsw.Connection, org: int, stream: int) -> Device | None:
    """The device whose events are versioned by this stream."""
    row = _one(connection, "device_by_stream", org, stream)
    return None if row is None else device_of(row)


def devices(connection: apsw.Connection, org: int) -> list[Device]:
    """All devices, removed ones too."""
    return [device_of(row) for row in fetch(connection, SQL["all_devices"], {"org": org})]


def devices_after(
    connection: apsw.Connection, org: int, grant: Grant, after: int, limit: int,
    kinds: Iterable[DeviceKind] | None = None, removed: bool = False,
) -> list[Device]:  # fmt: skip
    """Devices by rising number, of those that the grant shows; `kinds`: these alone; `removed`: with those that are."""
    named = {"org": org, "after": after, "limit": limit, "everything": grant.everything, "removed": int(removed)}
    named["every_kind"] = kinds is None
    lists = {
        "sites": carray(grant.sites),
        "devices": carray(grant.devices),
        "kinds": None if kinds is None else carray_of(kind.value for kind in kinds),
    }
    return [device_of(row) for row in fetch(connection, SQL["devices_after"], {**named, **lists})]


def sites_of_devices(connection: apsw.Connection, org: int, numbers: Iterable[int]) -> dict[int, int | None]:
    """By number of device, the number of the site where it stands; a device that is not there is left out."""
    named = {"org": org, "devices": carray(numbers)}
    return {device: site for device, site in fetch(connection, SQL["sites_of_devices"], named)}


def site(connection: apsw.Connection, org: int, ref: Ref) -> Site | None:
    """The site named by integer, UUID or name."""
    row = row_by_ref(connection, SQL, "site", org, ref, "name")
    return None if row is None else site_of(row)


def sites(connection: apsw.Connection, org: int) -> list[Site]:
    """All sites by number."""
    return [site_of(row) for row in fetch(connection, SQL["sites"], {"org": org})]


def person(connection: apsw.Connection, org: int, ref: Ref) -> Person | None:
    """The person named by integer or UUID."""
    row = row_by_ref(connection, SQL, "person", org, ref)
    return None if row is None else person_of(row)


def people_numbered(connection: apsw.Connection, org: int, numbers: Sequence[int]) -> dict[int, Person]:
    """These people by number."""
    named = {"org": org, "persons": carray(numbers)}
    return people_of(fetch(connection, SQL["people_numbered"], named))


def organisations(connection: apsw.Connection) -> list[Organisation]:
    """All organisations by number."""
    return [organisation_of(row) for row in fetch(connection, SQL["organisations"], ())]


@at_a_glance
def organisation_numbers(connection: apsw.Connection) -> list[int]:
    """The numbers of all organisations."""
    return [number for (number,) in fetch(connection, SQL["organisation_numbers"], ())]


@at_a_glance
def organisation(connection: apsw.Connection, org: int) -> Organisation | None:
    """The organisation of this number."""
    row = first(connection, SQL["organisation"], {"org": org})
    return None if row is None else organisation_of(row)


def classes(connection: apsw.Connection, org: int) -> dict[int, EventClass]:
    """Every class of the organisation by number."""
    return dict(class_of(row) for row in fetch(connection, SQL["classes"], {"org": org}))


def event_type(connection: apsw.Connection, org: int, uuid: UUID) -> tuple[Kind, int | None] | None:
    """`(kind, retention in days)` of an event type that is not built in; None for one that is not known."""
    row = _one(connection, "event_type", org, uuid.bytes)
    return None if row is None else (Kind(row[1]), row[2])


def site_streams(connection: apsw.Connection, org: int) -> tuple[dict[int, int], dict[int, Sequence[int]]]:
    """`({device stream: site stream}, {site stream: device streams})`."""
    stream_of = {found.number: found.stream for found in sites(connection, org)}
    site_of_stream: dict[int, int] = {}
    members: dict[int, list[int]] = {stream: [] for stream in stream_of.values()}
    for stream, number in fetch(connection, SQL["device_streams"], {"org": org}):
        site_of_stream[stream] = stream_of[number]
        members[stream_of[number]].append(stream)
    return site_of_stream, dict(members)
