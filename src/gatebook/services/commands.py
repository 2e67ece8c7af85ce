"""Commands to devices: asked for on record, sent while there is time, and settled once by answer or by the clock.

Everything is in the store: a command that waits when the server stops is sent or settled by the next one.  It may be
sent again where a line broke before the device answered; its id lets the device do it once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import Final, NamedTuple
from uuid import UUID

import msgspec

from gatebook.domain.access import Principal, PrincipalKind, Scope
from gatebook.domain.errors import BadInput, GatebookError, NotFound
from gatebook.domain.events import Draft, EventClass
from gatebook.domain.kinds import Kind
from gatebook.domain.places import Device, Person
from gatebook.domain.times import Instant, rfc3339
from gatebook.services.device_link import Link, Links
from gatebook.services.gate_acts import LOCKS, device_in
from gatebook.services.names import new_id
from gatebook.services.rooms import need
from gatebook.services.tail import Wakeup, heard
from gatebook.services.telling import tell
from gatebook.store import Store, Transaction
from gatebook.store.contract import Appended, Ref
from gatebook.store.sqlite.commands import Command

OPEN: Final = "open"
WITHIN_S: Final = 10.0
LONGEST_S: Final = 300.0
KEPT_NS: Final = 24 * 3600 * 10**9
"""How long a settled command is known by its id."""
GRACE_S: Final = 5.0
"""How long an outcome is waited for past its deadline, before it is looked up."""


class Outcome(StrEnum):
    """How a command ended."""

    DONE = "done"
    REFUSED = "refused"
    """The device says that it does not."""
    UNANSWERED = "unanswered"
    """The deadline passed; whether the device was reached is not known."""


class System(NamedTuple):
    """Gatebook itself, within one organisation."""

    organisation: int
    name: str
    """What of it acts, such as `plates`."""


class Settled(NamedTuple):
    """A command and how it ended."""

    id: UUID
    outcome: Outcome

    @property
    def opened(self) -> bool:
        """True when the device says that it did it."""
        return self.outcome is Outcome.DONE


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """A command as it goes to its device; it is not to be done at or after its deadline."""

    id: UUID
    action: str
    deadline: str
    made: str


class CommandTold(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The data of a `command.*` event."""

    id: UUID
    action: str
    deadline: str
    by: str = ""
    outcome: str | None = None
    message: str | None = None


OnSettled = Callable[[Transaction, Command, Outcome], None]


