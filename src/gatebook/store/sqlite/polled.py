"""What lists that are polled have in common, whatever they are of: whose they are, and when they were used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

import apsw

from gatebook.domain.times import Instant
from gatebook.store.sqlite.connection import Row, carray, fetch


class PolledChanges:
    """Polled lists of one sort within the writer's transaction."""

    def __init__(self, connection: apsw.Connection, queries: Mapping[str, str]) -> None:
        """Works on the writer's connection, by the queries of that sort."""
        self._connection = connection
        self._queries = queries

    def add(self, org: int, holder: str, id: UUID, question: bytes, now: Instant) -> None:
        """A new one, with nothing told yet."""
        named = {"uuid": id.bytes, "org": org, "holder": holder, "question": question, "now": now}
        self._connection.execute(self._queries["insert"], named)

    def uses_of(self, org: int, holder: str) -> list[Instant]:
        """When each of a holder's sessions was last used, the longest ago first."""
        return [used for (used,) in fetch(self._connection, self._queries["uses_of"], {"org": org, "holder": holder})]

    def drop_idle(self, until: Instant) -> None:
        """Forgets those that were last used by then."""
        self._drop(fetch(self._connection, self._queries["drop_idle"], {"until": until}))

    def drop(self, org: int, holder: str, id: UUID) -> bool:
        """Forgets one; False where there is none."""
        named = {"org": org, "holder": holder, "uuid": id.bytes}
        rows = fetch(self._connection, self._queries["drop_one"], named)
        self._drop(rows)
        return bool(rows)

    def _drop(self, rows: Sequence[Row]) -> None:
        if rows:
            self._connection.execute(self._queries["drop_members"], {"sessions": carray(number for (number,) in rows)})
