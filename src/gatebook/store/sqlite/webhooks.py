"""Webhooks in SQL: what they are, their secrets, how they fare, and what waits to be sent."""

from __future__ import annotations

from uuid import UUID

import apsw
import msgspec

from gatebook.domain.access import Grant, PrincipalKind
from gatebook.store.sql import load
from gatebook.store.sqlite.connection import Row, fetch, first
from gatebook.store.sqlite.shelves import Columns, Shelf, Writing
from gatebook.store.webhooks import Delivery, Health, Webhook

SQL = load("sqlite", "webhooks")


def webhook_of(row: Row) -> Webhook:
    """The columns of the queries for webhooks, in their order."""
    uuid, name, url, filter, sends, ordered, format, enabled, why, kind, author, key, reach, revision = row
    return Webhook(
        id=UUID(bytes=uuid), name=name, url=url, filter=filter, sends=sends, ordered=bool(ordered), format=format,
        enabled=bool(enabled), why=why, author_kind=PrincipalKind(kind), author=UUID(bytes=author),
        author_key=None if key is None else UUID(bytes=key), reach=msgspec.json.decode(reach, type=Grant),
        revision=revision,
    )  # fmt: skip


def columns_of(one: Webhook) -> Columns:
    """What is written of a webhook."""
    return {
        "uuid": one.id.bytes, "name": one.name, "url": one.url, "filter": one.filter, "sends": one.sends,
        "ordered": int(one.ordered), "format": one.format, "enabled": int(one.enabled), "why": one.why,
        "author_kind": one.author_kind, "author": one.author.bytes,
        "author_key": None if one.author_key is None else one.author_key.bytes,
        "reach": msgspec.json.encode(one.reach).decode(), "revision": one.revision,
    }  # fmt: skip


def delivery_of(row: Row) -> Delivery:
    """The columns of the queries for deliveries, in their order."""
    delivery, org, webhook, message, seq, stream, rule, *rest = row
    by = None if rule is None else UUID(bytes=rule)
    return Delivery(delivery, org, UUID(bytes=webhook), message, seq, stream, by, *rest)


def busy(connection: apsw.Connection, org: int, head: int, now: int) -> list[tuple[UUID, bool, bool]]:
    """Enabled webhooks: (id, whether there are events to look at, whether something is due)."""
    rows = fetch(connection, SQL["busy"], {"org": org, "head": head, "now": now})
    return [(UUID(bytes=uuid), bool(behind), bool(due)) for _org, uuid, behind, due in rows]


def health_of(connection: apsw.Connection, org: int, webhook: UUID) -> Health | None:
    """How it fares."""
    row = first(connection, SQL["state"], {"org": org, "webhook": webhook.bytes})
    return None if row is None else Health(*row)


def deliveries_of(
    connection: apsw.Connection, org: int, webhook: UUID, state: str | None, before: int, limit: int
) -> list[Delivery]:
    """What was and is to be sent, newest first."""
    named = {"org": org, "webhook": webhook.bytes, "state": state, "before": before, "limit": limit}
    return [delivery_of(row) for row in fetch(connection, SQL["listed"], named)]


class WebhookQuestions:
    """Webhooks, as readers ask for them."""

    webhooks: Shelf[Webhook] = Shelf(
        queries=SQL, noun="webhook", plural="webhooks", value_of=webhook_of, columns_of=columns_of, word="name",
        numbered=False,
    )  # fmt: skip
    busy = staticmethod(busy)
    health_of = staticmethod(health_of)
    deliveries_of = staticmethod(deliveries_of)


class WebhookChanges:
    """Webhooks within the writer's transaction."""

    def __init__(self, connection: apsw.Connection) -> None:
        """Works on the writer's connection."""
        self._connection = connection
        self.webhooks = Writing(WebhookQuestions.webhooks, connection)

    def count(self, org: int) -> int:
        """How many webhooks there are."""
        return int(self._all("count", org=org)[0][0])

    def waiting(self, org: int, webhook: UUID) -> int:
        """How much waits to be sent."""
        return int(self._all("waiting", org=org, webhook=webhook.bytes)[0][0])

    def start(self, org: int, webhook: UUID, seq: int) -> None:
        """It looks at events beyond `seq`, as one that never failed."""
        self._all("start", org=org, webhook=webhook.bytes, seq=seq)

    def move(self, org: int, webhook: UUID, seq: int) -> None:
        """It has come so far, or is to begin there again."""
        self._all("move", org=org, webhook=webhook.bytes, seq=seq)

    def health(self, org: int, webhook: UUID) -> Health | None:
        """How it fares."""
        return health_of(self._connection, org, webhook)

    def succeeded(self, org: int, webhook: UUID, now: int) -> None:
        """It answered: what waits for it waits no longer, where it failed before."""
        health = self.health(org, webhook)
        if health is not None and health.failing_since is not None:
            self._all("hurry", org=org, webhook=webhook.bytes, now=now)
        self._all("succeeded", org=org, webhook=webhook.bytes, now=now)

    def failed(self, org: int, webhook: UUID, now: int, error: str) -> None:
        """It did not take what was sent."""
        self._all("failed", org=org, webhook=webhook.bytes, now=now, error=error)

    def put(
        self, org: int, webhook: UUID, message: str, *, seq: int, stream: int | None, now: int,
        rule: UUID | None = None, payload: str | None = None,
    ) -> None:  # fmt: skip
        """Something to be sent, once for its message; one that failed before is to be sent again."""
        by = None if rule is None else rule.bytes
        self._all("put", org=org, webhook=webhook.bytes, message=message, seq=seq, stream=stream, rule=by,
                  payload=payload, now=now)  # fmt: skip

    def due(self, org: int, webhook: UUID, now: int, limit: int) -> list[Delivery]:
        """What is to be sent now; where order counts, the first of each stream alone."""
        return [delivery_of(row) for row in self._all("due", org=org, webhook=webhook.bytes, now=now, limit=limit)]

    def settle(self, delivery: int, state: str, *, attempts: int, due: int, error: str | None) -> None:
        """How an attempt ended."""
        self._all("settle", delivery=delivery, state=state, attempts=attempts, due=due, error=error)

    def forget(self, before: int, limit: int = 1_000) -> None:
        """Lets go of what was delivered and is older than that, in whichever organisation."""
        self._all("forget", before=before, limit=limit)

    def replay(self, org: int, webhook: UUID, delivery: int | None, now: int) -> int:
        """Sends one again, or (None) all that failed; how many."""
        return len(self._all("replay", org=org, webhook=webhook.bytes, delivery=delivery, now=now))

    def put_secret(self, org: int, webhook: UUID, sealed: bytes, now: int, ends: int) -> None:
        """A new secret; those before sign until `ends`."""
        self._all("drop_secrets", org=org, webhook=webhook.bytes, now=now)
        self._all("end_secrets", org=org, webhook=webhook.bytes, ends=ends)
        self._all("put_secret", org=org, webhook=webhook.bytes, now=now, sealed=sealed)

    def secrets(self, org: int, webhook: UUID, now: int) -> list[bytes]:
        """What signs now, sealed, the newest first."""
        return [sealed for (sealed,) in self._all("secrets", org=org, webhook=webhook.bytes, now=now)]

    def _all(self, query: str, **named: object) -> list[Row]:
        return fetch(self._connection, SQL[query], named)
