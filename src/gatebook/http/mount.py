"""All dialects as one ASGI app at the root of one port.

The root of a path picks the dialect (longest root wins), its own router the operation; whatever goes wrong after that
is answered in that dialect's shape. A path under no root is a problem in the fallback's shape. Nothing is redirected.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import unquote_to_bytes

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gatebook.domain.errors import BadInput, GatebookError, MethodNotAllowed, NotFound
from gatebook.http import problems
from gatebook.http.cors import OFF, Cors
from gatebook.http.dialect import Dialect, OnError
from gatebook.http.docs import documentation
from gatebook.http.limits import Limiter
from gatebook.http.overlaps import Route, overlaps
from gatebook.http.served import SOCKET, Served
from gatebook.http.visits import Witness

S = TypeVar("S")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a dialect is served: below `prefix` (`/vendor`), and only under `host` where one is given."""

    prefix: str = ""
    host: str | None = None


class _Root:
    """A root in its place: a prefix, always compared exactly, and the root's own segments."""

    __slots__ = ("_folded", "_prefix", "_segments", "_size", "served")

    def __init__(self, served: Served, root: str) -> None:
        self.served = served
        self._prefix = served.prefix.split("/")[1:]
        self._folded = served.dialect.fold_case
        self._segments = [self._key(segment) for segment in root.split("/")[1:]]
        self._size = len(self._prefix) + len(self._segments)

    @property
    def rank(self) -> tuple[int, bool]:
        """Longer roots first, exact ones before folded ones."""
        return (-self._size, self._folded)

    def admits(self, segments: list[str]) -> bool:
        """Whether a path begins with this root."""
        depth = len(self._prefix)
        own = segments[depth : self._size]
        if self._folded:
            own = [segment.lower() for segment in own]
        return own == self._segments and segments[:depth] == self._prefix

    def _key(self, segment: str) -> str:
        return segment.lower() if self._folded else segment


def mount(
    dialects: Sequence[Dialect[S]],
    services: S,
    *,
    places: Mapping[str, Place] | None = None,
    fallback: OnError = problems.on_error,
    documented: bool = True,
    witness: Witness | None = None,
    limiter: Limiter | None = None,
    cors: Cors = OFF,
) -> Mount:
    """One app of all these dialects; raises ValueError naming every overlap, or a path outside its dialect's roots.

    With `documented`, the documentation of all of them is served under `/docs`.  `witness` learns of refusals;
    `limiter` bounds what anybody may ask; `cors` tells which pages of others may read answers.
    """
    places = places or {}
    served = [
        Served.of(dialect, services, place.prefix, place.host, witness)
        for dialect in dialects
        for place in [places.get(dialect.name, Place())]
    ]
    if documented:
        served.append(Served.of(documentation(tuple(served)), None))
    if found := [*_shared_roots(served), *_strays(served), *overlaps(routes_of(served))]:
        raise ValueError("; ".join(found))
    return Mount(served, fallback, limiter, cors)


def routes_of(served: Sequence[Served]) -> list[Route]:
    """Every route of every dialect, as it is served."""
    return [
        Route(one.dialect.name, one.root_of(path), method, one.prefix + path, one.dialect.fold_case, one.host)
        for one in served
        for method, path in one.paths
    ]


def _strays(served: Sequence[Served]) -> list[str]:
    return [
        f"{one.dialect.name} serves {path}, which is under none of its roots"
        for one in served
        for _method, path in one.paths
        if not one.root_of(path)
    ]


def _shared_roots(served: Sequence[Served]) -> list[str]:
    seen: dict[tuple[str | None, str, bool], str] = {}
    found = []
    for one in served:
        for root in one.dialect.roots:
            folded = one.dialect.fold_case
            key = (one.host, one.prefix + (root.lower() if folded else root), folded)
            if key in seen:
                found.append(f"{seen[key]} and {one.dialect.name} both claim the root {root}")
            seen[key] = one.dialect.name
    return found


