"""The circumstances of a request, as they go into the record of who looked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from starlette.requests import HTTPConnection, Request

from gatebook.domain.access import Principal, Visit
from gatebook.domain.errors import GatebookError

PURPOSE = "X-Purpose"
LENGTH_LIMIT = 200
WITNESSED = frozenset({401, 403, 429})
"""Statuses of refusals that are written down, folded by the minute."""
Witness = Callable[[Principal | None, str, str, int], None]
"""`witness(principal or None, address, route, status)` learns of a refusal; must be quick and not raise."""


def visit_of(request: HTTPConnection, dialect: str, route: str) -> Visit:
    """Address, agent, route and purpose; texts of the client's are cut short and hold no control characters."""
    return Visit(
        address=address_of(request),
        agent=_plain(request.headers.get("user-agent", "")),
        dialect=dialect,
        route=route,
        purpose=_plain(request.headers.get(PURPOSE, "")).strip() or None,
    )


def address_of(request: HTTPConnection) -> str:
    """The client's network address; empty where the server has none (a socket of the file system)."""
    return request.client.host if request.client else ""


def visited(principal: Principal, request: Request, dialect: str, route: str) -> Principal:
    """The principal with the circumstances of this request."""
    return replace(principal, visit=visit_of(request, dialect, route))


def witnessed(request: Request, error: GatebookError, route: str, witness: Witness) -> None:
    """Tells the witness of a refusal that is to be written down."""
    if error.status in WITNESSED:
        witness(request.scope.get("gatebook.principal"), address_of(request), route, error.status)


def _plain(text: str) -> str:
    text = text[:LENGTH_LIMIT]
    return text if text.isprintable() else "".join(letter for letter in text if letter.isprintable())
