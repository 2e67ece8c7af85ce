"""The limit for a server that stores: the same server whose append keeps the places it hands out in memory alone."""

from __future__ import annotations

from collections import Counter
from uuid import UUID

from uuid_utils import uuid7

from gatebook.store import Store, Transaction
from gatebook.store.contract import Appended, KeyConflict, Outcome
from gatebook.store.sqlite.connection import open_reader
from gatebook.store.sqlite.writer import Place


class MemoryAppend:
    """Places reports by the store's own directory, numbers them, remembers keys; nothing reaches the disk."""

    def __init__(self, store: Store) -> None:
        """Devices, people and classes are read from this store; a class that is new there cannot be interned."""
        self._transaction = Transaction(open_reader(store.path))
        self._heads: Counter[int] = Counter()
        self._kept: dict[bytes, tuple[bytes | None, Appended]] = {}

    async def append(self, org: int, place: Place, weight: int) -> list[Outcome]:
        """As the store's."""
        del org, weight
        outcomes: list[Outcome] = []
        for draft in place(self._transaction):
            first = None if draft.key is None else self._kept.get(draft.key)
            if first is not None:
                body, kept = first
                outcomes.append(kept._replace(repeat=True) if body == draft.body else KeyConflict(kept.seq))
                continue
            self._heads[0] += 1
            self._heads[draft.stream] += 1
            version = self._heads[draft.stream]
            kept = Appended(self._heads[0], UUID(bytes=uuid7().bytes), version, draft.occurred, draft.received)
            if draft.key is not None:
                self._kept[draft.key] = (draft.body, kept)
            outcomes.append(kept)
        return outcomes
