"""Events with the groups of states that they enter, as the socket pushes them; and who tells events to whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from msgspec import UNSET, UnsetType

from gatebook.dialects.xprotect.mapping import source_at, wire_of
from gatebook.dialects.xprotect.schemas import Event
from gatebook.dialects.xprotect.words.catalogue import OF_KIND
from gatebook.domain import events
from gatebook.domain.access import Principal
from gatebook.domain.admits import Place
from gatebook.domain.events import EventClass
from gatebook.domain.kinds import Kind
from gatebook.services import Services
from gatebook.services.views import View, view_of
from gatebook.store.contract import Page


class Item(Event, frozen=True, kw_only=True, rename="camel"):
    """An event of the socket.  Source: mipsdk-samples-protocol 3f42081, EventsAndState samples, for `stategroupid`."""

    stategroupid: str | UnsetType = UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class Teller:
    """What is the same for all events of one organisation and one reader."""

    organisation: UUID
    view: View
    groups: Mapping[UUID, UUID]
    """The state groups of types that were made."""

    def event(self, event: events.Event, page: Page, *, data: bool) -> Event:
        """As REST tells it; KeyError for the record of who looked."""
        return wire_of(event, page, self.organisation, self.view, data=data)

    def item(self, event: events.Event, page: Page) -> Item | None:
        """As the socket pushes it, with its data where there are any; None for the record of who looked."""
        if event.kind not in OF_KIND:
            return None
        told = self.event(event, page, data=event.data is not None)
        group = self.group(event.event_class)
        return Item(
            specversion=told.specversion,
            type=told.type,
            source=told.source,
            time=told.time,
            id=told.id,
            local_id=told.local_id,
            datatype=told.datatype,
            tag=told.tag,
            data=told.data,
            stategroupid=UNSET if group is None else str(group),
        )

    def source(self, place: Place | None) -> str:
        """The resource that an event of this place names as its source."""
        return source_at(place, self.organisation)

    def group(self, of: EventClass) -> UUID | None:
        """The group of states that an event enters; None for none."""
        return group_of(of.kind) if of.type is None else self.groups.get(of.type)


def group_of(kind: Kind) -> UUID | None:
    """The group of states that a built-in kind enters; None for none."""
    found = OF_KIND.get(kind)
    return None if found is None or found.states is None else found.states.id


async def teller_of(services: Services, reader: Principal) -> Teller:
    """For this reader, as the directory and the catalogue are now."""
    organisation = await services.directory.organisation(reader)
    groups = await services.states.groups(reader.organisation)
    return Teller(organisation=organisation.id, view=view_of(reader), groups=groups)
