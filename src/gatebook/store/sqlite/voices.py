"""Which streams have ever had an event: most people and many devices have none, and need not be left out by name."""

from __future__ import annotations

import apsw

from gatebook.store.sql import load
from gatebook.store.sqlite.connection import fetch
from gatebook.store.sqlite.reading import head

SQL = load("sqlite", "counts")
NEW_LIMIT = 1_000
"""Events since the last look that are looked at one by one; beyond that all heads are read anew."""


class Voices:
    """What is known of one organisation's streams; it only grows, so that any snapshot may use what another found."""

    def __init__(self, org: int) -> None:
        """Nothing is known yet."""
        self._org = org
        self._known: tuple[int, frozenset[int]] = (0, frozenset())
        """Replaced as one: whichever thread comes last leaves a pair that is true."""

    def at(self, connection: apsw.Connection) -> frozenset[int]:
        """At least every stream that has an event in this snapshot."""
        seq, streams = self._known
        last = head(connection, self._org)
        if last > seq:
            query = "voiced_since" if last - seq <= NEW_LIMIT and seq else "voiced"
            rows = fetch(connection, SQL[query], {"org": self._org, "seq": seq})
            streams = streams.union(stream for (stream,) in rows)
            self._known = last, streams
        return streams
