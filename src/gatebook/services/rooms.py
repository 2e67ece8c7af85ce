"""What may be done with every kind of account and entity: list, get, add, change and remove, each on record."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, Generic, Protocol, TypeVar
from uuid import UUID

from gatebook.domain.access import Principal, Scope
from gatebook.domain.errors import Forbidden, NotFound, PreconditionFailed
from gatebook.domain.times import Instant
from gatebook.services.telling import Entity, added, changed, removed, tell
from gatebook.store import Shelf, Store, Transaction, Writing
from gatebook.store.contract import Ref

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    class Kept(Entity, DataclassInstance, Protocol):
        """An entity that is a dataclass."""


V = TypeVar("V", bound="Kept")
F = TypeVar("F")
"""The form of a change."""
Place = int | UUID | None
"""Where a list goes on: the number of the last one, or its UUID where it has no number."""


class Room(ABC, Generic[V, F]):
    """One kind of thing.  What is absent and what a principal may not see is NotFound in the same words."""

    noun: ClassVar[str]
    """What it is called in a message and in the record."""
    reads: ClassVar[tuple[Scope, ...]]
    """Any of these lets a principal read."""
    manages: ClassVar[Scope]
    secret: ClassVar[frozenset[str]] = frozenset()
    """Fields of which the record tells only that they changed."""

    def __init__(self, store: Store, *, now: Callable[[], Instant]) -> None:
        """Keeps them in this store."""
        self._store = store
        self._now = now

    # -- what each kind says for itself ------------------------------------------------------------------------------

    @property
    @abstractmethod
    def _shelf(self) -> Shelf[V]:
        """Where it is read."""

    @abstractmethod
    def _writing(self, transaction: Transaction) -> Writing[V]:
        """Where it is written."""

    @abstractmethod
    def _changed(self, transaction: Transaction, principal: Principal, before: V, form: F) -> V:
        """What it becomes by the form; raises what forbids it."""

    def _taken_away(self, transaction: Transaction, principal: Principal, found: V) -> None:
        """Removes it; raises what forbids it."""
        self._writing(transaction).remove(principal.organisation, found)

    def _settled(self, transaction: Transaction, principal: Principal, before: V, after: V | None) -> None:
        """Called when it has been written or (None) removed: raises what must not be, and so undoes it."""

    async def _shown(self, principal: Principal, found: Sequence[V]) -> Sequence[V]:
        """Those that the principal may see."""
        return found

    def _seen(self, principal: Principal, value: V) -> V:
        """What the principal may see of one."""
        return value

    def _shown_in(self, transaction: Transaction, principal: Principal, found: V) -> bool:
        """The same for one, within a transaction."""
        return True

    # -- what all have in common -------------------------------------------------------------------------------------

    async def list(self, principal: Principal, *, after: Place = None, limit: int = 100) -> list[V]:
        """Those beyond `after` that the principal may see, in order, as many as `limit`."""
        need(principal, *self.reads)
        shown: list[V] = []
        while len(shown) < limit:
            batch = await self._store.read(self._shelf.after, principal.organisation, after, limit)
            shown += [self._seen(principal, one) for one in await self._shown(principal, batch)]
            if len(batch) < limit:
                break
            after = self.place_of(batch[-1])
        return shown[:limit]

    def place_of(self, value: V) -> int | UUID:
        """Where a list goes on after this one."""
        number: int | UUID = getattr(value, "number", value.id) if self._shelf.numbered else value.id
        return number

    async def get(self, principal: Principal, ref: Ref) -> V:
        """The one that is meant."""
        need(principal, *self.reads)
        found = await self._store.read(self._shelf.one, principal.organisation, ref)
        shown = () if found is None else await self._shown(principal, [found])
        if not shown:
            raise self._absent()
        return self._seen(principal, shown[0])

    async def change(self, principal: Principal, ref: Ref, form: F, *, expected: int | None = None) -> V:
        """Changes what the form gives; PreconditionFailed where the revision is no longer the `expected` one.

        A form that changes nothing writes nothing.
        """
        need(principal, self.manages)

        def work(transaction: Transaction) -> V:
            before = self._found(transaction, principal, ref, expected)
            after = self._changed(transaction, principal, before, form)
            return self._seen(principal, self._replaced(transaction, principal, before, after))

        return await self._store.write(work)

    async def remove(self, principal: Principal, ref: Ref, *, expected: int | None = None) -> None:
        """Removes it; PreconditionFailed where the revision is no longer the `expected` one."""
        need(principal, self.manages)

        def work(transaction: Transaction) -> None:
            found = self._found(transaction, principal, ref, expected)
            self._taken_away(transaction, principal, found)
            self._settled(transaction, principal, found, None)
            tell(transaction, principal, self._subject(found), removed(found, self.secret), self._now())

        await self._store.write(work)

    def _put(self, transaction: Transaction, principal: Principal, value: V) -> V:
        """Adds a new one, and tells of it."""
        self._writing(transaction).insert(principal.organisation, value)
        self._tell_added(transaction, principal, value)
        return value

    def _tell_added(self, transaction: Transaction, principal: Principal, value: V) -> None:
        tell(transaction, principal, self._subject(value), added(value, self.secret), self._now())

    def _replaced(self, transaction: Transaction, principal: Principal, before: V, after: V) -> V:
        """Writes what it has become, and tells what changed."""
        told = changed(before, after, self.secret)
        if not told:
            return before
        after = replace(after, revision=before.revision + 1)
        self._write_change(transaction, principal, before, after)
        self._settled(transaction, principal, before, after)
        tell(transaction, principal, self._subject(after), told, self._now())
        return after

    def _write_change(self, transaction: Transaction, principal: Principal, before: V, after: V) -> None:
        self._writing(transaction).change(principal.organisation, after)

    def _found(self, transaction: Transaction, principal: Principal, ref: Ref, expected: int | None) -> V:
        found = self._writing(transaction).one(principal.organisation, ref)
        if found is None or not self._shown_in(transaction, principal, found):
            raise self._absent()
        if expected is not None and found.revision != expected:
            raise PreconditionFailed(f"the {self.noun} has been changed meanwhile; get it again and repeat the change")
        return found

    def _absent(self) -> NotFound:
        return NotFound(f"no such {self.noun}")

    def _subject(self, value: V) -> str:
        return f"{self.noun.replace(' ', '-')}/{value.id}"


def need(principal: Principal, *scopes: Scope) -> None:
    """Forbidden for a principal that holds none of these scopes."""
    if not any(principal.may(scope) for scope in scopes):
        raise Forbidden(f"this needs the scope {' or '.join(scopes)}")
