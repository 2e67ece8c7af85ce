"""Keeping: what age removes.

By default everything is kept.  A removal is itself an event that names the ranges of numbers that are gone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from gatebook.domain.access import Principal
from gatebook.domain.errors import BadInput, NotFound
from gatebook.domain.kinds import Kind
from gatebook.domain.times import DAY_NS, Instant, rfc3339
from gatebook.services.names import named, new_id
from gatebook.services.records import record_of, write
from gatebook.services.sites import need_everything
from gatebook.store import Store, Transaction
from gatebook.store.contract import Due, RetentionRule, Span

BATCH = 2_000
"""Events removed or erased in one transaction: long enough to be quick, short enough to let reports through."""
KEY_SLICES = 255
PAGES = 2_000
"""Free pages given back to the file system in one transaction."""
LONGEST_DAYS = 36_500


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a rule removes, or would remove."""

    rule: RetentionRule
    before: Instant
    due: Due


Told = Callable[[int], None]
"""Told how many more events are done, for a progress bar."""


def silent(_n: int) -> None:
    """Nobody wants to know."""


class Keeping:
    """Retention by kind, type and age."""

    def __init__(self, store: Store, *, now: Callable[[], Instant]) -> None:
        """Works on this store."""
        self._store = store
        self._now = now

    # -- rules -------------------------------------------------------------------------------------------------------

    async def rules(self, principal: Principal) -> Sequence[RetentionRule]:
        """The organisation's rules; none: everything is kept."""
        need_everything(principal)
        return await self._store.read(self._store.keeping.rules, principal.organisation)

    async def put_rule(
        self,
        principal: Principal,
        *,
        name: str,
        days: int,
        kinds: Iterable[Kind] | None = None,
        type: UUID | None = None,
        id: UUID | None = None,
    ) -> RetentionRule:
        """Makes a rule, or changes the one of this id.  Nothing is removed until the rules are run."""
        need_everything(principal)
        if not 1 <= days <= LONGEST_DAYS:
            raise BadInput("days", f"got {days}", f"give 1 to {LONGEST_DAYS}; to keep for ever, have no rule")
        listed = None if kinds is None else frozenset(kinds)
        rule = RetentionRule(id=id or new_id(), name=named(name), kinds=listed, type=type, days=days)

        def work(transaction: Transaction) -> None:
            transaction.keeping.put_rule(principal.organisation, rule)
            self._record(transaction, principal, f"retention/{rule.id}", {"name": rule.name, "days": days})

        await self._store.write(work)
        return next(found for found in await self.rules(principal) if found.id == rule.id)

    async def drop_rule(self, principal: Principal, id: UUID) -> None:
        """Removes a rule: what it was for is kept again."""
        need_everything(principal)

        def work(transaction: Transaction) -> None:
            if not transaction.keeping.drop_rule(principal.organisation, id):
                raise NotFound("no such retention rule")
            self._record(transaction, principal, f"retention/{id}", {"removed": 1})

        await self._store.write(work)

    # -- removal -----------------------------------------------------------------------------------------------------

    async def due(self, principal: Principal) -> list[Verdict]:
        """The dry run: what each rule would remove now."""
        return [await self._verdict(principal, rule) for rule in await self.rules(principal)]

    async def run(self, principal: Principal, told: Told = silent) -> list[Verdict]:
        """Removes what is due, batch by batch; reports go on between two batches.  What was removed, by rule."""
        done: list[Verdict] = []
        for verdict in await self.due(principal):
            n = 0
            while removed := await self._remove_some(principal, verdict):
                n += removed
                told(removed)
            done.append(Verdict(rule=verdict.rule, before=verdict.before, due=verdict.due._replace(n=n)))
        if any(verdict.due.n for verdict in done):
            await self._clear_up(principal.organisation)
        return done

    async def removed(self, principal: Principal, stream: int = 0) -> Sequence[Span]:
        """The ranges of `seq` (stream 0), or of a stream's versions, that were removed."""
        need_everything(principal)
        return await self._store.read(self._store.keeping.removed, principal.organisation, stream)

    async def _clear_up(self, org: int) -> None:
        """Forgets keys of repeats of what is gone, and gives the space back, bit by bit."""
        for slice_ in range(KEY_SLICES):
            await self._store.write(partial(_forget_keys, org, slice_), PAGES)
        while await self._store.write(lambda transaction: transaction.keeping.give_back(PAGES), PAGES):
            pass

    async def _verdict(self, principal: Principal, rule: RetentionRule) -> Verdict:
        before = Instant(max(0, self._now() - rule.days * DAY_NS))
        due = await self._store.read(self._store.keeping.due, principal.organisation, rule, before)
        return Verdict(rule=rule, before=before, due=due)

    async def _remove_some(self, principal: Principal, verdict: Verdict) -> int:
        org = principal.organisation

        def work(transaction: Transaction) -> int:
            gone = transaction.keeping.take_due(org, verdict.rule, verdict.before, BATCH)
            if not gone:
                return 0
            n = sum(span.last - span.first + 1 for span in gone[0])
            record = record_of(
                principal,
                subject=f"retention/{verdict.rule.id}",
                count=n,
                details={"rule": verdict.rule.name, "before": rfc3339(verdict.before), "seq": _listed(gone[0])},
            )
            transaction.keeping.mark(org, gone, write(transaction, org, Kind.RECORD_REMOVED, record, self._now()))
            return n

        return await self._store.write(work, BATCH)

    def _record(
        self, transaction: Transaction, principal: Principal, subject: str, details: dict[str, str | int | None]
    ) -> None:
        record = record_of(principal, subject=subject, details=details)
        write(transaction, principal.organisation, Kind.RECORD_CHANGED, record, self._now())


def _forget_keys(org: int, slice_: int, transaction: Transaction) -> None:
    transaction.keeping.forget_keys(org, slice_)


def _listed(spans: Sequence[Span]) -> str:
    return ",".join(str(span.first) if span.first == span.last else f"{span.first}-{span.last}" for span in spans)
