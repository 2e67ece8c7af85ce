"""The payloads of the events of cameras and users; times in milliseconds since 1970.

Source: SmartphoneKey event-schemas.json, 2026-08-20.
"""

from __future__ import annotations

from msgspec import UNSET, Struct, UnsetType


class Payload(Struct, frozen=True, rename="camel", kw_only=True):
    """What all of them have in common."""


class CameraRegistered(Payload, frozen=True, kw_only=True):
    """A camera was registered.  `threeDeyeCameraId` is empty: Gatebook has nothing to do with 3dEye."""

    camera_id: str
    three_deye_camera_id: str
    camera_type: str
    name: str
    org_id: str
    owner_id: str | None
    http_url: str | None
    rtsp_url: str | None
    registered_at: int


class CameraUpdated(Payload, frozen=True, kw_only=True):
    """What was asked to be another.  Assumed: the members of `CameraRegistered` that can change."""

    camera_id: str
    name: str | UnsetType = UNSET
    camera_type: str | UnsetType = UNSET
    http_url: str | UnsetType = UNSET
    rtsp_url: str | UnsetType = UNSET
    owner_id: str | UnsetType | None = UNSET
    updated_at: int


class CameraDisabled(Payload, frozen=True, kw_only=True):
    """A camera was disabled.  Assumed: the members of the command, and when."""

    camera_id: str
    reason: str | UnsetType = UNSET
    disabled_by: str | UnsetType = UNSET
    disabled_at: int


class CameraAndLock(Payload, frozen=True, kw_only=True):
    """A camera was tied to a lock, or freed from it."""

    camera_id: str
    lock_id: str


class UserCreated(Payload, frozen=True, kw_only=True):
    """A user was made.  E-mail and telephone are masked, as the vendor has them in every event."""

    user_id: str
    name: str
    email: str | UnsetType = UNSET
    phone_number: str | UnsetType = UNSET
    created_at: int


class LicensePlateAdded(Payload, frozen=True, kw_only=True):
    """A plate was registered."""

    user_id: str
    plate: str
    label: str
    added_at: int


class LicensePlateRemoved(Payload, frozen=True, kw_only=True):
    """A plate was withdrawn.  Assumed: as `LicensePlateAdded`."""

    user_id: str
    plate: str
    removed_at: int


class AccessibleLockAdded(Payload, frozen=True, kw_only=True):
    """A user may open a lock.  Assumed: the members of the command."""

    user_id: str
    lock_id: str
    lock_name: str
    access_level: str
    granted_by: str
    valid_from: str | UnsetType = UNSET
    valid_until: str | UnsetType = UNSET


class AccessibleLockRemoved(Payload, frozen=True, kw_only=True):
    """A user may open a lock no more.  Assumed: the members of the command."""

    user_id: str
    lock_id: str


def masked_email(email: str | None) -> str | UnsetType:
    """`j***@example.com`."""
    if email is None:
        return UNSET
    name, at, domain = email.partition("@")
    return f"{name[:1]}***{at}{domain}"


def masked_phone(phone: str | None) -> str | UnsetType:
    """`***4567`."""
    return UNSET if phone is None else f"***{phone[-4:] if len(phone) > 6 else ''}"
