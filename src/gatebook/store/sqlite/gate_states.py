"""A lock, a camera or a person whole, in one snapshot: what stands and the version at which it stands agree."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import apsw

from gatebook.domain.access import Grant
from gatebook.domain.gates import CameraLink, CameraSetting, Contact, LockKey, LockSetting, Resident
from gatebook.domain.places import Device, Person
from gatebook.store.sqlite import directory, gates


class LockState(NamedTuple):
    """A lock as it stands; `people` are those it names, by number."""

    setting: LockSetting
    keys: list[LockKey]
    residents: list[Resident]
    people: dict[int, Person]
    version: int


class CameraState(NamedTuple):
    """A camera as it stands, with those of its locks that the grant shows."""

    device: Device
    setting: CameraSetting
    links: list[CameraLink]
    owner: Person | None
    version: int


class PersonState(NamedTuple):
    """Somebody who passes, as they stand."""

    person: Person
    contact: Contact | None
    version: int


def lock_state(connection: apsw.Connection, org: int, device: Device) -> LockState:
    """A lock that has been shown."""
    setting = gates.lock(connection, org, device.number) or LockSetting(device=device.number)
    keys = gates.keys_of_lock(connection, org, device.number)
    residents = gates.residents_of_lock(connection, org, device.number)
    numbers = {one.person for one in keys} | {one.person for one in residents} | {setting.owner}
    named = people(connection, org, (one for one in numbers if one is not None))
    return LockState(setting, keys, residents, named, gates.head(connection, org, device.stream))


def camera_state(connection: apsw.Connection, org: int, grant: Grant, device: Device) -> CameraState | None:
    """A camera that has been shown; None where it is not set up."""
    setting = gates.camera(connection, org, device.number)
    return None if setting is None else _camera(connection, org, grant, device, setting)


def camera_states(
    connection: apsw.Connection, org: int, grant: Grant, limit: int, owner: int | None
) -> list[CameraState]:
    """The first cameras in service that the grant shows; with an owner, that person's alone."""
    found = [
        (directory.device(connection, org, setting.device), setting)
        for setting in gates.cameras_after(connection, org, grant, 0, limit, owner)
    ]
    return [_camera(connection, org, grant, device, setting) for device, setting in found if device is not None]


def person_state(connection: apsw.Connection, org: int, person: Person) -> PersonState:
    """Somebody with where they can be reached."""
    contact = gates.contact(connection, org, person.number)
    return PersonState(person, contact, gates.person_head(connection, org, person.number)[1])


def people(connection: apsw.Connection, org: int, numbers: Iterable[int]) -> dict[int, Person]:
    """The people of these numbers."""
    found = [directory.person(connection, org, number) for number in numbers]
    return {one.number: one for one in found if one is not None}


class GateStates:
    """The same, as readers ask for them."""

    lock = staticmethod(lock_state)
    camera = staticmethod(camera_state)
    cameras = staticmethod(camera_states)
    person = staticmethod(person_state)


def _camera(connection: apsw.Connection, org: int, grant: Grant, device: Device, setting: CameraSetting) -> CameraState:
    links = [
        link
        for link in gates.links_of_camera(connection, org, device.number)
        for lock in [directory.device(connection, org, link.lock)]
        if lock is not None and grant.shows(lock.number, lock.site)
    ]
    owner = None if setting.owner is None else directory.person(connection, org, setting.owner)
    return CameraState(device, setting, links, owner, gates.head(connection, org, device.stream))
