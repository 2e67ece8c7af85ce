"""Forgetting: the personal parts of one person, credential or plate are erased, wherever the store has them.

An erasure leaves the event, its numbers and its place in every proof, and takes what says who it was.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from gatebook.domain.access import Principal
from gatebook.domain.erasures import Traces
from gatebook.domain.errors import BadInput, NotFound
from gatebook.domain.gates import bare_plate
from gatebook.domain.kinds import Kind
from gatebook.domain.places import Person
from gatebook.domain.times import Instant
from gatebook.services.keeping import BATCH, Told, silent
from gatebook.services.records import record_of, write
from gatebook.services.sites import need_everything
from gatebook.store import Store, Transaction
from gatebook.store.contract import Ref
from gatebook.store.sqlite.erasing import Found, around, named, telling, traces_of
from gatebook.store.sqlite.reading import head

LOOKED_THROUGH = 20_000
"""Events whose data are looked through in one snapshot."""
ERASED_NAME = "erased"


class Erasing:
    """Erasure of one person, credential or plate."""

    def __init__(self, store: Store, *, now: Callable[[], Instant]) -> None:
        """Works on this store."""
        self._store = store
        self._now = now

    async def bearing_person(self, principal: Principal, ref: Ref) -> int:
        """The dry run: how many events tell of a person."""
        person = await self._person(principal, ref)
        traces = await self._store.read(self._store.erasing.traces_of, principal.organisation, person)
        found, _ = await self._found(principal.organisation, traces)
        return len(found.events)

    async def bearing_credential(self, principal: Principal, credential: str) -> int:
        """The same for a credential or plate, however it was written."""
        found, _ = await self._found(principal.organisation, _traces(principal, credential))
        return len(found.events)

    async def erase_person(self, principal: Principal, ref: Ref, told: Told = silent) -> int:
        """Erases a person's parts of every event, what they carried, and their name; how many events.

        Reports that wait in quarantine and tell of them are given up.  The record of who searched for them stays, but
        for what it named them by.
        """
        org = principal.organisation
        person = await self._person(principal, ref)
        traces = await self._store.read(self._store.erasing.traces_of, org, person)

        def forget(transaction: Transaction) -> Traces:
            latest = traces_of(transaction.connection, org, person)
            transaction.erasing.forget(org, latest)
            transaction.erasing.forget_person(org, person, ERASED_NAME)
            return latest

        return await self._erased(principal, traces, forget, f"person/{person.id}", told)

    async def erase_credential(self, principal: Principal, credential: str, told: Told = silent) -> int:
        """Erases a credential's or plate's parts of every event, and takes it from who carries it; how many events.

        The record does not say which it was.
        """
        traces = _traces(principal, credential)

        def forget(transaction: Transaction) -> Traces:
            transaction.erasing.forget(principal.organisation, traces)
            return traces

        return await self._erased(principal, traces, forget, "credential", told)

    async def _person(self, principal: Principal, ref: Ref) -> Person:
        need_everything(principal)
        person = await self._store.read(self._store.directory.person, principal.organisation, ref)
        if person is None:
            raise NotFound("no such person")
        return person

    async def _found(self, org: int, traces: Traces) -> tuple[Found, int]:
        """Everything up to a seq, and that seq."""
        ceiling = await self._store.read(self._store.history.head, org)
        events, record = await self._store.read(self._store.erasing.named, org, traces), set[int]()
        for above in range(0, ceiling, LOOKED_THROUGH):
            upto = min(above + LOOKED_THROUGH, ceiling)
            more = await self._store.read(self._store.erasing.telling, org, traces, above, upto)
            events |= more.events
            record |= more.record
        events |= await self._store.read(self._store.erasing.around, org, events)
        return Found(events, record), ceiling

    async def _erased(
        self, principal: Principal, traces: Traces, forget: Callable[[Transaction], Traces], subject: str, told: Told
    ) -> int:
        """Batch by batch, and in the last transaction what came in meanwhile; then the old bytes go, too."""
        org, n = principal.organisation, 0
        found, ceiling = await self._found(org, traces)
        events, record = sorted(found.events), sorted(found.record)
        for start in range(0, len(events), BATCH):
            erased = await self._store.write(partial(_erase, org, events[start : start + BATCH]), BATCH)
            n += erased
            told(erased)
        for start in range(0, len(record), BATCH):
            await self._store.write(partial(_strike, org, record[start : start + BATCH], traces), BATCH)

        def finish(transaction: Transaction) -> int:
            connection, latest = transaction.connection, forget(transaction)
            late = telling(connection, org, latest, ceiling, head(connection, org))
            seqs = named(connection, org, latest) | late.events
            more = transaction.erasing.erase(org, seqs | around(connection, org, seqs))
            transaction.erasing.strike(org, late.record, latest)
            transaction.forget()
            entry = record_of(principal, subject=subject, count=n + more)
            write(transaction, org, Kind.RECORD_ERASED, entry, self._now())
            return n + more

        done = await self._store.write(finish)
        await self._store.empty_log()
        return done


def _traces(principal: Principal, credential: str) -> Traces:
    need_everything(principal)
    text = bare_plate(credential)
    if not text:
        raise BadInput("credential", "is empty", "give the credential or plate to erase")
    return Traces(texts=frozenset({text}))


def _erase(org: int, seqs: list[int], transaction: Transaction) -> int:
    return transaction.erasing.erase(org, seqs)


def _strike(org: int, seqs: list[int], traces: Traces, transaction: Transaction) -> None:
    transaction.erasing.strike(org, seqs, traces)
