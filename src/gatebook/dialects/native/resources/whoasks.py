"""Who a request to the native API is: the holder of a token, an API key, a device's token, or of a token and a key."""

from __future__ import annotations

from gatebook.domain.access import Principal
from gatebook.domain.errors import Unauthenticated
from gatebook.http import Request
from gatebook.http.auth import Way, presented
from gatebook.http.visits import visit_of
from gatebook.services import Services
from gatebook.services.admission import is_token

AUDIENCE = "native"


async def principal_of(services: Services, request: Request) -> Principal:
    """A key or a device's token comes as a bearer or in `X-API-Key`, a token as a bearer.

    Whatever is presented must hold; of a token and a key together, the rights are those that both have.
    """
    found = {one.way: one.secret for one in presented(request)}
    bearer, keys = found.get(Way.BEARER), {one for one in request.headers.getlist("x-api-key") if one}
    if request.headers.get("authorization") and not bearer:
        raise Unauthenticated("Authorization: expected `Bearer` and a token or an API key")
    token = bearer if bearer and is_token(bearer) else None
    if bearer and token is None:
        keys.add(bearer)
    if len(keys) > 1:
        raise Unauthenticated("two different API keys; send one")
    key = next(iter(keys), None)
    if token is None and key is None:
        raise Unauthenticated("no credential; send `Authorization: Bearer TOKEN-OR-KEY` or `X-API-Key: KEY`")
    if token is None and key is not None:
        return await services.admission.principal_of_secret(key)
    return await services.admission.principal_of(AUDIENCE, token=token, key=key, visit=visit_of(request, AUDIENCE, "*"))
