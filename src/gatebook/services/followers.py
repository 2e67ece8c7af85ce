"""Carries followers along the log: each from its own saved `seq`, its effects and its position in one transaction.

Because both commit together, a stop at any point neither skips nor doubles what a follower derives.  An event that a
follower cannot take is parked with the reason, and the follower goes on.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from gatebook.domain.errors import Unavailable
from gatebook.domain.times import Instant
from gatebook.services.tail import Wakeup, heard
from gatebook.store import Store, Transaction
from gatebook.store.contract import Follow

log = logging.getLogger(__name__)
Take = Callable[[Transaction, int, int, int], None]
"""`take(transaction, organisation, after, upto)`: everything that follows from the events in `(after, upto]`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Follower:
    """A name under which the position is saved, what it does, and how many events it takes at a time."""

    name: str
    take: Take
    batch: int = 2_000


def count_streams(transaction: Transaction, org: int, after: int, upto: int) -> None:
    """The follower of the tallies: the counts of single streams and sites."""
    transaction.count_streams(org, after, upto)


TALLIES = Follower(name="tallies", take=count_streams)


class Followers:
    """Runs followers for every organisation until it is cancelled."""

    def __init__(
        self, store: Store, wakeup: Wakeup, followers: Sequence[Follower] = (TALLIES,), *, now: Callable[[], Instant]
    ) -> None:
        """`wakeup` is rung after each commit."""
        self._store = store
        self._wakeup = wakeup
        self._followers = followers
        self._now = now

    async def run(self) -> None:
        """Each follower in a task of its own; none can hold up another."""
        async with asyncio.TaskGroup() as tasks:
            for follower in self._followers:
                tasks.create_task(self._follow(follower), name=f"follower-{follower.name}")

    async def positions(self, org: int) -> list[Follow]:
        """How far each has come, with its lag and what it parked; those that have not begun stand at 0."""
        found = await self._store.read(self._store.history.followers, org)
        begun = {follow.name for follow in found}
        head = await self._store.read(self._store.history.head, org)
        waiting = [Follow(name=one.name, seq=0, head=head) for one in self._followers if one.name not in begun]
        return sorted([*found, *waiting], key=lambda follow: follow.name)

    async def _follow(self, follower: Follower) -> None:
        while True:
            ring = self._wakeup.next_ring()
            try:
                busy = [await self._step(follower, org) for org in await self._organisations()]
            except Unavailable as error:
                log.warning("follower %s waits: %s", follower.name, error)
                await asyncio.sleep(error.retry_after_s)
                continue
            if not any(busy):
                await heard(ring, 5.0)

    async def _organisations(self) -> list[int]:
        return await self._store.read(self._store.history.organisations)

    async def _step(self, follower: Follower, org: int) -> bool:
        """One batch; True when there may be more."""
        head = await self._store.read(self._store.history.head, org)
        position = await self._store.read(self._store.history.followed, org, follower.name)
        if position >= head:
            return False
        try:
            await self._store.write(lambda transaction: advance(transaction, follower, org, follower.batch))
        except Unavailable:
            raise
        except Exception:  # a follower's fault must not stop the others; each event is now tried alone
            log.exception("follower %s could not take a batch of organisation %d", follower.name, org)
            await self._one_by_one(follower, org)
        return True

    async def _one_by_one(self, follower: Follower, org: int) -> None:
        for _ in range(follower.batch):
            try:
                moved = await self._store.write(lambda transaction: advance(transaction, follower, org, 1))
            except Unavailable:
                raise
            except Exception as error:  # parked with its reason, for a person to look at
                reason = f"{type(error).__name__}: {error}"
                await self._store.write(partial(self._park, follower, org, reason))
                return
            if not moved:
                return

    def _park(self, follower: Follower, org: int, reason: str, transaction: Transaction) -> None:
        """Sets the next event aside and goes past it."""
        seq = transaction.next_seq(org, transaction.followed(org, follower.name), 1)
        transaction.park(org, follower.name, seq, reason, self._now())
        transaction.follow_to(org, follower.name, seq)


def advance(transaction: Transaction, follower: Follower, org: int, batch: int) -> bool:
    """Takes the next events and saves the position, both or neither; False when there are none."""
    after = transaction.followed(org, follower.name)
    upto = transaction.next_seq(org, after, batch)
    if upto <= after:
        return False
    follower.take(transaction, org, after, upto)
    transaction.follow_to(org, follower.name, upto)
    return True
