"""Whom a Bearer token of the identity provider stands for."""

from __future__ import annotations

from typing import Final

from gatebook.domain.access import Principal
from gatebook.domain.errors import Unauthenticated
from gatebook.http import Request
from gatebook.http.auth import Way, presented
from gatebook.services import Services

NAME: Final = "xprotect"


async def principal_of(services: Services, request: Request) -> Principal:
    """The holder of the Bearer token; `kind` tells a user's token from a service's."""
    found = presented(request, (Way.BEARER,))
    if not found or not found[0].secret:
        raise Unauthenticated("no Bearer token; get one at /idp/connect/token")
    return (await services.tokens.principal_of(found[0].secret, NAME))[0]
