"""Reports that had no place: listed, and replayed once what they named is known."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import msgspec

from gatebook.domain.access import Principal
from gatebook.domain.errors import NotFound
from gatebook.services.ingest import Accepted, Answer, Ingest, Report
from gatebook.store import Store
from gatebook.store.contract import Quarantined


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

    async def replay(self, principal: Principal, id: UUID) -> Answer:
        """Sends a waiting report in again, with the time at which it was first received.

        When it finds its place it leaves quarantine; else it stays, and the refusal says why.
        """
        waiting = await self.one(principal, id)
        report = msgspec.json.decode(waiting.report, type=Report)
        [answer] = await self._ingest.accept(principal, [report], received=waiting.received)
        if isinstance(answer, Accepted):
            await self._store.write(lambda transaction: transaction.release(principal.organisation, id))
        return answer

    async def drop(self, principal: Principal, id: UUID) -> None:
        """Gives a waiting report up."""
        if not await self._store.write(lambda transaction: transaction.release(principal.organisation, id)):
            raise NotFound("no such report in quarantine")
