"""When each principal was last seen: gathered in memory, and written at most once a minute."""

from __future__ import annotations

from uuid import UUID

from gatebook.domain.access import PrincipalKind
from gatebook.domain.times import Instant
from gatebook.services.intervals import every
from gatebook.store import Store

PAUSE_S = 60.0


class Uses:
    """A request costs no commit: only the latest use of each is kept until the next writing."""

    def __init__(self, store: Store, *, pause_s: float = PAUSE_S) -> None:
        """Writes to this store."""
        self._store = store
        self._pause_s = pause_s
        self._latest: dict[tuple[PrincipalKind, UUID], Instant] = {}

    def note(self, kind: PrincipalKind, id: UUID, now: Instant) -> None:
        """It was used now."""
        self._latest[kind, id] = now

    async def write(self) -> None:
        """Writes what was gathered; nothing is written when there is nothing."""
        gathered, self._latest = self._latest, {}
        if gathered:
            uses = [(kind, id, at) for (kind, id), at in gathered.items()]
            await self._store.write(lambda transaction: transaction.accounts.use(uses))

    async def run(self) -> None:
        """Once a minute, until cancelled; then once more."""
        await every(self._pause_s, self.write)