class Commands:
    """Asks devices to do things, and learns whether they did."""

    def __init__(
        self,
        store: Store,
        wakeup: Wakeup,
        *,
        holder: Callable[[PrincipalKind, UUID], Awaitable[Principal]],
        now: Callable[[], Instant],
    ) -> None:
        """`wakeup` is rung after each commit; `holder` raises where a device's token holds no longer."""
        self._store = store
        self._now = now
        self._wakeup = wakeup
        self.links = Links(wakeup.ring)
        self._holder = holder
        self._waiting: dict[UUID, asyncio.Future[Outcome]] = {}
        self._on_settled: list[OnSettled] = []

    def when_settled(self, hook: OnSettled) -> None:
        """`hook` runs in the transaction in which a command is settled."""
        self._on_settled.append(hook)

    async def open(
        self, who: Principal | System, ref: Ref, *, within_s: float = WITHIN_S, cause: int | None = None
    ) -> Settled:
        """Asks a lock, door or reader to open, and waits for the outcome, at most `within_s` seconds and a little.

        `cause`: the seq of the event that led to it.  Forbidden without `devices:command`, NotFound for a device that
        is absent or hidden.
        """
        if not 0 < within_s <= LONGEST_S:
            raise BadInput("within_s", f"is {within_s:g}", f"expected more than 0, at most {LONGEST_S:g}")
        if isinstance(who, Principal):
            need(who, Scope.DEVICES_COMMAND)
        id_ = new_id()
        answer: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._waiting[id_] = answer
        try:
            command = await self._store.write(lambda tx: self._asked(tx, who, ref, id_, within_s, cause))
            return Settled(id_, await self._outcome(command, answer, within_s))
        finally:
            self._waiting.pop(id_, None)

    def request(
        self, transaction: Transaction, who: Principal | System, device: Device, *, id: UUID, within_s: float,
        cause: int | None = None, person: Person | None = None,
    ) -> Command:  # fmt: skip
        """The same within a transaction: the command stands with its event, and is sent once that is on disk."""
        org, now = who.organisation, self._now()
        deadline = Instant(now + int(within_s * 1e9))
        told = CommandTold(id=id, action=OPEN, deadline=rfc3339(deadline), by=who.name)
        draft = self._draft(transaction, org, device.stream, Kind.COMMAND_REQUESTED, told, cause)
        if person is not None:
            draft = msgspec.structs.replace(draft, person=person.number, person_name=person.name)
        [found] = transaction.append(org, [draft])
        assert isinstance(found, Appended)  # a draft without a key has no conflict
        command = Command(
            organisation=org, id=id, device=device.number, action=OPEN, made=now, deadline=deadline, seq=found.seq
        )
        transaction.commands.insert(command)
        return command

    async def answered(self, link: Link, id: UUID, outcome: Outcome, message: str | None = None) -> bool:
        """A device tells how a command of its own ended; False where that is settled already, or not its own."""
        org, now = link.principal.organisation, self._now()

        def work(transaction: Transaction) -> bool:
            command = transaction.commands.command(org, id)
            if command is None or command.device != link.device or command.deadline <= now:
                return False
            return self._settle(transaction, command, outcome, message)

        settled = await self._store.write(work)
        if settled:
            self._heard(id, outcome)
        return settled

    async def run(self) -> None:
        """Sends what waits to devices that are on the line, and settles what is overdue; until it is cancelled."""
        while True:
            ring = self._wakeup.next_ring()
            waiting = await self._store.read(self._store.commands.open)
            for command in waiting:
                if command.deadline <= self._now():
                    await self._overdue(command)
                else:
                    await self._send(command)
            left_s = min([1.0, *((one.deadline - self._now()) / 1e9 for one in waiting)])
            await heard(ring, max(0.01, left_s))

    async def _send(self, command: Command) -> None:
        link = self.links.of(command.organisation, command.device)
        if link is None or command.id in link.sent:
            return
        try:
            await self._holder(link.principal.kind, link.principal.id)
        except GatebookError as error:
            link.line.end(1008, error.message[:100])
            return
        if command.deadline <= self._now():
            return  # an overdue command is never sent
        sent = Sent(
            id=command.id, action=command.action, deadline=rfc3339(command.deadline), made=rfc3339(command.made)
        )
        if link.line.put(sent):
            link.sent.add(command.id)

    async def _overdue(self, command: Command) -> None:
        settled = await self._store.write(
            lambda tx: self._settle(tx, command, Outcome.UNANSWERED, "the device did not answer in time")
        )
        if settled:
            self._heard(command.id, Outcome.UNANSWERED)

    def _asked(
        self, transaction: Transaction, who: Principal | System, ref: Ref, id: UUID, within_s: float, cause: int | None
    ) -> Command:
        device = openable(transaction, who, ref)
        if isinstance(who, Principal):
            tell(transaction, who, f"device/{device.id}", {"act": "opening requested"}, self._now())
        return self.request(transaction, who, device, id=id, within_s=within_s, cause=cause)

    async def _outcome(self, command: Command, answer: asyncio.Future[Outcome], within_s: float) -> Outcome:
        try:
            async with asyncio.timeout(within_s + GRACE_S):
                return await answer
        except TimeoutError:  # nobody sends here, or another process has settled it
            found = await self._store.read(self._store.commands.command, command.organisation, command.id)
            if found is not None and found.outcome is not None:
                return Outcome(found.outcome)
            await self._overdue(command)
            return Outcome.UNANSWERED

    def _settle(self, transaction: Transaction, command: Command, outcome: Outcome, message: str | None) -> bool:
        org, now = command.organisation, self._now()
        found = transaction.commands.settle(org, command.id, outcome, now)
        if found is None:
            return False
        transaction.commands.drop_settled(Instant(now - KEPT_NS))
        kind = Kind.COMMAND_COMPLETED if outcome is Outcome.DONE else Kind.COMMAND_FAILED
        told = CommandTold(
            id=found.id, action=found.action, deadline=rfc3339(found.deadline), outcome=outcome, message=message
        )
        device = transaction.device(org, found.device)
        assert device is not None  # devices are marked as removed, and never taken out
        transaction.append(org, [self._draft(transaction, org, device.stream, kind, told, found.seq)])
        for hook in self._on_settled:
            hook(transaction, found, outcome)
        return True

    def _draft(
        self, transaction: Transaction, org: int, stream: int, kind: Kind, told: CommandTold, cause: int | None
    ) -> Draft:
        now = self._now()
        return Draft(
            stream=stream,
            event_class=transaction.class_of(org, EventClass(kind)),
            occurred=now,
            received=now,
            data=msgspec.json.encode(told),
            cause=cause,
        )

    def _heard(self, id: UUID, outcome: Outcome) -> None:
        waiting = self._waiting.get(id)
        if waiting is not None and not waiting.done():
            waiting.set_result(outcome)


def openable(transaction: Transaction, who: Principal | System, ref: Ref) -> Device:
    """The lock, door or reader of this name; NotFound for one that is absent, removed, or hidden from who asks."""
    if isinstance(who, Principal):
        return device_in(transaction, who, ref, LOCKS, "lock")
    found = transaction.device(who.organisation, ref)
    if found is None or found.removed or found.kind not in LOCKS:
        raise NotFound("there is no such lock")
    return found
