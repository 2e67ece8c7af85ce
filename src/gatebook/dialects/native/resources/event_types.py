"""`/v1/event-types`: user-defined and analytics ones, beyond the built-in type of each kind."""

from __future__ import annotations

from collections.abc import Sequence

from gatebook.dialects.native.resources import shown, wanted
from gatebook.dialects.native.resources.entities import Resource
from gatebook.domain.access import Principal, Scope
from gatebook.domain.places import EventType
from gatebook.http.dialect import Operation
from gatebook.services import Services
from gatebook.services.forms import EventTypeChange, NewEventType


def operations(services: Services) -> Sequence[Operation]:
    """Event types."""
    room = services.entities.event_types
    types: Resource[EventType] = Resource(
        services=services, room=room, path="/v1/event-types", tag="event types", shape=shown.EventType,
        page=shown.EventTypes, shown=types_of, one="an event type, by UUID or name", manages=(Scope.DEVICES_MANAGE,),
    )  # fmt: skip

    async def add(who: Principal, form: NewEventType) -> tuple[EventType, None]:
        return await room.add(who, form), None

    return (
        types.adding(wanted.EventTypeWanted, NewEventType, add, example='{"name":"Fire drill"}'),
        types.listing(),
        types.getting(),
        types.changing(wanted.EventTypeChanged, EventTypeChange, example='{"retention_days":0}'),
        types.removing("Nothing more is reported under it; history stays, and it can still be had by its UUID."),
    )


async def types_of(_who: Principal, found: Sequence[EventType]) -> list[shown.EventType]:
    """Event types on the wire."""
    return [
        shown.EventType(
            id=one.id, name=one.name, kind=one.kind, generator=one.generator, state_group=one.state_group,
            state=one.state, retention_days=one.retention_days, removed=one.removed,
        )
        for one in found
    ]  # fmt: skip
