"""What Doordeck's clients send and read, field for field: sign-in, audit trails, locks, users, sites."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from msgspec import UNSET, Meta, Raw, Struct, UnsetType

SECONDS = {"pattern": "^[0-9]{1,10}(\\.[0-9]{1,9})?$"}

AuditType = Literal[
    "DOOR_OPEN", "DOOR_CLOSE", "DOOR_UNLOCK", "DOOR_LOCK", "OWNER_ASSIGNED", "DEVICE_CONNECTED",
    "DEVICE_DISCONNECTED", "LOCK_SHARED", "LOCK_REVOKED", "USER_PROMOTED", "USER_DEMOTED", "SETTING_CHANGED",
    "TILE_ASSOCIATED", "TILE_DISASSOCIATED", "DEVICE_DECOMMISSIONED",
]  # fmt: skip
"""Source: Doordeck "Get Lock Audit Trail (v2)", heading Event Types, 2026-07-20."""

AgentType = Literal[
    "KMP_SDK_JVM", "KMP_SDK_ANDROID", "KMP_SDK_APPLE", "KMP_SDK_APPLE_MAC", "KMP_SDK_APPLE_IOS",
    "KMP_SDK_APPLE_WATCH", "KMP_SDK_WINDOWS", "KMP_SDK_JS", "KMP_SDK_JS_BROWSER", "KMP_SDK_JS_NODE", "FUSION",
    "PKOC_CONNECTOR",
]  # fmt: skip
"""Source: doordeck/doordeck-headless-sdk, responses of the audit, 2026-08-17."""

Role = Literal["ADMIN", "USER"]


class Refusal(Struct, frozen=True, kw_only=True):
    """Source: Doordeck "Errors", 2026-07-20; body as doordeck/doordeck-headless-sdk reads it, 2026-08-17."""

    code: int
    message: str


class ById(Struct, frozen=True):
    """Which lock, user or site. Source: Doordeck "Get Lock Audit Trail (v2)", heading HTTP Request, 2026-07-20."""

    id: UUID


# -- sign-in ---------------------------------------------------------------------------------------------------------


class SignIn(Struct, frozen=True, kw_only=True):
    """Source: Doordeck "Login (v2)", 2026-07-20."""

    email: Annotated[str, Meta(min_length=1, max_length=200)]
    password: Annotated[str, Meta(min_length=1, max_length=1024)]


class Tokens(Struct, frozen=True, kw_only=True, rename="camel"):
    """Source: Doordeck "Login (v2)" and "Refresh token", 2026-07-20; the SDK needs both fields of either."""

    auth_token: str
    refresh_token: str


class Time(Struct, frozen=True):
    """Source: doordeck/doordeck-headless-sdk, `GET /time`, 2026-08-17."""

    now: Annotated[int, Meta(description="Milliseconds since 1970")]


class Account(Struct, frozen=True, kw_only=True, rename="camel"):
    """Source: Doordeck "Get user details", 2026-07-20."""

    public_key: str
    email: str
    display_name: str
    email_verified: bool


# -- audit trails ----------------------------------------------------------------------------------------------------


class LogQuery(Struct, frozen=True):
    """Source: Doordeck "Get Lock Audit Trail (v2)", heading HTTP Request: "Epoch date range", 2026-07-20."""

    start: (
        Annotated[str, Meta(description="From this second on, since 1970", extra_json_schema=SECONDS)] | UnsetType
    ) = UNSET
    end: Annotated[str, Meta(description="To the end of this second", extra_json_schema=SECONDS)] | UnsetType = UNSET


class Party(Struct, frozen=True, kw_only=True, rename="camel"):
    """Source: doordeck/doordeck-headless-sdk, `BasicAuditResponse`, issuer and subject, 2026-08-17."""

    user_id: str
    email: str | None = None
    display_name: str | None = None
    ip: str | None = None


class UserAgent(Struct, frozen=True, kw_only=True):
    """Source: doordeck/doordeck-headless-sdk, `BasicAuditResponse`, 2026-08-17."""

    type: AgentType
    version: str | None = None


class AuditRecord(Struct, frozen=True, kw_only=True, rename="camel"):
    """One entry of an audit trail; what v2 says beyond v1 is left out of v1.

    Sources: Doordeck "Get Lock Audit Trail (v1)" and "(v2)", examples, 2026-07-20: `timestamp`, `type`, `user`,
    `message`, and in v2 `email`, `displayName`; all else is `BasicAuditResponse` of doordeck/doordeck-headless-sdk,
    2026-08-17, which reads no other form.
    """

    device_id: UUID | UnsetType = UNSET
    timestamp: Annotated[Raw, Meta(description="Seconds since 1970: v1 with nine digits after the point, v2 whole")]
    type: AuditType
    user: str | None
    email: str | UnsetType | None = UNSET
    display_name: str | UnsetType | None = UNSET
    message: str | None
    issuer: Party | UnsetType = UNSET
    subject: Party | UnsetType | None = UNSET
    rejected: bool | UnsetType = UNSET
    rejection_reason: str | UnsetType | None = UNSET
    user_agent: UserAgent | UnsetType | None = UNSET


class Told(Struct, frozen=True, kw_only=True, rename="camel"):
    """What a report's data may say of its record, by the names of `AuditRecord`."""

    email: str | None = None
    issuer: Party | None = None
    subject: Party | None = None
    user_agent: UserAgent | None = None


