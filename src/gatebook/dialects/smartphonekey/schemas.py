"""What SmartphoneKey's clients send and read, field for field."""

from __future__ import annotations

from typing import Annotated

from msgspec import UNSET, Meta, Raw, Struct, UnsetType

INT64 = Meta(ge=-(2**63), le=2**63 - 1)


class LockPath(Struct, frozen=True):
    """Which lock. Source: SmartphoneKey "Get lock event history", heading Path Parameters, 2026-08-20."""

    id: Annotated[int, INT64, Meta(description="Lock ID (numeric)")]


class HistoryQuery(Struct, frozen=True):
    """Which page. Source: SmartphoneKey "Get lock event history", heading Query Parameters, 2026-08-20.

    The vendor's type is a string; the pattern is documented here and kept by `mapping.page_number`.
    """

    page: (
        Annotated[
            str,
            Meta(
                description="Page number (1-based). Default: last page (most recent events)",
                extra_json_schema={"pattern": "^0*[1-9][0-9]{0,14}$"},
            ),
        ]
        | UnsetType
    ) = UNSET


class EventRow(Struct, frozen=True, rename="camel", kw_only=True):
    """One stored event. Source: SmartphoneKey "Get lock event history", example response, 2026-08-20."""

    aggregate_type: str
    aggregate_id: str
    version: Annotated[int, Meta(ge=1, description="1, 2, 3 … within the lock; never given twice")]
    type: str
    timestamp: Annotated[str, Meta(description="When it happened, ISO 8601 in UTC with milliseconds")]
    org_id: str
    event: Annotated[Raw | None, Meta(description="The event's own payload")]


class LockHistory(Struct, frozen=True, rename="camel", kw_only=True):
    """A page of a lock's events. Source: SmartphoneKey "Get lock event history", heading Responses, 2026-08-20."""

    aggregate_id: str
    total_events: Annotated[int, Meta(ge=0, description="The newest version; what was removed since still counts")]
    page: Annotated[int, Meta(ge=1)]
    page_size: int
    total_pages: Annotated[int, Meta(ge=0)]
    events: list[EventRow]


class Fault(Struct, frozen=True):
    """One of a refusal's faults. Source: SmartphoneKey OpenAPI document, query errors, 2026-08-20."""

    code: int
    message: str


class Refusal(Struct, frozen=True, kw_only=True):
    """The union of the vendor's error bodies, so that a client of any of them finds its fields.

    Source: SmartphoneKey OpenAPI document, 2026-08-20: commands have `success`, `error`, `message`; queries `success`,
    `errors`; users' routes `error`, `message`. SmartphoneKey "Get LPR event history", 2026-08-20: `error`, `message`,
    `code`.
    """

    success: bool
    error: str
    message: str
    code: int
    errors: list[Fault]


class LockPayload(Struct, frozen=True, rename="camel", kw_only=True):
    """What all payloads of a lock share. Source: SmartphoneKey event-schemas.json, lock events, 2026-08-20."""

    lock_id: int
    uuid: str
    timestamp: str


class LockCreated(LockPayload, frozen=True, kw_only=True):
    """Source: as `LockPayload`; the optional members are those of CreateLock."""

    index: int | UnsetType = UNSET
    serial_number: str | UnsetType = UNSET
    vendor_name: str | UnsetType = UNSET


class OwnerSet(LockPayload, frozen=True, kw_only=True):
    """Source: as `LockPayload`."""

    user_id: str


class OrganizationSet(LockPayload, frozen=True, kw_only=True):
    """Source: as `LockPayload`."""

    org_id: str


class KeyAdded(LockPayload, frozen=True, kw_only=True):
    """Source: as `LockPayload`."""

    key_uuid: str
    key_index_number: int | UnsetType = UNSET
    user_id: str | UnsetType = UNSET


class KeyRemoved(LockPayload, frozen=True, kw_only=True):
    """Source: as `LockPayload`."""

    key_uuid: str
    key_index_number: int | UnsetType = UNSET


class ResidentAdded(LockPayload, frozen=True, kw_only=True):
    """Source: as `LockPayload`."""

    user_id: str
    name: str
    email: str | UnsetType = UNSET


class ResidentRemoved(LockPayload, frozen=True, kw_only=True):
    """Source: as `LockPayload`."""

    user_id: str
    email: str | UnsetType = UNSET


class LockUuidChanged(LockPayload, frozen=True, kw_only=True):
    """Source: as `LockPayload`."""

    new_uuid: str
    previous_uuid: str


class LockOpenRequested(LockPayload, frozen=True, kw_only=True):
    """Source: as `LockPayload`."""

    reason: str | UnsetType = UNSET
    request_id: str | UnsetType = UNSET


class KeyWriteRequested(LockPayload, frozen=True, kw_only=True):
    """Source: as `LockPayload`."""

    key_uuid: str