class Mount:
    """The app.  Made by `mount`, which checks; holds no state but its tables."""

    def __init__(
        self, served: Sequence[Served], fallback: OnError, limiter: Limiter | None = None, cors: Cors = OFF
    ) -> None:
        self.served = tuple(served)
        self._cors = cors
        self._limiter = limiter
        self._fallback = fallback
        self._hosts = frozenset(one.host for one in served if one.host)
        self._roots: dict[tuple[str | None, str], list[_Root]] = {}
        for one in served:
            for root in one.dialect.roots:
                first = (one.prefix + root).split("/")[1].lower()
                self._roots.setdefault((one.host, first), []).append(_Root(one, root))
        for entries in self._roots.values():
            entries.sort(key=lambda entry: entry.rank)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request or talk over one socket."""
        scope["gatebook.limiter"] = self._limiter
        if scope["type"] == "http":
            with ExitStack() as held:
                scope["gatebook.held"] = held
                await self._answer(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._talk(scope, receive, send)

    def route(self, scope: Scope) -> tuple[Served | None, list[str]]:
        """Who serves this path, and its segments below that dialect's prefix; BadInput where it cannot be read."""
        segments = segments_of(scope)
        first = segments[0].lower()
        host = _host_of(scope) if self._hosts else None
        for bound in (host, None) if host in self._hosts else (None,):
            for root in self._roots.get((bound, first), ()):
                if root.admits(segments):
                    return root.served, segments[root.served.depth :]
        return None, segments

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        try:
            served, segments = self.route(scope)
        except BadInput as error:
            response = self._fallback(request, error)
        else:
            if served is None:
                response = self._fallback(request, NotFound(f"{scope['path']}: there is nothing here"))
            else:
                scope["gatebook.prefix"], scope["gatebook.dialect"] = served.prefix, served.dialect.name
                response = await self._in_dialect(served, request, segments)
        if scope["method"] == "HEAD":
            receive, send = _without_body(receive, send)
        try:
            await response(scope, receive, send)
        except ClientDisconnect:
            return

    async def _in_dialect(self, served: Served, request: Request, segments: list[str]) -> Response:
        response = await self._found(served, request, segments)
        if served.dialect.finish is not None:
            served.dialect.finish(request, response)
        self._cors.allow(served.dialect.name, request, response)
        return response

    async def _found(self, served: Served, request: Request, segments: list[str]) -> Response:
        method = request.scope["method"]
        found = served.find(method, segments) or (served.find("GET", segments) if method == "HEAD" else None)
        if found is not None:
            return await served.answer(request, *found)
        if not (allowed := served.allowed(segments)):
            return _lost(served, request, segments, "there is nothing here")
        if method == "OPTIONS":
            return Response(status_code=204, headers={"Allow": ", ".join(allowed)})
        told = f"{method} is not served here; use {', '.join(allowed)}"
        return served.refusal(request, MethodNotAllowed(told, allowed))

    async def _talk(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the socket's handler; what it refuses before accepting is an HTTP answer in the dialect's shape."""
        request = Request({**scope, "type": "http", "method": "GET"}, receive)
        try:
            served, segments = self.route(scope)
            if served is None:
                raise NotFound(f"{scope['path']}: there is no socket here")
        except GatebookError as error:
            await deny(scope, receive, send, self._fallback(request, error))
            return
        scope["gatebook.prefix"], scope["gatebook.dialect"] = served.prefix, served.dialect.name
        found = served.find(SOCKET, segments)
        if found is None:
            refusal: Response | None = _lost(served, request, segments, "there is no socket here")
        else:
            admitted = self._cors.admitted(served.dialect.name)
            scope["gatebook.origins"] = (*scope.get("gatebook.origins", ()), *admitted)
            refusal = await served.talk(request, scope, receive, send, *found)
        if refusal is not None:
            if served.dialect.finish is not None:
                served.dialect.finish(request, refusal)
            await deny(scope, receive, send, refusal)


def _lost(served: Served, request: Request, segments: list[str], told: str) -> Response:
    """The dialect's answer where a path leads nowhere, by how far it led."""
    request.scope["gatebook.lost"] = (tuple(segments), served.router.reach(segments))
    return served.refusal(request, NotFound(f"{request.scope['path']}: {told}"))


def segments_of(scope: Scope) -> list[str]:
    """The path's segments, each decoded by itself, so that `%2F` stays inside one; one trailing slash is dropped."""
    raw: bytes = scope.get("raw_path") or b""
    if b"%" in raw:
        path = raw.partition(b"?")[0]
        try:
            segments = [unquote_to_bytes(segment).decode() for segment in path.split(b"/")[1:]]
        except UnicodeDecodeError as error:
            raise BadInput("path", "is not UTF-8 when decoded", "percent-encode the UTF-8 bytes") from error
        if "\0" in scope["path"]:
            raise BadInput("path", "holds a NUL", "leave it out")
    else:
        segments = scope["path"].split("/")[1:]
    if len(segments) > 1 and not segments[-1]:
        segments.pop()
    return segments or [""]


def _host_of(scope: Scope) -> str | None:
    for name, value in scope["headers"]:
        if name == b"host":
            text: str = value.decode("latin-1").lower()
            return text if text.endswith("]") else text.rpartition(":")[0] or text
    return None


def _without_body(receive: Receive, send: Send) -> tuple[Receive, Send]:
    """For HEAD: the first body message ends the answer, and a response that would go on for ever hears a hang-up."""
    finished = False

    async def send_head(message: Message) -> None:
        nonlocal finished
        if finished:
            return
        if message["type"] == "http.response.body":
            finished = True
            message = {"type": "http.response.body", "body": b"", "more_body": False}
        await send(message)

    async def receive_end() -> Message:
        return {"type": "http.disconnect"} if finished else await receive()

    return receive_end, send_head


async def deny(scope: Scope, receive: Receive, send: Send, response: Response) -> None:
    """Refuse a socket before it is accepted: with the whole response where the server can, else with a plain 403."""
    if "websocket.http.response" not in scope.get("extensions", {}):
        await send({"type": "websocket.close"})
        return
    head = {"type": "websocket.http.response.start", "status": response.status_code, "headers": response.raw_headers}
    await send(head)
    await send({"type": "websocket.http.response.body", "body": bytes(response.body)})


__all__ = ["ASGIApp", "Mount", "Place", "deny", "mount", "routes_of", "segments_of"]
