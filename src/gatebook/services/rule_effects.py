"""The outbox: what rules have done outside, at least once each, under a key that stays the same; nothing past its time.

Who sends what is said where the server is joined together: a kind without a sender waits, or lapses at its deadline.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from functools import partial

from gatebook.domain.errors import GatebookError, Refused, Unavailable
from gatebook.domain.times import SECOND_NS, Instant
from gatebook.services.live import Wakeup, heard
from gatebook.store import Store, Transaction
from gatebook.store.rules import Effect

log = logging.getLogger(__name__)
BATCH = 100
POLL_S = 1.0
MOST_ATTEMPTS = 10
LONGEST_PAUSE_S = 300


Sender = Callable[[Effect], Awaitable[None]]
"""Does one effect; raises Refused where it can never be done, Unavailable where it may be at another time.

It may be asked for the same key again.
"""


class Outbox:
    """Sends what is due."""

    def __init__(
        self, store: Store, wakeup: Wakeup, senders: Mapping[str, Sender], *, now: Callable[[], Instant]
    ) -> None:
        """`senders` by kind of effect; `wakeup` is rung after each commit."""
        self._store = store
        self._wakeup = wakeup
        self._senders = senders
        self._now = now

    async def run(self) -> None:
        """Sends until it is cancelled."""
        while True:
            ring = self._wakeup.next_ring()
            if not await self.drain():
                await heard(ring, POLL_S)

    async def drain(self) -> int:
        """One batch; how many effects were tried."""
        await self._lapse()
        found = await self._store.read(self._store.rules.effects_due, sorted(self._senders), self._now(), BATCH)
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
            last = attempts >= MOST_ATTEMPTS or isinstance(fault, Refused)
            pause_s = fault.retry_after_s if isinstance(fault, Unavailable) else 2**attempts
            state, error = "failed" if last else "waiting", str(fault) or "it took too long"
            due = Instant(self._now() + min(pause_s, LONGEST_PAUSE_S) * SECOND_NS)
            log.warning("%s %d for rule %s: %s", effect.kind, effect.effect, effect.rule, error)
        await self._store.write(partial(_settle, effect, state, attempts, due, error))


def left_s(effect: Effect, now: Instant) -> float:
    """How long an attempt may take: until the deadline, and a minute at most."""
    return 60.0 if effect.deadline is None else min(60.0, max(0.001, (effect.deadline - now) / SECOND_NS))


def _settle(
    effect: Effect, state: str, attempts: int, due: Instant, error: str | None, transaction: Transaction
) -> None:
    transaction.rules.settle_effect(effect.effect, state, attempts=attempts, due=due, error=error)
