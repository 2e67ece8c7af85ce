"""Everything that Doordeck's clients can ask, and where an event is found among it."""

from __future__ import annotations

from collections.abc import Sequence

from gatebook.dialects.doordeck import tokens
from gatebook.dialects.doordeck.mapping import View, record_of
from gatebook.dialects.doordeck.resources import directory, logs
from gatebook.dialects.doordeck.resources.accepting import accepting
from gatebook.dialects.doordeck.resources.doors import Doors
from gatebook.dialects.doordeck.schemas import AuditRecord
from gatebook.domain.access import Principal, Scope
from gatebook.domain.errors import NotFound
from gatebook.domain.events import Event
from gatebook.domain.times import epoch_s
from gatebook.http.dialect import Operation
from gatebook.services import Services


def operations(services: Services) -> Sequence[Operation]:
    """All operations, in the order of their documentation."""
    found = (*tokens.operations(services), *logs.operations(services), *directory.operations(services))
    return [accepting(operation) for operation in found]


async def shape_of(services: Services, caller: Principal, event: Event) -> AuditRecord | None:
    """The record of an event, in version 2; None where it has no word, or did not happen at a lock in sight."""
    try:
        page = await services.history.event(caller, event.id, vendor=True)
        seen = logs.seen_of(page)
        if not seen:
            return None
        await Doors(services).device(caller, seen[0].device)
    except NotFound:
        return None
    return record_of(seen[0], View(2, caller.may(Scope.PEOPLE_READ)))


async def url_of(services: Services, caller: Principal, event: Event) -> str | None:
    """The trail of its second; None where `shape_of` has no record."""
    record = await shape_of(services, caller, event)
    if record is None:
        return None
    second = epoch_s(event.occurred)
    return f"/device/{record.device_id}/log?start={second}&end={second}"
