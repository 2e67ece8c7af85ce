"""Takes reports in by the hundred thousand, each batch in one transaction; what has no place is said, and not kept.

Every report has a key, so that the same file can be given again: what stands there already is a repeat.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from gatebook.domain.access import Principal
from gatebook.domain.errors import Conflict, FieldFault
from gatebook.domain.times import Instant
from gatebook.services.ingest import Declined, Placing, Report
from gatebook.store import Store, Transaction

MEMORY_MB = 512
"""What the writer keeps of the file meanwhile: a transaction touches most leaves of the indexes by key and person."""


class Taken(NamedTuple):
    """What became of one batch; `refused` are the places in it of what was not taken, each with the reason."""

    new: int
    repeats: int
    refused: Sequence[tuple[int, FieldFault | Conflict]]


class Hashed(Placing):
    """Finds places for reports whose bodies were hashed where they were read."""

    def __init__(
        self, secret: bytes, principal: Principal, received: Instant, reports: Sequence[Report], bodies: Sequence[bytes]
    ) -> None:
        """`bodies`: one for each report."""
        super().__init__(secret, principal, received, reports, keep_declined=False)
        self._bodies = dict(zip(map(id, reports), bodies, strict=True))

    def _plain(self, report: Report) -> bytes:
        return self._bodies[id(report)]


@dataclass(frozen=True, slots=True)
class Imports:
    """The wide door; what comes in by it is the same as by the other."""

    store: Store
    now: Callable[[], Instant]
    secret: bytes
    """The same that keys the hashes of source keys everywhere."""

    async def take(
        self, principal: Principal, reports: Sequence[Report], bodies: Sequence[bytes], *, triggers_rules: bool = False
    ) -> Taken:
        """All that have a place, on disk when this returns; without `triggers_rules`, no rule ever looks at them.

        `bodies` is `plain_body_of` each report, worked out where it was read.
        """
        placing = Hashed(self.secret, principal, self.now(), reports, bodies)

        def write(transaction: Transaction) -> Taken:
            org = principal.organisation
            done = transaction.append_history(org, placing(transaction))
            if not triggers_rules and transaction.rules.count(org):
                transaction.rules.spare(org, range(done.last - done.new + 1, done.last + 1))
            return _told(placing, done.new, done.conflicts)

        return await self.store.write(write)

    async def begin(self) -> None:
        """More of the file is kept in memory from now on."""
        await self.store.write(lambda transaction: transaction.keep_in_memory(MEMORY_MB))

    async def end(self) -> None:
        """As much as ever."""
        await self.store.write(lambda transaction: transaction.keep_in_memory())


def _told(placing: Placing, new: int, conflicts: Sequence[int]) -> Taken:
    refused: list[tuple[int, FieldFault | Conflict]] = []
    placed: list[int] = []
    for index, found in enumerate(placing.found):
        if isinstance(found, Declined):
            refused.append((index, found.error))
        else:
            placed.append(index)
    taken = Conflict("this key was used before for a different report; give a new key")
    refused += [(placed[conflict], taken) for conflict in conflicts]
    return Taken(new, len(placed) - new - len(conflicts), sorted(refused, key=lambda one: one[0]))
