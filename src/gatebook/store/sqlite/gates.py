"""Passages, cameras and what a lock knows, in SQL: as they are asked for, and as a use case writes them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

import apsw

from gatebook.domain.access import EVERYTHING, Grant
from gatebook.domain.gates import (
    CameraLink,
    CameraSetting,
    Contact,
    Direction,
    Level,
    LockKey,
    LockSetting,
    Passage,
    PlateHolder,
    Resident,
    Role,
)
from gatebook.domain.places import Credential
from gatebook.store.sql import load
from gatebook.store.sqlite.connection import Row, carray, carray_of, fetch, first
from gatebook.store.sqlite.entities import credential_of

SQL = load("sqlite", "gates")
LIMIT = 10_000
"""The most that one list gives."""


def passage(connection: apsw.Connection, org: int, person: int, device: int) -> Passage | None:
    """What lets a person pass at a device."""
    row = first(connection, SQL["passage"], {"org": org, "person": person, "device": device})
    return None if row is None else _passage(row)


def passages_of_person(
    connection: apsw.Connection, org: int, person: int, grant: Grant = EVERYTHING, limit: int = LIMIT
) -> list[Passage]:
    """Where a person may pass, as far as the grant shows, by device."""
    named = _granted(org, grant) | {"person": person, "limit": limit}
    return [_passage(row) for row in fetch(connection, SQL["passages_of_person"], named)]


def passages_of_device(connection: apsw.Connection, org: int, device: int, limit: int = LIMIT) -> list[Passage]:
    """Who may pass at a device, by person."""
    named = {"org": org, "device": device, "limit": limit}
    return [_passage(row) for row in fetch(connection, SQL["passages_of_device"], named)]


def camera(connection: apsw.Connection, org: int, device: int) -> CameraSetting | None:
    """How the camera of this number reads plates; None for a device that is set up as no camera."""
    row = first(connection, SQL["camera"], {"org": org, "device": device})
    return None if row is None else _camera(row)


def cameras_after(
    connection: apsw.Connection, org: int, grant: Grant, after: int, limit: int, owner: int | None = None
) -> list[CameraSetting]:
    """Cameras in service that the grant shows, by number beyond `after`; with an owner, that person's alone."""
    named = _granted(org, grant) | {"after": after, "limit": limit, "owner": owner}
    return [_camera(row) for row in fetch(connection, SQL["cameras_after"], named)]


def links_of_camera(connection: apsw.Connection, org: int, number: int) -> list[CameraLink]:
    """The locks that a camera opens."""
    rows = fetch(connection, SQL["links_of_camera"], {"org": org, "camera": number})
    return [CameraLink(camera=eye, lock=lock) for eye, lock in rows]


def links_of_lock(connection: apsw.Connection, org: int, number: int) -> list[CameraLink]:
    """The cameras that open a lock."""
    rows = fetch(connection, SQL["links_of_lock"], {"org": org, "lock": number})
    return [CameraLink(camera=eye, lock=lock) for eye, lock in rows]


def holders_of_plates(connection: apsw.Connection, org: int, plates: Iterable[str]) -> list[PlateHolder]:
    """Who carries one of these plates, which are given in upper case without spaces and dashes."""
    named = {"org": org, "plates": carray_of(sorted(set(plates)))}
    return [_holder(row) for row in fetch(connection, SQL["holders_of_plates"], named)]


def plates(connection: apsw.Connection, org: int, after: int = 0, limit: int = LIMIT) -> list[tuple[int, PlateHolder]]:
    """All plates by number of credential beyond `after`, each with that number."""
    rows = fetch(connection, SQL["plates"], {"org": org, "after": after, "limit": limit})
    return [(row[0], _holder(row[1:])) for row in rows]


def plates_of_person(connection: apsw.Connection, org: int, person: int, limit: int = LIMIT) -> list[Credential]:
    """The plates of a person, in the order in which they were added."""
    named = {"org": org, "person": person, "limit": limit}
    return [credential_of(row) for row in fetch(connection, SQL["plates_of_person"], named)]


def lock(connection: apsw.Connection, org: int, device: int) -> LockSetting | None:
    """What is known of a lock; None for one of which only the directory knows."""
    row = first(connection, SQL["lock"], {"org": org, "device": device})
    if row is None:
        return None
    number, owner, serial, maker, revision = row
    return LockSetting(device=number, owner=owner, serial=serial, maker=maker, revision=revision)


def key_of_lock(connection: apsw.Connection, org: int, device: int, key: str) -> LockKey | None:
    """The key of this name."""
    row = first(connection, SQL["key_of_lock"], {"org": org, "device": device, "key": key})
    return None if row is None else _key(row)


