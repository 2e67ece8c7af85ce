"""What clients send to SmartphoneKey's commands, and the one answer that all of them have.

Source: SmartphoneKey command-schemas.json and OpenAPI document, 2026-08-20, for every name of a field.
"""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from msgspec import UNSET, Meta, Raw, Struct, UnsetType

NAME = Meta(min_length=1, max_length=200)
SHORT = Meta(max_length=200)
KEY = Meta(min_length=1, max_length=64)
URL = Meta(max_length=2048)
MESSAGE = Meta(max_length=4096)
NUMBER = Meta(ge=1, le=2**53 - 1)
LOCK_TEXT = Meta(pattern="^0*[1-9][0-9]{0,14}$", description="A lock's number")
INDEX = Meta(ge=-(2**53), le=2**53)

LockRef = Annotated[int, NUMBER] | Annotated[str, LOCK_TEXT]
"""The number of a lock, which bodies write as text too."""


class Body(Struct, frozen=True, rename="camel", kw_only=True, omit_defaults=True):
    """What every body has in common: unknown members are ignored, as the vendor does."""


class KeyBody(Body, frozen=True, kw_only=True):
    """A key."""

    key_uuid: Annotated[str, KEY]
    key_index_number: Annotated[int, INDEX] | UnsetType | None = UNSET
    user_id: UUID | UnsetType | None = UNSET


class NewLockKey(Body, frozen=True, kw_only=True):
    """A key of a new lock, in either of the forms in which the vendor names its parts."""

    uuid: Annotated[str, KEY] | UnsetType = UNSET
    key_uuid: Annotated[str, KEY] | UnsetType = UNSET
    index_number: Annotated[int, INDEX] | UnsetType | None = UNSET
    key_index_number: Annotated[int, INDEX] | UnsetType | None = UNSET
    user_id: UUID | UnsetType | None = UNSET


class CreateLock(Body, frozen=True, kw_only=True):
    """A lock."""

    uuid: UUID
    index: Annotated[int, INDEX] | UnsetType = UNSET
    serial_number: Annotated[str, SHORT] | UnsetType | None = UNSET
    vendor_name: Annotated[str, SHORT] | UnsetType | None = UNSET
    owner_id: UUID | UnsetType | None = UNSET
    keys: Annotated[list[NewLockKey], Meta(max_length=1000)] | UnsetType = UNSET


class SetOwner(Body, frozen=True, kw_only=True):
    """Whose lock it is.  Assumed: `userId`, as the event has it, and `ownerId`, as CreateLock has it."""

    user_id: UUID | UnsetType = UNSET
    owner_id: UUID | UnsetType = UNSET


class RemoveKey(Body, frozen=True, kw_only=True):
    """Which key.  Assumed: the field of AddKey."""

    key_uuid: Annotated[str, KEY]


class AddResident(Body, frozen=True, kw_only=True):
    """Somebody who lives behind a lock; without `userId`, a user is made."""

    name: Annotated[str, NAME]
    email: Annotated[str, SHORT] | UnsetType | None = UNSET
    phone_number: Annotated[str, SHORT] | UnsetType | None = UNSET
    user_id: UUID | UnsetType | None = UNSET


class RemoveResident(Body, frozen=True, kw_only=True):
    """Who.  Assumed: the fields of the event."""

    user_id: UUID
    email: Annotated[str, SHORT] | UnsetType | None = UNSET


class OpenLock(Body, frozen=True, kw_only=True):
    """Why, and under which id of the client's."""

    request_id: Annotated[str, SHORT] | UnsetType | None = UNSET
    reason: Annotated[str, MESSAGE] | UnsetType | None = UNSET


class RegisterCamera(Body, frozen=True, kw_only=True):
    """A camera.  `login` and `password` are taken and not kept: Gatebook never signs in to a camera."""

    name: Annotated[str, NAME]
    type: Literal["generic", "onvif", "pnp"] = "generic"
    camera_id: UUID | UnsetType = UNSET
    http_url: Annotated[str, URL] | None = None
    rtsp_url: Annotated[str, URL] | None = None
    org_id: Annotated[str, SHORT] | UnsetType | None = UNSET
    owner_id: UUID | UnsetType | None = UNSET
    login: Annotated[str, SHORT] | UnsetType | None = UNSET
    password: Annotated[str, SHORT] | UnsetType | None = UNSET
    port: Annotated[int, Meta(ge=1, le=65535)] | UnsetType | None = UNSET


class UpdateCamera(Body, frozen=True, kw_only=True):
    """What is to be another.  Assumed: the fields of RegisterCamera that can change."""

    name: Annotated[str, NAME] | UnsetType = UNSET
    type: Literal["generic", "onvif", "pnp"] | UnsetType = UNSET
    http_url: Annotated[str, URL] | UnsetType = UNSET
    rtsp_url: Annotated[str, URL] | UnsetType = UNSET
    owner_id: UUID | UnsetType | None = UNSET


class DisableCamera(Body, frozen=True, kw_only=True):
    """Why, and by whom in the client's words."""

    reason: Annotated[str, MESSAGE] | UnsetType | None = UNSET
    disabled_by: Annotated[str, SHORT] | UnsetType | None = UNSET


class CameraLock(Body, frozen=True, kw_only=True):
    """Which lock a camera opens, or opens no more."""

    lock_id: LockRef


class CameraNoLock(Body, frozen=True, kw_only=True):
    """Which lock a camera opens no more; none: the one that it opens."""

    lock_id: LockRef | UnsetType | None = UNSET


class CreateUser(Body, frozen=True, kw_only=True):
    """A user.  Assumed: a name whole or in two parts, and where the user can be reached."""

    name: Annotated[str, SHORT] | UnsetType | None = UNSET
    first_name: Annotated[str, Meta(max_length=99)] | UnsetType | None = UNSET
    last_name: Annotated[str, Meta(max_length=99)] | UnsetType | None = UNSET
    email: Annotated[str, SHORT] | UnsetType | None = UNSET
    phone_number: Annotated[str, SHORT] | UnsetType | None = UNSET


class AddLicensePlate(Body, frozen=True, kw_only=True):
    """A plate, and what its holder calls it."""

    plate: Annotated[str, Meta(min_length=1, max_length=64)]
    label: Annotated[str, SHORT] = ""


class RemoveLicensePlate(Body, frozen=True, kw_only=True):
    """Which plate."""

    plate: Annotated[str, Meta(min_length=1, max_length=64)]


class AddAccessibleLock(Body, frozen=True, kw_only=True):
    """A lock that a user may open.  Times are ISO 8601, or milliseconds since 1970."""

    lock_id: LockRef
    lock_name: Annotated[str, SHORT] = ""
    access_level: Literal["OWNER", "ADMIN", "USER", "GUEST"] = "USER"
    granted_by: Annotated[str, SHORT] = ""
    valid_from: Annotated[str, SHORT] | int | UnsetType | None = UNSET
    valid_until: Annotated[str, SHORT] | int | UnsetType | None = UNSET


class RemoveAccessibleLock(Body, frozen=True, kw_only=True):
    """Which lock.  Assumed: the field of AddAccessibleLock."""

    lock_id: LockRef


class CommandEvent(Struct, frozen=True):
    """What a command wrote."""

    type: str
    data: Raw


class CommandDone(Struct, frozen=True, rename="camel", kw_only=True):
    """The answer to every command; `event` is null where it was so already."""

    success: bool
    aggregate_id: str
    version: Annotated[int, Meta(ge=0, description="Events of the aggregate after this one")]
    event: CommandEvent | None
