"""`/v1/tokens`: signing in for a token, seeing and ending it, and changing the keys that sign."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Literal
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType

from gatebook.dialects.native.resources.whoasks import AUDIENCE, principal_of
from gatebook.domain.access import Principal, Scope
from gatebook.domain.errors import BadInput, NotFound
from gatebook.domain.times import rfc3339
from gatebook.http import Request, Response
from gatebook.http.cursors import Binding, Cursors
from gatebook.http.dialect import Body, Operation, Reply, principal
from gatebook.http.paging import link_header, same_path
from gatebook.http.visits import visit_of
from gatebook.http.wire import json_reply, read_json, read_path, read_query
from gatebook.services import Services
from gatebook.services.issuing import LIFETIME_S, LONGEST_S, jti_of
from gatebook.services.signing import OVERLAP_NS

SIGN_IN_COST = 50.0
OVERLAP_S = OVERLAP_NS // 1_000_000_000
WAYS = "give login and password, or client_id and client_secret, or neither and an API key in a header"
Text = Annotated[str, Meta(max_length=1_024)]


class TokenWanted(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Who asks, unless an API key in a header says it, and for which dialect."""

    login: Text | None = None
    password: Text | None = None
    grant_type: Literal["client_credentials"] | None = None
    """May be said with `client_id` and `client_secret`."""
    client_id: Text | None = None
    client_secret: Text | None = None
    dialect: Annotated[str, Meta(max_length=64)] = AUDIENCE
    """The only dialect that will believe the token."""
    lifetime_s: Annotated[int, Meta(ge=1, le=LONGEST_S)] = LIFETIME_S
    refresh: bool = False
    """And a refresh token, for a dialect whose clients renew their own."""


class TokenMade(Struct, frozen=True, kw_only=True):
    """A token, shown once.  Source of the first three names: RFC 6749 section 5.1."""

    token: str
    token_type: Literal["Bearer"] = "Bearer"
    expires_in: int
    dialect: str
    jti: UUID
    refresh_token: str | UnsetType = UNSET


class TokenTold(Struct, frozen=True, kw_only=True):
    """The token that the request came with, and what its holder may do now."""

    jti: UUID
    dialect: str
    holder: str
    """Kind and id of the principal."""
    name: str
    scopes: list[str]
    issued: str
    ends: str


class TokenHeld(Struct, frozen=True, kw_only=True):
    """A token that holds, in a list."""

    jti: UUID
    dialect: str
    holder: str
    """Kind and id of the principal."""
    name: str
    issued: str
    ends: str


class TokensHeld(Struct, frozen=True):
    """A page of a list; `next` is the cursor of the next one."""

    items: list[TokenHeld]
    next: str | None


class TokensAsked(Struct, frozen=True):
    """The cursor is the `next` of the page before."""

    limit: Annotated[int, Meta(ge=1, le=1_000)] = 100
    cursor: str | None = None


class TokenPath(Struct, frozen=True):
    """Which token."""

    jti: UUID


class TokenGiven(Struct, frozen=True, forbid_unknown_fields=True):
    """A token to be ended."""

    token: Annotated[str, Meta(max_length=16_384)]


class RotationWanted(Struct, frozen=True, forbid_unknown_fields=True):
    """How long tokens of the old keys are believed; 0: they end at once."""

    overlap_s: Annotated[int, Meta(ge=0, le=OVERLAP_S)] = OVERLAP_S


async def signed_in(services: Services, request: Request, wanted: TokenWanted) -> tuple[Principal, str]:
    """Who signs in, and by which road.  Several roads at once, or half a one, are BadInput."""
    visit = visit_of(request, AUDIENCE, "POST /v1/tokens")
    given = {name for name in ("login", "password", "client_id", "client_secret") if getattr(wanted, name) is not None}
    presented = bool(request.headers.get("authorization") or request.headers.get("x-api-key"))
    if wanted.login is not None and wanted.password is not None and given == {"login", "password"} and not presented:
        found, by = await services.access.sign_in(wanted.login, wanted.password, address=visit.address), "password"
    elif given == {"client_id", "client_secret"} and not presented:
        assert wanted.client_id is not None
        assert wanted.client_secret is not None
        found = await services.access.principal_of_service(wanted.client_id, wanted.client_secret)
        by = "client_credentials"
    elif not given and presented:
        found = await principal_of(services, request)
        by = str(found.kind)
    else:
        raise BadInput("$", "does not say who asks in one way", WAYS)
    return replace(found, visit=visit), by


