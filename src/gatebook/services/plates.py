"""Plates that cameras read: a follower of the log that decides on each arrival, and opens at most once for it.

A read, what is decided on it and the command that opens stand in one transaction each, with the follower's place in the
log: whatever stops in between, nothing is opened twice and no arrival is left without its row.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import msgspec

from gatebook.domain.errors import Unavailable
from gatebook.domain.events import Draft, EventClass
from gatebook.domain.gates import CameraSetting, PlateHolder
from gatebook.domain.kinds import Kind, Method
from gatebook.domain.matching import Match, Matcher
from gatebook.domain.plates import normalise
from gatebook.domain.times import Instant
from gatebook.services.arrivals import (
    DECIDED_AFTER_NS,
    GAP_NS,
    SECOND_NS,
    Action,
    DecisionTold,
    Gate,
    Read,
    judged,
    matched,
    read_of,
    replace_told,
)
from gatebook.services.commands import Commands, Outcome, System
from gatebook.services.followers import Follower
from gatebook.services.names import new_id
from gatebook.services.tail import Wakeup, heard
from gatebook.store import Store, Transaction
from gatebook.store.sqlite.arrivals import Arrival, ReadRow
from gatebook.store.sqlite.commands import Command

log = logging.getLogger(__name__)
NAME: Final = "plates"
OPEN_WITHIN_S: Final = 10.0
"""A vehicle waits; a gate that opens later opens for somebody else."""
PLATES_KEPT_NS: Final = 5 * 60 * SECOND_NS
VEHICLES_KEPT_NS: Final = 24 * 3600 * SECOND_NS


@dataclass(frozen=True, slots=True)
class Index:
    """The plates of an organisation as they were at a revision."""

    revision: int
    matcher: Matcher
    holders: dict[str, list[PlateHolder]]


class Plates:
    """Decides on what cameras read."""

    def __init__(
        self, store: Store, wakeup: Wakeup, commands: Commands, *, now: Callable[[], Instant],
        open_within_s: float = OPEN_WITHIN_S,
    ) -> None:  # fmt: skip
        """`commands` opens; `open_within_s` is what a lock has to answer."""
        self._store = store
        self._wakeup = wakeup
        self._commands = commands
        self._now = now
        self._within_s = open_within_s
        self._indexes: dict[int, Index] = {}
        self.follower = Follower(name=NAME, take=self._take, batch=500)
        commands.when_settled(self._settled)

    async def run(self) -> None:
        """Decides on arrivals for which nothing opened in time; until it is cancelled."""
        while True:
            ring = self._wakeup.next_ring()
            due = await self._store.read(self._store.arrivals.next_due)
            left_s = 60.0 if due is None else (due - self._now()) / SECOND_NS
            if left_s > 0:
                await heard(ring, left_s)
                continue
            try:
                await self._store.write(self._decide_due)
            except Unavailable as error:
                log.warning("plates wait: %s", error)
                await heard(ring, float(error.retry_after_s))

    # -- the follower ------------------------------------------------------------------------------------------------

    def _take(self, transaction: Transaction, org: int, after: int, upto: int) -> None:
        for row in transaction.arrivals.reads(org, after, upto):
            read = read_of(row.id, row.occurred, row.reported is not None, row.data)
            if read is not None:
                self._arrive(transaction, org, row, read)

    def _arrive(self, transaction: Transaction, org: int, row: ReadRow, read: Read) -> None:
        known = self._known(transaction, org, row, read)
        if known is not None and known.due is None:
            self._repeated(transaction, row, read, known)
            return
        told = self._judge(transaction, org, row, read)
        arrival = _of(org, row, read, told, known, self._now())
        if told.action is Action.OPENED:
            arrival = self._open(transaction, row, arrival, told)
        transaction.arrivals.put(arrival)

    def _known(self, transaction: Transaction, org: int, row: ReadRow, read: Read) -> Arrival | None:
        """The arrival that a read belongs to: of its vehicle, else of the plate that was read, else of the one meant.

        Without the last, a car that is read in two ways which both mean its plate would open twice.
        """
        arrivals, setting = transaction.arrivals, transaction.gates.camera(org, row.camera)
        if read.told.vehicle is not None:
            return arrivals.by_vehicle(org, row.camera, read.told.vehicle)
        known = arrivals.by_plate(org, row.camera, read.plate, row.occurred, GAP_NS)
        match = None if known is not None else matched(self._index(transaction, org).matcher, read)
        if match is None or match.plate is None or setting is None or not match.allowed(setting.level):
            return known
        return arrivals.by_plate(org, row.camera, match.plate, row.occurred, GAP_NS)

    def _judge(self, transaction: Transaction, org: int, row: ReadRow, read: Read) -> DecisionTold:
        index = self._index(transaction, org)
        match = matched(index.matcher, read)
        holders = [] if match is None else [holder for plate in match.plates for holder in index.holders[plate]]
        setting = transaction.gates.camera(org, row.camera) or CameraSetting(device=row.camera)
        gate = self._gate(transaction, org, setting, holders, match)
        return judged(read, match, gate, self._now())

    def _gate(
        self, transaction: Transaction, org: int, setting: CameraSetting, holders: Sequence[PlateHolder],
        match: Match | None,
    ) -> Gate:  # fmt: skip
        locks = _locks(transaction, org, setting.device)
        if match is None:
            return Gate(setting=setting, locks=locks)
        people = {holder.person for holder in holders}
        passages = [
            found
            for person in people
            for lock in locks
            if (found := transaction.gates.passage(org, person, lock)) is not None
        ]
        return Gate(setting=setting, locks=locks, holders=holders, passages=passages)

    def _open(self, transaction: Transaction, row: ReadRow, arrival: Arrival, told: DecisionTold) -> Arrival:
        """Asks the lock to open; what becomes of it decides."""
        org = arrival.organisation
        assert told.lock is not None  # `judged` opens somewhere,
        assert told.person is not None  # and for somebody
        device, person = transaction.device(org, told.lock), transaction.person(org, told.person)
        assert device is not None
        command = self._commands.request(
            transaction, System(org, NAME), device, id=new_id(), within_s=self._within_s, cause=row.seq, person=person
        )
        return replace(
            arrival, due=None, command=command.id, read=row.seq, occurred=row.occurred, decision=_json(told)
        )  # fmt: skip

    def _repeated(self, transaction: Transaction, row: ReadRow, read: Read, known: Arrival) -> None:
        if not known.repeated:
            told = DecisionTold(
                plate=read.told.plate.upper(), normalised=read.plate, confidence=read.told.confidence,
                action=Action.REPEAT_READ, person=known.person, read=str(row.id),
                lock=next(iter(_locks(transaction, known.organisation, row.camera)), None),
            )  # fmt: skip
            self._tell(transaction, known.organisation, row.camera, told, row.occurred, row.seq)
        transaction.arrivals.put(replace(_seen(known, row, self._now()), repeated=True))

    # -- what is decided ---------------------------------------------------------------------------------------------

    def _decide_due(self, transaction: Transaction) -> None:
        now = self._now()
        for arrival in transaction.arrivals.due(now):
            self._decided(transaction, arrival, None, None)
        transaction.arrivals.drop_untouched(
            plates=Instant(now - PLATES_KEPT_NS), vehicles=Instant(now - VEHICLES_KEPT_NS)
        )

    def _settled(self, transaction: Transaction, command: Command, outcome: Outcome) -> None:
        arrival = transaction.arrivals.by_command(command.organisation, command.id)
        if arrival is None:
            return
        if outcome is Outcome.DONE:
            self._decided(transaction, arrival, Action.OPENED, None)
        else:
            self._decided(transaction, arrival, Action.OPEN_FAILED, outcome.value)

    def _decided(self, transaction: Transaction, arrival: Arrival, action: Action | None, reason: str | None) -> None:
        if arrival.decision is None:
            return
        told = msgspec.json.decode(arrival.decision, type=DecisionTold)
        if action is not None:
            told = replace_told(told, action=action, reason=reason)
        self._tell(transaction, arrival.organisation, arrival.camera, told, arrival.occurred, arrival.read)
        plate = arrival.plate if arrival.vehicle is None else ""  # a vehicle is known again without it
        transaction.arrivals.put(replace(arrival, due=None, decision=None, plate=plate))

    def _tell(
        self, transaction: Transaction, org: int, camera: int, told: DecisionTold, occurred: Instant, cause: int
    ) -> None:
        device = transaction.device(org, camera)
        assert device is not None  # devices are marked as removed, and never taken out
        person = None if told.person is None else transaction.person(org, told.person)
        draft = Draft(
            stream=device.stream,
            event_class=transaction.class_of(org, EventClass(Kind.PLATE_DECIDED, Method.PLATE)),
            occurred=occurred,
            received=self._now(),
            person=None if person is None else person.number,
            person_name=None if person is None else person.name,
            credential=told.plate,
            data=_json(told),
            data_is_personal=True,
            cause=cause,
        )
        transaction.append(org, [draft])

    def _index(self, transaction: Transaction, org: int) -> Index:
        revision = transaction.arrivals.plate_revision(org)
        found = self._indexes.get(org)
        if found is None or found.revision != revision:
            holders: defaultdict[str, list[PlateHolder]] = defaultdict(list)
            for holder in transaction.arrivals.plates(org):
                holders[normalise(holder.plate)].append(holder)
            found = self._indexes[org] = Index(revision, Matcher(holders), dict(holders))
        return found


def _of(org: int, row: ReadRow, read: Read, told: DecisionTold, known: Arrival | None, now: Instant) -> Arrival:
    """The arrival with this read in it; the read of most confidence is the one that is told."""
    if known is not None and read.told.confidence <= known.confidence and told.action is not Action.OPENED:
        return _seen(known, row, now)
    fresh = Arrival(
        organisation=org, camera=row.camera, vehicle=read.told.vehicle, plate=told.matched_plate or read.plate,
        first=row.occurred, last=row.occurred, due=Instant(row.received + DECIDED_AFTER_NS), read=row.seq,
        occurred=row.occurred, confidence=read.told.confidence, person=told.person, decision=_json(told), touched=now,
    )  # fmt: skip
    if known is None:
        return fresh
    seen = _seen(known, row, now)
    return replace(fresh, number=known.number, first=seen.first, last=seen.last, due=known.due)


def _locks(transaction: Transaction, org: int, camera: int) -> list[int]:
    """The numbers of the locks that a camera is linked to, without those that were removed."""
    return [
        link.lock
        for link in transaction.gates.links_of_camera(org, camera)
        if (device := transaction.device(org, link.lock)) is not None and not device.removed
    ]


def _seen(known: Arrival, row: ReadRow, now: Instant) -> Arrival:
    return replace(known, first=min(known.first, row.occurred), last=max(known.last, row.occurred), touched=now)


def _json(told: DecisionTold) -> bytes:
    return msgspec.json.encode(told)
