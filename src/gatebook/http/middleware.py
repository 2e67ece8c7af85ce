"""The outermost layer: a request id, headers that keep browsers safe, one line of access log, the last resort.

Pure ASGI and one layer, since every request pays for it. The access log holds no query value that could be a secret
or name a person: only those of paging and time are written out.
"""

from __future__ import annotations

import asyncio
import logging
import os
import re
import time
from collections.abc import Callable
from dataclasses import dataclass

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gatebook.domain.errors import TooLarge
from gatebook.http.bodies import LIMIT_BYTES

access_log = logging.getLogger("gatebook.access")
log = logging.getLogger("gatebook.http")

_SANE_ID = re.compile(rb"[A-Za-z0-9_.:+/=-]{1,128}\Z")
_PLAIN_PARAMETERS = frozenset(
    b"page size pagesize n per_page limit offset from to since until start end orderby order sort include level".split()
)
_DEFAULTS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"cache-control", b"no-store"),
)
_FAILED = b'{"type":"about:blank","title":"Internal error","status":500}'


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """One request, as the access log tells it; on a log record it is the attribute `access`."""

    method: str
    path: str
    """As sent, percent escapes included; query values but those of paging and time are replaced by three dots."""
    status: int
    """0: the client had gone before an answer; 101: a socket."""
    ms: float
    sent_bytes: int
    client: str
    request_id: str
    operation: str
    """The path as the dialect wrote it, such as `/locks/{id}/events`; empty where there was none."""
    principal: str
    """The principal's UUID; empty where nobody signed in."""


class Edge:
    """Wraps the whole app.  `closing` is set when the server begins to stop: streams and sockets end by it."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        closing: asyncio.Event | None = None,
        limit_bytes: int = LIMIT_BYTES,
        hsts: bool = False,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._app = app
        self._closing = closing
        self._limit_bytes = limit_bytes
        self._clock = clock
        self._defaults = _DEFAULTS + (((b"strict-transport-security", b"max-age=31536000"),) if hsts else ())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, one socket, or the lifespan, which passes untouched."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        exchange = _Exchange(scope, receive, send, self._limit_bytes, self._defaults)
        scope["gatebook.closing"] = self._closing
        started = self._clock()
        try:
            await self._app(scope, exchange.receive, exchange.send)
        except Exception:
            log.exception("request %s failed", exchange.request_id)
            await exchange.fail()
        if access_log.isEnabledFor(logging.INFO):
            told = exchange.told((self._clock() - started) * 1000)
            access_log.info("%s %s %s", told.method, told.path, told.status, extra={"access": told})


class _Exchange:
    """One request's own state: what came in, and what has gone out."""

    __slots__ = ("_defaults", "_limit", "_receive", "_received", "_scope", "_send", "_sent", "request_id", "status")

    def __init__(
        self, scope: Scope, receive: Receive, send: Send, limit: int, defaults: tuple[tuple[bytes, bytes], ...]
    ) -> None:
        given = next((value for name, value in scope["headers"] if name == b"x-request-id"), b"")
        self.request_id: str = given.decode() if _SANE_ID.match(given) else os.urandom(12).hex()
        scope["gatebook.request_id"] = self.request_id
        self._scope, self._receive, self._send = scope, receive, send
        self._limit, self._defaults = limit, defaults
        self._received = self._sent = self.status = 0

    async def receive(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.request":
            self._received += len(message.get("body", b""))
            if self._received > self._limit:
                raise TooLarge("body", f"is larger than {self._limit} bytes", "send less at a time")
        return message

    async def send(self, message: Message) -> None:
        kind = message["type"]
        if kind in ("http.response.start", "websocket.http.response.start"):
            self.status = message["status"]
            headers = list(message.get("headers", ()))
            present = {name.lower() for name, _value in headers}
            headers += [pair for pair in self._defaults if pair[0] not in present]
            headers.append((b"x-request-id", self.request_id.encode()))
            message = {**message, "headers": headers}
        elif kind == "http.response.body":
            self._sent += len(message.get("body", b""))
        elif kind == "websocket.accept":
            self.status = 101
            headers = [*message.get("headers", ()), (b"x-request-id", self.request_id.encode())]
            message = {**message, "headers": headers}
        elif kind == "websocket.close" and not self.status:
            self.status = 403
        await self._send(message)

    async def fail(self) -> None:
        """The last resort: a bare 500 if nothing has been sent; an answer begun stays cut off, and so not whole."""
        if self.status or self._scope["type"] != "http":
            return
        headers = [(b"content-type", b"application/problem+json"), (b"content-length", str(len(_FAILED)).encode())]
        await self.send({"type": "http.response.start", "status": 500, "headers": headers})
        await self.send({"type": "http.response.body", "body": _FAILED})

    def told(self, ms: float) -> Access:
        scope = self._scope
        operation, principal = scope.get("gatebook.operation"), scope.get("gatebook.principal")
        return Access(
            method=scope.get("method", "SOCKET"),
            path=told_path(scope),
            status=self.status,
            ms=round(ms, 3),
            sent_bytes=self._sent,
            client=scope["client"][0] if scope.get("client") else "",
            request_id=self.request_id,
            operation=operation.path if operation else "",
            principal=str(principal.id) if principal else "",
        )


def told_path(scope: Scope) -> str:
    """Path and query fit for a log: printable ASCII, at most 500 characters of each, nothing secret or personal."""
    raw: bytes = scope.get("raw_path") or scope["path"].encode()
    path = _printable(raw.partition(b"?")[0])
    query: bytes = scope["query_string"]
    if not query:
        return path
    pieces = (piece.partition(b"=") for piece in query[:4000].split(b"&"))
    kept = (
        name + equals + (value if name.lower() in _PLAIN_PARAMETERS else b"..." if equals else b"")
        for name, equals, value in pieces
    )
    return f"{path}?{_printable(b'&'.join(kept))}"


def _printable(text: bytes) -> str:
    return "".join(chr(byte) if 32 < byte < 127 else f"%{byte:02X}" for byte in text[:500])
