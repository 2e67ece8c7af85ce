"""How a page is told to the server: an operation that answers with HTML."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from gatebook.domain.access import Scope
from gatebook.http.dialect import Handler, Operation, Reply

HTML = Reply(shape=str, media=("text/html",))


def operation(
    method: str,
    path: str,
    handler: Handler,
    summary: str,
    query: type[Struct] | None = None,
    cost: float | None = None,
    *,
    public: bool = False,
    scopes: Sequence[Scope] = (),
) -> Operation:
    """A page, or what a form of one does."""
    return Operation(
        method=method, path=path, handler=handler, summary=summary, query=query, cost=cost, public=public,
        scopes=tuple(scopes), replies={200: HTML},
    )  # fmt: skip
