"""Who asks: personal API keys in their three forms, Bearer tokens, and the OAuth pages that renew and end those."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final
from uuid import UUID

from gatebook.dialects.doorflow.schemas import (
    Application,
    KeyQuery,
    Nothing,
    RevokeForm,
    TokenForm,
    TokenMade,
    TokenTold,
)
from gatebook.domain.access import Principal
from gatebook.domain.errors import BadInput, Forbidden, Unauthenticated
from gatebook.domain.times import epoch_s
from gatebook.http import Request, Response
from gatebook.http.auth import Way, presented
from gatebook.http.dialect import BASIC, BEARER, FORM, Body, Operation, Reply, Security, principal
from gatebook.http.visits import visited
from gatebook.http.wire import json_reply, read_form, read_query
from gatebook.services import Services
from gatebook.services.issuing import LONGEST_S
from gatebook.services.tokens import Token

AUDIENCE: Final = "doorflow"
LIFETIME_S: Final = 3600
"""Source: DoorFlow openapi.yaml, /oauth/token, 2026-08-20: an access token lives for an hour."""
EVENT_SCOPES: Final = ("account.event.readonly", "account.event.guarding.readonly", "account.event.access.readonly")
"""Any of these reads events.  Source: DoorFlow "Events"; openapi.yaml, listEvents; 2026-08-20."""
CHANNEL_SCOPES: Final = ("account.channel.readonly",)
PERSON_SCOPES: Final = ("account.person.readonly", "account.person")
"""A scope to write implies the one to read.  Source: DoorFlow openapi.yaml, securitySchemes, 2026-08-20."""
SCOPES: Final = (*EVENT_SCOPES, *CHANNEL_SCOPES, *PERSON_SCOPES)
FAMILY: Final = "family"
"""The claim that names the sign-in which a token was renewed from."""
HELD: Final = "doorflow.token"
"""Where a request keeps the token that it came with."""
NO_STORE: Final = {"Cache-Control": "no-store", "Pragma": "no-cache"}
COST: Final = 10.0

SECURITY: Final = (
    BEARER,
    BASIC,
    Security(name="token", scheme={"type": "apiKey", "in": "header", "name": "Authorization"}),
    Security(name="query", scheme={"type": "apiKey", "in": "query", "name": "api_key"}),
)


async def principal_of(services: Services, request: Request) -> Principal:
    """The holder of the one credential that is sent: a token, or a key in one of its forms."""
    found = presented(request, (Way.BEARER, Way.BASIC, Way.TOKEN, Way.QUERY))
    if "authorization" in request.headers and all(one.way is Way.QUERY for one in found):
        raise Unauthenticated("Authorization: expected Bearer, Basic or Token")
    if len(found) != 1:
        raise Unauthenticated("expected one credential: a Bearer token, or an API key")
    (one,) = found
    if one.way is not Way.BEARER:
        return await services.keys.principal_of(one.name if one.way is Way.BASIC else one.secret)
    holder, token = await services.tokens.principal_of(one.secret, AUDIENCE)
    if FAMILY in token.claims:
        # The sign-in's id stands among the revoked tokens when its refresh token was revoked.
        signed_in = replace(visited(holder, request, AUDIENCE, ""), token=UUID(str(token.claims[FAMILY])))
        await services.tokens.renewed(signed_in)
    request.scope[HELD] = token
    return holder


def need_scope(request: Request, scopes: Sequence[str]) -> None:
    """Forbidden for a token that was given scopes and none of these; a key has those of its holder."""
    token = request.scope.get(HELD)
    said = None if token is None else scopes_of(token)
    if said is not None and said.isdisjoint(scopes):
        raise Forbidden(f"this needs the scope {' or '.join(scopes)}")


def scopes_of(token: Token) -> frozenset[str] | None:
    """The scopes that a token was given; None: it was given none, and has those of its holder."""
    said = token.claims.get("scope")
    return None if said is None else frozenset(str(said).split())


def operations(services: Services) -> Sequence[Operation]:
    """The OAuth pages."""

    async def token(request: Request) -> Response:
        form = (await read_form(request)).fields
        client = await _client_in(services, form)
        return json_reply(await renewed(services, request, form, client), headers=NO_STORE)

    async def revoke(request: Request) -> Response:
        form = (await read_form(request)).fields
        client = await _client_of(services, request, form)
        if not form.get("token"):
            raise BadInput("body", "has no token", "send token=TOKEN as a form")
        await end(services, client, form["token"])
        return json_reply(Nothing(), headers=NO_STORE)

    async def told(request: Request) -> Response:
        read_query(request, KeyQuery, unknown="ignore")
        found = request.scope.get(HELD)
        if found is None:
            raise Unauthenticated("Authorization: expected a Bearer token")
        return json_reply(await _told(services, principal(request), found), headers=NO_STORE)

    return (
        Operation(
            method="POST", path="/oauth/token", handler=token, summary="Renew a token",
            description="A refresh token is good for one use; the answer holds the next one. Used twice, it ends.",
            body=Body(shape=TokenForm, media=(FORM,), example="grant_type=refresh_token&refresh_token=TOKEN"),
            replies={200: Reply(shape=TokenMade)}, public=True, cost=COST, tags=("OAuth",),
        ),
        Operation(
            method="POST", path="/oauth/revoke", handler=revoke, summary="End a token",
            description="By HTTP Basic with client id and secret. A token that is not known is answered alike.",
            body=Body(shape=RevokeForm, media=(FORM,), example="token=TOKEN"),
            replies={200: Reply(shape=Nothing)}, public=True, cost=COST, tags=("OAuth",),
        ),
        Operation(
            method="GET", path="/oauth/token/info", handler=told, summary="What a token is good for", query=KeyQuery,
            replies={200: Reply(shape=TokenTold)}, tags=("OAuth",),
        ),
    )  # fmt: skip


async def renewed(services: Services, request: Request, form: dict[str, str], client: Principal | None) -> TokenMade:
    """A token and the next refresh token; BadInput by the field of the form that is at fault."""
    if form.get("grant_type", "") != "refresh_token":
        field = "grant_type" if form.get("grant_type") else "body"
        raise BadInput(field, "is no grant that is served here", "send grant_type=refresh_token")
    if not form.get("refresh_token"):
        raise BadInput("body", "has no refresh_token", "send the newest refresh token")
    asked = form.get("scope", "").split()
    if unknown := sorted(set(asked) - set(SCOPES)):
        raise BadInput("scope", f"{unknown[0][:60]!r} is not known here", f"known are {', '.join(SCOPES)}")
    try:
        found, row, successor = await services.tokens.spend_refresh(form["refresh_token"], AUDIENCE)
    except Unauthenticated as error:
        raise BadInput("refresh_token", "is not valid", "sign in again") from error
    if client is not None and client.organisation != found.organisation:
        await _end_family(services, found, row.family, form["refresh_token"])
        raise BadInput("refresh_token", "is not valid", "sign in again")
    given = row.scopes.split() or list(SCOPES)
    scope = " ".join(one for one in given if not asked or one in asked)
    uid = form.get("client_id") or str(found.id)
    claims = {"scope": scope, FAMILY: str(row.family), "client_id": uid}
    holder = visited(found, request, AUDIENCE, "POST /oauth/token")
    text, made = await services.issuing.issue(
        holder, AUDIENCE, by="refresh_token", lifetime_s=LIFETIME_S, claims=claims, sign_in=row.family
    )
    return TokenMade(
        access_token=text, expires_in=LIFETIME_S, refresh_token=successor, scope=scope, created_at=made.issued_s
    )


async def end(services: Services, client: Principal, text: str) -> None:
    """Ends an access token, or a refresh token with all that came from it; one of elsewhere or of nobody is left."""
    try:
        holder, token = await services.tokens.principal_of(text, AUDIENCE)
    except Unauthenticated:
        try:
            holder, row, _successor = await services.tokens.spend_refresh(text, AUDIENCE)
        except Unauthenticated:
            return
        await _end_family(services, holder, row.family, text)
        return
    if holder.organisation == client.organisation:
        await services.tokens.revoke(token)


async def _end_family(services: Services, holder: Principal, family: UUID, spent: str) -> None:
    """No refresh token of the sign-in is good any more, and no token that came of one."""
    now = epoch_s(services.now())
    signed_in = Token(
        jti=family, kind=holder.kind, holder=holder.id, subject="", issued_s=now, expires_s=now + LONGEST_S, claims={}
    )
    await services.tokens.revoke(signed_in)
    try:
        await services.tokens.spend_refresh(spent, AUDIENCE)
    except Unauthenticated:
        return  # a refresh token that is used twice ends its family: that is what it was used for


async def _client_in(services: Services, form: dict[str, str]) -> Principal | None:
    """The service account whose id and secret stand in the form; None for a public client, which has no secret."""
    if not form.get("client_secret"):
        return None
    return await services.access.principal_of_service(form.get("client_id", ""), form["client_secret"])


async def _client_of(services: Services, request: Request, form: dict[str, str]) -> Principal:
    """The service account of HTTP Basic, or of the form; Forbidden where there is none."""
    try:
        basic = presented(request, (Way.BASIC,))
        if basic:
            return await services.access.principal_of_service(basic[0].name, basic[0].secret)
        client = await _client_in(services, form)
    except Unauthenticated as error:
        raise Forbidden("You are not authorized to revoke this token") from error
    if client is None:
        raise Forbidden("You are not authorized to revoke this token")
    return client


async def _told(services: Services, who: Principal, token: Token) -> TokenTold:
    organisation = await services.directory.organisation(who)
    said = scopes_of(token)
    return TokenTold(
        # A principal has no integer of its own; the last bits of its UUID are random, and fit JavaScript's numbers.
        resource_owner_id=who.person or who.id.int & (2**53 - 1),
        account_id=str(organisation.id),
        scope=[one for one in SCOPES if said is None or one in said],
        expires_in=max(0, token.expires_s - epoch_s(services.now())),
        application=Application(uid=str(token.claims.get("client_id", who.id))),
        created_at=token.issued_s,
    )
