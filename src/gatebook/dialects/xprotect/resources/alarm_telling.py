"""Between alarms and what XProtect's clients read and ask of them; each alarm is told by a path that can be fetched."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar
from uuid import UUID

import msgspec
from msgspec import UNSET, Raw

from gatebook.dialects.xprotect.mapping import source_of, time_of
from gatebook.dialects.xprotect.resources import alarm_shapes as shapes
from gatebook.dialects.xprotect.resources.events import single
from gatebook.dialects.xprotect.resources.filters import guid
from gatebook.dialects.xprotect.resources.triggering import no_source
from gatebook.domain.access import Principal, Scope
from gatebook.domain.alarms import Act
from gatebook.domain.errors import BadInput, FieldFault, NotFound
from gatebook.domain.excerpts import excerpt
from gatebook.services import Services
from gatebook.services.alarms import ShownAlarm, Step
from gatebook.services.raising import StepTold

K = TypeVar("K")
_NULL = Raw(b"null")


@dataclass(slots=True)
class Teller:
    """Tells alarms to one reader; the place of each device is looked up once."""

    services: Services
    who: Principal
    organisation: UUID
    sources: dict[UUID, str] = field(default_factory=dict)

    async def alarm(self, found: ShownAlarm, *, data: bool = False) -> shapes.Alarm:
        """One alarm; `data`: with those of the event that raised it, as far as the reader may see them."""
        alarm = found.alarm
        return shapes.Alarm(
            id=str(alarm.id),
            local_id=alarm.number,
            name=alarm.name,
            message=alarm.message,
            source=await self._source(found.device_id),
            time=time_of(alarm.raised),
            last_updated_time=time_of(alarm.updated),
            state=shapes.STATES[alarm.state],
            priority=shapes.PRIORITIES[alarm.priority],
            category=shapes.category_of(alarm.category),
            assigned_to=None if alarm.assignee is None else shapes.Holder(display_name=alarm.assignee.name),
            reason_for_closing=None if alarm.reason is None else shapes.REASONS[alarm.reason].name,
            data=await self._data(found.cause_id) if data else UNSET,
        )

    async def _source(self, device: UUID | None) -> str:
        if device is None:
            return f"sites/{self.organisation}"
        if device not in self.sources:
            self.sources[device] = source_of(await self.services.directory.device(self.who, device))
        return self.sources[device]

    async def _data(self, cause: UUID | None) -> Raw:
        if cause is None or not self.who.may(Scope.EVENTS_READ):
            return _NULL
        event = await single(self.services, self.who, cause, data=True)
        return _NULL if event is None or not isinstance(event.data, Raw) else event.data


async def teller_of(services: Services, who: Principal) -> Teller:
    """For a reader."""
    return Teller(services, who, (await services.directory.organisation(who)).id)


def step_of(step: Step) -> shapes.Step:
    """One thing that was done."""
    told = msgspec.json.decode(step.data or b"{}", type=StepTold)
    states = {str(one): word for one, word in shapes.STATES.items()}
    priorities = {str(one): word for one, word in shapes.PRIORITIES.items()}
    reasons = {str(one): word.name for one, word in shapes.REASONS.items()}
    return shapes.Step(
        id=str(step.id),
        time=time_of(step.received),
        action=told.act,
        state=states.get(told.state),
        priority=priorities.get(told.priority),
        assigned_to=None if told.assignee is None else shapes.Holder(display_name=told.assignee),
        reason_for_closing=reasons.get(told.reason or ""),
        comment=step.message,
        user=None if told.by is None else told.by.name,
    )


async def place_of(services: Services, who: Principal, source: str | None) -> int | None:
    """The device that a path or an id names; None for the organisation, and where nothing is named."""
    if source is None:
        return None
    collection, slash, last = source.strip("/").rpartition("/")
    id_ = guid("source", last, " or a path such as cameras/{GUID}")
    organisation = (await services.directory.organisation(who)).id
    if id_ == organisation and (not slash or collection.lower() == "sites"):
        return None
    try:
        device = await services.directory.device(who, id_)
    except NotFound:
        raise no_source() from None
    if device.removed or (slash and source_of(device).lower() != f"{collection.lower()}/{id_}"):
        raise no_source()
    return device.number


async def act_of(services: Services, who: Principal, before: ShownAlarm, wanted: shapes.AlarmPatch) -> Act:
    """What a change asks for; a holder who is named as they are told already stays."""
    held, name = before.alarm.assignee, wanted.assigned_to
    stays = not name or (held is not None and held.name == name)
    try:
        assignee = None if stays or name is None else await services.alarms.assignee(who, name)
    except FieldFault as fault:
        raise BadInput("assignedTo.displayName", fault.fault, fault.remedy) from fault
    return Act(
        state=picked("state", wanted.state, shapes.STATES),
        priority=picked("priority", wanted.priority, shapes.PRIORITIES),
        assignee=assignee,
        unassign=name == "",
        comment=wanted.comment or None,
        reason=picked("reasonForClosing", wanted.reason_for_closing or None, shapes.REASONS),
    )


def picked(name: str, text: str | None, words: Mapping[K, shapes.Word] | Mapping[K, shapes.Named]) -> K | None:
    """What an id or a name stands for; None where nothing is given.  BadInput names what is not known."""
    if text is None:
        return None
    wanted = text.strip().strip("{}").casefold()
    for one, word in words.items():
        if wanted in (word.id, word.name.casefold()):
            return one
    told = ", ".join(f"{word.id} ({word.name})" for word in words.values())
    raise BadInput(name, f"{excerpt(text)} is none that there is", f"expected one of {told}")
