"""What all of the directory's resources share: who may make something known, and the answer to it."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from gatebook.domain.access import Principal
from gatebook.domain.errors import Forbidden
from gatebook.http import Request, Response
from gatebook.http.wire import json_reply

MADE: Final = {"Location": "Where it can be fetched"}


def whole(who: Principal) -> Principal:
    """The principal, if their grant is of the whole organisation; else Forbidden."""
    if not who.grant.everything:
        raise Forbidden(f"this needs a grant of the whole organisation, which {who.name} does not hold")
    return who


def made_known(request: Request, told: Struct, path: str) -> Response:
    """201, and where it is."""
    return json_reply(told, 201, {"Location": request.scope["gatebook.prefix"] + path})
