"""Who a request is, whatever it presents: a token of ours, one of an outside issuer, an API key, or a device's token.

Every credential that is presented must hold; of a token and a key together, the rights are those that both have.
"""

from __future__ import annotations

from gatebook.domain.access import Principal, Visit
from gatebook.domain.errors import Unauthenticated
from gatebook.services.access import Access
from gatebook.services.outside import Outside
from gatebook.services.tokens import Tokens

NO_TOKEN = "Authorization: this token is not valid here; get one from POST /v1/tokens"


class Admission:
    """Turns credentials into a principal, or raises Unauthenticated."""

    def __init__(self, access: Access, tokens: Tokens, outside: Outside | None = None) -> None:
        """`outside`: the issuer whose tokens are believed besides our own."""
        self._access = access
        self._tokens = tokens
        self._outside = outside

    async def principal_of(
        self, audience: str, *, token: str | None = None, key: str | None = None, visit: Visit | None = None
    ) -> Principal:
        """Who holds the token, the API key, or both.  `visit` goes into the record of a sign-in from outside."""
        held = None if key is None else await self._access.principal_of_key(key)
        if token is None:
            if held is None:
                raise Unauthenticated("no credential was sent")
            return held
        signed_in = await self._of_token(audience, token, visit)
        return signed_in if held is None else await self._tokens.bounded(signed_in, held)

    async def principal_of_secret(self, secret: str) -> Principal:
        """Who holds an API key or a device's token."""
        try:
            return await self._access.principal_of_key(secret)
        except Unauthenticated as error:
            try:
                return await self._access.principal_of_device_token(secret)
            except Unauthenticated:
                raise error from None

    async def _of_token(self, audience: str, token: str, visit: Visit | None) -> Principal:
        if not is_token(token):
            raise Unauthenticated(NO_TOKEN)
        if self._outside is not None and self._outside.claims(token):
            found = await self._outside.principal_of(token, visit)
            if found.token is not None:
                await self._tokens.in_force(found.token)
            return found
        principal, _token = await self._tokens.principal_of(token, audience)
        return principal


def is_token(text: str) -> bool:
    """Whether it has the form of a signed token; a key has no dot in it."""
    return text.count(".") == 2
