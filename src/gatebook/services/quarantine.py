"""Reports that had no place: listed, and replayed once what they named is known."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

import msgspec

from gatebook.domain.access import Principal
from gatebook.domain.errors import NotFound, Refused
from gatebook.services.ingest import Accepted, Ingest, Report
from gatebook.store import Store, Transaction
from gatebook.store.contract import Quarantined

TOGETHER = 100
"""Reports replayed side by side, so that they share a commit."""


class Replayed(NamedTuple):
    """How many found their place, how many of those looked at still wait, and where to go on (None: at the end)."""

    done: int
    waiting: int
    after: UUID | None


class Quarantine:
    """What waits for somebody to make a device, person or type known."""

    def __init__(self, store: Store, ingest: Ingest) -> None:
        """Replays through the same door by which the report came."""
        self._store = store
        self._ingest = ingest

    async def listed(
        self, principal: Principal, *, after: UUID | None = None, limit: int = 100
    ) -> Sequence[Quarantined]:
        """What waits, oldest first, beyond the id `after`."""
        return await self._store.read(self._store.quarantine.listed, principal.organisation, after, limit)

    async def one(self, principal: Principal, id: UUID) -> Quarantined:
        """The waiting report of this id, or NotFound."""
        found = await self._store.read(self._store.quarantine.one, principal.organisation, id)
        if found is None:
            raise NotFound("no such report in quarantine")
        return found

    async def replay(self, principal: Principal, id: UUID) -> Accepted:
        """Sends a waiting report in again, with the time at which it was first received.

        When it finds its place it leaves quarantine in the same transaction; else it stays, and the refusal is raised.
        """
        waiting = await self.one(principal, id)
        report = msgspec.json.decode(waiting.report, type=Report)

        def release(transaction: Transaction) -> None:
            if not transaction.release(principal.organisation, id):
                raise NotFound("no such report in quarantine")

        return await self._ingest.accept_again(principal, report, waiting.received, release)

    async def replay_all(self, principal: Principal, *, after: UUID | None = None, limit: int = 1_000) -> Replayed:
        """Replays up to `limit` waiting reports beyond the id `after`, oldest first; what is declined stays."""
        done = looked = 0
        while looked < limit:
            waiting = await self.listed(principal, after=after, limit=min(TOGETHER, limit - looked))
            if not waiting:
                return Replayed(done, looked - done, None)
            found = await asyncio.gather(*(self._placed(principal, one.id) for one in waiting))
            after = waiting[-1].id
            looked += len(waiting)
            done += sum(found)
        left = await self.listed(principal, after=after, limit=1)
        return Replayed(done, looked - done, after if left else None)

    async def _placed(self, principal: Principal, id: UUID) -> bool:
        try:
            await self.replay(principal, id)
        except Refused:
            return False
        return True

    async def drop(self, principal: Principal, id: UUID) -> None:
        """Gives a waiting report up."""
        if not await self._store.write(lambda transaction: transaction.release(principal.organisation, id)):
            raise NotFound("no such report in quarantine")
