"""What a rule does when it fires: alarms and derived events now, all else by way of the outbox; once by its key."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from uuid import UUID

import msgspec

from gatebook.domain.access import Principal
from gatebook.domain.admits import Place
from gatebook.domain.alarms import Raising
from gatebook.domain.events import Draft, Event, EventClass
from gatebook.domain.kinds import Kind
from gatebook.domain.places import Device
from gatebook.domain.rules import Firing
from gatebook.domain.times import SECOND_NS, Instant, rfc3339
from gatebook.services.raising import By, raise_alarm
from gatebook.services.records import ORGANISATION_STREAM
from gatebook.services.rule_forms import Action, AlarmAction, CommandAction, EmailAction, EventAction
from gatebook.services.rule_reading import name_of
from gatebook.services.rule_rights import Active, shows
from gatebook.store import Transaction
from gatebook.store.contract import Appended
from gatebook.store.rules import Definition, Effect

LONGEST_CHAIN = 8
"""Rules that may lead to one another; what the last of them derives moves no rule."""
UUID_BYTES = 16


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """The data of an event that a rule derived."""

    rule: str
    revision: int
    name: str
    cause: str
    """The id of the event that completed it."""
    group: str


class TimeTold(msgspec.Struct, frozen=True, kw_only=True):
    """The data of an event that tells of a time."""

    rule: str
    revision: int
    name: str
    at: str
    """begin or end, of the rule's schedule."""


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """A command in the outbox."""

    command: str
    rule: str
    """What the rule is called."""
    chain: str
    """The rules that led to it, in hexadecimal digits."""


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """An e-mail in the outbox."""

    to: tuple[str, ...]
    subject: str
    text: str
    told: str
    """What happened, for whoever reads it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """A rule that fires: by which event, where, with whose rights; `clock` is the log's own time."""

    org: int
    active: Active
    firing: Firing
    event: Event
    place: Place
    author: Principal
    clock: int
    chain: bytes
    """The rules that led here, this one the last, 16 bytes each."""
    now: Instant

    def key(self, number: int) -> bytes:
        """16 bytes that are the same whenever this action of this firing is done."""
        text = f"rule/{self.active.rule.id}/{self.event.seq}/{self.firing.key}/{number}"
        return blake2b(text.encode(), digest_size=16, person=b"gatebook.rule").digest()


def tell_time(transaction: Transaction, org: int, firing: Firing, one: Definition, now: Instant) -> int | None:
    """The event of a time that has come, for a rule by the clock; its seq, None where it was told before."""
    text = f"rule/{firing.rule.id}/at/{firing.at}"
    key = blake2b(text.encode(), digest_size=16, person=b"gatebook.rule").digest()
    told = TimeTold(rule=str(one.id), revision=one.revision, name=one.name, at=str(firing.rule.at))
    draft = Draft(
        stream=ORGANISATION_STREAM, event_class=transaction.class_of(org, EventClass(Kind.EVENT_TRIGGERED)),
        occurred=min(firing.at, now), received=now, tag=one.name, data=msgspec.json.encode(told), key=key, body=key[:8],
    )  # fmt: skip
    [outcome] = transaction.append(org, [draft])
    return outcome.seq if isinstance(outcome, Appended) and not outcome.repeat else None


def act(transaction: Transaction, occasion: Occasion) -> list[str]:
    """Does all of it; what was done, in words."""
    actions = occasion.active.body.actions
    return [_one(transaction, occasion, action, number) for number, action in enumerate(actions)]


def _one(transaction: Transaction, occasion: Occasion, action: Action, number: int) -> str:
    if action.alarm is not None:
        return _alarm(transaction, occasion, action.alarm, number)
    if action.event is not None:
        return _event(transaction, occasion, action.event, number)
    if action.command is not None:
        return _command(transaction, occasion, action.command, number)
    if action.email is not None:
        return _email(transaction, occasion, action.email, number)
    if action.note is not None:
        return f"noted: {action.note.text}"
    name = name_of(action, number)
    target = str(action.webhook.webhook) if action.webhook is not None else ""
    _put(transaction, occasion, number, kind=name, target=target, payload="{}")
    return f"{name} waits to be sent"


def _email(transaction: Transaction, occasion: Occasion, wanted: EmailAction, number: int) -> str:
    """It tells where and when it happened, and of nobody: an e-mail cannot be erased."""
    event, rule = occasion.event, occasion.active.definition
    told = (
        f"{event.kind} at {occasion.place.device_name or 'no device'}, {rfc3339(event.occurred, 0)}\nevent {event.id}"
    )
    letter = Letter(to=wanted.to, subject=wanted.subject, text=wanted.text, told=f"{told}\nrule {rule.name}")
    _put(transaction, occasion, number, kind="email", target=wanted.to[0], payload=msgspec.json.encode(letter).decode())
    return "email waits to be sent"


