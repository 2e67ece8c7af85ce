"""One client's WebSocket: a bounded queue towards it, bounded messages from it, and an Origin that is allowed.

What is put is never waited for: a reader so slow that its queue fills is cut off (1013) and may come back and resume,
so that it can hold up nobody else.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, nullcontext, suppress
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import msgspec
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from gatebook.domain.access import Principal
from gatebook.domain.errors import Forbidden
from gatebook.http.limits import holding
from gatebook.http.watch import SEND_TIMEOUT_S, Watch

QUEUE_MESSAGES = 1024
QUEUE_BYTES = 16 * 1024 * 1024
MESSAGE_BYTES = 1024 * 1024

GOING_AWAY = 1001
POLICY = 1008
TOO_BIG = 1009
TRY_AGAIN = 1013
"""Source: RFC 6455 section 7.4.1 and the IANA WebSocket close code registry."""


def check_origin(websocket: WebSocket, allowed: Iterable[str] = ()) -> None:
    """Raise Forbidden for a page of another host; a client without Origin is no browser, and passes.

    `allowed` are further origins, such as `https://console.example`, beside those of the server's settings; `*` is any.
    """
    origin = websocket.headers.get("origin")
    if origin is None:
        return
    known = {one.rstrip("/").lower() for one in (*allowed, *websocket.scope.get("gatebook.origins", ()))}
    own = websocket.headers.get("host", "").lower()
    if "*" in known or origin.lower() in known or (urlsplit(origin).netloc.lower() == own and own):
        return
    raise Forbidden(f"Origin {origin[:100]}: not a page of this server; add it to the allowed origins")


class Line:
    """An accepted socket.  Iterate over it for what the client says; `put` what it shall hear."""

    def __init__(
        self,
        websocket: WebSocket,
        *,
        queue_messages: int = QUEUE_MESSAGES,
        queue_bytes: int = QUEUE_BYTES,
        message_bytes: int = MESSAGE_BYTES,
        send_timeout_s: float = SEND_TIMEOUT_S,
    ) -> None:
        self._websocket = websocket
        self._waiting: deque[bytes] = deque()
        self._places, self._room = queue_messages, queue_bytes
        self._news = asyncio.Event()
        self._freed = asyncio.Event()
        self._message_bytes = message_bytes
        self._send_timeout_s = send_timeout_s
        self._ended = asyncio.Event()
        self._code, self._reason = 1000, ""
        self._writer: asyncio.Task[None] | None = None
        self._watch = Watch(self._late, send_timeout_s)

    @property
    def ended(self) -> asyncio.Event:
        """Set when this line is over, from whichever side; what feeds it should stop then."""
        return self._ended

    def put(self, message: object) -> bool:
        """Queue a message (a Struct, or JSON bytes); False when the line has ended, or ends now for being too slow."""
        text = message if isinstance(message, bytes) else msgspec.json.encode(message)
        if self._ended.is_set():
            return False
        if len(self._waiting) >= self._places or len(text) > self._room:
            self._late()
            return False
        self._room -= len(text)
        self._waiting.append(text)
        self._news.set()
        return True

    async def room(self, size: int) -> bool:
        """Wait until a message of so many bytes fits, for whom can wait; False when the line has ended.

        A reader that takes longer than the time for one message is cut off, and ends the wait.
        """
        while not self._ended.is_set() and self._waiting and (len(self._waiting) >= self._places or size > self._room):
            self._freed.clear()
            await self._freed.wait()
        return not self._ended.is_set()

    async def say(self, text: bytes) -> bool:
        """Send JSON bytes, for the one who feeds a line alone and can wait; False when the line has ended.

        Past the queue: nothing else may be put.  A reader that takes longer than the time for one message is cut off.
        """
        return not self._ended.is_set() and await self._sent(text) and not self._ended.is_set()

    def end(self, code: int = 1000, reason: str = "") -> None:
        """End the line; only the first code and reason count.  What is queued is sent before an end of 1000."""
        if not self._ended.is_set():
            self._code, self._reason = code, reason
            self._ended.set()
            self._news.set()
            self._freed.set()

    async def __aenter__(self) -> Self:
        self._writer = asyncio.create_task(self._write())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()
        assert self._writer is not None
        if self._code != 1000 or kind is not None:
            self._writer.cancel()
        with suppress(asyncio.CancelledError):
            await self._writer
        self._watch.close()
        if kind is None:
            await self._close()

    async def __aiter__(self) -> AsyncIterator[str]:
        """What the client says, message by message, until either side ends; binary messages are read as UTF-8."""
        ending = asyncio.create_task(self._over())
        try:
            while (text := await self._next(ending)) is not None:
                yield text
        finally:
            ending.cancel()

    async def _next(self, ending: asyncio.Task[None]) -> str | None:
        hearing = asyncio.ensure_future(self._websocket.receive())
        await asyncio.wait({hearing, ending}, return_when=asyncio.FIRST_COMPLETED)
        if not hearing.done():
            hearing.cancel()
            with suppress(asyncio.CancelledError, WebSocketDisconnect):
                await hearing
            return None
        message = hearing.result()
        if message["type"] == "websocket.disconnect":
            self.end(1000)
            return None
        said: str | bytes = message.get("text") or message.get("bytes") or ""
        if len(said) > self._message_bytes:
            self.end(TOO_BIG, f"a message holds at most {self._message_bytes} bytes")
            return None
        if isinstance(said, str):
            return said
        try:
            return said.decode()
        except UnicodeDecodeError:
            self.end(POLICY, "messages are UTF-8")
            return None

    async def _over(self) -> None:
        """Wait for the end: ours, or that of the whole server."""
        closing: asyncio.Event | None = self._websocket.scope.get("gatebook.closing")
        if closing is None:
            await self._ended.wait()
            return
        waits = [asyncio.create_task(self._ended.wait()), asyncio.create_task(closing.wait())]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
        self.end(GOING_AWAY, "the server is stopping; come back and resume")

    async def _write(self) -> None:
        """Send what is queued, in order; ends the line when one message takes too long, or the client is gone."""
        while True:
            while self._waiting:
                text = self._waiting.popleft()
                if not await self._sent(text):
                    return
                self._room += len(text)
                self._freed.set()
            if self._ended.is_set():
                return
            self._news.clear()
            await self._news.wait()

    async def _sent(self, text: bytes) -> bool:
        try:
            with self._watch:
                await self._websocket.send({"type": "websocket.send", "text": text.decode()})
        except (WebSocketDisconnect, RuntimeError, OSError):
            self.end(1000)
            return False
        return True

    def _late(self) -> None:
        self.end(TRY_AGAIN, "reading too slowly; come back and resume")

    async def _close(self) -> None:
        """Say goodbye, if there is still somebody; a reader that reads nothing is not waited for."""
        if self._websocket.application_state is WebSocketState.CONNECTED:
            with suppress(RuntimeError, OSError, TimeoutError, WebSocketDisconnect):
                async with asyncio.timeout(self._send_timeout_s):
                    await self._websocket.close(self._code, self._reason)


@asynccontextmanager
async def open_line(
    websocket: WebSocket,
    *,
    origins: Iterable[str] = (),
    principal: Principal | None = None,
    subprotocol: str | None = None,
    **limits: int,
) -> AsyncIterator[Line]:
    """Check the Origin, accept, and talk; closes at the end of the block, whoever ended it.

    `principal`: whose socket it is, where that is known by now; TooMany where too many of theirs are open.  Where it
    is learnt later, the handler counts it with `limits.holding`.
    """
    check_origin(websocket, origins)
    with holding(websocket.scope, principal) if principal else nullcontext():
        await websocket.accept(subprotocol)
        async with Line(websocket, **limits) as line:
            yield line
