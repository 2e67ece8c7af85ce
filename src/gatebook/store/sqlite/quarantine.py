"""Reports that could be read and not placed: kept, folded, listed, and taken out when they are replayed."""

from __future__ import annotations

from uuid import UUID

import apsw
from uuid_utils import uuid7

from gatebook.domain.times import Instant
from gatebook.store.contract import Held, Quarantined
from gatebook.store.sql import load
from gatebook.store.sqlite.connection import Row, fetch, first

SQL = load("sqlite", "quarantine")
LIMIT = 100_000
"""Reports that an organisation may hold in quarantine."""


def put(connection: apsw.Connection, org: int, digest: bytes, waiting: Held) -> UUID | None:
    """Keeps a report; its id, or None when the organisation's quarantine is full.

    Reports of equal `digest` (16 bytes) fold into one row.
    """
    folded = first(connection, SQL["fold"], {"org": org, "digest": digest})
    if folded is not None:
        return UUID(bytes=folded[0])
    size = first(connection, SQL["size"], {"org": org})
    if size is not None and size[0] >= LIMIT:
        return None
    id_ = UUID(bytes=uuid7().bytes)
    connection.execute(SQL["insert"], {"org": org, "id": id_.bytes, "digest": digest, **waiting._asdict()})
    connection.execute(SQL["resize"], {"org": org, "by": 1})
    return id_


def listed(connection: apsw.Connection, org: int, after: UUID | None, limit: int) -> list[Quarantined]:
    """Waiting reports, oldest first, beyond the id `after`."""
    named = {"org": org, "after": b"" if after is None else after.bytes, "limit": limit}
    return [_quarantined(row) for row in fetch(connection, SQL["list"], named)]


def one(connection: apsw.Connection, org: int, id: UUID) -> Quarantined | None:
    """The waiting report of this id."""
    row = first(connection, SQL["one"], {"org": org, "id": id.bytes})
    return None if row is None else _quarantined(row)


def remove(connection: apsw.Connection, org: int, id: UUID) -> bool:
    """Takes a report out; False when it is not there."""
    if not fetch(connection, SQL["remove"], {"org": org, "id": id.bytes}):
        return False
    connection.execute(SQL["resize"], {"org": org, "by": -1})
    return True


def size(connection: apsw.Connection, org: int) -> int:
    """How many wait."""
    row = first(connection, SQL["size"], {"org": org})
    return 0 if row is None else int(row[0])


def _quarantined(row: Row) -> Quarantined:
    id_, device, reason, report, key, received, times = row
    return Quarantined(
        id=UUID(bytes=id_),
        device=device,
        reason=reason,
        report=report,
        key=key,
        received=Instant(received),
        times=times,
    )
