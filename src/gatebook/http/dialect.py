"""What a dialect is made of: its operations, its sockets, and how it says no.

Knows no vendor and no storage.  `mount` turns dialects into one app; `openapi` and `docs` read the same operations,
so what is documented is what is served.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from msgspec import Struct
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.websockets import WebSocket

from gatebook.domain.access import Principal, Scope
from gatebook.domain.errors import GatebookError
from gatebook.domain.events import Event
from gatebook.domain.kinds import Kind
from gatebook.services.delivery_formats import Format

S = TypeVar("S")
"""The bundle of services that a dialect is built on."""

Shape = Any
"""What can stand where a wire type is asked for: a Struct type, a union of such, `list[Struct]`, `str`, `bytes`.

`Any`, because the type system has no name for "a type or a union of types" before Python 3.14.
"""

Handler = Callable[[Request], Awaitable[Response]]
SocketHandler = Callable[[WebSocket], Awaitable[None]]
OnError = Callable[[Request, GatebookError], Response]
Finish = Callable[[Request, Response], None]

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
CSV = "text/csv"
NDJSON = "application/x-ndjson"
PROBLEM = "application/problem+json"
EVENT_STREAM = "text/event-stream"

PARAMETER = re.compile(r"\{([a-z_][a-z0-9_]*)(:rest)?\}")
"""`{name}` is one path segment or a part of one; `{name:rest}`, only at the end, is all that follows, slashes too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """What an operation reads from the request's body."""

    shape: Shape
    media: tuple[str, ...] = (JSON,)
    """Media types understood, the documented one first."""
    required: bool = True
    example: str = ""
    """A body as it goes over the wire, for the documentation's `curl` line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What an operation answers with one status."""

    shape: Shape | None = None
    """None: the answer has no body."""
    description: str = ""
    media: tuple[str, ...] = (JSON,)
    headers: Mapping[str, str] = field(default_factory=dict)
    """Header name to one sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One method of one path.

    `path` is the vendor's own, from the root: `/locks/{id}/events`.  Static text wins over a parameter.  Methods are
    upper case; HEAD and OPTIONS need no operation of their own.  The documented scopes are the enforced ones: where
    the dialect names a `principal_of`, the handler runs only for a principal who holds all of them.
    """

    method: str
    path: str
    handler: Handler
    summary: str
    description: str = ""
    params: type[Struct] | None = None
    """The path's parameters, for `wire.read_path` and the documentation."""
    query: type[Struct] | None = None
    """The query's parameters, for `wire.read_query` and the documentation."""
    query_style: Mapping[str, str] = field(default_factory=dict)
    """Notes on a query parameter that its type cannot say, by its name on the wire."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Request headers that matter here, name to one sentence."""
    body: Body | None = None
    replies: Mapping[int, Reply] = field(default_factory=dict)
    """Answers that are not errors; those come from the dialect's `error_shape`."""
    scopes: tuple[Scope, ...] = ()
    public: bool = False
    """True: needs no credential."""
    cost: float | None = None
    """In units of a read by id, of which everybody has so many a second; None: 2 with a query, else 1."""
    tags: tuple[str, ...] = ()
    example: str = ""
    """Path and query of a call that makes sense, such as `/locks/123/events?page=1`; empty: made from `path`."""

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the path's parameters, in order."""
        return names_in(self.path)


@dataclass(frozen=True, slots=True, kw_only=True)
class Socket:
    """One WebSocket path.  `handler` accepts it; an error that it raises before that is answered over HTTP.

    A socket signs its clients in itself (a vendor may do that in its first message); until then it has no principal.
    """

    path: str
    handler: SocketHandler
    summary: str
    description: str = ""
    tags: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the path's parameters, in order."""
        return names_in(self.path)


@dataclass(frozen=True, slots=True, kw_only=True)
class Security:
    """A way of presenting a credential, as the OpenAPI document names it."""

    name: str
    scheme: Mapping[str, Any]
    """An OpenAPI security scheme object, such as `{"type": "http", "scheme": "bearer"}`: JSON of another's design."""


BEARER = Security(name="bearer", scheme={"type": "http", "scheme": "bearer"})
BASIC = Security(name="basic", scheme={"type": "http", "scheme": "basic"})
API_KEY = Security(name="apiKey", scheme={"type": "apiKey", "in": "header", "name": "X-API-Key"})


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """How a user of a vendor's client gets a Bearer token, for those who try it."""

    path: str
    """From the dialect's own root."""
    login: str
    password: str
    """What the fields of name and password are called."""
    token: str
    """The field of the JSON answer that holds the token."""
    form: Mapping[str, str] | None = None
    """Further fields of a form; None: JSON is sent."""


def names_in(path: str) -> tuple[str, ...]:
    """The names of a path's parameters, in order."""
    return tuple(match[1] for match in PARAMETER.finditer(path))


def _no_sockets(_services: object) -> Sequence[Socket]:
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect(Generic[S]):
    """One vendor's API: what it serves, how it fails, and what it calls things."""

    name: str
    """The folder's name; `/docs/{name}/`."""
    title: str
    """For people: `Native API`."""
    roots: tuple[str, ...]
    """Leading path segments that are this dialect's, such as `/api/3`; the longest of any dialect wins."""
    operations: Callable[[S], Sequence[Operation]]
    on_error: OnError
    """The vendor's status, headers and body for an error.  Never raises; its last case answers 500."""
    sockets: Callable[[S], Sequence[Socket]] = _no_sockets
    error_shape: Shape | None = None
    """The type of an error's body, for the documentation."""
    error_media: str = JSON
    principal_of: Callable[[S, Request], Awaitable[Principal]] | None = None
    """Who asks; raises Unauthenticated.  Asked before every operation that is not public."""
    security: tuple[Security, ...] = (BEARER,)
    fold_case: bool = False
    """True: static path text and roots match in any letter case; GUIDs in the path arrive in lower case."""
    wrong_method: int = 405
    """The status, 400 or 405, for a method that a path does not have; the answer names the others in `Allow`."""
    finish: Finish | None = None
    """The last touch on every answer below the roots, refusals and OPTIONS among them, such as the vendor's headers."""
    version: str = "1"
    """Of the vendor's API, for the documentation."""
    description: str = ""
    kinds: Mapping[Kind, tuple[str, ...]] = field(default_factory=dict)
    """What this dialect calls each kind: one word, or one for each method and reason."""
    issuer: str | None = None
    """Path of the `iss` of this dialect's tokens under the base URL; None: `/issuers/{name}`."""
    names_person: bool = False
    """True: the `sub` of a user's token is the person that the user is bound to, if there is one."""
    renews: bool = False
    """True: its clients renew tokens with a refresh token, which whoever issues a token hands out on request."""
    unspoken: frozenset[Kind] = frozenset()
    """Kinds that this dialect has no word for; with `kinds`, all of them."""
    shape_of: Callable[[S, Principal, Event], Awaitable[Struct | None]] | None = None
    """An event as this dialect shows it to that principal; None where it does not."""
    url_of: Callable[[S, Principal, Event], Awaitable[str | None]] | None = None
    """Where that can be fetched: path and query from the dialect's own root; None where nowhere."""
    sign_in: SignIn | None = None
    """Where clients sign in before all else."""
    formats: Mapping[str, Format] = field(default_factory=dict)
    """What webhooks may send in this dialect's words, by the name under which a webhook asks for it."""


def principal(request: HTTPConnection) -> Principal:
    """Who asks, as the dialect's `principal_of` said; only in operations that are not public."""
    found = request.scope["gatebook.principal"]
    assert isinstance(found, Principal)
    return found
