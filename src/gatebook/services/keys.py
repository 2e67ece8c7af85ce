"""API keys: made once, shown once, kept as hashes, and turned back into the principal who holds one."""

from __future__ import annotations

import secrets
import string
from collections.abc import Callable
from hashlib import sha256
from uuid import UUID

from gatebook.domain.access import EVERYTHING, Grant, Principal, PrincipalKind, Scope
from gatebook.domain.accounts import ApiKey
from gatebook.domain.errors import Unauthenticated
from gatebook.domain.times import Instant
from gatebook.services.directory import named, new_id
from gatebook.store import Store, Transaction

LENGTH = 40
"""Characters of a key: 238 bits, so that a plain hash is enough to keep it."""
ALPHABET = string.ascii_letters + string.digits
REMEMBERED = 10_000
"""Keys remembered at a time."""
SHOWN = 6
"""Characters of a key that lists show."""


class Keys:
    """Who holds which key."""

    def __init__(self, store: Store, *, now: Callable[[], Instant]) -> None:
        """Keeps the hashes in this store."""
        self._store = store
        self._now = now
        self._known: dict[bytes, tuple[int, ApiKey]] = {}

    async def principal_of(self, key: str) -> Principal:
        """The holder of a key; an unknown, revoked or expired one is Unauthenticated, in the same words."""
        row = await self._row(hash_of(key))
        now = self._now()
        if row is None or row.revoked is not None or (row.expires is not None and row.expires <= now):
            raise Unauthenticated("the API key is not valid; make one with `gatebook keys add`")
        return Principal(
            organisation=row.organisation,
            kind=PrincipalKind.KEY,
            id=row.id,
            name=row.name,
            scopes=row.scopes,
            grant=row.grant,
        )

    async def _row(self, hash: bytes) -> ApiKey | None:
        """The row of a key, remembered for as long as nobody's rights change."""
        revision = self._store.pulse.access_revision()
        known = self._known.get(hash)
        if known is not None and known[0] == revision:
            return known[1]
        row = await self._store.read(self._store.accounts.keys.anywhere, "hash", hash)
        if row is not None:
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            self._known[hash] = revision, row
        return row


def make_key(
    transaction: Transaction,
    org: int,
    name: str,
    scopes: frozenset[Scope],
    *,
    now: Instant,
    grant: Grant = EVERYTHING,
    expires: Instant | None = None,
    id: UUID | None = None,
) -> str:
    """Makes a key within a transaction and returns its text, which is nowhere kept."""
    key = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    row = ApiKey(
        id=id or new_id(),
        organisation=org,
        name=named(name),
        scopes=scopes,
        grant=grant,
        created=now,
        expires=expires,
        prefix=key[:SHOWN],
        hash=hash_of(key),
    )
    transaction.accounts.keys.insert(org, row)
    return key


def hash_of(key: str) -> bytes:
    """What is kept of a key."""
    return sha256(key.encode()).digest()
