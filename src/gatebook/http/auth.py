"""What a request presents as its credential; what that is worth is the services' business."""

from __future__ import annotations

import binascii
from base64 import b64decode
from dataclasses import dataclass
from enum import StrEnum

from starlette.requests import HTTPConnection

from gatebook.domain.errors import Unauthenticated
from gatebook.http.queries import pairs_of

LENGTH_LIMIT = 16_384
URL_SAFE = str.maketrans("-_", "+/")


class Way(StrEnum):
    """By which road a credential came."""

    BEARER = "bearer"
    BASIC = "basic"
    API_KEY = "api_key"
    TOKEN = "token"
    """`Authorization: Token token=KEY`, as some old clients send."""
    QUERY = "query"
    COOKIE = "cookie"


@dataclass(frozen=True, slots=True, kw_only=True)
class Presented:
    """One credential as it came; `name` only with BASIC.  Its secret is not shown by repr."""

    way: Way
    secret: str
    name: str = ""

    def __repr__(self) -> str:
        return f"Presented(way={self.way.value!r})"


def presented(
    request: HTTPConnection,
    ways: tuple[Way, ...] = (Way.BEARER, Way.API_KEY),
    *,
    header: str = "X-API-Key",
    parameter: str = "api_key",
    cookie: str = "gatebook",
) -> tuple[Presented, ...]:
    """Every credential of these ways, in their order; none at all is an empty tuple.

    Raises Unauthenticated for an Authorization header that is given twice, too long, or not readable.
    """
    found: list[Presented] = []
    authorised = _authorisation(request)
    for way in ways:
        if way in (Way.BEARER, Way.BASIC, Way.TOKEN):
            if authorised is not None and authorised.way is way:
                found.append(authorised)
            continue
        secret = _elsewhere(request, way, header, parameter, cookie)
        if secret:
            found.append(Presented(way=way, secret=secret[:LENGTH_LIMIT]))
    return tuple(found)


def _elsewhere(request: HTTPConnection, way: Way, header: str, parameter: str, cookie: str) -> str | None:
    if way is Way.API_KEY:
        return request.headers.get(header)
    if way is Way.COOKIE:
        return request.cookies.get(cookie)
    query = request.scope["query_string"].decode("latin-1")
    return next((value for name, value in pairs_of(query) if name == parameter), None)


def _authorisation(request: HTTPConnection) -> Presented | None:
    given = request.headers.getlist("authorization")
    if not given:
        return None
    if len(given) > 1 or len(given[0]) > LENGTH_LIMIT:
        raise Unauthenticated("Authorization: given twice or too long; send one credential")
    scheme, _space, rest = given[0].strip().partition(" ")
    rest = rest.strip()
    match scheme.lower():
        case "bearer":
            return Presented(way=Way.BEARER, secret=rest)
        case "basic":
            return _basic(rest)
        case "token":
            return Presented(way=Way.TOKEN, secret=_token(rest))
    return None


def _basic(text: str) -> Presented:
    """Source: RFC 7617; the charset is taken to be UTF-8, and either alphabet of base64, padded or not, is read."""
    plain = text.translate(URL_SAFE).rstrip("=")
    try:
        name, _colon, secret = b64decode(plain + "=" * (-len(plain) % 4), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise Unauthenticated("Authorization: not readable as Basic; send base64 of name:password") from error
    return Presented(way=Way.BASIC, secret=secret, name=name)


def _token(text: str) -> str:
    """`token=KEY`, `token="KEY"`, or the bare key; what follows a comma or semicolon is an option."""
    for piece in text.replace(";", ",").split(","):
        name, equals, value = piece.strip().partition("=")
        if equals and name.lower() == "token":
            return value.strip('"')
    return text
