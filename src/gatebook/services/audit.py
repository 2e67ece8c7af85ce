"""Writes down who looked, before they see; and who was refused, folded by the minute.

A search that names a person, a credential or a plate is recorded in the organisation's own log, and its answer leaves
only after the record is on disk.  Where the organisation demands a purpose, a search without one is not made.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

from gatebook.domain.access import Principal
from gatebook.domain.errors import BadInput, Forbidden
from gatebook.domain.events import Draft
from gatebook.domain.filters import Filter
from gatebook.domain.kinds import Kind
from gatebook.domain.tellings import names_somebody, told
from gatebook.domain.times import MINUTE_NS, Instant
from gatebook.services.intervals import every
from gatebook.services.records import Record, draft_of, record_of, write
from gatebook.services.sites import need_everything
from gatebook.store import Store, Transaction
from gatebook.store.contract import Refused
from gatebook.store.holders import IssuedRow

FILTER_LIMIT = 2_000
"""Characters of a filter that are kept."""
PAUSE_S = 5.0
FOLDED_LIMIT = 10_000
"""Different refusals counted in one minute; beyond it, what is new is counted under one name."""


class Refusal(NamedTuple):
    """Equal refusals of one minute are one record."""

    organisation: int | None
    """None: nobody known asked; such refusals belong to the installation."""
    actor: str
    address: str
    route: str
    status: int
    minute: int


class Audit:
    """The record of who looked."""

    def __init__(self, store: Store, *, now: Callable[[], Instant]) -> None:
        """Writes to this store."""
        self._store = store
        self._now = now
        self._folded: Counter[Refusal] = Counter()

    async def searched(self, principal: Principal, wanted: Filter, *, vendor: bool = False) -> None:
        """Records a search for somebody; back when that is on disk.  Other searches are not recorded.

        Where a purpose is demanded and there is none: BadInput naming `X-Purpose`; for a vendor's client, which cannot
        send it, Forbidden.
        """
        if not names_somebody(wanted):
            return
        await self._purposeful(principal, vendor=vendor)
        record = record_of(principal, filter=told(wanted)[:FILTER_LIMIT])
        await self._write(principal.organisation, Kind.RECORD_SEARCHED, record)

    async def looked_up(self, principal: Principal, said: str, *, vendor: bool = False) -> None:
        """Records a search for somebody in the directory, as `searched` does one in the log; `said`: what for."""
        await self._purposeful(principal, vendor=vendor)
        record = record_of(principal, subject="people", filter=said[:FILTER_LIMIT])
        await self._write(principal.organisation, Kind.RECORD_SEARCHED, record)

    async def exported(self, principal: Principal, wanted: Filter, subject: str, *, vendor: bool = False) -> None:
        """Records an export, whatever it looks for."""
        await self._purposeful(principal, vendor=vendor)
        record = record_of(principal, subject=subject, filter=told(wanted)[:FILTER_LIMIT])
        await self._write(principal.organisation, Kind.RECORD_EXPORTED, record)

    async def signed_in(self, principal: Principal, *, by: str, token: IssuedRow | None = None) -> None:
        """Records a sign-in; `by` is the road, such as `password`.  `token`: what came from elsewhere, to be listed."""
        org, record = principal.organisation, record_of(principal, details={"by": by})

        def place(transaction: Transaction) -> list[Draft]:
            if token is not None:
                transaction.tokens.note_issued(token)
            return [draft_of(transaction, org, Kind.RECORD_SIGNED_IN, record, self._now())]

        await self._store.append(org, place, 1)

    async def signed_out(self, principal: Principal) -> None:
        """Records that somebody signed out."""
        await self._write(principal.organisation, Kind.RECORD_SIGNED_OUT, record_of(principal))

    async def refusals(self, principal: Principal, limit: int) -> Sequence[Refused]:
        """The newest refusals of nobody known, which belong to the installation; for its administrators."""
        need_everything(principal)
        return await self._store.read(self._store.record.refusals, limit)

    # -- refusals ----------------------------------------------------------------------------------------------------

    def refused(self, principal: Principal | None, address: str, route: str, status: int) -> None:
        """Counts a refusal (401, 403, 429); written when its minute is over."""
        minute = self._now() // MINUTE_NS
        org = None if principal is None else principal.organisation
        actor = "" if principal is None else f"{principal.kind}/{principal.id}"
        refusal = Refusal(org, actor, address, route, status, minute)
        if refusal not in self._folded and len(self._folded) >= FOLDED_LIMIT:
            refusal = Refusal(org, actor, "many", "many", status, minute)
        self._folded[refusal] += 1

    async def flush(self, *, everything: bool = False) -> None:
        """Writes the refusals of minutes that are over; with `everything`, of this one too."""
        current = self._now() // MINUTE_NS
        over = {refusal: n for refusal, n in self._folded.items() if everything or refusal.minute < current}
        if not over:
            return
        for refusal in over:
            del self._folded[refusal]
        await self._store.write(lambda transaction: self._write_refusals(transaction, over))

    async def run(self) -> None:
        """Flushes every few seconds until it is cancelled, and once more then."""
        await every(PAUSE_S, self.flush, partial(self.flush, everything=True))

    def _write_refusals(self, transaction: Transaction, over: dict[Refusal, int]) -> None:
        for refusal, n in over.items():
            if refusal.organisation is None:
                transaction.record.count_refusal(*refusal[2:], n)
                continue
            record = Record(
                actor=refusal.actor,
                address=refusal.address,
                route=refusal.route,
                count=n,
                details={"status": refusal.status},
            )
            write(transaction, refusal.organisation, Kind.RECORD_REFUSED, record, self._now())

    # -- the purpose -------------------------------------------------------------------------------------------------

    async def _purposeful(self, principal: Principal, *, vendor: bool) -> None:
        said = (principal.visit.purpose if principal.visit else None) or principal.purpose
        if said:
            return
        organisation = await self._store.read(self._store.directory.organisation, principal.organisation)
        if organisation is None or not organisation.purpose_required:
            return
        if vendor:
            raise Forbidden("searches for a person need a purpose, and none is fixed on this credential")
        raise BadInput("X-Purpose", "is missing", "say what the search for a person, credential or plate is for")

    async def _write(self, org: int, kind: Kind, record: Record) -> None:
        await self._store.append(org, lambda tx: [draft_of(tx, org, kind, record, self._now())], 1)
