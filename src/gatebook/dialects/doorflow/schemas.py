"""What DoorFlow's clients send and read, field for field."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

Positive = Annotated[str, Meta(extra_json_schema={"pattern": "^0*[1-9][0-9]{0,14}$"})]
"""A positive integer in digits; kept by `resources.paging`."""
Numbers = Annotated[str, Meta(extra_json_schema={"pattern": "^[0-9]{1,15}(,[0-9]{1,15})*$"})]
Text = Annotated[str, Meta(max_length=200)]


class KeyQuery(Struct, frozen=True, kw_only=True):
    """A personal API key may come in the query.  Source: DoorFlow "Basics", heading Authentication, 2026-08-20."""

    api_key: Annotated[str, Meta(description="A personal API key, instead of a header")] | UnsetType = UNSET


class EventsQuery(KeyQuery, frozen=True, kw_only=True):
    """Which events.  Source: DoorFlow "Events", heading List all events; openapi.yaml, listEvents; 2026-08-20."""

    n: Annotated[
        Positive, Meta(description="Events on a page; 50 by default, with `since` 1,000, which is the most")
    ] | (UnsetType) = UNSET
    page: Annotated[Positive, Meta(description="From 1")] | UnsetType = UNSET
    since: Annotated[str, Meta(description="The first instant, inclusive, ISO 8601: `2013-01-01T00:00:00`")] | (
        UnsetType
    ) = UNSET
    event_codes: Annotated[str, Meta(description="Codes, with commas between; by default all activity")] | UnsetType = (
        UNSET
    )
    channels: Annotated[Numbers, Meta(description="Ids of channels, with commas between")] | UnsetType = UNSET
    door_controllers: Annotated[Numbers, Meta(description="Another name for `channels`")] | UnsetType = UNSET
    first_name: Annotated[Text, Meta(description="The person's name begins with these words")] | UnsetType = UNSET
    last_name: Annotated[Text, Meta(description="The person's name ends with these words")] | UnsetType = UNSET
    sort: Annotated[str, Meta(description="ASC or DESC (default)", extra_json_schema={"enum": ["ASC", "DESC"]})] | (
        UnsetType
    ) = UNSET
    level: Annotated[
        str, Meta(description="`debug` adds status and syncing", extra_json_schema={"enum": ["debug"]})
    ] | (UnsetType) = UNSET


class EventQuery(KeyQuery, frozen=True, kw_only=True):
    """What a client of webhooks adds.  Source: DoorFlow "Understanding webhooks", 2026-08-20."""

    ack_token: str | UnsetType = UNSET
    callback: str | UnsetType = UNSET


class ChannelsQuery(KeyQuery, frozen=True, kw_only=True):
    """Which channels.  Source: DoorFlow openapi.yaml, listChannels, 2026-08-20."""

    site_id: Annotated[Numbers, Meta(description="The id of a site")] | UnsetType = UNSET
    per_page: Annotated[Positive, Meta(description="500 by default, 1,000 at most")] | UnsetType = UNSET
    page: Annotated[Positive, Meta(description="From 1")] | UnsetType = UNSET
    skip_pagination: Annotated[str, Meta(description="`true`: all on one page")] | UnsetType = UNSET


class PeopleQuery(KeyQuery, frozen=True, kw_only=True):
    """Which people.  Source: DoorFlow openapi.yaml, listPeople, 2026-08-20."""

    email: Annotated[Text, Meta(description="A part of the e-mail address, in any letter case")] | UnsetType = UNSET
    system_id: Annotated[Text, Meta(description="The `system_id` of one person")] | UnsetType = UNSET
    per_page: Annotated[Positive, Meta(description="50 by default, 100 at most")] | UnsetType = UNSET
    page: Annotated[Positive, Meta(description="From 1")] | UnsetType = UNSET
    skip_pagination: Annotated[str, Meta(description="`true`: all on one page")] | UnsetType = UNSET


class EventItem(Struct, frozen=True, kw_only=True):
    """One event.  Source: DoorFlow "Events", heading Retrieve an event; openapi.yaml, Event; 2026-08-20."""

    id: Annotated[int, Meta(ge=1, description="Rises in the order in which events were stored")]
    event_id: int
    event_code: int
    event_label: str
    door_controller_id: int | None
    door_controller_name: str | None
    channel_id: int | None
    channel_name: str | None
    person_id: int | None
    person_name: str | None
    credentials_number: str | None
    created_at: Annotated[str, Meta(description="When it happened, with the site's offset from UTC")]
    updated_at: Annotated[str, Meta(description="When it was received")]


class Sync(Struct, frozen=True, kw_only=True):
    """How a channel's syncing stands.  Source: DoorFlow openapi.yaml, Channel, 2026-08-20."""

    status: Literal["ok", "fail", "syncing", "pending"]
    last_sync_completed_at: str | None


