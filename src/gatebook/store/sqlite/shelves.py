"""One table of things that are listed, looked up, added, changed and removed one by one, whatever they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar
from uuid import UUID

import apsw

from gatebook.domain.errors import Conflict
from gatebook.store.contract import Ref
from gatebook.store.sql import load
from gatebook.store.sqlite.connection import Row, fetch, first
from gatebook.store.sqlite.glances import at_a_glance
from gatebook.store.sqlite.references import row_by_ref

V = TypeVar("V")
KEEP_NUMBER = load("sqlite", "accounts")["keep_number"]
Columns = dict[str, object]
After = int | UUID | None
"""The number or UUID of the last one of the page before; None for the first page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf(Generic[V]):
    """One table, by the names of its queries; the readers' side.  Each takes a snapshot's connection first."""

    queries: Mapping[str, str]
    noun: str
    plural: str
    value_of: Callable[[Row], V]
    columns_of: Callable[[V], Columns]
    word: str | None = None
    """The word by which a text may name one, such as a login."""
    numbered: bool = True
    """In the order of their numbers, else of their UUIDs."""

    def one(self, connection: apsw.Connection, org: int, ref: Ref) -> V | None:
        """The one that is meant."""
        row = row_by_ref(connection, self.queries, self.noun, org, ref, self.word)
        return None if row is None else self.value_of(row)

    def after(self, connection: apsw.Connection, org: int, after: After, limit: int) -> list[V]:
        """Those beyond `after`, in order, as many as `limit`."""
        start = after.bytes if isinstance(after, UUID) else after if self.numbered else b""
        named = {"org": org, "after": start or (0 if self.numbered else b""), "limit": limit}
        return [self.value_of(row) for row in fetch(connection, self.queries[f"{self.plural}_after"], named)]

    @at_a_glance
    def anywhere(self, connection: apsw.Connection, way: str, value: object) -> V | None:
        """The one of this login, hash or the like, in whichever organisation."""
        row = first(connection, self.queries[f"any_{self.noun}_by_{way}"], {"ref": value})
        return None if row is None else self.value_of(row)


@dataclass(frozen=True, slots=True)
class Writing(Generic[V]):
    """The same table, within the writer's transaction."""

    shelf: Shelf[V]
    connection: apsw.Connection
    changed: Callable[[int], None] = lambda _org: None
    """Told of each change, with the organisation."""

    def one(self, org: int, ref: Ref) -> V | None:
        """The one that is meant, as this transaction has it."""
        return self.shelf.one(self.connection, org, ref)

    def next_number(self, org: int) -> int:
        """A number that none has and none ever had."""
        return int(fetch(self.connection, self.shelf.queries[f"next_{self.shelf.noun}"], {"org": org})[0][0])

    def insert(self, org: int, value: V) -> V:
        """A new one; Conflict where its number, id or word is taken."""
        self._run("insert", org, value)
        return value

    def change(self, org: int, value: V) -> V:
        """The row takes these values; Conflict where a word is taken."""
        self._run("change", org, value)
        return value

    def remove(self, org: int, value: V) -> None:
        """Takes the row away, and remembers that its number was used."""
        columns = self.shelf.columns_of(value)
        number = columns.get(self.shelf.noun)
        if number is not None and f"next_{self.shelf.noun}" in self.shelf.queries:
            named = {"org": org, "noun": self.shelf.noun, "last": number}
            self.connection.execute(KEEP_NUMBER, named)
        self._run("remove", org, value)

    def _run(self, act: str, org: int, value: V) -> None:
        query = self.shelf.queries[f"{act}_{self.shelf.noun}"]
        try:
            self.connection.execute(query, {**self.shelf.columns_of(value), "org": org})
        except apsw.ConstraintError as fault:
            noun = self.shelf.noun.replace("_", " ")
            raise Conflict(f"another {noun} has this id, number or name already; choose another") from fault
        self.changed(org)
