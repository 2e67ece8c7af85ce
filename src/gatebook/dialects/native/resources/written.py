"""Events as they are written into files: a line of JSON each, or a row of cells each."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Mapping
from typing import Final
from uuid import UUID

import msgspec
from msgspec import UNSET, Raw, Struct

from gatebook.dialects.native.mapping import wire_of
from gatebook.dialects.native.schemas import Event, Named
from gatebook.http.dialect import CSV, NDJSON
from gatebook.services.views import View
from gatebook.store.contract import Page

FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""What makes a spreadsheet take a cell for a formula.  Source: OWASP, "CSV Injection", 2024."""
NULL: Final = Raw(b"null")
NOBODY: Final = Named(None, None, None)
_encoder: Final = msgspec.json.Encoder()
_ONE_LINE: Final = bytes.maketrans(b"\r\n", b"  ")
"""In JSON a raw line end is white space between two tokens, and nothing else."""


class Row(Struct, frozen=True):
    """An event laid flat: what is not there, or hidden from its reader, is None."""

    id: str
    seq: int | None
    kind: str
    method: str | None
    reason: str | None
    type: str | None
    occurred: str
    received: str
    reported: str | None
    device: str | None
    device_number: int | None
    device_name: str | None
    version: int
    site: str | None
    site_number: int | None
    site_name: str | None
    person: str | None
    person_number: int | None
    person_name: str | None
    credential: str | None
    plate: str | None
    tag: str | None
    message: str | None
    data: str | None
    """JSON."""
    listed: bool
    erased: bool
    cause: int | None


class Line(Event, frozen=True, gc=False):
    """An event as a line of a file says it; what can be decoded is either there or null, never both at choice."""

    data: Raw = NULL


COLUMNS: Final = Row.__struct_fields__


def events_of(page: Page, view: View) -> list[Event]:
    """A page's events as their reader sees them."""
    return [wire_of(event, page, view) for event in page.events]


def row_of(event: Event) -> Row:
    """The event, laid flat."""
    device, site, person = event.device or NOBODY, event.site or NOBODY, event.person or NOBODY
    return Row(
        id=str(event.id),
        seq=None if event.seq is UNSET else event.seq,
        kind=event.kind,
        method=event.method,
        reason=event.reason,
        type=_text(event.type),
        occurred=event.occurred,
        received=event.received,
        reported=event.reported,
        device=_text(device.id),
        device_number=device.number,
        device_name=device.name,
        version=event.version,
        site=_text(site.id),
        site_number=site.number,
        site_name=site.name,
        person=_text(person.id),
        person_number=person.number,
        person_name=person.name,
        credential=event.credential,
        plate=event.plate,
        tag=event.tag,
        message=event.message,
        data=None if event.data is None or bytes(event.data) == b"null" else bytes(event.data).decode(),
        listed=event.listed,
        erased=event.erased,
        cause=None if event.cause is UNSET else event.cause,
    )


def ndjson_of(events: Iterable[Event]) -> bytes:
    """A line for each, as `GET /v1/events` shows it; line ends within `data` become spaces."""
    return b"".join(_encoder.encode(event).translate(_ONE_LINE) + b"\n" for event in events)


def csv_of(events: Iterable[Event]) -> bytes:
    """A row for each (RFC 4180), without the heading."""
    written = io.StringIO()
    csv.writer(written).writerows(
        [_cell(value) for value in msgspec.structs.astuple(row_of(event))] for event in events
    )
    return written.getvalue().encode()


def heading() -> bytes:
    """The first row of a CSV file."""
    return (",".join(COLUMNS) + "\r\n").encode()


Write = Callable[[Iterable[Event]], bytes]
WRITERS: Final[Mapping[str, tuple[str, bytes, Write]]] = {
    "ndjson": (NDJSON, b"", ndjson_of),
    "csv": (CSV, heading(), csv_of),
}
"""Form -> its media type, what stands before the first event, and how events are written."""


def _text(id: UUID | None) -> str | None:
    return None if id is None else str(id)


def _cell(value: object) -> object:
    """A cell as a spreadsheet shows it: text that would be a formula has an apostrophe before it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value
