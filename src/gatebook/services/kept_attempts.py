"""Writes down who guessed passwords, so that a restart of the server does not open a door that was shut.

What the store has of a name is a keyed hash: what people type into that field is now and then their password.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from gatebook.domain.attempts import FORGOTTEN_AFTER_S, LONGEST_LOCK_S, Record
from gatebook.domain.times import SECOND_NS, Instant
from gatebook.services.attempts import REMEMBERED, Attempts
from gatebook.services.intervals import every
from gatebook.store import Store, Transaction
from gatebook.store.sqlite.record import Tried

PAUSE_S = 5.0
KEPT_NS = int(FORGOTTEN_AFTER_S + LONGEST_LOCK_S) * SECOND_NS


class Body(msgspec.Struct, frozen=True, omit_defaults=True):
    """A record of a name, or (`until`) the bucket of a network; times in seconds since 1970."""

    recent: tuple[float, ...] = ()
    row: int = 0
    locks: int = 0
    shut_until: float = 0.0
    last: float = 0.0
    until: float | None = None


class KeptAttempts:
    """The doorkeeper's memory in the store."""

    def __init__(
        self, attempts: Attempts, store: Store, *, now: Callable[[], Instant], pause_s: float = PAUSE_S
    ) -> None:
        """Keeps what `attempts` counts."""
        self._attempts = attempts
        self._store = store
        self._now = now
        self._pause_s = pause_s

    async def load(self) -> None:
        """Takes up what was written down; to be called before the first attempt."""
        since = Instant(max(0, self._now() - KEPT_NS))
        found = await self._store.read(self._store.record.attempts, since, 2 * REMEMBERED)
        began = self._began_s()
        known: dict[bytes, Record | float] = {}
        for one in reversed(found):
            body = msgspec.json.decode(one.body or "{}", type=Body)
            known[one.key] = _counted(body, began)
        self._attempts.recall(known)

    async def write(self) -> None:
        """Writes what has changed; nothing where nothing has."""
        changes = self._attempts.changes()
        if not changes:
            return
        now, began = self._now(), self._began_s()
        tried = [Tried(key, now, None if value is None else _told(value, began)) for key, value in changes.items()]

        def work(transaction: Transaction) -> None:
            transaction.record.put_attempts(tried)
            transaction.record.forget_attempts(Instant(max(0, now - KEPT_NS)))

        await self._store.write(work)

    async def run(self) -> None:
        """Every few seconds, until cancelled; then once more."""
        await every(self._pause_s, self.write)

    def _began_s(self) -> float:
        """When the doorkeeper's clock stood at 0, in seconds since 1970."""
        return self._now() / SECOND_NS - self._attempts.clock()


def _told(value: Record | float, began: float) -> str:
    if isinstance(value, Record):
        body = Body(
            recent=tuple(at + began for at in value.recent), row=value.row, locks=value.locks,
            shut_until=value.shut_until + began, last=value.last + began,
        )  # fmt: skip
    else:
        body = Body(until=value + began)
    return msgspec.json.encode(body).decode()


def _counted(body: Body, began: float) -> Record | float:
    if body.until is not None:
        return body.until - began
    return Record(
        recent=tuple(at - began for at in body.recent), row=body.row, locks=body.locks,
        shut_until=body.shut_until - began, last=body.last - began,
    )  # fmt: skip
