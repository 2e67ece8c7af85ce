"""What the rule action "send event to webhook" posts: the recorded body, and the headers that sign it.

Source: add-on Webhooks, API documentation, 2026-11-21, for all members and headers that do not say otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from hmac import new
from typing import Final
from urllib.parse import urlsplit
from uuid import UUID

import msgspec
from msgspec import Struct, field

from gatebook.dialects.xprotect.mapping import wire_of
from gatebook.dialects.xprotect.schemas import Event
from gatebook.dialects.xprotect.words.catalogue import OF_KIND
from gatebook.domain.alarms import Priority
from gatebook.services.delivery_formats import Built, Format, Message

VERSION: Final = "v1.0"
PRODUCT: Final = "XPCO"
EVENT_TYPE: Final = "System Event"
NO_KIND: Final = str(UUID(int=0))
KINDS: Final[Mapping[str, str]] = {
    "cameras": "5135ba21-f1dc-4321-806a-6ce2017343c0",
    "userDefinedEvents": "c9bdac3f-41dc-4afa-b057-61767a3914b7",
}
"""By the collection of the source.  Assumed: that what stands in no such collection has the all-zero kind."""


class ServerId(Struct, frozen=True, kw_only=True, rename="pascal"):
    """The server that a source belongs to."""

    type: str = PRODUCT
    hostname: str
    port: int
    id: str
    scheme: str


class Fqid(Struct, frozen=True, kw_only=True, rename="pascal"):
    """Where a source stands.  Assumed: that its parent is the organisation."""

    server_id: ServerId
    parent_id: str
    object_id: str
    folder_type: int = 0
    kind: str


class Source(Struct, frozen=True, kw_only=True):
    """Where the event happened."""

    name: str = field(name="Name")
    fqid: Fqid = field(name="FQID")


class Header(Struct, frozen=True, kw_only=True, rename="pascal"):
    """The event."""

    id: str = field(name="ID")
    timestamp: str
    type: str = EVENT_TYPE
    version: str = "1.0"
    priority: int
    priority_name: str
    name: str
    message: str
    source: Source
    message_id: str
    """The id of the event's type."""


class Told(Struct, frozen=True, kw_only=True, rename="pascal"):
    """What happened."""

    event_header: Header


class Site(Struct, frozen=True, kw_only=True, rename="pascal"):
    """The server that tells."""

    server_hostname: str
    absolute_uri: str
    server_type: str = PRODUCT


class WebhookBody(Struct, frozen=True, kw_only=True, rename="pascal"):
    """The whole body."""

    event: Told
    site: Site


def body_of(
    event: Event, *, type_name: str, source_name: str, organisation: UUID, base_url: str,
    priority: Priority = Priority.HIGH, message: str | None = None,
) -> bytes:  # fmt: skip
    """The body of an event as clients read it; the same bytes however often it is sent.

    `base_url` is the configured one; without a message the type's name stands for it.  Its port is the scheme's where
    it names none.
    """
    base = urlsplit(base_url)
    collection, _, object_id = event.source.rpartition("/")
    server = ServerId(
        hostname=base.hostname or "",
        port=base.port or (443 if base.scheme == "https" else 80),
        id=str(organisation),
        scheme=base.scheme,
    )
    fqid = Fqid(
        server_id=server,
        parent_id=str(organisation),
        object_id=object_id,
        kind=KINDS.get(collection, NO_KIND),
    )
    header = Header(
        id=event.id,
        timestamp=event.time,
        priority=priority.rank,
        priority_name=priority.value.capitalize(),
        name=type_name,
        message=type_name if message is None else message,
        source=Source(name=source_name, fqid=fqid),
        message_id=event.type,
    )
    site = Site(server_hostname=base.hostname or "", absolute_uri=f"{base_url.rstrip('/')}/")
    return msgspec.json.encode(WebhookBody(event=Told(event_header=header), site=site))


def built(message: Message) -> Built:
    """What happened, as the webhook's author sees it.

    The header holds one signature: the newest secret signs, whose text is the key as receivers are given it.
    """
    own = message.organisation
    event = wire_of(message.event, message.page, own.id, message.view)
    place = message.page.places.get(message.event.stream)
    named = None if place is None else place.device_name
    body = body_of(
        event, type_name=message.type_name or OF_KIND[message.event.kind].display, source_name=named or own.name,
        organisation=own.id, base_url=message.base_url,
    )  # fmt: skip
    return Built(body, headers_of(message.secrets[0].encode(), body))


def headers_of(secret: bytes, body: bytes) -> Mapping[str, str]:
    """The version, and the signature of exactly these bytes.

    Hexadecimal, as the documentation's text says; its example is base64.
    """
    return {
        "Content-Type": "application/json",
        "X-Milestone-Api-Version": VERSION,
        "X-Hub-Signature-256": f"sha256={new(secret, body, 'sha256').hexdigest()}",
    }


FORMATS: Final = {"xprotect": Format(build=built, pauses_s=(30, 30), jitter=0, final=frozenset({400}))}
"""400 is not tried again; any other failure twice, 30 seconds apart."""
