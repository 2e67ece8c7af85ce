"""What it takes to trigger an event: a type that the caller may trigger, and a source that they see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID
from zoneinfo import ZoneInfo

from gatebook.dialects.xprotect.mapping import datatype_of, source_of, time_of
from gatebook.dialects.xprotect.resources.analytics import data_of
from gatebook.dialects.xprotect.resources.filters import guid
from gatebook.dialects.xprotect.resources.system_events import settled
from gatebook.dialects.xprotect.schemas import SPECVERSION, Event, NewEvent
from gatebook.dialects.xprotect.words.catalogue import OF_KIND, Generator, generator_of, kind_of, type_of
from gatebook.dialects.xprotect.words.estate import hardware_id
from gatebook.domain.access import Principal, PrincipalKind
from gatebook.domain.errors import BadInput, FieldFault, Forbidden, GatebookError, NotFound, Unplaceable
from gatebook.domain.events import EventClass
from gatebook.domain.kinds import Kind
from gatebook.domain.places import Device, DeviceKind, EventType
from gatebook.domain.times import parse_instant
from gatebook.services import Services
from gatebook.services.ingest import Accepted, Declined, Report


@dataclass(frozen=True, slots=True)
class Sort:
    """A type that can be triggered; `id` is None for the built-in type of a kind."""

    kind: Kind
    id: UUID | None
    generator: Generator
    own_source: bool
    """Whether it is its own source where none is given."""


@dataclass(frozen=True, slots=True)
class Ready:
    """An event that was read and has a type and a source."""

    report: Report
    device: Device


@dataclass(slots=True)
class Triggering:
    """Triggers events for one caller; what it has looked up it does not look up again."""

    services: Services
    who: Principal
    zone: ZoneInfo
    known: dict[tuple[str, str | None], tuple[Sort, Device]] = field(default_factory=dict)
    """By type and source, as they were sent."""

    async def answer(self, sent: Sequence[NewEvent | GatebookError], *, spared: bool) -> list[Event | GatebookError]:
        """One answer for each, in order.  `spared`: no rule looks at these events."""
        found = [one if isinstance(one, GatebookError) else await self._ready_or_why(one) for one in sent]
        ready = [one.report for one in found if isinstance(one, Ready)]
        if not ready:
            return [one for one in found if isinstance(one, GatebookError)]
        ingest = self.services.ingest
        answers = iter(await ingest.accept(self.who, ready, triggers_rules=not spared, keep_declined=False))
        return [_told(next(answers), one.report) if isinstance(one, Ready) else one for one in found]

    async def _ready_or_why(self, sent: NewEvent) -> Ready | GatebookError:
        try:
            return await self._ready(sent)
        except (FieldFault, Forbidden) as error:
            return error

    async def _ready(self, sent: NewEvent) -> Ready:
        found = self.known.get((sent.type, sent.source)) or await self._found(sent)
        self.known[sent.type, sent.source] = found
        sort, device = found
        report = Report(
            kind=sort.kind.value,
            device=device.number,
            occurred=None if sent.time is None else parse_instant(sent.time, self.zone, "time"),
            type=sort.id,
            tag=sent.tag,
            data=data_of(sent.data, sent.datatype, takes=sort.kind is Kind.ANALYTICS_DETECTED),
        )
        return Ready(report, device)

    async def _found(self, sent: NewEvent) -> tuple[Sort, Device]:
        sort = await self._sort(guid("type", sent.type))
        if self.who.kind is PrincipalKind.USER and not sort.generator.is_open:
            raise Forbidden("a user's token triggers external and analytics events only")
        return sort, await self._device(sent.source, sort)

    async def _sort(self, id: UUID) -> Sort:
        """The type of this id; BadInput where there is none, or none that the caller sees."""
        kind = kind_of(id)
        if kind is not None:
            return Sort(kind, None, OF_KIND[kind].generator, own_source=False)
        await settled(self.services, self.who, id)
        try:
            made = await self.services.entities.event_types.get(self.who, id)
        except NotFound:
            made = None
        if made is None or made.removed:
            raise BadInput("type", "is no known event type", "give the id of one of eventTypes")
        own = made.kind is Kind.EVENT_TRIGGERED
        return Sort(made.kind, id, _generator(made), own_source=own)

    async def _device(self, source: str | None, sort: Sort) -> Device:
        """Where the event comes from, by path or by id alone."""
        if source is None:
            if not sort.own_source or sort.id is None:
                raise BadInput("source", "is missing", "events of this type need one, such as cameras/{GUID}")
            return await self._seen(sort.id)
        collection, slash, last = source.strip("/").rpartition("/")
        id = guid("source", last, " or a path such as cameras/{GUID}")
        path = f"{collection.lower()}/{id}"
        device = await self._seen(id)
        stands_in = f"hardware/{hardware_id(device.id)}" if device.kind is DeviceKind.CAMERA else ""
        if slash and path not in (source_of(device).lower(), stands_in):
            raise no_source()
        return device

    async def _seen(self, id: UUID) -> Device:
        """The device of this id, or the camera that stands in hardware of this id."""
        try:
            device = await self.services.directory.device(self.who, id)
        except NotFound:
            cameras = await self.services.directory.every_device(self.who, DeviceKind.CAMERA)
            standing = next((camera for camera in cameras if hardware_id(camera.id) == id), None)
            if standing is None:
                raise no_source() from None
            return standing
        if device.removed:
            raise no_source()
        return device


def event_of(accepted: Accepted, report: Report) -> Event:
    """The event as it stands in the log now."""
    stored, device = accepted
    assert report.kind is not None
    kind = Kind(report.kind)
    return Event(
        specversion=SPECVERSION,
        type=str(type_of(EventClass(kind, type=report.type))),
        source=source_of(device),
        time=time_of(stored.occurred),
        id=str(stored.id),
        local_id=stored.seq,
        datatype=datatype_of(kind, report.data),
        tag=report.tag,
    )


def no_source() -> BadInput:
    """Of what is unknown and what may not be seen alike."""
    remedy = "give the path or id of a device that you may see, such as cameras/{GUID}"
    return BadInput("source", "is no known source", remedy)


def _generator(made: EventType) -> Generator:
    """Who makes events of a type; one that is said to be `Generic` is open to no user."""
    found = generator_of(made.kind)
    return replace(found, subtype="Generic") if made.generator.lower() == "generic" else found


def _told(answer: Accepted | Declined, report: Report) -> Event | GatebookError:
    """What the log refuses was taken away since it was looked up."""
    if isinstance(answer, Accepted):
        return event_of(answer, report)
    if isinstance(answer.error, Unplaceable):
        return no_source() if answer.error.field == "device" else BadInput("type", answer.error.fault, "give another")
    return answer.error
