"""Links from one page to others: absolute-path references and the Link header of RFC 8288."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote, unquote_plus

from starlette.requests import Request


def same_path(request: Request, **changes: str | int | None) -> str:
    """This request's path and query with some parameters changed (None: left out), as an absolute-path reference.

    All else stays byte for byte as the client sent it, so that a client recognises its own question.
    """
    raw: bytes = request.scope.get("raw_path") or quote(request.scope["path"]).encode()
    path = raw.partition(b"?")[0].decode("ascii", "replace")
    kept = [
        piece
        for piece in request.scope["query_string"].decode("latin-1").split("&")
        if piece and unquote_plus(piece.partition("=")[0]) not in changes
    ]
    added = [
        f"{quote(name, safe='')}={quote(str(value), safe='')}" for name, value in changes.items() if value is not None
    ]
    query = "&".join(kept + added)
    return f"{path}?{query}" if query else path


def link_header(links: Mapping[str, str | None]) -> dict[str, str]:
    """`{"Link": '</x?page=2>; rel="next"'}` from relation to target; targets of None are left out.

    Source: RFC 8288 section 3.
    """
    told = [f'<{target}>; rel="{relation}"' for relation, target in links.items() if target is not None]
    return {"Link": ", ".join(told)} if told else {}
