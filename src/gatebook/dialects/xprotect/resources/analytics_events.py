"""`analyticsEvents`: event types that analytics trigger, with data, at a source that they name."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from msgspec import UNSET

from gatebook.dialects.xprotect.resources.event_types import made_types, refuse_built_in
from gatebook.dialects.xprotect.resources.resource import Body, Resource, absent
from gatebook.dialects.xprotect.words.shapes import AnalyticsEventItem, placed, printed
from gatebook.domain.access import Principal
from gatebook.domain.kinds import Kind
from gatebook.domain.places import EventType
from gatebook.services import Services
from gatebook.services.forms import EventTypeChange, NewEventType

SOURCES = ("Camera", "CameraGroup")
"""Where one happens that was made without saying so.  Source: recorded analyticsEvents of 2023 R2."""
GENERATOR = "MIPDevice"


async def every(services: Services, who: Principal, _disabled: bool) -> Sequence[AnalyticsEventItem]:
    """All of them, by id."""
    return [item_of(one) for one in await made_types(services, who) if one.kind is Kind.ANALYTICS_DETECTED]


async def one(services: Services, who: Principal, id: UUID) -> AnalyticsEventItem:
    """The one of this id, unless it was removed: nothing names it as its source."""
    return item_of(await present(services, who, id))


async def present(services: Services, who: Principal, id: UUID) -> EventType:
    """The one of this id; NotFound for one that was removed or is no analytics event."""
    found = await services.entities.event_types.get(who, id)
    if found.removed or found.kind is not Kind.ANALYTICS_DETECTED:
        raise absent()
    return found


def item_of(one: EventType) -> AnalyticsEventItem:
    """An analytics event as clients read it."""
    return AnalyticsEventItem(
        display_name=one.name,
        id=str(one.id),
        name=one.name,
        last_modified=printed(one.modified),
        description=one.description,
        source_array=one.sources or SOURCES,
        relations=placed("analyticsEvents", one.id),
    )


class Writing:
    """They belong to the whole organisation: whoever sees less makes none."""

    settable = frozenset({"name", "description", "sourceArray"})

    async def add(self, services: Services, who: Principal, body: Body) -> AnalyticsEventItem:
        """Makes one, to be triggered at once."""
        refuse_built_in(body.given_id)
        form = NewEventType(
            name=body.given_name,
            kind=Kind.ANALYTICS_DETECTED,
            generator=GENERATOR,
            description=body.description or "",
            sources=body.source_array or SOURCES,
            id=body.given_id,
        )
        return item_of(await services.entities.event_types.add(who, form))

    async def change(self, services: Services, who: Principal, id: UUID, body: Body) -> AnalyticsEventItem:
        """Changes what is given."""
        await present(services, who, id)
        form = EventTypeChange(
            name=body.name,
            description="" if body.description is None else body.description,
            sources=UNSET if body.source_array is None else body.source_array,
        )
        await services.entities.event_types.change(who, id, form)
        return await one(services, who, id)

    async def remove(self, services: Services, who: Principal, id: UUID) -> None:
        """Nothing more is reported under it."""
        await present(services, who, id)
        await services.entities.event_types.remove(who, id)


RESOURCE = Resource(
    name="analyticsEvents", single="analyticsEvent", shape=AnalyticsEventItem, every=every, one=one, making=Writing()
)