# -- the directory ---------------------------------------------------------------------------------------------------


class LockSettings(Struct, frozen=True, kw_only=True, rename="camel"):
    """Source: Doordeck "Get lock", 2026-07-20; required as in doordeck/doordeck-headless-sdk, 2026-08-17."""

    unlock_time: float
    permitted_addresses: list[str]
    default_name: str
    tiles: list[str]
    hidden: bool


class LockState(Struct, frozen=True, kw_only=True):
    """Source: as `LockSettings`; doordeck/doordeck-headless-sdk of 2024 needs both, `NetworkLockStateResponse`."""

    locked: bool
    connected: bool


class Lock(Struct, frozen=True, kw_only=True):
    """Source: as `LockSettings`; optional fields of which nothing is known here are left out."""

    id: UUID
    name: str
    start: None = None
    end: None = None
    role: Role
    settings: LockSettings
    state: LockState
    favourite: bool


class ShareableLock(Struct, frozen=True, kw_only=True):
    """Source: doordeck/doordeck-headless-sdk, `BasicShareableLockResponse`, 2026-08-17."""

    id: UUID
    name: str


class LockUser(Struct, frozen=True, kw_only=True, rename="camel"):
    """Source: Doordeck "Get lock users", 2026-07-20; `foreign` as doordeck/doordeck-headless-sdk needs it."""

    user_id: str
    email: str
    public_key: str
    display_name: str | None
    orphan: bool
    foreign: bool
    role: Role
    start: None = None
    end: None = None


class LockRole(Struct, frozen=True, kw_only=True, rename="camel"):
    """Source: as `User`."""

    device_id: UUID
    role: Role


class User(Struct, frozen=True, kw_only=True, rename="camel"):
    """Source: Doordeck "Get locks for a user", 2026-07-20; required as in doordeck/doordeck-headless-sdk."""

    user_id: str
    email: str
    public_key: str
    display_name: str | None
    orphan: bool
    foreign: bool
    devices: list[LockRole]


class SiteUser(Struct, frozen=True, kw_only=True, rename="camel"):
    """Source: Doordeck "Get users for a site", 2026-07-20; required as in doordeck/doordeck-headless-sdk."""

    user_id: str
    email: str
    display_name: str | None
    orphan: bool
    foreign: bool


class Site(Struct, frozen=True, kw_only=True, rename="camel"):
    """Source: Doordeck "Get all sites", 2026-07-20; required as in doordeck/doordeck-headless-sdk."""

    id: UUID
    name: str
    colour: str
    longitude: float
    latitude: float
    radius: int
    pass_background: Annotated[str, Meta(description="For the SDK before 2025, which needs it")] = ""
    created: Annotated[Raw, Meta(description="Seconds since 1970, three digits after the point")]
    updated: Annotated[Raw, Meta(description="As created")]
