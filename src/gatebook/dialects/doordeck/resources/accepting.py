"""Which version of Doordeck's API a client takes, by its Accept header.

Source: Doordeck "Versioning": `application/json` is v1, `application/vnd.doordeck.api-vN+json` version N, 2026-07-20.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Final, NamedTuple

from gatebook.domain.errors import NotAcceptable
from gatebook.http import Request, Response
from gatebook.http.dialect import JSON, Operation

MEDIA: Final = (JSON, "application/vnd.doordeck.api-v2+json", "application/vnd.doordeck.api-v3+json")
"""What is understood, v1 first."""
_WEIGHT = re.compile(r"[01](\.[0-9]{0,3})?", re.ASCII)
_RANGE = re.compile(r"[!#$%&'*+.^_`|~0-9a-z-]+/[!#$%&'*+.^_`|~0-9a-z-]+", re.ASCII)


class Choice(NamedTuple):
    """A representation that the client takes; the greatest is the best.

    Of equal weights one that is named comes before one that a wildcard lets in; of those named the newest, of those
    let in the oldest.
    """

    weight: float
    named: bool
    age: int
    version: int


def version_of(request: Request) -> int:
    """1, 2 or 3; NotAcceptable where the client takes none of them."""
    accept = ", ".join(request.headers.getlist("accept"))
    if not accept.strip(" ,"):
        return 1
    found = chosen(accept)
    if found is None:
        raise NotAcceptable(f"Accept: only types that are not spoken here; take one of {', '.join(MEDIA)}")
    return found


def chosen(accept: str) -> int | None:
    """The version that a list of media ranges likes best; None where it takes none."""
    weights = dict(_weighed(piece) for piece in accept.lower().split(",") if piece.strip())
    choices = []
    for version, media in enumerate(MEDIA, 1):
        name = next((each for each in (media, "application/*", "*/*") if each in weights), None)
        if name is not None and weights[name] > 0:
            named = name == media
            choices.append(Choice(weights[name], named, version if named else -version, version))
    return max(choices).version if choices else None


def _weighed(piece: str) -> tuple[str, float]:
    """A media range and its `q`; a range that is none matches nothing. Source: RFC 9110 section 12.4.2."""
    name, *parameters = (part.strip() for part in piece.split(";"))
    weight = 1.0
    for parameter in parameters:
        key, _, value = parameter.partition("=")
        if key.strip() == "q":
            weight = float(value) if _WEIGHT.fullmatch(value.strip()) else 1.0
    return (name if _RANGE.fullmatch(name) else ""), min(weight, 1.0)


def accepting(operation: Operation) -> Operation:
    """The same operation; it refuses clients that take no form of JSON that is spoken here."""
    run: Callable[[Request], Awaitable[Response]] = operation.handler

    async def handler(request: Request) -> Response:
        version_of(request)
        return await run(request)

    return replace(operation, handler=handler)
