"""Who gets a token, who ends one, and who has the keys changed: each on record in the transaction that does it."""

from __future__ import annotations

import binascii
import json
from base64 import urlsafe_b64decode
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from gatebook.domain.access import Principal, PrincipalKind, Scope
from gatebook.domain.errors import BadInput, Conflict, Forbidden, NotFound
from gatebook.domain.kinds import Kind
from gatebook.domain.times import SECOND_NS, Instant
from gatebook.services.records import record_of, write
from gatebook.services.rooms import need
from gatebook.services.signing import OVERLAP_NS
from gatebook.services.telling import Told, tell
from gatebook.services.tokens import LEEWAY_S, Token, Tokens
from gatebook.store import Store, Transaction
from gatebook.store.holders import IssuedRow

LIFETIME_S = 3_600
LONGEST_S = 86_400
"""A token lives for a day at most, unless its dialect says otherwise, and so for less than the overlap of two keys."""
KEYS_LIMIT = 40
"""Keys that are believed at a time, beyond which none is made."""


class Issuing:
    """Issues tokens, ends them, and changes the keys that sign them."""

    def __init__(
        self,
        store: Store,
        tokens: Tokens,
        *,
        audiences: Mapping[str, bool],
        now: Callable[[], Instant],
        renewable: Collection[str] = (),
    ) -> None:
        """`audiences`: each dialect that tokens are issued for, and whether its `sub` is the person of a user.

        `renewable`: those of them whose clients renew a token with a refresh token.
        """
        self._store = store
        self._tokens = tokens
        self._audiences = audiences
        self._renewable = renewable
        self._now = now

    async def issue(
        self,
        principal: Principal,
        dialect: str,
        *,
        by: str,
        lifetime_s: int = LIFETIME_S,
        claims: Mapping[str, Any] | None = None,
        audience: tuple[str, ...] = (),
        alg: str = "RS256",
        longest_s: int = LONGEST_S,
        sign_in: UUID | None = None,
    ) -> tuple[str, Token]:
        """A token, when its issue is on disk; `by` is the road of the sign-in, such as `password`.

        `longest_s` is what a dialect whose tokens live longer allows, below the two days for which old keys are
        believed.  `sign_in`: what other tokens and refresh tokens come of, too; with one of them all end.

        BadInput naming `dialect` or `lifetime_s`; Forbidden for who came with a token already, which would never end.
        """
        if dialect not in self._audiences:
            raise BadInput("dialect", "is not served here", f"give one of {', '.join(sorted(self._audiences))}")
        if not 1 <= lifetime_s <= longest_s:
            raise BadInput("lifetime_s", f"got {lifetime_s}", f"give seconds from 1 to {longest_s}")
        if principal.token is not None:
            raise Forbidden("a token gets no other token; sign in, or send an API key")
        subject = await self._subject(principal, dialect)
        text, token = await self._tokens.issue(
            principal, dialect, lifetime_s=lifetime_s, subject=subject, claims=claims, audience=audience, alg=alg
        )
        row = IssuedRow(
            jti=token.jti,
            organisation=principal.organisation,
            kind=principal.kind,
            holder=principal.id,
            audience=dialect,
            issued=self._now(),
            ends=Instant((token.expires_s + LEEWAY_S) * SECOND_NS),
            sign_in=sign_in,
        )

        def work(transaction: Transaction) -> None:
            transaction.tokens.note_issued(row)
            details: dict[str, Told] = {"by": by, "dialect": dialect, "lifetime_s": lifetime_s}
            record = record_of(principal, subject=f"token/{token.jti}", details=details)
            write(transaction, principal.organisation, Kind.RECORD_SIGNED_IN, record, self._now())

        await self._store.write(work)
        return text, token

    async def issue_renewable(
        self, principal: Principal, dialect: str, *, by: str, lifetime_s: int = LIFETIME_S
    ) -> tuple[str, Token, str]:
        """A token, and a refresh token that fetches the ones after it; both end with `revoke` of this one.

        BadInput naming `refresh` for a dialect whose clients do not renew tokens.
        """
        if dialect in self._audiences and dialect not in self._renewable:
            known = ", ".join(sorted(self._renewable)) or "no dialect that is served here"
            raise BadInput("refresh", f"is not for clients of {dialect}", f"leave it out; it is for {known}")
        text, token = await self.issue(principal, dialect, by=by, lifetime_s=lifetime_s)
        return text, token, await self._tokens.issue_refresh(principal, dialect, family=token.jti)

    async def list(self, principal: Principal, *, after: UUID | None = None, limit: int = 100) -> Sequence[IssuedRow]:
        """Tokens that hold, in the order in which they were issued: all that `get` would tell."""
        holder = None if _administers(principal) else (principal.kind, principal.id)
        return await self._store.read(
            self._store.tokens.held_after, principal.organisation, after, limit, self._now(), holder
        )

    async def get(self, principal: Principal, jti: UUID) -> IssuedRow:
        """A token that the principal may see: its own, or (`admin` over everything) any of its organisation."""
        row = await self._store.read(self._store.tokens.issued_token, jti)
        return _shown(principal, row)

    async def revoke(self, principal: Principal, jti: UUID) -> None:
        """The token, and all that came of its sign-in, is good no more; NotFound where `get` would say so."""
        now = self._now()

        def work(transaction: Transaction) -> None:
            row = _shown(principal, transaction.tokens.issued(jti))
            # The id is that of the sign-in, too, of which younger tokens may come that live for longer.
            transaction.tokens.revoke(jti, max(row.ends, Instant(now + LONGEST_S * SECOND_NS)), now)
            transaction.tokens.end_family(jti)
            if row.sign_in is not None:
                transaction.tokens.revoke(row.sign_in, Instant(now + LONGEST_S * SECOND_NS), now)
                transaction.tokens.end_family(row.sign_in)
                for one in transaction.tokens.issued_of(row.sign_in):
                    transaction.tokens.revoke(one.jti, one.ends, now)
            details: dict[str, Told] = {"act": "revoked", "holder": f"{row.kind}/{row.holder}", "dialect": row.audience}
            tell(transaction, principal, f"token/{jti}", details, now)

        await self._store.write(work)

    async def rotate(self, principal: Principal, overlap_s: int = OVERLAP_NS // SECOND_NS) -> None:
        """New keys sign from now on; what the old ones signed is believed for `overlap_s`, 0 to two days."""
        need(principal, Scope.ADMIN)
        if not principal.grant.everything:
            raise Forbidden("this needs a grant of the whole organisation")
        if not 0 <= overlap_s <= OVERLAP_NS // SECOND_NS:
            raise BadInput("overlap_s", f"got {overlap_s}", f"give seconds from 0 to {OVERLAP_NS // SECOND_NS}")
        if overlap_s and len(await self._tokens.signing.believed()) >= KEYS_LIMIT:
            raise Conflict("many keys that were changed lately are believed still; wait, or give overlap_s 0")

        def told(transaction: Transaction) -> None:
            details: dict[str, Told] = {"act": "rotated", "overlap_s": overlap_s}
            tell(transaction, principal, "signing-keys", details, self._now())

        await self._tokens.signing.rotate(overlap_s * SECOND_NS, told)

    async def _subject(self, principal: Principal, dialect: str) -> str | None:
        if not self._audiences[dialect] or principal.person is None or principal.kind is not PrincipalKind.USER:
            return None
        found = await self._store.read(self._store.directory.person, principal.organisation, principal.person)
        return None if found is None else str(found.id)


def _administers(principal: Principal) -> bool:
    return principal.may(Scope.ADMIN) and principal.grant.everything


def _shown(principal: Principal, row: IssuedRow | None) -> IssuedRow:
    if row is not None and row.organisation == principal.organisation:
        own = (row.kind, row.holder) == (principal.kind, principal.id)
        if own or _administers(principal):
            return row
    raise NotFound("no such token")


def jti_of(text: str) -> UUID:
    """The id that a token says of itself, believed of nobody; BadInput naming `token` where there is none."""
    try:
        claims = text.split(".")[1]
        return UUID(json.loads(urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))["jti"])
    except (IndexError, KeyError, TypeError, AttributeError, ValueError, binascii.Error, RecursionError) as error:
        raise BadInput("token", "is no token of this server", "send one as it was issued") from error
