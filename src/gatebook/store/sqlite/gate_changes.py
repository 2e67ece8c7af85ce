"""Passages, cameras and what a lock knows, within the writer's transaction."""

from __future__ import annotations

from collections.abc import Iterable

import apsw

from gatebook.domain.access import Grant
from gatebook.domain.gates import (
    CameraLink,
    CameraSetting,
    Contact,
    LockKey,
    LockSetting,
    Passage,
    PlateHolder,
    Resident,
)
from gatebook.domain.places import Credential, Device, DeviceKind
from gatebook.store.sqlite import gates
from gatebook.store.sqlite.directory import devices_after
from gatebook.store.sqlite.gates import SQL


class GateChanges:
    """What a use case reads to decide, and writes when it has; the event is the use case's to append."""

    def __init__(self, connection: apsw.Connection) -> None:
        """Works on the writer's connection."""
        self._connection = connection

    # -- read --------------------------------------------------------------------------------------------------------

    def passage(self, org: int, person: int, device: int) -> Passage | None:
        """What lets a person pass at a device."""
        return gates.passage(self._connection, org, person, device)

    def camera(self, org: int, device: int) -> CameraSetting | None:
        """How a camera reads plates."""
        return gates.camera(self._connection, org, device)

    def links_of_camera(self, org: int, camera: int) -> list[CameraLink]:
        """The locks that a camera opens."""
        return gates.links_of_camera(self._connection, org, camera)

    def lock(self, org: int, device: int) -> LockSetting | None:
        """What is known of a lock."""
        return gates.lock(self._connection, org, device)

    def key_of_lock(self, org: int, device: int, key: str) -> LockKey | None:
        """The key of this name."""
        return gates.key_of_lock(self._connection, org, device, key)

    def resident(self, org: int, device: int, person: int) -> Resident | None:
        """A person as a resident of a lock."""
        return gates.resident(self._connection, org, device, person)

    def plates_of_person(self, org: int, person: int) -> list[Credential]:
        """The plates of a person."""
        return gates.plates_of_person(self._connection, org, person)

    def holders_of_plates(self, org: int, plates: Iterable[str]) -> list[PlateHolder]:
        """Who carries one of these plates, which are given in upper case without spaces and dashes."""
        return gates.holders_of_plates(self._connection, org, plates)

    def contact(self, org: int, person: int) -> Contact | None:
        """Where a person can be reached."""
        return gates.contact(self._connection, org, person)

    def devices_in(self, org: int, grant: Grant, limit: int, kinds: Iterable[DeviceKind] | None = None) -> list[Device]:
        """The devices that a grant shows, by number; `kinds`: these alone."""
        return devices_after(self._connection, org, grant, 0, limit, kinds)

    def person_stream(self, org: int, person: int) -> int:
        """The stream of a person who is there."""
        return gates.person_head(self._connection, org, person)[0]

    def head(self, org: int, stream: int) -> int:
        """The newest version of a stream."""
        return gates.head(self._connection, org, stream)

    # -- written -----------------------------------------------------------------------------------------------------

    def put_passage(self, org: int, one: Passage) -> None:
        """A new one, or what an old one becomes."""
        columns = {"person": one.person, "device": one.device, "role": one.role, "valid_from": one.valid_from}
        rest = {"valid_until": one.valid_until, "label": one.label, "granted_by": one.granted_by}
        self._run("put_passage", org, {**columns, **rest})

    def drop_passage(self, org: int, person: int, device: int) -> None:
        """Takes it away."""
        self._run("drop_passage", org, {"person": person, "device": device})

    def put_camera(self, org: int, one: CameraSetting) -> None:
        """A new one, or what an old one becomes."""
        columns = {"device": one.device, "enabled": int(one.enabled), "threshold": one.threshold, "level": one.level}
        columns |= {"direction": one.direction, "owner": one.owner, "model": one.model, "http_url": one.http_url}
        self._run("put_camera", org, {**columns, "rtsp_url": one.rtsp_url, "registration_code": one.registration_code})

    def insert_link(self, org: int, one: CameraLink) -> None:
        """What the camera reads may open the lock."""
        self._run("insert_link", org, {"camera": one.camera, "lock": one.lock})

    def drop_link(self, org: int, one: CameraLink) -> None:
        """It may not any more."""
        self._run("drop_link", org, {"camera": one.camera, "lock": one.lock})

    def put_lock(self, org: int, one: LockSetting) -> None:
        """A new one, or what an old one becomes."""
        self._run("put_lock", org, {"device": one.device, "owner": one.owner, "serial": one.serial, "maker": one.maker})

    def insert_key(self, org: int, one: LockKey) -> None:
        """The lock knows one key more."""
        self._run(
            "insert_key", org, {"device": one.device, "key": one.key, "position": one.index, "person": one.person}
        )

    def drop_key(self, org: int, device: int, key: str) -> None:
        """One key less."""
        self._run("drop_key", org, {"device": device, "key": key})

    def insert_resident(self, org: int, one: Resident) -> None:
        """One more lives behind the lock."""
        columns = {"device": one.device, "person": one.person, "name": one.name}
        self._run("insert_resident", org, {**columns, "email": one.email, "phone": one.phone})

    def drop_resident(self, org: int, device: int, person: int) -> None:
        """One less."""
        self._run("drop_resident", org, {"device": device, "person": person})

    def put_contact(self, org: int, one: Contact) -> None:
        """Where a person can be reached from now on."""
        self._run("put_contact", org, {"person": one.person, "email": one.email, "phone": one.phone})

    def _run(self, query: str, org: int, columns: dict[str, object]) -> None:
        self._connection.execute(SQL[query], {**columns, "org": org})
