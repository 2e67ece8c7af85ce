"""Refusals of nobody known, in SQL."""

from __future__ import annotations

import apsw

from gatebook.domain.times import MINUTE_NS, Instant
from gatebook.store.contract import Refused
from gatebook.store.sql import load
from gatebook.store.sqlite.connection import fetch

SQL = load("sqlite", "record")
KEPT_MINUTES = 400 * 24 * 60


class RecordChanges:
    """What is written down for the installation, within a transaction."""

    def __init__(self, connection: apsw.Connection) -> None:
        """Works on the writer's connection."""
        self._connection = connection

    def count_refusal(self, address: str, route: str, status: int, minute: int, n: int) -> None:
        """Adds `n` refusals of one minute; forgets those of 400 days ago."""
        named = {"minute": minute, "address": address, "route": route, "status": status, "n": n}
        self._connection.execute(SQL["count_refusal"], named)
        self._connection.execute(SQL["forget_refusals"], {"before": minute - KEPT_MINUTES})


def refusals(connection: apsw.Connection, limit: int) -> list[Refused]:
    """The newest refusals of nobody known."""
    return [
        Refused(Instant(minute * MINUTE_NS), address, route, status, n)
        for minute, address, route, status, n in fetch(connection, SQL["refusals"], {"limit": limit})
    ]
