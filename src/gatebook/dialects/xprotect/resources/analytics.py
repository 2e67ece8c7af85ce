"""The `data` of an analytics event: read strictly, stored as it was sent.

Source: forum 12990, vendor's staff, for what it is serialised from; mipsdk-samples-protocol 3f42081,
TriggerAnalyticsEventXML, AnalyticsEvent.xsd, for the members.  Assumed: their names in lower camel case, read in any
letter case, and that any of them may be left out or null.  Members beyond these are kept unread.
"""

from __future__ import annotations

from datetime import UTC
from typing import Annotated, Final

import msgspec
from msgspec import Meta, Raw, Struct

from gatebook.dialects.xprotect.words.members import names_of, respelled, respelled_above
from gatebook.domain.errors import BadInput, TooLarge
from gatebook.domain.excerpts import excerpt
from gatebook.domain.times import parse_instant
from gatebook.http.wire import decode_json

LIMIT_BYTES: Final = 15 << 20

Whole = Annotated[int, Meta(ge=0, le=2**32 - 1)]
Part = Annotated[float, Meta(ge=0, le=1)]
Byte = Annotated[int, Meta(ge=0, le=255)]


class _Part(Struct, frozen=True, kw_only=True, rename="camel"):
    """What all parts have: names in lower camel case."""


class Color(_Part, frozen=True):
    """0 to 255 each."""

    a: Byte | None = None
    r: Byte | None = None
    g: Byte | None = None
    b: Byte | None = None


class Point(_Part, frozen=True):
    """0 to 1, of the picture's width and height."""

    x: Part
    y: Part


class Polygon(_Part, frozen=True):
    """A line through points."""

    closed: bool | None = None
    color: Color | None = None
    fill_color: Color | None = None
    points: list[Point] | None = None


class BoundingBox(_Part, frozen=True):
    """0 to 1, of the picture's width and height."""

    top: Part | None = None
    left: Part | None = None
    bottom: Part | None = None
    right: Part | None = None
    color: Color | None = None


class RuleData(_Part, frozen=True):
    """The rule of the analysis that held."""

    id: str | int | None = None
    name: str | None = None
    type: str | None = None
    polygons: list[Polygon] | None = None


class ObjectData(_Part, frozen=True):
    """What was seen.  The form of its `size` and `speed` is told by no source: they are kept unread."""

    name: str | None = None
    id: str | int | None = None
    description: str | None = None
    type: str | None = None
    value: str | float | None = None
    confidence: Part | None = None
    alarm_trigger: bool | None = None
    removed: bool | None = None
    color: Color | None = None
    polygon: Polygon | None = None
    bounding_box: BoundingBox | None = None


class Snapshot(_Part, frozen=True):
    """A picture; `time_offset` in milliseconds after the event."""

    time_offset: int | None = None
    width: Whole | None = None
    height: Whole | None = None
    size_in_bytes: Whole | None = None
    path: str | None = None
    image: bytes | None = None
    """Base64 on the wire."""
    has_overlay: bool | None = None


class Vendor(_Part, frozen=True):
    """Who made the analysis; `customData` is theirs, and kept unread."""

    name: str | None = None


class AnalyticsData(_Part, frozen=True):
    """The whole."""

    description: str | None = None
    start_time: str | None = None
    end_time: str | None = None
    location: str | None = None
    count: Whole | None = None
    rules: list[RuleData] | None = None
    objects: list[ObjectData] | None = None
    references: list[dict[str, Raw]] | None = None
    snapshots: list[Snapshot] | None = None
    vendor: Vendor | None = None


MEMBERS: Final = names_of(AnalyticsData, RuleData, ObjectData, Snapshot, Vendor, Polygon, BoundingBox, Color, Point)
"""Of all parts; what .NET serialises where nobody says how begins with a capital."""


def checked(sent: bytes) -> bytes:
    """The same bytes, if they are the data of an analytics event; BadInput names the member: `data.objects[0].type`."""
    if len(sent) > LIMIT_BYTES:
        raise TooLarge("data", f"has {len(sent)} bytes", f"send at most {LIMIT_BYTES}")
    is_own = respelled_above(sent, MEMBERS) is sent
    found = decode_json(msgspec.Raw(sent if is_own else respelled(sent, MEMBERS)), AnalyticsData, "data")
    for name, text in (("startTime", found.start_time), ("endTime", found.end_time)):
        if text is not None:
            parse_instant(text, UTC, f"data.{name}")
    return sent


def data_of(sent: Raw | msgspec.UnsetType, datatype: str | None, *, takes: bool) -> bytes | None:
    """The bytes to be stored, None for none; `takes`: events of this type come with data.

    BadInput where `datatype` is neither `none` nor `analytics`, or does not go with what was sent.
    """
    word = None if datatype is None else datatype.lower()
    if word not in (None, "none", "analytics"):
        raise BadInput("datatype", f"unknown word {excerpt(datatype or '')}", "expected none or analytics")
    text = b"null" if isinstance(sent, msgspec.UnsetType) else bytes(sent)
    if text == b"null":
        return None
    if not takes:
        raise BadInput("data", "is not taken by events of this type", "leave it out, or trigger an analytics event")
    if word == "none":
        raise BadInput("datatype", "is none beside data", "send analytics")
    return checked(text)
