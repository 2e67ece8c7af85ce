"""What is written down for the installation, in SQL: refusals of nobody known, and wrong passwords."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import apsw

from gatebook.domain.times import MINUTE_NS, Instant
from gatebook.store.contract import Refused
from gatebook.store.sql import load
from gatebook.store.sqlite.connection import fetch

SQL = load("sqlite", "record")
KEPT_MINUTES = 400 * 24 * 60


class Tried(NamedTuple):
    """Wrong passwords under one key, when the last one was tried, and how they are counted (JSON)."""

    key: bytes
    last: Instant
    body: str | None


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

    def put_attempts(self, tried: Iterable[Tried]) -> None:
        """Wrong passwords as they are counted now; one without a body is forgotten."""
        for key, last, body in tried:
            if body is None:
                self._connection.execute(SQL["drop_attempts"], {"key": key})
            else:
                self._connection.execute(SQL["put_attempts"], {"key": key, "last": last, "body": body})

    def forget_attempts(self, before: Instant) -> None:
        """Forgets what was last tried before."""
        self._connection.execute(SQL["forget_attempts"], {"before": before})


def attempts(connection: apsw.Connection, since: Instant, limit: int) -> list[Tried]:
    """What was tried since, the latest first."""
    rows = fetch(connection, SQL["attempts"], {"since": since, "limit": limit})
    return [Tried(key, Instant(last), body) for key, last, body in rows]


def refusals(connection: apsw.Connection, limit: int) -> list[Refused]:
    """The newest refusals of nobody known."""
    return [
        Refused(Instant(minute * MINUTE_NS), address, route, status, n)
        for minute, address, route, status, n in fetch(connection, SQL["refusals"], {"limit": limit})
    ]
