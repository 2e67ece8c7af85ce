"""`/api/.well-known/uris`: where a client finds the gateway and the identity provider.

Every address stands under the configured base URL, never under the `Host` that a request named.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from gatebook.http import Request, Response
from gatebook.http.dialect import Operation, Reply
from gatebook.http.wire import json_reply
from gatebook.services import Services

PRODUCT_VERSION: Final = "24.2.0.0"
"""Unless configured.  The version is 2024 R2, in which events are out of beta."""


class Uris(Struct, frozen=True, kw_only=True, rename="pascal"):
    """Source: Configuration API, discovery, 2026-11-21."""

    product_version: str
    unsecure_management_server: str
    secure_management_server: str
    identity_provider: str
    api_gateways: list[str]
    """Each ends in a slash, since clients resolve `rest/v1` against it."""


def product_version(services: Services) -> str:
    """The version that clients are told."""
    return services.versions.get("xprotect", PRODUCT_VERSION)


def operations(services: Services) -> Sequence[Operation]:
    """The one page."""

    async def uris(_request: Request) -> Response:
        base = services.tokens.base_url
        bare = base.partition("://")[2]
        told = Uris(
            product_version=product_version(services),
            unsecure_management_server=f"http://{bare}/",
            secure_management_server=f"https://{bare}/",
            identity_provider=f"{base}/IDP",
            api_gateways=[f"{base}/API/"],
        )
        return json_reply(told)

    return (
        Operation(
            method="GET", path="/api/.well-known/uris", handler=uris, summary="Where everything is",
            description="Needs no token.", replies={200: Reply(shape=Uris)}, public=True, tags=("Discovery",),
        ),
    )  # fmt: skip
