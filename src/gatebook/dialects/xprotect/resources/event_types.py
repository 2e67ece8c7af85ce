"""`eventTypes`: the catalogue, and what was made at run time; all are read-only here."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from msgspec import UNSET
from msgspec.structs import replace

from gatebook.dialects.xprotect.resources.resource import Resource
from gatebook.dialects.xprotect.resources.system_events import SYSTEM_EVENTS
from gatebook.dialects.xprotect.words.catalogue import (
    BUILT_IN,
    COUNTERS,
    OF_KIND,
    BuiltIn,
    Generator,
    kind_of,
    maker_of,
)
from gatebook.dialects.xprotect.words.groups_of_types import TypeGroup
from gatebook.dialects.xprotect.words.shapes import NO_ID, EventTypeItem, at, placed, printed
from gatebook.domain.access import Principal
from gatebook.domain.errors import Conflict
from gatebook.domain.kinds import Kind
from gatebook.domain.places import EventType
from gatebook.services import Services

BATCH = 1_000


async def every(services: Services, who: Principal, _disabled: bool) -> Sequence[EventTypeItem]:
    """The built-in ones, then those that were made and that the grant shows."""
    made = [one for one in await made_types(services, who) if one.id not in BUILT_IN and one.id not in SYSTEM_EVENTS]
    return [*map(built_in, BUILT_IN.values()), *map(system, SYSTEM_EVENTS), *map(made_of, made)]


async def one(services: Services, who: Principal, id: UUID) -> EventTypeItem:
    """A removed one, too: its events still name it."""
    if id in BUILT_IN:
        return built_in(BUILT_IN[id])
    if id in SYSTEM_EVENTS:
        return system(id)
    return made_of(await services.entities.event_types.get(who, id))


async def made_types(services: Services, who: Principal) -> list[EventType]:
    """All that were made and that the grant shows, by id."""
    found: list[EventType] = []
    while True:
        after = found[-1].id if found else None
        batch = await services.entities.event_types.list(who, after=after, limit=BATCH)
        found += batch
        if len(batch) < BATCH:
            return found


def refuse_built_in(id: UUID | None) -> None:
    """Conflict where an event type of the catalogue has this id, on the wire or as its kind's own."""
    if id is not None and kind_of(id) is not None:
        raise Conflict("a built-in event type has this id; choose another")


def built_in(one: BuiltIn) -> EventTypeItem:
    """A type of the catalogue as clients read it."""
    counter = COUNTERS.get(one.kind)
    return replace(
        _item(one.id, one.display, one.group, one.generator, one.sources),
        name=one.name,
        built_in=one.is_built_in,
        counter_event_id=NO_ID if counter is None else str(counter),
        state_group_id=NO_ID if one.states is None else str(one.states.id),
        state=one.state or "",
    )


def system(id: UUID) -> EventTypeItem:
    """The type of a user-defined event that every system has."""
    return made_of(EventType(id=id, name=SYSTEM_EVENTS[id], kind=Kind.EVENT_TRIGGERED))


def made_of(one: EventType) -> EventTypeItem:
    """A type that was made, as clients read it: where it stands is decided by its kind."""
    model = OF_KIND[one.kind]
    return replace(
        _item(one.id, one.name, model.group, maker_of(one), one.sources or model.sources),
        last_modified=printed(one.modified),
        description=one.description,
        state_group_id=NO_ID if one.state_group is None else str(one.state_group),
        state=one.state or "",
        retention_days=UNSET if one.retention_days is None else one.retention_days,
    )


def _item(id: UUID, name: str, group: TypeGroup, generator: Generator, sources: tuple[str, ...]) -> EventTypeItem:
    own = generator.group or group
    return EventTypeItem(
        display_name=name,
        id=str(id),
        name=name,
        generator_type=generator.type,
        generator_subtype=generator.subtype,
        generator_name=generator.name,
        generator_id="" if generator.id is None else str(generator.id).upper(),
        generator_group_name=own.name,
        generator_group_id=str(own.id),
        built_in=False,
        source_array=sources,
        source_filter_array=("",) * len(sources),
        relations=placed("eventTypes", id, at("eventTypeGroups", group.id)),
    )


RESOURCE = Resource(name="eventTypes", single="eventType", shape=EventTypeItem, every=every, one=one)
