"""An outside issuer, by configuration: whoever it has recognised is the user here of the same login.

Its keys are found by its discovery document, fetched by the one way out, and kept for a while; a token that names an
unknown key has them fetched again, but not more than once a minute, whatever anybody sends.
"""

from __future__ import annotations

import asyncio
import json
import time
from base64 import urlsafe_b64decode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any, Final
from uuid import UUID

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet, OKPKey, RSAKey

from gatebook.domain.access import Principal, Visit
from gatebook.domain.errors import GatebookError, Unauthenticated, Unreachable
from gatebook.domain.times import SECOND_NS, Instant, epoch_s
from gatebook.services.access import Access
from gatebook.services.audit import Audit
from gatebook.services.egress import Egress
from gatebook.store.holders import IssuedRow

ALGORITHMS: Final = ("RS256", "ES256", "EdDSA")
FRESH_S: Final = 600.0
"""For so long keys are believed without asking again."""
STALE_S: Final = 3_600.0
"""And for so long where the issuer cannot be asked."""
AGAIN_S: Final = 60.0
"""So long after one call to the issuer there is no other."""
LEEWAY_S: Final = 5
LATEST_S: Final = 2**33
"""No token is on the list for longer, whatever it says: the year 2242."""
AUDIENCE: Final = "oidc"
REMEMBERED: Final = 10_000
KEYS_LIMIT: Final = 100
REFUSAL: Final = "the token of the outside issuer is not valid here; sign in there again"
Key = RSAKey | ECKey | OKPKey
IMPORTERS: Final[Mapping[str, type[RSAKey] | type[ECKey] | type[OKPKey]]] = {"RSA": RSAKey, "EC": ECKey, "OKP": OKPKey}


@dataclass(frozen=True, slots=True, kw_only=True)
class Issuer:
    """Whom to believe, for whom its tokens must be meant, and which claim is the login."""

    issuer: str
    audience: str
    login_claim: str


