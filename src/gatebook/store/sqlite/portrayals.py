"""What dialects tell of rules, in SQL: which there are, and which rules do what is told."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from uuid import UUID

import apsw

from gatebook.store.portrayals import Portrayal
from gatebook.store.sql import load
from gatebook.store.sqlite.connection import Row, fetch, first

SQL = load("sqlite", "portrayals")


def _of(row: Row) -> Portrayal:
    collection, uuid, name, told, hours, modified, revision = row
    return Portrayal(
        collection=collection, id=UUID(bytes=uuid), name=name, told=told,
        hours=None if hours is None else UUID(bytes=hours), modified=modified, revision=revision,
    )  # fmt: skip


def portrayed(connection: apsw.Connection, org: int, collection: str) -> list[tuple[Portrayal, list[UUID]]]:
    """All of a collection by id, each with its rules in their order."""
    named = {"org": org, "collection": collection}
    rules: Mapping[UUID, list[UUID]] = defaultdict(list)
    for uuid, rule in fetch(connection, SQL["rules_in"], named):
        rules[UUID(bytes=uuid)].append(UUID(bytes=rule))
    return [(one, rules[one.id]) for one in map(_of, fetch(connection, SQL["portrayed"], named))]


class PortrayalQuestions:
    """Portrayals, as readers ask for them."""

    portrayed = staticmethod(portrayed)


class PortrayalChanges:
    """Portrayals within the writer's transaction."""

    def __init__(self, connection: apsw.Connection) -> None:
        """Works on the writer's connection."""
        self._connection = connection

    def one(self, org: int, collection: str, id: UUID) -> Portrayal | None:
        """The one of this id."""
        named = {"org": org, "collection": collection, "uuid": id.bytes}
        row = first(self._connection, SQL["portrayal"], named)
        return None if row is None else _of(row)

    def rules_of(self, org: int, id: UUID) -> list[UUID]:
        """The rules that do what is told, in their order."""
        return [UUID(bytes=rule) for (rule,) in self._all("rules_of", org=org, uuid=id.bytes)]

    def by_hours(self, org: int, hours: UUID) -> list[Portrayal]:
        """Those whose rules go by these hours."""
        return [_of(row) for row in self._all("by_hours", org=org, uuid=hours.bytes)]

    def count(self, org: int, collection: str) -> int:
        """How many there are."""
        return int(self._all("count", org=org, collection=collection)[0][0])

    def is_taken(self, org: int, id: UUID) -> bool:
        """Whether a portrayal or a rule has this id."""
        return bool(self._all("taken", org=org, uuid=id.bytes))

    def put(self, org: int, one: Portrayal, rules: Iterable[UUID]) -> None:
        """Written as it is now, in place of what it was."""
        self.drop(org, one.id)
        named = {"org": org, "collection": one.collection, "uuid": one.id.bytes, "name": one.name, "told": one.told}
        hours = None if one.hours is None else one.hours.bytes
        self._all("put", **named, hours=hours, modified=one.modified, revision=one.revision)
        for place, rule in enumerate(rules):
            self._all("put_rule", org=org, rule=rule.bytes, uuid=one.id.bytes, place=place)

    def drop(self, org: int, id: UUID) -> None:
        """Takes it away; its rules stay."""
        self._all("drop", org=org, uuid=id.bytes)

    def _all(self, query: str, **named: object) -> list[Row]:
        return fetch(self._connection, SQL[query], named)