def keys_of_lock(connection: apsw.Connection, org: int, device: int, limit: int = LIMIT) -> list[LockKey]:
    """The keys that a lock knows, by name."""
    named = {"org": org, "device": device, "limit": limit}
    return [_key(row) for row in fetch(connection, SQL["keys_of_lock"], named)]


def resident(connection: apsw.Connection, org: int, device: int, person: int) -> Resident | None:
    """A person as a resident of a lock."""
    row = first(connection, SQL["resident"], {"org": org, "device": device, "person": person})
    return None if row is None else _resident(row)


def residents_of_lock(connection: apsw.Connection, org: int, device: int, limit: int = LIMIT) -> list[Resident]:
    """Who lives behind a lock, by number."""
    named = {"org": org, "device": device, "limit": limit}
    return [_resident(row) for row in fetch(connection, SQL["residents_of_lock"], named)]


def contact(connection: apsw.Connection, org: int, person: int) -> Contact | None:
    """Where a person can be reached, if they said so."""
    row = first(connection, SQL["contact"], {"org": org, "person": person})
    return None if row is None else Contact(person=row[0], email=row[1], phone=row[2])


def contacts(connection: apsw.Connection, org: int, people: Iterable[int]) -> dict[int, Contact]:
    """Where those of these people who said so can be reached, by number."""
    rows = fetch(connection, SQL["contacts"], {"org": org, "people": carray(people)})
    return {person: Contact(person=person, email=email, phone=phone) for person, email, phone in rows}


def person_head(connection: apsw.Connection, org: int, person: int) -> tuple[int, int]:
    """A person's stream, and the newest version in it."""
    rows: Sequence[Row] = fetch(connection, SQL["person_stream"], {"org": org, "person": person})
    stream = int(rows[0][0])
    return stream, head(connection, org, stream)


def head(connection: apsw.Connection, org: int, stream: int) -> int:
    """The newest version of a stream; 0 where nothing has happened in it."""
    row = first(connection, SQL["head"], {"org": org, "stream": stream})
    return 0 if row is None else int(row[0])


def forget(connection: apsw.Connection, org: int, person: int) -> None:
    """Takes away where somebody can be reached and lives, in a write transaction."""
    for query in ("forget_contact", "forget_resident"):
        connection.execute(SQL[query], {"org": org, "person": person})


class GateQuestions:
    """Gates, as readers ask for them."""

    passage = staticmethod(passage)
    passages_of_person = staticmethod(passages_of_person)
    passages_of_device = staticmethod(passages_of_device)
    camera = staticmethod(camera)
    cameras_after = staticmethod(cameras_after)
    links_of_camera = staticmethod(links_of_camera)
    links_of_lock = staticmethod(links_of_lock)
    holders_of_plates = staticmethod(holders_of_plates)
    plates = staticmethod(plates)
    plates_of_person = staticmethod(plates_of_person)
    lock = staticmethod(lock)
    keys_of_lock = staticmethod(keys_of_lock)
    residents_of_lock = staticmethod(residents_of_lock)
    contact = staticmethod(contact)
    contacts = staticmethod(contacts)
    person_head = staticmethod(person_head)
    head = staticmethod(head)


def _granted(org: int, grant: Grant) -> dict[str, object]:
    return {
        "org": org,
        "everything": grant.everything,
        "sites": carray(grant.sites),
        "devices": carray(grant.devices),
    }


def _passage(row: Row) -> Passage:
    person, device, role, since, until, label, by, revision = row
    return Passage(
        person=person,
        device=device,
        role=Role(role),
        valid_from=since,
        valid_until=until,
        label=label,
        granted_by=by,
        revision=revision,
    )


def _camera(row: Row) -> CameraSetting:
    device, enabled, threshold, level, direction, owner, model, http, rtsp, code, revision = row
    return CameraSetting(
        device=device,
        enabled=bool(enabled),
        threshold=threshold,
        level=Level(level),
        direction=Direction(direction),
        owner=owner,
        model=model,
        http_url=http,
        rtsp_url=rtsp,
        registration_code=code,
        revision=revision,
    )


def _holder(row: Row) -> PlateHolder:
    uuid, person, value, since, until = row
    return PlateHolder(credential=UUID(bytes=uuid), person=person, plate=value, valid_from=since, valid_until=until)


def _key(row: Row) -> LockKey:
    device, key, position, person = row
    return LockKey(device=device, key=key, index=position, person=person)


def _resident(row: Row) -> Resident:
    device, person, name, email, phone = row
    return Resident(device=device, person=person, name=name, email=email, phone=phone)
