"""Between XProtect's words and ours: kinds, sources, and an event as XProtect's clients read it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from msgspec import UNSET, Raw, to_builtins

from gatebook.dialects.xprotect.schemas import SPECVERSION, Event
from gatebook.dialects.xprotect.words.catalogue import OF_KIND, type_of
from gatebook.dialects.xprotect.words.estate import COLLECTIONS
from gatebook.domain import events
from gatebook.domain.admits import Place
from gatebook.domain.filters import PLATE_KINDS, PLATE_METHOD
from gatebook.domain.kinds import Kind
from gatebook.domain.places import Device
from gatebook.domain.times import Instant, rfc3339
from gatebook.services.views import View, hides_data
from gatebook.store.contract import Page

KINDS: Final[Mapping[Kind, tuple[str, ...]]] = {kind: (one.display,) for kind, one in OF_KIND.items()}
"""The display name of each kind's built-in event type."""
UNSPOKEN: Final = frozenset(Kind) - KINDS.keys()
"""The record of who looked, which is in no vendor's dialect."""

DIGITS: Final = 7
"""Source: Events REST API, "Retrieves the details of an event given its id", time, 2026-11-21."""
UNIT_NS: Final = 100
"""What times are printed to, in nanoseconds."""
ANALYTICS: Final = "analytics"
NO_DATA: Final = "none"
_NULL: Final = Raw(b"null")


def source_of(device: Device) -> str:
    """The `source` of a device's events: the path of the resource that tells of it."""
    return f"{COLLECTIONS[device.kind]}/{device.id}"


def source_at(place: Place | None, organisation: UUID) -> str:
    """The `source` of events at a place; what happened at no device happened at the organisation, which is a site."""
    if place is None or place.device_kind is None:
        return f"sites/{organisation}"
    return f"{COLLECTIONS[place.device_kind]}/{_text_of(place.device_id)}"


def _text_of(id: UUID | None) -> str:
    """As `str` does, in a third of the time."""
    return str(to_builtins(id))


def time_of(instant: Instant) -> str:
    """`2023-02-28T18:10:12.4786334Z`."""
    return rfc3339(instant, DIGITS)


def datatype_of(kind: Kind, data: bytes | None) -> str:
    """Which data come with an event.  Assumed: that those of other kinds than analytics are `none` to these clients."""
    return ANALYTICS if kind is Kind.ANALYTICS_DETECTED and data is not None else NO_DATA


def wire_of(event: events.Event, page: Page, organisation: UUID, view: View, *, data: bool = False) -> Event:
    """The event as its reader sees it; `organisation` is the id of the one that the page is of.

    `data`: they are included, null where there are none or the reader may not see them.  KeyError for the record of who
    looked.
    """
    is_plate = event.kind in PLATE_KINDS or event.method is PLATE_METHOD
    seen = None if hides_data(event.kind, is_plate, view) else event.data
    return Event(
        specversion=SPECVERSION,
        type=_text_of(type_of(event.event_class)),
        source=source_at(page.places.get(event.stream), organisation),
        time=time_of(event.occurred),
        id=_text_of(event.id),
        local_id=event.seq,
        datatype=datatype_of(event.kind, event.data),
        tag=event.tag,
        data=(_NULL if seen is None else Raw(seen)) if data else UNSET,
    )
