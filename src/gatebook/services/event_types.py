"""Event types: the user-defined and analytics ones, beyond the built-in type of each kind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from gatebook.domain.access import Principal, Scope
from gatebook.domain.errors import BadInput, Conflict
from gatebook.domain.kinds import BUILT_IN_TYPES, Kind
from gatebook.domain.places import DeviceKind, EventType
from gatebook.services.devices import READERS
from gatebook.services.forms import EventTypeChange, NewEventType, given
from gatebook.services.names import NAME_LIMIT, named, new_id
from gatebook.services.rooms import Room, need
from gatebook.services.sites import need_everything
from gatebook.store import Shelf, Transaction, Writing

RETENTION_LIMIT_DAYS = 36_500
DESCRIPTION_LIMIT = 4_096
WORDS_LIMIT = 100


class EventTypes(Room[EventType, EventTypeChange]):
    """One that was removed can still be had by id, since history tells of it; nothing more is reported under it."""

    noun = "event type"
    reads = READERS
    manages = Scope.DEVICES_MANAGE

    @property
    def _shelf(self) -> Shelf[EventType]:
        return self._store.entities.event_types

    def _writing(self, transaction: Transaction) -> Writing[EventType]:
        return transaction.entities.event_types

    async def _shown(self, principal: Principal, found: Sequence[EventType]) -> Sequence[EventType]:
        if principal.grant.everything or not found:
            return found
        shown = await self._store.read(self._store.entities.shown_event_types, principal.organisation, principal.grant)
        return [one for one in found if one.id in shown]

    def _shown_in(self, transaction: Transaction, principal: Principal, found: EventType) -> bool:
        device = transaction.device(principal.organisation, found.id)
        return (
            device is None or device.kind is not DeviceKind.EVENT or principal.grant.shows(device.number, device.site)
        )

    async def add(self, principal: Principal, form: NewEventType) -> EventType:
        """Adds a type; Conflict where its id is taken."""
        need(principal, self.manages)
        need_everything(principal)
        if form.kind.is_record:
            raise BadInput("kind", f"{form.kind} is Gatebook's own", f"give another, such as {Kind.EVENT_TRIGGERED}")

        def work(transaction: Transaction) -> EventType:
            one = EventType(
                id=form.id or new_id(),
                name=named(form.name),
                kind=form.kind,
                generator=short("generator", form.generator) or "",
                state_group=form.state_group,
                state=short("state", form.state),
                retention_days=days(form.retention_days),
                description=described(form.description),
                sources=words("sources", form.sources),
                modified=self._now(),
            )
            if one.id in BUILT_IN_TYPES.values():
                raise Conflict("a built-in event type has this id; choose another")
            return self._put(transaction, principal, one)

        return await self._store.write(work)

    def _changed(
        self, transaction: Transaction, principal: Principal, before: EventType, form: EventTypeChange
    ) -> EventType:
        need_everything(principal)
        fields = given(form)
        if isinstance(form.name, str):
            named(form.name)
        short("generator", fields.get("generator"))
        short("state", fields.get("state"))
        days(fields.get("retention_days"))
        described(fields.get("description", ""))
        words("sources", fields.get("sources", ()))
        return replace(before, **fields)

    def _write_change(
        self, transaction: Transaction, principal: Principal, before: EventType, after: EventType
    ) -> None:
        super()._write_change(transaction, principal, before, replace(after, modified=self._now()))

    def _taken_away(self, transaction: Transaction, principal: Principal, found: EventType) -> None:
        need_everything(principal)
        if found.removed:
            raise self._absent()
        gone = replace(found, removed=True, revision=found.revision + 1, modified=self._now())
        transaction.entities.event_types.change(principal.organisation, gone)


def short(field: str, text: str | None) -> str | None:
    """The text, if it is not too long."""
    if text is not None and len(text) > NAME_LIMIT:
        raise BadInput(field, f"has {len(text)} characters", f"give at most {NAME_LIMIT}")
    return text


def described(text: str) -> str:
    """The description, if it is not too long."""
    if len(text) > DESCRIPTION_LIMIT:
        raise BadInput("description", f"has {len(text)} characters", f"give at most {DESCRIPTION_LIMIT}")
    return text


def words(field: str, texts: tuple[str, ...]) -> tuple[str, ...]:
    """The words, if they are neither too many nor too long."""
    if len(texts) > WORDS_LIMIT or any(len(text) > NAME_LIMIT for text in texts):
        remedy = f"give at most {WORDS_LIMIT}, of at most {NAME_LIMIT} characters each"
        raise BadInput(field, "has too many words or too long ones", remedy)
    return texts


def days(wanted: int | None) -> int | None:
    """The number of days, if it may be one."""
    if wanted is not None and not 0 <= wanted <= RETENTION_LIMIT_DAYS:
        remedy = f"give 0 (unlisted) to {RETENTION_LIMIT_DAYS}, or null for no limit"
        raise BadInput("retention_days", f"{wanted} is out of range", remedy)
    return wanted