class Mode(Struct, frozen=True, kw_only=True):
    """Whether a channel is held unlocked.  Source: as `Sync`."""

    description: Literal["unlock", "normal"]


class Channel(Struct, frozen=True, kw_only=True):
    """A door, lock or reader.  Source: as `Sync`."""

    id: int
    name: str
    mac_address: Annotated[str | None, Meta(description="The vendor id that is a MAC address, if there is one")]
    status: Literal["online", "offline", "pending_encryption"]
    unit: int
    site_id: int | None
    sync: Sync
    mode: Mode


class Person(Struct, frozen=True, kw_only=True):
    """Somebody who goes through doors.  Source: DoorFlow openapi.yaml, Person, 2026-08-20."""

    id: int
    first_name: str
    last_name: str
    salutation: str | None = None
    job_title: str | None = None
    email: str | None = None
    organisation_id: int | None = None
    system_id: Annotated[str, Meta(description="The person's UUID")]
    department: str | None = None
    enabled: bool
    valid_from: str | None = None
    valid_to: str | None = None
    image_url: str | None = None
    image_thumbnail_url: str | None = None
    telephone: str | None = None
    mobile: str | None = None
    notes: str | None = None
    barcode: str | None = None
    custom_1: str | None = None
    custom_2: str | None = None
    custom_3: str | None = None
    custom_4: str | None = None
    custom_5: str | None = None
    created_at: str | None = None
    updated_at: str | None = None
    groups: tuple[int, ...] = ()
    roles: tuple[int, ...] = ()


class TokenForm(Struct, frozen=True, kw_only=True):
    """Asks for a new token.  Source: DoorFlow "Authentication", heading Refreshing tokens, 2026-08-20."""

    grant_type: Literal["refresh_token"]
    refresh_token: str
    client_id: str | UnsetType = UNSET
    client_secret: str | UnsetType = UNSET
    scope: str | UnsetType = UNSET


class TokenMade(Struct, frozen=True, kw_only=True):
    """A new token and the one that renews it.  Source: DoorFlow openapi.yaml, /oauth/token, 2026-08-20."""

    access_token: str
    token_type: Literal["Bearer"] = "Bearer"
    expires_in: int
    refresh_token: str
    scope: str
    created_at: int


class RevokeForm(Struct, frozen=True, kw_only=True):
    """Ends a token.  Source: DoorFlow openapi.yaml, /oauth/revoke, 2026-08-20."""

    token: str
    token_type_hint: str | UnsetType = UNSET


class Nothing(Struct, frozen=True):
    """`{}`."""


class Application(Struct, frozen=True):
    """For whom a token was made."""

    uid: str


class TokenTold(Struct, frozen=True, kw_only=True):
    """What a token is good for.  Source: DoorFlow openapi.yaml, /oauth/token/info, 2026-08-20."""

    resource_owner_id: int
    account_id: str
    scope: list[str]
    expires_in: int
    application: Application
    created_at: int


class Refusal(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Any error.  Source: DoorFlow openapi.yaml, Error and ValidationError; /api/3/sync, 429; 2026-08-20."""

    error: str
    error_description: str
    description: str | UnsetType = UNSET
    """429 has its text by this name too."""
    retry_in: int | UnsetType = UNSET
    """Seconds."""
    errors: dict[str, list[str]] | UnsetType = UNSET