def _alarm(transaction: Transaction, occasion: Occasion, wanted: AlarmAction, number: int) -> str:
    rule, firing = occasion.active.definition, occasion.firing
    escalate = wanted.escalate_after_s
    raising = Raising(
        name=wanted.name or rule.name,
        stream=occasion.event.stream,
        device=occasion.place.device,
        rule=rule.id,
        rule_revision=rule.revision,
        key=firing.key,
        message="\n\n".join(text for text in (wanted.message, wanted.instructions) if text) or None,
        priority=wanted.priority,
        category=wanted.category,
        cause=occasion.event.seq,
        occurred=firing.at,
        needs_clearing=wanted.clear is not None,
        escalate_after_ns=None if escalate is None else round(escalate * SECOND_NS),
        source=occasion.key(number),
    )
    by = By(kind="rule", id=str(rule.id), name=rule.name)
    alarm = raise_alarm(transaction, occasion.org, raising, occasion.now, by)
    return "alarm was raised before" if alarm is None else f"alarm {alarm.number} raised, {alarm.count} times by now"


def _event(transaction: Transaction, occasion: Occasion, wanted: EventAction, number: int) -> str:
    stream = occasion.event.stream
    if wanted.device is not None:
        device = _device(transaction, occasion, wanted.device)
        if device is None:
            return "event not derived: its author sees no such device"
        stream = device.stream
    event_class = EventClass(Kind.EVENT_TRIGGERED)
    if wanted.type is not None and wanted.type != Kind.EVENT_TRIGGERED.type:
        listed = transaction.listed(occasion.org, wanted.type)
        if listed is None:
            return "event not derived: there is no such event type"
        event_class = EventClass(Kind.EVENT_TRIGGERED, None, None, wanted.type, listed)
    rule, key = occasion.active.definition, occasion.key(number)
    told = Told(
        rule=str(rule.id), revision=rule.revision, name=rule.name, cause=str(occasion.event.id),
        group=occasion.firing.key,
    )  # fmt: skip
    draft = Draft(
        stream=stream,
        event_class=transaction.class_of(occasion.org, event_class),
        occurred=min(occasion.firing.at, occasion.now),
        received=occasion.now,
        tag=wanted.tag,
        message=wanted.message,
        data=msgspec.json.encode(told),
        cause=occasion.event.seq,
        key=key,
        body=key[:8],
    )
    transaction.append(occasion.org, [draft])
    return "event derived"


def _command(transaction: Transaction, occasion: Occasion, wanted: CommandAction, number: int) -> str:
    device = _device(transaction, occasion, occasion.place.device if wanted.device is None else wanted.device)
    if device is None or device.removed:
        return "command not sent: its author sees no such device"
    told = Wanted(command=wanted.command, rule=occasion.active.definition.name, chain=occasion.chain.hex())
    payload = msgspec.json.encode(told).decode()
    deadline = Instant(occasion.clock + round(wanted.deadline_s * SECOND_NS))
    _put(transaction, occasion, number, kind="command", target=str(device.number), payload=payload, deadline=deadline)
    return "command waits to be sent"


def _device(transaction: Transaction, occasion: Occasion, ref: int | str | None) -> Device | None:
    found = None if ref is None else transaction.device(occasion.org, ref)
    if found is None:
        return None
    place = Place(stream=found.stream, device=found.number, site=found.site)
    return found if shows(occasion.author.grant, place) else None


def _put(
    transaction: Transaction, occasion: Occasion, number: int, *, kind: str, target: str, payload: str,
    deadline: Instant | None = None,
) -> None:  # fmt: skip
    effect = Effect(
        effect=0, org=occasion.org, kind=kind, target=target, seq=occasion.event.seq, payload=payload,
        key=occasion.key(number), rule=occasion.active.rule.id, revision=occasion.active.rule.revision,
        created=occasion.now, due=occasion.now, deadline=deadline, attempts=0, state="waiting", error=None,
    )  # fmt: skip
    transaction.rules.put_effect(effect)


def is_in(rule: UUID, chain: bytes) -> bool:
    """Whether the rule led to this event itself, or so many did that it moves no rule."""
    ids = [chain[at : at + UUID_BYTES] for at in range(0, len(chain), UUID_BYTES)]
    return rule.bytes in ids or len(ids) >= LONGEST_CHAIN
