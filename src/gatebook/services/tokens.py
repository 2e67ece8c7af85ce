"""Tokens: issued by one key set for one dialect each, and believed by no other.

`iss` stands under the configured base URL and never comes from a request; `aud` names the dialect.  A token says who
holds it and nothing of what they may do: that is looked up at every request, so that a change takes effect at once.
"""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any
from uuid import UUID

from joserfc import jwt
from joserfc.errors import JoseError

from gatebook.domain.access import Principal, PrincipalKind, intersection
from gatebook.domain.errors import Unauthenticated
from gatebook.domain.times import SECOND_NS, Instant, epoch_s
from gatebook.services.names import new_id
from gatebook.services.signing import ALGORITHMS, SigningKeys, key_set
from gatebook.store import Store, Transaction
from gatebook.store.contract import RefreshRow

HOLDER = "gatebook"
"""The claim that names the principal: kind/uuid."""
REMEMBERED = 10_000
LEEWAY_S = 5
Holder = Callable[[PrincipalKind, UUID], Awaitable[Principal]]
"""The principal as it stands now; Unauthenticated where it is disabled, revoked, expired or gone."""


Reader = Callable[[Principal, int], Awaitable[Principal]]
"""The principal as it reads the log of another organisation; NotFound where it may not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """What a token says."""

    jti: UUID
    kind: PrincipalKind
    holder: UUID
    subject: str
    issued_s: int
    expires_s: int
    claims: Mapping[str, Any]
    """All claims, as the dialect that made them may want to read them again."""


class Tokens:
    """Issues, believes and revokes."""

    def __init__(
        self,
        store: Store,
        signing: SigningKeys,
        holder: Holder,
        reader: Reader,
        *,
        base_url: str,
        issuers: Mapping[str, str],
        now: Callable[[], Instant],
    ) -> None:
        """`issuers`: dialect to the path of its issuer under `base_url`; others stand under `/issuers/`."""
        self._store = store
        self.signing = signing
        self._holder = holder
        self._reader = reader
        self.base_url = base_url.rstrip("/")
        self._issuers = issuers
        self._now = now
        self._believed: dict[bytes, Token] = {}
        self._revision = -1

    def issuer(self, dialect: str) -> str:
        """The `iss` of a dialect's tokens."""
        return self.base_url + self._issuers.get(dialect, f"/issuers/{dialect}")

    async def issue(
        self,
        principal: Principal,
        dialect: str,
        *,
        lifetime_s: int = 3600,
        subject: str | None = None,
        claims: Mapping[str, Any] | None = None,
        audience: tuple[str, ...] = (),
        alg: str = "RS256",
    ) -> tuple[str, Token]:
        """A token for one dialect.  `subject`: by default the principal's id; `audience` adds names of the vendor's."""
        issued = epoch_s(self._now())
        jti = new_id()
        said: dict[str, Any] = {
            **(claims or {}),
            "iss": self.issuer(dialect),
            "aud": [dialect, *audience] if audience else dialect,
            "sub": subject or str(principal.id),
            "jti": str(jti),
            "iat": issued,
            "nbf": issued,
            "exp": issued + lifetime_s,
            HOLDER: f"{principal.kind}/{principal.id}",
        }
        key = await self.signing.signer(alg)
        text = jwt.encode({"typ": "JWT", "alg": alg, "kid": key.kid}, said, key, algorithms=list(ALGORITHMS))
        return text, _token(said)

    async def principal_of(self, text: str, dialect: str) -> tuple[Principal, Token]:
        """Who holds a token, as they stand now.  Whatever is wrong with it is Unauthenticated."""
        token = await self._read(text, dialect)
        if token.expires_s + LEEWAY_S <= epoch_s(self._now()):
            raise Unauthenticated("the token is expired; get a new one")
        return replace(await self._holder(token.kind, token.holder), token=token.jti), token

    async def renewed(self, principal: Principal) -> Principal:
        """A principal as it stands now, for a talk that goes on; Unauthenticated when it or its token ended.

        Who asks without a visit sits at the machine itself, and did not sign in.
        """
        if principal.visit is None:
            return principal
        token = principal.token
        if token is not None:
            await self.in_force(token)
        fresh = await self._holder(principal.kind, principal.id)
        if principal.key is not None:
            fresh = await self.bounded(fresh, await self._holder(PrincipalKind.KEY, principal.key))
        if fresh.organisation != principal.organisation:
            fresh = await self._reader(fresh, principal.organisation)
        return replace(fresh, visit=principal.visit, token=principal.token)

    async def in_force(self, jti: UUID) -> None:
        """Unauthenticated where the token was ended, or its time is over."""
        if await self._store.read(self._store.tokens.is_revoked, jti):
            raise Unauthenticated("the token was revoked; get a new one")
        issued = await self._store.read(self._store.tokens.issued_token, jti)
        if issued is not None and issued.ends <= self._now():
            raise Unauthenticated("the token is expired; get a new one")

    async def bounded(self, principal: Principal, key: Principal) -> Principal:
        """The principal with no more rights than the API key has; Unauthenticated for a key of elsewhere."""
        named = principal.grant.devices | key.grant.devices
        sites: dict[int, int | None] = {}
        if named:
            sites = await self._store.read(self._store.directory.sites_of_devices, key.organisation, named)
        both = intersection(principal, key, sites)
        if both is None:
            raise Unauthenticated("the token and the API key belong to different organisations; send one of them")
        return replace(both, key=key.id)

    async def revoke(self, token: Token) -> None:
        """The token is good no more, at once and everywhere."""
        expires = Instant((token.expires_s + LEEWAY_S) * SECOND_NS)
        await self._store.write(lambda transaction: transaction.tokens.revoke(token.jti, expires, self._now()))

    async def _read(self, text: str, dialect: str) -> Token:
        revision = self._store.pulse.access_revision()
        if revision != self._revision:
            self._believed.clear()
            self._revision = revision
        digest = sha256(f"{dialect} {text}".encode()).digest()
        token = self._believed.get(digest)
        if token is None:
            token = await self._checked(text, dialect)
            if len(self._believed) >= REMEMBERED:
                self._believed.clear()
            self._believed[digest] = token
        return token

    async def _checked(self, text: str, dialect: str) -> Token:
        """Signature, issuer, audience and times; header parameters that name a key elsewhere are ignored."""
        believed = await self.signing.believed()
        try:
            decoded = jwt.decode(text, key_set(believed), algorithms=list(ALGORITHMS))
            found = believed.get(str(decoded.header.get("kid")))
            rules = jwt.JWTClaimsRegistry(
                now=epoch_s(self._now()),
                leeway=LEEWAY_S,
                iss={"essential": True, "value": self.issuer(dialect)},
                aud={"essential": True, "value": dialect},
                exp={"essential": True},
                sub={"essential": True},
            )
            rules.validate(decoded.claims)
            token = _token(decoded.claims)
        except (JoseError, ValueError, KeyError, TypeError, AttributeError) as error:
            expired = type(error).__name__ == "ExpiredTokenError"
            said = "the token is expired" if expired else "the token is not valid here"
            raise Unauthenticated(f"{said}; get a new one") from error
        if found is None or found[0].alg != decoded.header.get("alg"):
            raise Unauthenticated("the token is not valid here; get a new one")
        if await self._store.read(self._store.tokens.is_revoked, token.jti):
            raise Unauthenticated("the token was revoked; get a new one")
        return token

    # -- refresh tokens ----------------------------------------------------------------------------------------------

    async def issue_refresh(
        self, principal: Principal, dialect: str, *, scopes: str = "", lifetime_s: int = 0, family: UUID | None = None
    ) -> str:
        """A token that fetches new ones, good for one use; 0: it does not expire.

        `family`: the id of the sign-in, by which all that comes of it ends; a new one if not given.
        """
        expires = Instant(self._now() + lifetime_s * SECOND_NS) if lifetime_s else None
        row = RefreshRow(
            family=family or new_id(),
            organisation=principal.organisation,
            holder=f"{principal.kind}/{principal.id}",
            audience=dialect,
            scopes=scopes,
            expires=expires,
        )
        text = secrets.token_urlsafe(32)
        await self._store.write(lambda tx: tx.tokens.add_refresh(_hash(text), row, self._now()))
        return text

    async def spend_refresh(self, text: str, dialect: str) -> tuple[Principal, RefreshRow, str]:
        """`(holder, the token spent, its successor)`.  A token used twice ends every token of its sign-in."""
        now, successor = self._now(), secrets.token_urlsafe(32)

        def work(transaction: Transaction) -> RefreshRow | None:
            row = transaction.tokens.refresh(_hash(text))
            if row is None or row.audience != dialect or (row.expires is not None and row.expires <= now):
                return None
            if not transaction.tokens.spend(_hash(text), now):
                transaction.tokens.end_family(row.family)
                return None
            transaction.tokens.add_refresh(_hash(successor), row, now)
            return row

        row = await self._store.write(work)
        if row is None:
            raise Unauthenticated("the refresh token is not valid; sign in again")
        kind, _, holder = row.holder.partition("/")
        return await self._holder(PrincipalKind(kind), UUID(holder)), row, successor


def _token(claims: Mapping[str, Any]) -> Token:
    kind, _, holder = str(claims[HOLDER]).partition("/")
    return Token(
        jti=UUID(str(claims["jti"])),
        kind=PrincipalKind(kind),
        holder=UUID(holder),
        subject=str(claims["sub"]),
        issued_s=int(claims["iat"]),
        expires_s=int(claims["exp"]),
        claims=claims,
    )


def _hash(text: str) -> bytes:
    return sha256(text.encode()).digest()
