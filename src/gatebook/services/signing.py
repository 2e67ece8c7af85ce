"""The installation's signing keys: one RSA and one Ed25519 pair at a time, rotated with an overlap, public as JWKS."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV
from joserfc.jwk import KeyParameters, KeySet, OKPKey, RSAKey

from gatebook.domain.errors import Broken
from gatebook.domain.times import HOUR_NS, Instant
from gatebook.store import Store, Transaction
from gatebook.store.contract import SigningKeyRow

OVERLAP_NS = 48 * HOUR_NS
"""How long the tokens of a retired key are still believed: longer than any token lives."""
ALGORITHMS = ("RS256", "EdDSA")
Key = RSAKey | OKPKey


class SigningKeys:
    """Which key signs, and which are believed; looked up again whenever anybody's rights changed."""

    def __init__(self, store: Store, *, key: bytes, now: Callable[[], Instant]) -> None:
        """`key`: 32 bytes that seal the private keys in the store."""
        self._store = store
        self._cipher = AESGCMSIV(key)
        self._now = now
        self._revision = -1
        self._believed: dict[str, tuple[SigningKeyRow, Key]] = {}

    async def ensure(self) -> None:
        """Makes the first pair of keys, where there are none."""
        standing = {row.alg for row, _ in (await self.believed()).values() if row.retired is None}
        await self._add([alg for alg in ALGORITHMS if alg not in standing], None)

    async def rotate(
        self, overlap_ns: int = OVERLAP_NS, told: Callable[[Transaction], None] = lambda _tx: None
    ) -> None:
        """New keys sign from now on; what the old ones signed is believed for the overlap, which may be nothing.

        `told` runs within the same transaction.
        """
        await self._add(ALGORITHMS, Instant(self._now() + overlap_ns), told)

    async def _add(
        self,
        algorithms: Sequence[str],
        retire_until: Instant | None,
        told: Callable[[Transaction], None] = lambda _tx: None,
    ) -> None:
        made = [await asyncio.to_thread(self._made, alg) for alg in algorithms]

        def work(transaction: Transaction) -> None:
            for row in made:
                transaction.tokens.add_key(row, retire_others_until=retire_until)
            told(transaction)

        if made:
            await self._store.write(work)

    async def signer(self, alg: str = "RS256") -> Key:
        """The key that signs now."""
        for row, key in (await self.believed()).values():
            if row.alg == alg and row.retired is None:
                return key
        raise Broken("there is no signing key; restart the server, which makes one")

    async def believed(self) -> Mapping[str, tuple[SigningKeyRow, Key]]:
        """By key id: every key whose tokens are believed."""
        revision = self._store.pulse.access_revision()
        now = self._now()
        if revision != self._revision:
            rows = await self._store.read(self._store.tokens.signing_keys, now)
            self._believed = {row.kid: (row, self._opened(row)) for row in rows}
            self._revision = revision
        return {kid: found for kid, found in self._believed.items() if found[0].ends is None or found[0].ends > now}

    async def jwks(self) -> dict[str, list[dict[str, Any]]]:
        """The public halves, as RFC 7517 says them."""
        return {"keys": [json.loads(row.public) for row, _ in (await self.believed()).values()]}

    def _made(self, alg: str) -> SigningKeyRow:
        """A fresh pair; takes a tenth of a second for RSA."""
        kid = secrets.token_hex(8)
        named: KeyParameters = {"kid": kid, "use": "sig", "alg": alg}
        key: Key = RSAKey.generate_key(2048, named) if alg == "RS256" else OKPKey.generate_key("Ed25519", named)
        nonce = secrets.token_bytes(12)
        private = json.dumps(key.as_dict(private=True)).encode()
        return SigningKeyRow(
            kid=kid,
            alg=alg,
            sealed=nonce + self._cipher.encrypt(nonce, private, kid.encode()),
            public=json.dumps(key.as_dict(private=False), sort_keys=True),
            created=self._now(),
        )

    def _opened(self, row: SigningKeyRow) -> Key:
        private = json.loads(self._cipher.decrypt(row.sealed[:12], row.sealed[12:], row.kid.encode()))
        return RSAKey.import_key(private) if row.alg == "RS256" else OKPKey.import_key(private)


def key_set(believed: Mapping[str, tuple[SigningKeyRow, Key]]) -> KeySet:
    """The keys as the token library takes them."""
    return KeySet([key for _, key in believed.values()])