def operations(services: Services) -> Sequence[Operation]:
    """Tokens."""
    issuing = services.issuing

    async def issue(request: Request) -> Response:
        wanted = await read_json(request, TokenWanted, limit_bytes=65_536)
        who, by = await signed_in(services, request, wanted)
        refresh: str | UnsetType = UNSET
        if wanted.refresh:
            text, token, refresh = await issuing.issue_renewable(
                who, wanted.dialect, by=by, lifetime_s=wanted.lifetime_s
            )
        else:
            text, token = await issuing.issue(who, wanted.dialect, by=by, lifetime_s=wanted.lifetime_s)
        made = TokenMade(
            token=text, expires_in=wanted.lifetime_s, dialect=wanted.dialect, jti=token.jti, refresh_token=refresh
        )
        return json_reply(made, 201)

    async def listed(request: Request) -> Response:
        who, asked = principal(request), read_query(request, TokensAsked)
        cursors, binding = Cursors(services.cursor_key), Binding("/v1/tokens", who.organisation, principal=who.id)
        after = None if asked.cursor is None else cursors.open(asked.cursor, binding, TokenPath).jti
        found = await issuing.list(who, after=after, limit=asked.limit + 1)
        items = [
            TokenHeld(
                jti=row.jti, dialect=row.audience, holder=f"{row.kind}/{row.holder}", name=row.name or who.name,
                issued=rfc3339(row.issued), ends=rfc3339(row.ends),
            )
            for row in found[: asked.limit]
        ]  # fmt: skip
        following = cursors.seal(TokenPath(items[-1].jti), binding) if len(found) > asked.limit else None
        links = {"next": None if following is None else same_path(request, cursor=following)}
        return json_reply(TokensHeld(items, following), headers=link_header(links))

    async def current(request: Request) -> Response:
        who = principal(request)
        if who.token is None:
            raise NotFound("no token was sent, but another credential")
        row = await issuing.get(who, who.token)
        told = TokenTold(
            jti=row.jti, dialect=row.audience, holder=f"{row.kind}/{row.holder}", name=who.name,
            scopes=sorted(who.scopes), issued=rfc3339(row.issued), ends=rfc3339(row.ends),
        )  # fmt: skip
        return json_reply(told)

    async def end(request: Request) -> Response:
        await issuing.revoke(principal(request), read_path(request, TokenPath).jti)
        return Response(status_code=204)

    async def revoke(request: Request) -> Response:
        given = await read_json(request, TokenGiven)
        await issuing.revoke(principal(request), jti_of(given.token))
        return Response(status_code=204)

    async def rotate(request: Request) -> Response:
        await issuing.rotate(principal(request), (await read_json(request, RotationWanted)).overlap_s)
        return Response(status_code=204)

    return (
        Operation(
            method="POST", path="/v1/tokens", handler=issue, summary="Sign in for a token of one dialect",
            description="By a user's login and password, a service's client id and secret, or an API key in a header. "
            "A token gets no other token.",
            body=Body(shape=TokenWanted, example='{"login":"ada","password":"…","dialect":"native"}'),
            replies={201: Reply(shape=TokenMade)}, public=True, cost=SIGN_IN_COST, tags=("tokens",),
        ),
        Operation(
            method="GET", path="/v1/tokens", handler=listed, summary="List tokens that hold, oldest first",
            description="One's own; all of the organisation, of every dialect, with `admin` over everything.",
            query=TokensAsked, replies={200: Reply(shape=TokensHeld, headers={"Link": "The next page"})},
            tags=("tokens",),
        ),
        Operation(
            method="GET", path="/v1/tokens/current", handler=current, summary="The token that this request came with",
            replies={200: Reply(shape=TokenTold)}, tags=("tokens",),
        ),
        Operation(
            method="DELETE", path="/v1/tokens/{jti}", handler=end, summary="End a token",
            description="Its own; any of the organisation with `admin` over everything. What else came of the same "
            "sign-in, such as refresh tokens, ends with it.",
            params=TokenPath, replies={204: Reply()}, tags=("tokens",),
        ),
        Operation(
            method="POST", path="/v1/tokens/revoke", handler=revoke, summary="End the token that the body holds",
            body=Body(shape=TokenGiven, example='{"token":"eyJ…"}'), replies={204: Reply()}, tags=("tokens",),
        ),
        Operation(
            method="POST", path="/v1/tokens/rotate-keys", handler=rotate, summary="Change the keys that sign tokens",
            description="New keys sign from now on; tokens of the old ones are believed for `overlap_s`.",
            body=Body(shape=RotationWanted, example='{"overlap_s":172800}'), replies={204: Reply()},
            scopes=(Scope.ADMIN,), tags=("tokens",),
        ),
    )  # fmt: skip
