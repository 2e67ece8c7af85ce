"""Doordeck's sign-in: tokens by email and password, their renewal, their end, and whom a Bearer token stands for.

All tokens of one sign-in share its id (`sid`): ending it ends the refresh tokens, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final
from uuid import UUID

from gatebook.dialects.doordeck.schemas import SignIn, Tokens
from gatebook.domain.access import Principal, PrincipalKind
from gatebook.domain.errors import Forbidden, NotFound, Unauthenticated
from gatebook.domain.times import SECOND_NS, Instant, epoch_s
from gatebook.http import Request, Response
from gatebook.http.auth import Way, presented
from gatebook.http.dialect import Body, Operation, Reply, principal
from gatebook.http.visits import address_of, visited
from gatebook.http.wire import json_reply, read_json
from gatebook.services import Services
from gatebook.services.directory import new_id
from gatebook.services.tokens import Token

NAME: Final = "doordeck"
AUDIENCE: Final = "https://api.doordeck.com"
"""Source: Doordeck "Authentication", claim `aud`, 2026-07-20."""
LIFETIME_S: Final = 36 * 3_600
"""More than a day, within which the SDK takes a token for expired (doordeck/doordeck-headless-sdk, 2026-08-17), and
less than the two days for which a signing key that was replaced is still believed."""
REFRESH_LIFETIME_S: Final = 30 * 86_400
SIGNED_IN: Final = "gatebook_signed_in"
"""The claim that tells when its holder proved who they are, in nanoseconds: a password changed later ends the token."""


async def principal_of(services: Services, request: Request) -> Principal:
    """The holder of the Bearer token."""
    return (await holder_of(services, request))[0]


async def holder_of(services: Services, request: Request) -> tuple[Principal, Token]:
    """The holder of the Bearer token, and what it says."""
    found, token = await services.tokens.principal_of(bearer(request), NAME)
    if found.kind is PrincipalKind.USER:
        since = token.claims.get(SIGNED_IN, (token.issued_s + 1) * SECOND_NS)
        await services.access.principal_of_user(found.id, since=Instant(int(since)))
    return found, token


def bearer(request: Request) -> str:
    """The text of the Bearer token."""
    found = presented(request, (Way.BEARER,))
    if not found or not found[0].secret:
        raise Unauthenticated("no token; send `Authorization: Bearer TOKEN`, which POST /auth/token gives")
    return found[0].secret


async def user_id(services: Services, caller: Principal) -> UUID:
    """Who the caller is to Doordeck: the person that the user is bound to, else the user."""
    if caller.person is not None:
        try:
            return (await services.directory.person(caller, caller.person)).id
        except NotFound:
            pass
    return caller.id


class Desk:
    """Gives, renews and takes back tokens."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def sign_in(self, request: Request) -> Response:
        """Both tokens, for the user of this email and password."""
        form = await read_json(request, SignIn)
        found = await self._services.access.sign_in(form.email, form.password, address=address_of(request))
        caller = visited(found, request, NAME, "POST /auth/token")
        if caller.must_change_password:
            raise Forbidden(
                "this password has to be changed first; change it in Gatebook, and sign in with the new one"
            )
        session = str(new_id())
        refresh = await self._services.tokens.issue_refresh(
            caller, NAME, scopes=f"{session} {form.email}", lifetime_s=REFRESH_LIFETIME_S, family=UUID(session)
        )
        return await self._tokens(caller, session, form.email, refresh, by="password")

    async def renew(self, request: Request) -> Response:
        """Both tokens anew, for a refresh token, which is thereby used up."""
        found, row, successor = await self._services.tokens.spend_refresh(bearer(request), NAME)
        caller = visited(found, request, NAME, "POST /auth/token/refresh")
        session, _, email = row.scopes.partition(" ")
        # an ended sign-in is kept as a revoked token of its id
        await self._services.tokens.renewed(replace(caller, token=UUID(session)))
        return await self._tokens(caller, session, email, successor, by="refresh token")

    async def sign_out(self, request: Request) -> Response:
        """Ends the token, and the refresh tokens of its sign-in."""
        _, token = await holder_of(self._services, request)
        await self._services.tokens.revoke(token)
        if isinstance(session := token.claims.get("sid"), str):
            ends_s = epoch_s(self._services.now()) + REFRESH_LIFETIME_S
            await self._services.tokens.revoke(replace(token, jti=UUID(session), expires_s=ends_s))
        await self._services.audit.signed_out(principal(request))
        return Response(status_code=204)

    async def _tokens(self, caller: Principal, session: str, email: str, refresh: str, *, by: str) -> Response:
        now = self._services.now()
        text, _ = await self._services.issuing.issue(
            caller,
            NAME,
            by=by,
            lifetime_s=LIFETIME_S,
            longest_s=LIFETIME_S,
            sign_in=UUID(session),
            claims={"sid": session, "email": email, "email_verified": True, "name": caller.name, SIGNED_IN: now},
            audience=(AUDIENCE,),
        )
        return json_reply(Tokens(auth_token=text, refresh_token=refresh), headers={"Cache-Control": "no-store"})


def operations(services: Services) -> Sequence[Operation]:
    """Sign-in, renewal, sign-out."""
    desk = Desk(services)
    given = {200: Reply(shape=Tokens, description="Both tokens")}
    return (
        Operation(
            method="POST",
            path="/auth/token",
            handler=desk.sign_in,
            summary="Login",
            description="A token for 36 hours and a refresh token for 30 days. `email` is the name that the user has "
            "in Gatebook.",
            body=Body(shape=SignIn, example='{"email":"info@doordeck.com","password":"correct horse"}'),
            replies=given,
            public=True,
            cost=20,
            tags=("Authentication",),
        ),
        Operation(
            method="POST",
            path="/auth/token/refresh",
            handler=desk.renew,
            summary="Refresh token",
            description="With the refresh token as Bearer token: another pair. A refresh token serves once; used "
            "twice, it ends its sign-in.",
            replies=given,
            public=True,
            cost=5,
            tags=("Authentication",),
        ),
        Operation(
            method="POST",
            path="/auth/token/destroy",
            handler=desk.sign_out,
            summary="Logout",
            description="Ends the token it comes with, and the refresh tokens of the same sign-in.",
            replies={204: Reply(description="Ended")},
            tags=("Authentication",),
        ),
    )
