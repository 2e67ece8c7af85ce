"""The outbox: what rules have done outside, at least once each, under a key that stays the same; nothing past its time.

Who sends what is said where the server is joined together: a kind without a sender waits, or lapses at its deadline.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from uuid import UUID

import msgspec

from gatebook.domain.deliveries import pause_ns
from gatebook.domain.errors import GatebookError, NotFound, Refused, Unavailable, Unreachable
from gatebook.domain.times import DAY_NS, SECOND_NS, Instant
from gatebook.services.commands import Commands, System
from gatebook.services.gate_acts import LOCKS
from gatebook.services.rule_acts import Wanted
from gatebook.services.tail import Wakeup, heard
from gatebook.store import Store, Transaction
from gatebook.store.rules import Effect

log = logging.getLogger(__name__)
BATCH = 100
POLL_S = 1.0
LONGEST_PAUSE_S = 60
KEPT_NS = 30 * DAY_NS
"""How long it is known how each effect ended."""
FORGETS_EACH = 100


Sender = Callable[[Effect], Awaitable[None]]
"""Does one effect; raises Refused where it can never be done, Unavailable where it may be at another time.

It may be asked for the same key again.
"""


class Outbox:
    """Sends what is due."""

    def __init__(
        self, store: Store, wakeup: Wakeup, senders: Mapping[str, Sender], *, now: Callable[[], Instant],
        chance: Callable[[], float] = random.random,
    ) -> None:  # fmt: skip
        """`senders` by kind of effect; `wakeup` is rung after each commit; `chance` is from 0 up to 1, for jitter."""
        self._store = store
        self._wakeup = wakeup
        self._senders = senders
        self._now = now
        self._chance = chance

    async def run(self) -> None:
        """Sends until it is cancelled; a server that is slow with e-mails holds up no command."""
        async with asyncio.TaskGroup() as tasks:
            for kind in self._senders:
                tasks.create_task(self._lane(kind), name=f"outbox-{kind}")

    async def drain(self) -> int:
        """One batch of each kind; how many effects were tried."""
        await self._lapse()
        return sum([await self._batch(kind) for kind in sorted(self._senders)])

    async def _lane(self, kind: str) -> None:
        while True:
            ring = self._wakeup.next_ring()
            try:
                await self._lapse()
                busy = await self._batch(kind)
            except Unavailable as fault:
                log.warning("the outbox waits with each %s: %s", kind, fault)
                await asyncio.sleep(fault.retry_after_s)
                continue
            if not busy:
                await heard(ring, POLL_S)

    async def _batch(self, kind: str) -> int:
        found = await self._store.read(self._store.rules.effects_due, [kind], self._now(), BATCH)
        for effect in found:
            await self._send(effect)
        return len(found)

    async def _lapse(self) -> None:
        if await self._store.read(self._store.rules.has_lapsed, self._now()):
            await self._store.write(lambda transaction: transaction.rules.lapse(self._now()))

    async def _send(self, effect: Effect) -> None:
        if effect.deadline is not None and self._now() >= effect.deadline:
            return  # it lapses with the next batch: a command past its deadline is never sent
        attempts = effect.attempts + 1
        try:
            async with asyncio.timeout(left_s(effect, self._now())):
                await self._senders[effect.kind](effect)
            state, due, error = "done", effect.due, None
        except (GatebookError, TimeoutError) as fault:
            pause = None if is_final(fault) else self._pause_ns(effect, attempts)
            state, error = "failed" if pause is None else "waiting", str(fault) or "it took too long"
            due = Instant(self._now() + (pause or 0))
            log.warning("%s %d for rule %s: %s", effect.kind, effect.effect, effect.rule, error)
        kept_since = self._now() - KEPT_NS if effect.effect % FORGETS_EACH == 0 else None
        await self._store.write(partial(_settle, effect, state, attempts, due, error, kept_since))

    def _pause_ns(self, effect: Effect, attempts: int) -> int | None:
        """What has a deadline is tried until it lapses, all else as often as a webhook is."""
        if effect.deadline is None:
            return pause_ns(attempts, self._chance())
        return min(1 << attempts, LONGEST_PAUSE_S) * SECOND_NS


def is_final(fault: Exception) -> bool:
    """Whether trying again changes nothing."""
    return isinstance(fault, Refused) or (isinstance(fault, Unreachable) and fault.permanent)


def left_s(effect: Effect, now: Instant) -> float:
    """How long an attempt may take: until the deadline; a minute where there is none."""
    return 60.0 if effect.deadline is None else min(300.0, max(0.001, (effect.deadline - now) / SECOND_NS))


def _settle(
    effect: Effect, state: str, attempts: int, due: Instant, error: str | None, kept_since: int | None,
    transaction: Transaction,
) -> None:  # fmt: skip
    transaction.rules.settle_effect(effect.effect, state, attempts=attempts, due=due, error=error)
    if kept_since is not None:
        transaction.rules.forget_effects(kept_since)


def sender_of_commands(store: Store, commands: Commands, now: Callable[[], Instant]) -> Sender:
    """Asks the device to open, in one transaction and once for each effect; the commands see to the rest."""

    async def send(effect: Effect) -> None:
        await store.write(partial(_request, commands, effect, now()))

    return send


def _request(commands: Commands, effect: Effect, now: Instant, transaction: Transaction) -> None:
    id_, wanted = UUID(bytes=effect.key), msgspec.json.decode(effect.payload, type=Wanted)
    if transaction.commands.command(effect.org, id_) is not None:
        return
    device = transaction.device(effect.org, int(effect.target))
    if device is None or device.removed or device.kind not in LOCKS:
        raise NotFound("there is no such lock, door or reader any more")
    who = System(effect.org, f"rule {wanted.rule}")
    left = left_s(effect, now)
    asked = commands.request(transaction, who, device, id=id_, within_s=left, cause=effect.seq)
    transaction.rules.derive(effect.org, [asked.seq], bytes.fromhex(wanted.chain))