class Outside:
    """Believes the tokens of one outside issuer."""

    def __init__(
        self,
        issuer: Issuer,
        *,
        egress: Egress,
        access: Access,
        audit: Audit,
        now: Callable[[], Instant],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`egress` may call the issuer's host; `clock` counts seconds and never goes back."""
        self._issuer = issuer
        self._egress = egress
        self._access = access
        self._audit = audit
        self._now = now
        self._clock = clock
        self._keys: dict[str, Key] = {}
        self._fetched = self._tried = float("-inf")
        self._fetching = asyncio.Lock()
        self._believed: dict[bytes, tuple[dict[str, Key], str, int]] = {}

    def claims(self, text: str) -> bool:
        """Whether a token says that it comes from there; not whether that is so."""
        try:
            return bool(_unproved(text, 1).get("iss") == self._issuer.issuer)
        except ValueError:
            return False

    async def principal_of(self, text: str, visit: Visit | None = None) -> Principal:
        """The user of the token's login, who gets no token of ours by it.

        A token seen for the first time is a sign-in, and written down as one.
        """
        digest = sha256(text.encode("utf-8", "surrogatepass")).digest()
        known = self._believed.get(digest)
        fresh = self._clock() - self._fetched < FRESH_S
        if known is None or known[0] is not self._keys or not fresh:
            claims = await self._checked(text)
            found = (self._keys, self._login_of(claims), int(claims["exp"]))
            principal = await self._access.principal_of_login(found[1])
            if known is None:
                row = IssuedRow(
                    jti=_id_of(digest), organisation=principal.organisation, kind=principal.kind, holder=principal.id,
                    audience=AUDIENCE, issued=self._now(), ends=Instant(min(found[2] + LEEWAY_S, LATEST_S) * SECOND_NS),
                )  # fmt: skip
                await self._audit.signed_in(replace(principal, visit=visit), by=AUDIENCE, token=row)
            if len(self._believed) >= REMEMBERED:
                self._believed.clear()
            self._believed[digest] = known = found
        if known[2] + LEEWAY_S <= epoch_s(self._now()):
            raise Unauthenticated(REFUSAL)
        principal = await self._access.principal_of_login(known[1])
        return replace(principal, token=_id_of(digest))

    async def _checked(self, text: str) -> dict[str, Any]:
        """Signature, issuer, audience and times; header parameters that name a key elsewhere are ignored."""
        try:
            head = _unproved(text, 0)
            key = await self._key(str(head.get("kid", "")))
            if head.get("alg") not in ALGORITHMS or (key.alg or head["alg"]) != head["alg"]:
                raise ValueError("not an algorithm of this key")
            decoded = jwt.decode(text, KeySet([key]), algorithms=list(ALGORITHMS))
            rules = jwt.JWTClaimsRegistry(
                now=epoch_s(self._now()),
                leeway=LEEWAY_S,
                iss={"essential": True, "value": self._issuer.issuer},
                aud={"essential": True, "value": self._issuer.audience},
                exp={"essential": True},
                sub={"essential": True},
            )
            rules.validate(decoded.claims)
        except (JoseError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise Unauthenticated(REFUSAL) from error
        return dict(decoded.claims)

    def _login_of(self, claims: Mapping[str, Any]) -> str:
        login = claims.get(self._issuer.login_claim)
        if not isinstance(login, str) or not login:
            raise Unauthenticated(f"the token does not say {self._issuer.login_claim}; ask for the scope that holds it")
        if self._issuer.login_claim == "email" and claims.get("email_verified", True) is not True:
            raise Unauthenticated("the issuer has not verified this address; have it verified there")
        return login

    async def _key(self, kid: str) -> Key:
        """The issuer's key of this id (none: its only one); Unreachable where the issuer cannot be asked."""
        async with self._fetching:
            age, found = self._clock() - self._fetched, self._found(kid)
            if found is None or age >= FRESH_S:
                if self._clock() - self._tried >= AGAIN_S:
                    await self._fetch(keep=found is not None and age < STALE_S)
                elif age >= STALE_S:
                    raise Unreachable("the outside issuer could not be asked for its keys a moment ago")
                found = self._found(kid)
        if found is None:
            raise Unauthenticated(REFUSAL)
        return found

    def _found(self, kid: str) -> Key | None:
        return self._keys.get(kid) or (next(iter(self._keys.values())) if not kid and len(self._keys) == 1 else None)

    async def _fetch(self, *, keep: bool) -> None:
        """Asks the issuer for its keys; with `keep`, those that are there go on where it cannot be asked."""
        self._tried = self._clock()
        try:
            found = await self._discovered()
        except GatebookError as error:
            if keep:
                return
            raise Unreachable(f"the outside issuer cannot be asked for its keys: {error.message}") from error
        self._keys, self._fetched = found, self._clock()

    async def _discovered(self) -> dict[str, Key]:
        """Source: OpenID Connect Discovery 1.0 section 4: the document must say the very issuer that was asked."""
        document = await self._json(f"{self._issuer.issuer.rstrip('/')}/.well-known/openid-configuration")
        if document.get("issuer") != self._issuer.issuer:
            raise Unreachable("its discovery document names another issuer")
        listed = (await self._json(str(document.get("jwks_uri")))).get("keys")
        keys: dict[str, Key] = {}
        for told in (listed if isinstance(listed, list) else [])[:KEYS_LIMIT]:
            if not isinstance(told, dict) or told.get("use", "sig") != "sig" or told.get("kty") not in IMPORTERS:
                continue
            try:
                keys[str(told.get("kid", ""))] = IMPORTERS[str(told["kty"])].import_key(told)
            except (JoseError, ValueError, KeyError, TypeError):
                continue  # a key of a kind that is not known here signs nothing that is believed here
        return keys

    async def _json(self, url: str) -> dict[str, Any]:
        answer = await self._egress.send("GET", url, headers={"Accept": "application/json"})
        try:
            found = json.loads(answer.body) if answer.status == 200 else None
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            raise Unreachable(f"it answered {answer.status}, and not with a JSON object")
        return found


def _id_of(digest: bytes) -> UUID:
    """By what a token of elsewhere is listed and ended here."""
    return UUID(bytes=digest[:16], version=5)


def _unproved(text: str, part: int) -> dict[str, Any]:
    """What a token says in this part of it; ValueError where it cannot be read."""
    try:
        piece = text.split(".")[part]
        found = json.loads(urlsafe_b64decode(piece + "=" * (-len(piece) % 4)))
    except (IndexError, RecursionError) as error:
        raise ValueError("no token") from error
    if not isinstance(found, dict):
        raise ValueError("no token")
    return found
