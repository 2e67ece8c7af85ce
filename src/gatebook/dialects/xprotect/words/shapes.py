"""Objects of the configuration as XProtect's clients read them, field for field."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from msgspec import UNSET, Struct, UnsetType, field

from gatebook.domain.timeprints import rfc3339
from gatebook.domain.times import Instant

NULL_DATE: Final = "0001-01-01T00:00:00.0000000"
"""What is not known of a time.  Source: recorded cameras of 2025 R1, createdDate."""
NO_ID: Final = str(UUID(int=0))
DIGITS: Final = 7
"""Source: recorded eventType of 2023 R2, lastModified."""


class ItemPath(Struct, frozen=True, kw_only=True):
    """What a property that names another object holds."""

    type: str
    id: str


class Relations(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where an object stands.  Source: Configuration API OpenAPI 2025 R2, relations."""

    parent: ItemPath | UnsetType = UNSET
    self_: ItemPath = field(name="self")


class Item(Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=False):
    """What every object has."""

    display_name: str
    relations: Relations


class EventTypeItem(Item, frozen=True, kw_only=True):
    """Source: recorded eventType of 2023 R2; `retentionDays` is our own, and there where it is set."""

    id: str
    name: str
    last_modified: str = NULL_DATE
    description: str = ""
    generator_type: str
    generator_subtype: str
    generator_name: str
    generator_id: str = field(name="generatorID")
    generator_group_name: str
    generator_group_id: str
    occurs_globally: bool = False
    built_in: bool
    counter_event_id: str = field(name="counterEventID", default=NO_ID)
    source_array: tuple[str, ...]
    source_filter_array: tuple[str, ...]
    state_group_id: str = NO_ID
    state: str = ""
    retention_days: int | UnsetType = UNSET


class EventTypeGroupItem(Item, frozen=True, kw_only=True):
    """Source: recorded eventTypeGroups of 2023 R2, which have no id and no name but in `relations`."""


class StateGroupItem(Item, frozen=True, kw_only=True):
    """Source: recorded stateGroups of 2023 R2; `id` from the Configuration API OpenAPI 2025 R2."""

    id: str
    name: str
    last_modified: str = NULL_DATE
    states: tuple[str, ...]


class UserDefinedEventItem(Item, frozen=True, kw_only=True):
    """Source: recorded userDefinedEvents of 2023 R2."""

    id: str
    name: str
    last_modified: str = NULL_DATE
    created_date: str = NULL_DATE
    subtype: str


class AnalyticsEventItem(Item, frozen=True, kw_only=True):
    """Source: recorded analyticsEvents of 2023 R2."""

    id: str
    name: str
    last_modified: str = NULL_DATE
    description: str
    source_array: tuple[str, ...]


class CameraItem(Item, frozen=True, kw_only=True):
    """Source: recorded cameras of 2025 R1.  We hold no video: what says how it is recorded says that it is not."""

    enabled: bool
    id: str
    name: str
    channel: int = 0
    description: str = ""
    created_date: str = NULL_DATE
    last_modified: str = NULL_DATE
    gis_point: str = "POINT EMPTY"
    short_name: str = ""
    icon: int = 0
    coverage_direction: int = 0
    coverage_depth: int = 0
    coverage_field_of_view: int = 0
    recording_framerate: int = 0
    record_keyframes_only: bool = False
    record_on_related_devices: bool = False
    ptz_enabled: bool = False
    recording_enabled: bool = False
    prebuffer_enabled: bool = False
    prebuffer_in_memory: bool = False
    prebuffer_seconds: int = 0
    edge_storage_enabled: bool = False
    edge_storage_playback_enabled: bool = False
    manual_recording_timeout_enabled: bool = False
    manual_recording_timeout_minutes: int = 0
    recording_storage: ItemPath = ItemPath(type="storages", id=NO_ID)
    failover_setting: str = "Disabled"


class HardwareItem(Item, frozen=True, kw_only=True):
    """Source: Configuration API OpenAPI 2025 R2, hardware.  `model` is the word for what it is."""

    enabled: bool
    id: str
    name: str
    description: str = ""
    address: str = ""
    model: str
    last_modified: str = NULL_DATE


class RecordingServerItem(Item, frozen=True, kw_only=True):
    """Source: Configuration API OpenAPI 2025 R2, recordingServers."""

    enabled: bool
    id: str
    name: str
    description: str = ""
    host_name: str = ""
    last_modified: str = NULL_DATE
    time_zone_name: str


class SiteItem(Item, frozen=True, kw_only=True):
    """Source: Configuration API OpenAPI 2025 R2, sites.  What is told of a computer there is told of none here."""

    id: str
    name: str
    description: str = ""
    last_modified: str = NULL_DATE
    time_zone: str
    computer_name: str = ""
    domain_name: str = ""
    last_status_handshake: str = NULL_DATE
    physical_memory: int = 0
    platform: str = ""
    processors: int = 0
    service_account: str = ""
    synchronization_status: int = 0
    master_site_address: str = ""
    version: str


def at(kind: str, id: UUID | str) -> ItemPath:
    """The path of an object."""
    return ItemPath(type=kind, id=str(id))


def placed(kind: str, id: UUID | str, parent: ItemPath | None = None) -> Relations:
    """Where an object stands."""
    return Relations(self_=at(kind, id), parent=UNSET if parent is None else parent)


def printed(instant: Instant | None) -> str:
    """A time as configuration tells it; the null date for none."""
    return NULL_DATE if instant is None else rfc3339(instant, DIGITS)
