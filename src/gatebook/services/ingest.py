"""Takes reports in: finds the place of each, sets aside what has none, and answers when the rest is on disk."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from hashlib import blake2b
from typing import NamedTuple
from uuid import UUID

import msgspec

from gatebook.domain.access import Grant, Principal
from gatebook.domain.errors import Conflict, FieldFault, KeyTaken, Unplaceable
from gatebook.domain.events import Draft, EventClass
from gatebook.domain.excerpts import excerpt
from gatebook.domain.kinds import PERSONAL_DATA_KINDS, Kind, Method, Reason
from gatebook.domain.places import Device
from gatebook.domain.times import Instant, settle
from gatebook.store import Store, Transaction
from gatebook.store.contract import Appended, Held, KeyConflict, Outcome

KINDS: dict[str, Kind] = {kind.value: kind for kind in Kind if not kind.is_record}
"""What can be reported: all but the record of who looked, which only Gatebook writes."""


class Report(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """One report as it arrived, read and not yet placed."""

    kind: str | None
    device: int | str | None
    """Its integer, its UUID, or a vendor's id."""
    occurred: Instant | None = None
    """None: when it is received."""
    method: Method | None = None
    reason: Reason | None = None
    type: UUID | None = None
    person: int | str | None = None
    person_name: str | None = None
    credential: str | None = None
    tag: str | None = None
    message: str | None = None
    data: bytes | None = None
    """JSON, byte for byte."""
    key: str | None = None
    """The sender's own id for it: what makes a repeat a repeat."""


class Accepted(NamedTuple):
    """A report that stands in the log."""

    outcome: Appended
    device: Device


class Declined(NamedTuple):
    """A report that does not; `quarantine` is its id where it is kept."""

    error: FieldFault | Conflict
    quarantine: UUID | None = None


Answer = Accepted | Declined
Waiting = Sequence[Report | Declined]
"""What came: reports that were read, and what could not be, in the order in which they came."""


class Ingest:
    """The one door by which reports come in."""

    def __init__(self, store: Store, *, now: Callable[[], Instant], secret: bytes) -> None:
        """`secret` keys the hashes of source keys, so that they cannot be guessed from the file."""
        self._store = store
        self._now = now
        self._secret = secret

    async def accept(
        self,
        principal: Principal,
        waiting: Waiting,
        *,
        received: Instant | None = None,
        triggers_rules: bool = True,
        keep_declined: bool = True,
    ) -> list[Answer]:
        """One answer for each, in order; back when everything accepted is on disk.

        `received` is given when a quarantined report is replayed; without `triggers_rules` no rule ever looks at what
        is accepted, and without `keep_declined` nothing goes into quarantine. Raises Unavailable when the store cannot
        take more.
        """
        at = received or self._now()
        placing = Placing(self._secret, principal, at, waiting, keep_declined=keep_declined)
        if not triggers_rules:
            return await self._store.write(partial(_spared, principal.organisation, placing), len(waiting))
        outcomes = await self._store.append(principal.organisation, placing, len(waiting))
        return placing.answers(outcomes)

    async def accept_again(
        self, principal: Principal, report: Report, received: Instant, release: Callable[[Transaction], None]
    ) -> Accepted:
        """A report that waited, with the time at which it first came; `release` in the same transaction.

        Both happen or neither; what declines it is raised.
        """
        placing = Placing(self._secret, principal, received, [report], keep_declined=False)

        def again(transaction: Transaction) -> Accepted:
            release(transaction)
            drafts = placing(transaction)
            [answer] = placing.answers(transaction.append(principal.organisation, drafts))
            if isinstance(answer, Declined):
                raise answer.error
            return answer

        return await self._store.write(again)

    async def accept_all(self, principal: Principal, waiting: Waiting) -> list[Accepted]:
        """All of them, or none: the first that is declined is raised and nothing is stored or quarantined."""
        placing = Placing(self._secret, principal, self._now(), waiting, keep_declined=False)

        def together(transaction: Transaction) -> list[Accepted]:
            drafts = placing(transaction)
            placing.refuse_any()
            answers = placing.answers(transaction.append(principal.organisation, drafts))
            return [accepted_or_raise(index, answer) for index, answer in enumerate(answers)]

        return await self._store.write(together, len(waiting))


