"""From a body to reports: a whole list in one go where all of it is in order, else item by item."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Final

import msgspec

from gatebook.dialects.native.errors import placed
from gatebook.dialects.native.mapping import report_of
from gatebook.dialects.native.resources.cloudevents import BATCH, STRUCTURED, binary_event, cloud_report_of
from gatebook.dialects.native.schemas import CloudEvent, Reported
from gatebook.domain.errors import BadInput, FieldFault, TooLarge, UnsupportedMedia
from gatebook.http import Request
from gatebook.http.dialect import JSON, NDJSON
from gatebook.http.wire import ITEMS_LIMIT, check_json, decode_json, is_json, media_of, raw_items, read_body
from gatebook.services.ingest import Declined, Report

Item = Reported | CloudEvent | BadInput
OBJECTS_LIMIT: Final = 40 * ITEMS_LIMIT
"""Objects in one batch, those within `data` too: what bounds the memory that a list takes before it is counted."""

_ZONED: Final = re.compile(r"[Tt ].*(?:[+-]\d\d(?::?\d\d)?| \d\d:\d\d)\Z")
_reports: Final = msgspec.json.Decoder(list[Reported])
_lines: Final = msgspec.json.Decoder(Reported)
_cloud_events: Final = msgspec.json.Decoder(list[CloudEvent])


@dataclass(frozen=True, slots=True)
class Sent:
    """What one request brought; an item that could not be read stands as its error."""

    items: Sequence[Item]
    single: bool

    @property
    def needs_zone(self) -> bool:
        """True when an item's time is told by local clocks."""
        return any(is_local(time) for time in map(_time_of, self.items) if time is not None)


async def read_sent(request: Request) -> Sent:
    """The body in whichever of its forms; BadInput where a single report, or the list as such, cannot be read."""
    media = media_of(request)
    if "ce-specversion" in request.headers:
        return Sent([binary_event(request.headers, await read_body(request), media)], single=True)
    if media != NDJSON and not is_json(media):
        told = f"Content-Type {media[:60] or '(none)'} is not spoken here"
        raise UnsupportedMedia(f"{told}; send {JSON}, {NDJSON}, {STRUCTURED} or {BATCH}")
    body = await read_body(request)
    check_json(body, lines=media == NDJSON)
    if media == NDJSON:
        return Sent(_listed(body, media, _lines.decode_lines, Reported), single=False)
    if media == BATCH:
        return Sent(_listed(body, media, _cloud_events.decode, CloudEvent), single=False)
    if media == STRUCTURED:
        return Sent([decode_json(body, CloudEvent)], single=True)
    if body.lstrip()[:1] == b"[":
        return Sent(_listed(body, media, _reports.decode, Reported), single=False)
    return Sent([decode_json(body, Reported)], single=True)


def waiting_of(sent: Sent, zone: tzinfo, key: str | None) -> list[Report | Declined]:
    """Reports ready to be placed; `key` is the request's `Idempotency-Key`, which an item's own outdoes."""
    waiting: list[Report | Declined] = []
    for index, item in enumerate(sent.items):
        own = key if key is None or sent.single else f"{key}/{index}"
        try:
            if isinstance(item, Reported):
                waiting.append(report_of(item, zone, own))
            elif isinstance(item, CloudEvent):
                waiting.append(cloud_report_of(item, zone))
            else:
                waiting.append(Declined(item))
        except FieldFault as error:
            found = placed(error, "$" if sent.single else f"$[{index}]")
            assert isinstance(found, FieldFault)
            waiting.append(Declined(found))
    return waiting


def is_local(time: str) -> bool:
    """Whether a time has no offset, so that it is told by the organisation's clocks."""
    return time[-1:] not in ("Z", "z") and _ZONED.search(time) is None


def _time_of(item: Item) -> str | None:
    if isinstance(item, Reported):
        return item.occurred
    return item.time if isinstance(item, CloudEvent) else None


def _listed(
    body: bytes,
    media: str,
    decode: Callable[[bytes], Sequence[Reported] | Sequence[CloudEvent]],
    shape: type[Reported] | type[CloudEvent],
) -> Sequence[Item]:
    if media == NDJSON and body.count(b"\n") > 2 * ITEMS_LIMIT:
        raise TooLarge("body", f"has more than {2 * ITEMS_LIMIT} lines", f"send at most {ITEMS_LIMIT} items")
    if body.count(b"{") > OBJECTS_LIMIT:
        raise TooLarge("body", f"holds more than {OBJECTS_LIMIT} objects", f"send at most {ITEMS_LIMIT} items")
    try:
        found = decode(body)
    except (msgspec.DecodeError, RecursionError):
        return list(_each(raw_items(body, media), shape))
    if len(found) > ITEMS_LIMIT:
        raise TooLarge("body", f"has {len(found)} items", f"send at most {ITEMS_LIMIT}")
    return found


def _each(items: Iterable[msgspec.Raw | bytes], shape: type[Reported] | type[CloudEvent]) -> Iterable[Item]:
    for index, item in enumerate(items):
        try:
            yield decode_json(item, shape, f"$[{index}]")
        except BadInput as error:
            yield error
