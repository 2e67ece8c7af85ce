"""Clients that follow the log and may come back, in SQL."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

import apsw

from gatebook.domain.times import Instant
from gatebook.store.sql import load
from gatebook.store.sqlite.connection import carray_of, fetch, first

SQL = load("sqlite", "listeners")


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """A client that follows the log, as it stands on disk."""

    id: UUID
    organisation: int
    holder: str
    """kind/uuid of the principal."""
    begun: int
    """The log's head when it began."""
    subscriptions: bytes
    """JSON of its dialect."""
    seen: Instant


def listener(connection: apsw.Connection, org: int, holder: str, id: UUID) -> Listener | None:
    """The holder's listener of this id."""
    row = first(connection, SQL["one"], {"org": org, "holder": holder, "uuid": id.bytes})
    if row is None:
        return None
    uuid, organisation, owner, begun, subscriptions, seen = row
    return Listener(
        id=UUID(bytes=uuid),
        organisation=organisation,
        holder=owner,
        begun=begun,
        subscriptions=subscriptions,
        seen=seen,
    )


class ListenerQuestions:
    """Listeners, as readers ask for them."""

    listener = staticmethod(listener)


class ListenerChanges:
    """Listeners within the writer's transaction."""

    def __init__(self, connection: apsw.Connection) -> None:
        """Works on the writer's connection."""
        self._connection = connection

    def begin(self, one: Listener) -> None:
        """A new one."""
        named = {"uuid": one.id.bytes, "org": one.organisation, "holder": one.holder, "begun": one.begun}
        self._connection.execute(SQL["insert"], {**named, "subscriptions": one.subscriptions, "now": one.seen})

    def subscribe(self, id: UUID, subscriptions: bytes, now: Instant) -> None:
        """Its subscriptions are these from now on."""
        named = {"uuid": id.bytes, "subscriptions": subscriptions, "now": now}
        self._connection.execute(SQL["subscribe"], named)

    def seen(self, ids: Collection[UUID], now: Instant) -> None:
        """These are still there."""
        self._connection.execute(SQL["seen"], {"uuids": carray_of([id_.bytes for id_ in ids]), "now": now})

    def drop_idle(self, until: Instant) -> None:
        """Forgets those that were last there by then."""
        self._connection.execute(SQL["drop_idle"], {"until": until})

    def head(self, org: int) -> int:
        """The log's head, as this transaction has it."""
        return int(fetch(self._connection, SQL["head"], {"org": org})[0][0])