class Placing:
    """Finds the places of one delivery inside the writer's transaction; the writer calls it once."""

    def __init__(
        self, secret: bytes, principal: Principal, received: Instant, waiting: Waiting, *, keep_declined: bool = True
    ) -> None:
        """`keep_declined`: what can be read but not placed goes into quarantine."""
        self._secret = secret
        self._org = principal.organisation
        self._grant = principal.grant
        self._received = received
        self._waiting = waiting
        self._keep = keep_declined
        self.found: list[Device | Declined] = []
        """What became of each, in order."""

    def __call__(self, transaction: Transaction) -> list[Draft]:
        """The drafts of all that has a place."""
        self.found = []
        drafts: list[Draft] = []
        for report in self._waiting:
            if isinstance(report, Declined):
                self.found.append(report)
                continue
            try:
                device = _device(transaction, self._org, self._grant, report)
                drafts.append(self._draft(transaction, report, device))
                self.found.append(device)
            except Unplaceable as error:
                kept = self._quarantine(transaction, report, error) if self._keep else None
                self.found.append(Declined(error, kept))
        return drafts

    def refuse_any(self) -> None:
        """Raises the first refusal, its field told by its index."""
        for index, found in enumerate(self.found):
            if isinstance(found, Declined):
                raise numbered(index, found.error)

    def answers(self, outcomes: Sequence[Outcome]) -> list[Answer]:
        """The writer's outcomes, joined with what was declined."""
        left = iter(outcomes)
        answers: list[Answer] = []
        for found in self.found:
            if isinstance(found, Declined):
                answers.append(found)
                continue
            outcome = next(left)
            if isinstance(outcome, KeyConflict):
                taken = KeyTaken("key", "this key was used before for a different report", "give a new key")
                answers.append(Declined(taken))
            else:
                answers.append(Accepted(outcome, found))
        return answers

    def _draft(self, transaction: Transaction, report: Report, device: Device) -> Draft:
        kind = _kind(report.kind)
        event_class = self._class(transaction, report, kind)
        person, found = None, None
        if report.person is not None:
            found = transaction.person(self._org, report.person)
            if found is None:
                raise Unplaceable("person", "no such person", "make the person known, then replay")
            person = found.number
        name = report.person_name or (found.name if found else None)
        occurred, reported = settle(self._received if report.occurred is None else report.occurred, self._received)
        plain = None if report.key is None else self._plain(report)
        somebody = not (person is None and name is None and report.credential is None)
        return Draft(
            stream=device.stream,
            event_class=transaction.class_of(self._org, event_class),
            occurred=occurred,
            received=self._received,
            reported=reported,
            person=person,
            person_name=name,
            credential=report.credential,
            tag=report.tag,
            message=report.message,
            data=report.data,
            data_is_personal=somebody or kind in PERSONAL_DATA_KINDS,
            key=None if report.key is None else self._key(device.stream, report.key),
            body=None if plain is None else keyed_body(plain, self._secret),
            unkeyed_body=plain,
        )

    def _plain(self, report: Report) -> bytes:
        return plain_body_of(report)

    def _class(self, transaction: Transaction, report: Report, kind: Kind) -> EventClass:
        if report.type is None or report.type == kind.type:
            return EventClass(kind, report.method, report.reason)
        listed = transaction.listed(self._org, report.type)
        if listed is None:
            raise Unplaceable("type", "no such event type", "make the event type known, then replay")
        return EventClass(kind, report.method, report.reason, report.type, listed)

    def _key(self, stream: int, key: str) -> bytes:
        return blake2b(b"%d/%b" % (stream, key.encode()), digest_size=16, key=self._secret).digest()

    def _quarantine(self, transaction: Transaction, report: Report, error: Unplaceable) -> UUID | None:
        kept = msgspec.json.encode(report)
        digest = blake2b(kept, digest_size=16).digest()
        device = None if report.device is None else str(report.device)
        held = Held(device, str(error), kept, report.key, self._received)
        return transaction.quarantine(self._org, digest, held)


def _spared(org: int, placing: Placing, transaction: Transaction) -> list[Answer]:
    """Appends what no rule is to look at, and says so in the same transaction."""
    answers = placing.answers(transaction.append(org, placing(transaction)))
    new = [one.outcome.seq for one in answers if isinstance(one, Accepted) and not one.outcome.repeat]
    transaction.rules.spare(org, new)
    return answers


def _kind(word: str | None) -> Kind:
    """The kind of this word, if it is one that can be reported."""
    if word is None:
        raise Unplaceable("kind", "is missing", "give one of those in the list of kinds")
    kind = KINDS.get(word)
    if kind is None:
        raise Unplaceable("kind", f"{excerpt(word)} is not a known kind", "give one of those in the list of kinds")
    return kind


def _device(transaction: Transaction, org: int, grant: Grant, report: Report) -> Device:
    """The device, if it is known and shown; unknown and hidden are refused in the same words."""
    if report.device is None:
        raise Unplaceable("device", "is missing", "give the device's UUID, integer or vendor id")
    device = transaction.device(org, report.device)
    if device is None or device.removed or not grant.shows(device.number, device.site):
        raise Unplaceable("device", "no such device", "make the device known, then replay")
    return device


def body_of(report: Report, secret: bytes) -> bytes:
    """8 bytes that tell whether two reports under one key say the same; white space between fields does not count.

    Keyed: they outlast an erasure, and whoever has the file alone cannot try guesses of a report against them.
    """
    return keyed_body(plain_body_of(report), secret)


def plain_body_of(report: Report) -> bytes:
    """The hash before it is keyed; it is not stored any more, but older stores hold it."""
    return blake2b(msgspec.json.encode(report), digest_size=8).digest()


def keyed_body(plain: bytes, secret: bytes) -> bytes:
    """What is stored of it."""
    return blake2b(plain, digest_size=8, key=secret, person=b"body").digest()


def numbered(index: int, error: FieldFault | Conflict) -> FieldFault | Conflict:
    """The same refusal, its field told as a place in the list."""
    if not isinstance(error, FieldFault):
        return Conflict(f"item {index}: {error.message}")
    if error.field.startswith("$["):
        return error  # whoever read the list has told the place already
    return type(error)(f"$[{index}].{error.field.removeprefix('$.')}", error.fault, error.remedy)


def accepted_or_raise(index: int, answer: Answer) -> Accepted:
    """The answer if it was accepted; else its error, raised."""
    if isinstance(answer, Declined):
        raise numbered(index, answer.error)
    return answer
