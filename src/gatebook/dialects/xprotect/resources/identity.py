"""`/idp` and `/api/idp`: tokens for users and services, and the pages by which clients find and check them.

A Windows user's handshake runs on a connection; the gateway's own path does not pass it through, as the vendor's does
not.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

from msgspec import Struct

from gatebook.dialects.xprotect.errors import TokenRefusal
from gatebook.dialects.xprotect.resources.discovery import product_version
from gatebook.dialects.xprotect.resources.handshakes import GRANT, Handshakes, message_of
from gatebook.dialects.xprotect.tokens import NAME, SCOPE, TokenForm, TokenMade, by_password, by_secret, form_of
from gatebook.domain.errors import BadInput
from gatebook.http import Request, Response
from gatebook.http.dialect import FORM, Body, Operation, Reply
from gatebook.http.wire import json_reply
from gatebook.services import Services

COST: Final = 10.0
EXAMPLE: Final = "grant_type=password&username=USER&password=PASSWORD&client_id=GrantValidatorClient"
DIRECT: Final = "/idp"
GRANTS: Final = ("password", "client_credentials", GRANT)
CONFIGURATION: Final = "/.well-known/openid-configuration"


class TokenWanted(Struct, frozen=True, kw_only=True):
    """Source: Events REST API, "Get an auth token"; the fields of the other grants as in RFC 6749 section 4.4."""

    grant_type: str
    username: str = ""
    password: str = ""
    client_id: str = ""
    client_secret: str = ""


class Configuration(Struct, frozen=True, kw_only=True):
    """Source: OpenID Connect Discovery 1.0; `server_version` as milestonexprotectsrc of vgrid reads it, 2026-11-21."""

    issuer: str
    jwks_uri: str
    token_endpoint: str
    scopes_supported: list[str]
    grant_types_supported: list[str]
    response_types_supported: list[str]
    subject_types_supported: list[str]
    id_token_signing_alg_values_supported: list[str]
    token_endpoint_auth_methods_supported: list[str]
    server_version: str


class KeySet(Struct, frozen=True):
    """A JSON Web Key Set (RFC 7517 section 5)."""

    keys: list[dict[str, Any]]
    """Public keys, as RFC 7517 section 4 has them."""


class Provider:
    """The identity provider."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._handshakes = Handshakes(services)

    async def direct(self, request: Request) -> Response:
        """A token, by any grant."""
        form = await form_of(request)
        if form.fields.get("grant_type") == GRANT or message_of(request) is not None:
            return await self._handshakes.step(request, form)
        return await self._token(request, form)

    async def gateway(self, request: Request) -> Response:
        """A token, by any grant that needs no handshake."""
        return await self._token(request, await form_of(request))

    async def _token(self, request: Request, form: TokenForm) -> Response:
        match form.fields.get("grant_type", ""):
            case "":
                raise BadInput("body", "has no grant_type", "send a form with grant_type=password")
            case "password":
                return await by_password(self._services, request, form)
            case "client_credentials":
                return await by_secret(self._services, request, form)
            case other if other == GRANT:
                raise BadInput("grant_type", f"{GRANT} is not passed through here", f"ask at {DIRECT}/connect/token")
            case other:
                known = f"send one of {', '.join(GRANTS)}"
                raise BadInput("grant_type", f"{other[:60]!r} is not known here", known)

    async def keys(self, _request: Request) -> Response:
        """The keys by which tokens can be checked."""
        return json_reply(KeySet(**await self._services.tokens.signing.jwks()))

    def configuration(self, root: str) -> Callable[[Request], Awaitable[Response]]:
        """The discovery document of the provider at this path under the base URL."""
        base = self._services.tokens.base_url + root
        told = Configuration(
            issuer=self._services.tokens.issuer(NAME),
            jwks_uri=f"{base}{CONFIGURATION}/jwks",
            token_endpoint=f"{base}/connect/token",
            scopes_supported=[SCOPE],
            grant_types_supported=[*GRANTS] if root == "/IDP" else [one for one in GRANTS if one != GRANT],
            response_types_supported=["token"],
            subject_types_supported=["public"],
            id_token_signing_alg_values_supported=["RS256"],
            token_endpoint_auth_methods_supported=["client_secret_post", "client_secret_basic"],
            server_version=product_version(self._services),
        )

        async def handler(_request: Request) -> Response:
            return json_reply(told)

        return handler


def operations(services: Services) -> Sequence[Operation]:
    """Tokens and discovery, directly and through the gateway."""
    provider = Provider(services)
    return [
        *_under("/idp", provider, provider.direct, "Windows users sign in by NTLM, on one connection."),
        *_under("/api/idp", provider, provider.gateway, "Windows users cannot sign in here."),
    ]


def _under(
    root: str, provider: Provider, token: Callable[[Request], Awaitable[Response]], note: str
) -> Sequence[Operation]:
    path = root.replace("api", "API").replace("idp", "IDP")
    refused = {status: Reply(shape=TokenRefusal, description="No token") for status in (400, 500, 503)}
    called = {401: Reply(shape=TokenRefusal, description="A call for NTLM")}
    return (
        Operation(
            method="POST", path=f"{root}/connect/token", handler=token, summary="Get a token",
            description=f"For an hour; there is none to renew it with: ask again. {note}",
            body=Body(shape=TokenWanted, media=(FORM,), example=EXAMPLE),
            replies={200: Reply(shape=TokenMade), **refused, **(called if root == DIRECT else {})},
            public=True, cost=COST, tags=("Identity provider",),
        ),
        Operation(
            method="GET", path=root + CONFIGURATION, handler=provider.configuration(path),
            summary="What the identity provider can do", replies={200: Reply(shape=Configuration)}, public=True,
            tags=("Identity provider",),
        ),
        Operation(
            method="GET", path=f"{root}{CONFIGURATION}/jwks", handler=provider.keys,
            summary="The keys by which tokens can be checked", replies={200: Reply(shape=KeySet)}, public=True,
            tags=("Identity provider",),
        ),
    )  # fmt: skip
