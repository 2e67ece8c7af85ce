"""Events as items, as REST and the socket tell them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from msgspec import UNSET, Raw, Struct, UnsetType

from gatebook.dialects.xprotect.catalogue import OF_KIND, type_of
from gatebook.dialects.xprotect.estate import COLLECTIONS
from gatebook.domain.access import Principal
from gatebook.domain.admits import Place
from gatebook.domain.events import Event, EventClass
from gatebook.domain.filters import PLATE_KINDS, PLATE_METHOD
from gatebook.domain.kinds import Kind
from gatebook.domain.times import Instant, rfc3339
from gatebook.services import Services
from gatebook.services.views import View, hides_data, view_of

DIGITS: Final = 7
"""Source: Events REST API, "Retrieves the details of an event given its id", time, 2026-11-21."""
ANALYTICS: Final = "analytics"
NONE: Final = "none"
_NULL: Final = Raw(b"null")


class Item(Struct, frozen=True, kw_only=True, rename={"local_id": "localId"}):
    """Source: Events REST API, "Retrieves the details of an event given its id", 2026-11-21; `stategroupid` from
    mipsdk-samples-protocol 3f42081, EventsAndState samples."""

    specversion: str = "1.0"
    type: str
    source: str
    time: str
    """UTC, with seven digits of the second."""
    id: str
    local_id: int
    """The event's place in the log."""
    datatype: str = NONE
    """`analytics` where there is `data` of that kind, else `none`."""
    tag: str | None = None
    data: Raw | UnsetType = UNSET
    """There with `include=data` alone; null where the event has none, or its reader may not see them."""
    stategroupid: str | UnsetType = UNSET
    """In the socket alone: of the states that the event enters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Teller:
    """What is the same for all events of one organisation and one reader."""

    organisation: UUID
    """The source of what happened at no device: it is a site to these clients."""
    view: View
    groups: Mapping[UUID, UUID]
    """The state groups of types that were made."""

    def item(self, event: Event, places: Mapping[int, Place], *, data: bool, state: bool = False) -> Item | None:
        """None for the record of who looked.  `state`: with the group of states that the event enters."""
        if event.kind not in OF_KIND:
            return None
        group = self.group(event.event_class) if state else None
        return Item(
            type=str(type_of(event.event_class)),
            source=self.source(places.get(event.stream)),
            time=time_of(event.occurred),
            id=str(event.id),
            local_id=event.seq,
            datatype=datatype_of(event),
            tag=event.tag,
            data=self._data(event) if data else UNSET,
            stategroupid=UNSET if group is None else str(group),
        )

    def _data(self, event: Event) -> Raw:
        is_plate = event.kind in PLATE_KINDS or event.method is PLATE_METHOD
        hidden = event.data is None or hides_data(event.kind, is_plate, self.view)
        return _NULL if hidden or event.data is None else Raw(event.data)

    def source(self, place: Place | None) -> str:
        """The resource that an event of this place names as its source."""
        return source_of(place) or f"sites/{self.organisation}"

    def group(self, of: EventClass) -> UUID | None:
        """The group of states that an event enters; None for none."""
        return group_of(of.kind) if of.type is None else self.groups.get(of.type)


def source_of(place: Place | None) -> str | None:
    """The resource of a device; None of what is no device's."""
    if place is None or place.device_kind is None:
        return None
    return f"{COLLECTIONS[place.device_kind]}/{place.device_id}"


def group_of(kind: Kind) -> UUID | None:
    """The group of states that a built-in kind enters; None for none."""
    found = OF_KIND.get(kind)
    return None if found is None or found.states is None else found.states.id


def datatype_of(event: Event) -> str:
    """Assumed: that data of other kinds than analytics are `none` to these clients."""
    return ANALYTICS if event.kind is Kind.ANALYTICS_DETECTED and event.data is not None else NONE


def time_of(instant: Instant) -> str:
    """`2023-02-28T18:10:12.4786334Z`."""
    return rfc3339(instant, DIGITS)


async def teller_of(services: Services, reader: Principal) -> Teller:
    """For this reader, as the directory and the catalogue are now."""
    organisation = await services.directory.organisation(reader)
    groups = await services.states.groups(reader.organisation)
    return Teller(organisation=organisation.id, view=view_of(reader), groups=groups)
