"""The outermost layer: a request id, headers that keep browsers safe, one line of access log, the last resort.

Pure ASGI and one layer, since every request pays for it. The access log holds no query value that could be a secret
or name a person: only those of paging and time are written out.
"""

from __future__ import annotations

import asyncio
import logging
import math
import os
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gatebook.domain.errors import TooLarge, TooSlow
from gatebook.http.bodies import LIMIT_BYTES
from gatebook.http.toldpaths import told_path

access_log = logging.getLogger("gatebook.access")
log = logging.getLogger("gatebook.http")

_SANE_ID = re.compile(rb"[A-Za-z0-9_.:+/=-]{1,128}\Z")
_DEFAULTS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"),
)
_HSTS = ((b"strict-transport-security", b"max-age=31536000"),)
BODY_S = 30.0
_FAILED = b'{"type":"about:blank","title":"Internal error","status":500}'


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """One request, as the access log tells it; on a log record it is the attribute `access`."""

    method: str
    path: str
    """As sent, percent escapes included; what could be a secret or name a person is replaced by three dots."""
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


Watcher = Callable[[Access, Scope], None]
"""Told of each request that is over, with its scope; must be quick and not raise."""


class Edge:
    """Wraps the whole app.  `closing` is set when the server begins to stop: streams and sockets end by it.

    `limit_bytes` and `body_s` bound a body as it comes in; `origins` are those of pages that may open sockets, beside
    the server's own.  `watcher` is told of each request once it is over.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        closing: asyncio.Event | None = None,
        limit_bytes: int = LIMIT_BYTES,
        body_s: float = BODY_S,
        origins: tuple[str, ...] = (),
        clock: Callable[[], float] = time.perf_counter,
        watcher: Watcher | None = None,
    ) -> None:
        self._app = app
        self._watcher = watcher
        self._closing = closing
        self._limit_bytes = limit_bytes
        self._clock = clock
        self._body_s = body_s
        self._origins = origins
        self._ids = _random_ids()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, one socket, or the lifespan, which passes untouched."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        exchange = _Exchange(scope, receive, send, self._limit_bytes, self._body_s, self._ids)
        scope["gatebook.closing"] = self._closing
        scope["gatebook.origins"] = self._origins
        started = self._clock()
        try:
            await self._app(scope, exchange.receive, exchange.send)
        except Exception:
            log.exception("request %s failed", exchange.request_id)
            await exchange.fail()
        logged = access_log.isEnabledFor(logging.INFO)
        if not logged and self._watcher is None:
            return
        told = exchange.told((self._clock() - started) * 1000)
        if self._watcher is not None:
            self._watcher(told, scope)
        if logged:
            access_log.info("%s %s %s", told.method, told.path, told.status, extra={"access": told})


class _Exchange:
    """One request's own state: what came in, and what has gone out."""

    __slots__ = (
        "_body_by",
        "_body_s",
        "_defaults",
        "_limit",
        "_receive",
        "_received",
        "_scope",
        "_send",
        "_sent",
        "request_id",
        "status",
    )

    def __init__(
        self, scope: Scope, receive: Receive, send: Send, limit: int, body_s: float, ids: Iterator[str]
    ) -> None:
        given = next((value for name, value in scope["headers"] if name == b"x-request-id"), b"")
        self.request_id: str = given.decode() if _SANE_ID.match(given) else next(ids)
        scope["gatebook.request_id"] = self.request_id
        self._scope, self._receive, self._send = scope, receive, send
        self._limit, self._body_s = limit, body_s
        self._defaults = _DEFAULTS + _HSTS if scope.get("scheme") in ("https", "wss") else _DEFAULTS
        self._body_by = 0.0 if scope["type"] == "http" else math.inf
        self._received = self._sent = self.status = 0

    async def receive(self) -> Message:
        message = await (self._receive() if self._body_by == math.inf else self._receive_in_time())
        if message["type"] == "http.request":
            if not message.get("more_body", False):
                self._body_by = math.inf
            self._received += len(message.get("body", b""))
            if self._received > self._limit:
                raise TooLarge("body", f"is larger than {self._limit} bytes", "send less at a time")
        return message

    async def _receive_in_time(self) -> Message:
        """A piece of the body; the whole of it must be here within `body_s` of its being asked for."""
        if not self._body_by:
            self._body_by = asyncio.get_running_loop().time() + self._body_s
        try:
            async with asyncio.timeout_at(self._body_by) as limit:
                return await self._receive()
        except TimeoutError as error:
            if not limit.expired():
                raise
            raise TooSlow(f"the body did not come within {self._body_s:g} s; send less at a time") from error

    async def send(self, message: Message) -> None:
        kind = message["type"]
        if kind in ("http.response.start", "websocket.http.response.start"):
            self.status = message["status"]
            headers = list(message.get("headers", ()))
            present = {name.lower() for name, _value in headers}
            headers += [pair for pair in self._defaults if pair[0] not in present]
            headers.append((b"x-request-id", self.request_id.encode()))
            if self.status == TooSlow.status:
                headers.append((b"connection", b"close"))
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


def _random_ids() -> Iterator[str]:
    """24 hexadecimal digits each.  Drawn many at a time: each call to the system gives the interpreter's lock away, and
    beside a busy writer it took a tenth of a millisecond to have it back."""
    while True:
        drawn = os.urandom(12 * 256).hex()
        yield from (drawn[at : at + 24] for at in range(0, len(drawn), 24))
