"""How a lock, a camera and a user stand, in SmartphoneKey's fields.

Source: SmartphoneKey OpenAPI document, 2026-08-20, for every name of a field.
"""

from __future__ import annotations

from msgspec import UNSET, Struct, UnsetType

from gatebook.dialects.smartphonekey.mapping import Lock
from gatebook.dialects.smartphonekey.resources.acting import millis
from gatebook.domain.gates import Passage, bare_plate
from gatebook.domain.places import Credential
from gatebook.domain.times import Instant, rfc3339
from gatebook.services.gates import CameraState, LockState, PersonState

UUID_VERSION = 7


class State(Struct, frozen=True, rename="camel", kw_only=True):
    """What all answers have in common."""


class KeyState(State, frozen=True, kw_only=True):
    """A key that a lock knows."""

    uuid: str
    index_number: int | UnsetType = UNSET
    user_id: str | UnsetType = UNSET


class ResidentState(State, frozen=True, kw_only=True):
    """Somebody who lives behind a lock."""

    user_id: str
    name: str
    email: str | UnsetType = UNSET


class LockInfo(State, frozen=True, kw_only=True):
    """A lock by itself.  `doId` and `r2Prefix` name the vendor's storage: here the lock's own id."""

    id: str
    lock_id: str
    uuid: str
    version: int
    serial_number: str | UnsetType = UNSET
    owner_id: str | UnsetType = UNSET
    org_id: str
    organization_id: str
    do_id: str
    r2_prefix: str


class LockDetails(LockInfo, frozen=True, kw_only=True):
    """A lock with its keys and residents."""

    keys: list[KeyState]
    residents: list[ResidentState]
    timestamp: str


class Residents(State, frozen=True, kw_only=True):
    """Those who live behind a lock.  Assumed: the envelope of the vendor's other lists."""

    residents: list[ResidentState]
    total_count: int


class CameraDetails(State, frozen=True, kw_only=True):
    """A camera.  `threeDeyeCameraId` is empty: Gatebook has nothing to do with 3dEye."""

    camera_id: str
    three_deye_camera_id: str
    type: str
    name: str
    org_id: str
    owner_id: str | None
    status: str
    http_url: str | None
    rtsp_url: str | None
    registration_code: str | None
    lock_id: str | None
    version: int
    timestamp: int


class Cameras(State, frozen=True, kw_only=True):
    """Cameras.  Assumed: the envelope of the vendor's other lists."""

    cameras: list[CameraDetails]
    total_count: int


class Profile(State, frozen=True, kw_only=True):
    """A user.  Assumed: the members of CreateUser, read back."""

    user_id: str
    name: str
    email: str | None
    phone_number: str | None
    version: int


class Plate(State, frozen=True, kw_only=True):
    """A plate of a user; `addedAt` in milliseconds since 1970."""

    plate: str
    label: str
    added_at: int


class Plates(State, frozen=True, kw_only=True):
    """The plates of a user."""

    license_plates: list[Plate]
    total_count: int


class AccessibleLock(State, frozen=True, kw_only=True):
    """A lock that a user may open."""

    lock_id: str
    lock_name: str
    access_level: str
    granted_by: str
    expires_at: str | UnsetType = UNSET


class AccessibleLocks(State, frozen=True, kw_only=True):
    """The locks that a user may open."""

    locks: list[AccessibleLock]
    total_count: int


def lock_details(lock: Lock, state: LockState, now: Instant) -> LockDetails:
    """A lock as it stands at a time."""
    number, ids = str(lock.device.number), {one: str(person.id) for one, person in state.people.items()}
    setting = state.setting
    return LockDetails(
        id=number,
        lock_id=number,
        uuid=str(lock.device.id),
        version=state.version,
        serial_number=UNSET if setting.serial is None else setting.serial,
        owner_id=_known(ids, setting.owner),
        org_id=lock.org_id,
        organization_id=lock.org_id,
        do_id=str(lock.device.id),
        r2_prefix=f"locks/{number}/",
        keys=[
            KeyState(
                uuid=key.key, index_number=UNSET if key.index is None else key.index, user_id=_known(ids, key.person)
            )
            for key in state.keys
        ],
        residents=[
            ResidentState(user_id=ids[one.person], name=one.name, email=UNSET if one.email is None else one.email)
            for one in state.residents
            if one.person in ids
        ],
        timestamp=rfc3339(now, 3),
    )


def basic(details: LockDetails) -> LockInfo:
    """The same without keys and residents."""
    return LockInfo(**{name: getattr(details, name) for name in LockInfo.__struct_fields__})


def camera_details(state: CameraState, org_id: str, now: Instant) -> CameraDetails:
    """A camera as it stands; the first of its locks stands for all."""
    setting = state.setting
    return CameraDetails(
        camera_id=str(state.device.id),
        three_deye_camera_id="",
        type=setting.model,
        name=state.device.name,
        org_id=org_id,
        owner_id=None if state.owner is None else str(state.owner.id),
        status="Active" if setting.enabled else "Disabled",
        http_url=setting.http_url or None,
        rtsp_url=setting.rtsp_url or None,
        registration_code=setting.registration_code,
        lock_id=str(state.links[0].lock) if state.links else None,
        version=state.version,
        timestamp=millis(now),
    )


def profile(state: PersonState) -> Profile:
    """A user as they stand."""
    contact = state.contact
    return Profile(
        user_id=str(state.person.id),
        name=state.person.name,
        email=None if contact is None else contact.email,
        phone_number=None if contact is None else contact.phone,
        version=state.version,
    )


def plates(found: list[Credential]) -> Plates:
    """The plates of a user."""
    rows = [Plate(plate=bare_plate(one.value or ""), label=one.label, added_at=_added(one)) for one in found]
    return Plates(license_plates=rows, total_count=len(rows))


def accessible(passages: list[Passage]) -> AccessibleLocks:
    """The locks that a user may open."""
    rows = [
        AccessibleLock(
            lock_id=str(one.device),
            lock_name=one.label,
            access_level=one.role.upper(),
            granted_by=one.granted_by,
            expires_at=UNSET if one.valid_until is None else rfc3339(one.valid_until, 3),
        )
        for one in passages
    ]
    return AccessibleLocks(locks=rows, total_count=len(rows))


def _known(ids: dict[int, str], person: int | None) -> str | UnsetType:
    return UNSET if person is None else ids.get(person, UNSET)


def _added(plate: Credential) -> int:
    """When a plate was added: its id tells, where the client did not choose it."""
    return plate.id.int >> 80 if plate.id.version == UUID_VERSION else 0
