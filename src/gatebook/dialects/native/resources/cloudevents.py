"""CloudEvents 1.0 as reports: structured, batched, and in the binary mode, whose attributes are headers.

Source: CloudEvents 1.0.2, its JSON Event Format, and its HTTP Protocol Binding.
"""

from __future__ import annotations

import binascii
from base64 import b64decode
from collections.abc import Mapping
from datetime import tzinfo
from typing import Final
from urllib.parse import unquote_to_bytes
from uuid import UUID

import msgspec
from msgspec import UNSET, Raw

from gatebook.dialects.native.mapping import data_of, instant_of, short_plate
from gatebook.dialects.native.schemas import CloudEvent
from gatebook.domain.errors import BadInput, UnsupportedMedia
from gatebook.http.dialect import JSON
from gatebook.http.faults import explained
from gatebook.http.wire import check_json, is_json
from gatebook.services.ingest import Report

STRUCTURED: Final = "application/cloudevents+json"
BATCH: Final = "application/cloudevents-batch+json"
URN: Final = "urn:uuid:"
NOT_ATTRIBUTES: Final = ("data", "data_base64", "datacontenttype")


def cloud_report_of(event: CloudEvent, zone: tzinfo) -> Report:
    """The report that a CloudEvent tells: source is the device, type the kind, subject the person.

    Its key is (source, id).  A `dataschema` that is the URN of a UUID names the event type; another is not kept.
    """
    short_plate(event.type, event.method, event.credential)
    return Report(
        kind=event.type,
        device=None if event.source is None else event.source.removeprefix(URN),
        occurred=instant_of(event.time, zone, "time"),
        method=event.method,
        reason=event.reason,
        type=_type_of(event.dataschema),
        person=event.subject,
        credential=event.credential,
        tag=event.tag,
        message=event.message,
        data=_data_of(event),
        key=f"{event.source or ''} {event.id}",
    )


def binary_event(headers: Mapping[str, str], body: bytes, media: str) -> CloudEvent:
    """The event whose attributes are `ce-` headers and whose data is the body."""
    given = {
        name[3:]: _decoded(name, value)
        for name, value in headers.items()
        if name.startswith("ce-") and name[3:] not in NOT_ATTRIBUTES
    }
    try:
        event = msgspec.convert(given, CloudEvent)
    except msgspec.ValidationError as error:
        path, fault, remedy = explained(error, CloudEvent)
        raise BadInput("ce-" + path.removeprefix("$."), fault, remedy) from error
    if not body:
        return event
    if media and not is_json(media):
        raise UnsupportedMedia(f"data of the type {media[:60]} cannot be kept; send {JSON}")
    return msgspec.structs.replace(event, data=_json(body, "body"))


def _decoded(name: str, value: str) -> str:
    """Source: HTTP Protocol Binding 1.0.2, section 3.1.3.2 (percent-encoding of header values)."""
    try:
        text = unquote_to_bytes(value.encode("latin-1")).decode()
    except UnicodeDecodeError as error:
        raise BadInput(name[:60], "is not UTF-8 when decoded", "percent-encode the UTF-8 bytes") from error
    if "\0" in text:
        raise BadInput(name[:60], "holds a NUL", "leave it out")
    return text


def _data_of(event: CloudEvent) -> bytes | None:
    content = event.datacontenttype
    if content is not None and not is_json(content.partition(";")[0].strip().lower()):
        raise BadInput("datacontenttype", f"is {content[:60]!r}", f"send {JSON}")
    if event.data_base64 is None:
        return data_of(event.data, event.type)
    if event.data is not UNSET:
        raise BadInput("data_base64", "stands beside data", "send one of them")
    try:
        text = b64decode(event.data_base64, validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadInput("data_base64", "is not base64", "send a JSON object in base64") from error
    return data_of(_json(text, "data_base64"), event.type)


def _json(text: bytes, field: str) -> Raw:
    try:
        check_json(text)
        return msgspec.json.decode(text, type=Raw)
    except BadInput as error:
        raise BadInput(field, error.fault, error.remedy) from error
    except msgspec.DecodeError as error:
        raise BadInput(field, "is not JSON", "send a JSON object") from error


def _type_of(dataschema: str | None) -> UUID | None:
    if dataschema is None or not dataschema.lower().startswith(URN):
        return None
    try:
        return UUID(dataschema[len(URN) :])
    except ValueError as error:
        raise BadInput("dataschema", "is no URN of a UUID", "give urn:uuid: and the event type's UUID") from error
