"""What the world may know of the server's keys: `/.well-known/jwks.json`, by which anybody can check a token."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from gatebook.domain.kinds import Kind
from gatebook.http import Request, Response, problems
from gatebook.http.dialect import PROBLEM, Dialect, Operation, Reply
from gatebook.http.wire import json_reply
from gatebook.services.signing import SigningKeys

CACHE = "public, max-age=300"


class KeySet(Struct, frozen=True):
    """A JSON Web Key Set (RFC 7517 section 5)."""

    keys: list[dict[str, Any]]
    """Public keys, as RFC 7517 section 4 has them."""


def well_known(signing: SigningKeys) -> Dialect[object]:
    """The public halves of all keys whose tokens are believed."""

    async def jwks(_request: Request) -> Response:
        return json_reply(KeySet(**await signing.jwks()), headers={"Cache-Control": CACHE})

    operation = Operation(
        method="GET",
        path="/.well-known/jwks.json",
        handler=jwks,
        summary="The keys by which this server's tokens can be checked",
        replies={200: Reply(shape=KeySet, description="Every key whose tokens are believed")},
        public=True,
    )
    return Dialect(
        name="wellknown",
        title="Well-known",
        roots=("/.well-known",),
        operations=lambda _services: (operation,),
        on_error=problems.on_error,
        error_shape=problems.Problem,
        error_media=PROBLEM,
        security=(),
        unspoken=frozenset(Kind),
    )
