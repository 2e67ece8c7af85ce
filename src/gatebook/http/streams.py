"""Answers that go on: server-sent events, and bodies written piece by piece.

Both pull from an iterator, so nothing piles up: a slow reader slows its own iterator, and is cut off when it takes
longer than `SEND_TIMEOUT_S` over one piece. They end when the client goes or the server begins to stop.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Mapping, Sequence
from contextlib import suppress

import msgspec
from msgspec import Struct
from starlette.background import BackgroundTask
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from gatebook.http.dialect import EVENT_STREAM
from gatebook.http.watch import SEND_TIMEOUT_S, Watch
from gatebook.services.tail import heard

HEARTBEAT_S = 15.0
RETRY_MS = 2000

_LINE_ENDS = str.maketrans("", "", "\r\n\0")


class ServerEvent(Struct, frozen=True):
    """One event of a stream; `id` comes back as `Last-Event-ID` when the client returns."""

    data: bytes
    """JSON or other text without line ends, UTF-8."""
    event: str = ""
    id: str = ""

    def encoded(self) -> bytes:
        """As it goes over the wire.  Source: WHATWG HTML, section 9.2.5 (event stream interpretation)."""
        head = (f"event: {self.event.translate(_LINE_ENDS)}\n" if self.event else "") + (
            f"id: {self.id.translate(_LINE_ENDS)}\n" if self.id else ""
        )
        lines = self.data.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
        return head.encode() + b"".join(b"data: " + line + b"\n" for line in lines) + b"\n"


class Ongoing(Response):
    """An answer that goes on for as long as its source does; counted among the streams of who asked."""

    source: AsyncIterator[object]

    async def abandon(self) -> None:
        """Let the source end, where the answer is not sent after all."""
        await _closed(self.source)


class EventStream(Ongoing):
    """A `text/event-stream` of batches; an idle stream sends a comment every `heartbeat_s` seconds.

    A batch in bytes is whole events as they go over the wire, so that many streams may share them.
    """

    def __init__(
        self,
        batches: AsyncIterator[Sequence[ServerEvent] | bytes],
        *,
        headers: Mapping[str, str] | None = None,
        heartbeat_s: float = HEARTBEAT_S,
        retry_ms: int = RETRY_MS,
        send_timeout_s: float = SEND_TIMEOUT_S,
    ) -> None:
        self.source = self._batches = batches
        self._heartbeat_s = heartbeat_s
        self._send_timeout_s = send_timeout_s
        self._hello = f"retry: {retry_ms}\n\n".encode()
        self.status_code = 200
        self.background: BackgroundTask | None = None
        self.body = b""
        self.media_type = EVENT_STREAM
        self.init_headers({"Cache-Control": "no-store", "X-Accel-Buffering": "no", **(headers or {})})
        del self.headers["content-length"]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send until the batches end, the client goes, it reads too slowly, or the server stops."""
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        await _in_time(send(_piece(self._hello)))
        late = asyncio.Event()
        watch = Watch(late.set, self._send_timeout_s)
        try:
            await first_of(scope, receive, self._push(send, watch), self._beat(send, late))
        finally:
            watch.close()
        with suppress(TimeoutError):
            await _in_time(send({"type": "http.response.body", "body": b"", "more_body": False}))

    async def _push(self, send: Send, watch: Watch) -> None:
        try:
            async for batch in self._batches:
                told = batch if isinstance(batch, bytes) else b"".join([one.encoded() for one in batch])
                if told:
                    with watch:
                        await send(_piece(told))
        finally:
            await _closed(self._batches)

    async def _beat(self, send: Send, late: asyncio.Event) -> None:
        """Until a message takes too long."""
        with suppress(TimeoutError):
            while not await heard(late, self._heartbeat_s):
                await _in_time(send(_piece(b": still here\n\n")))


class Pieces(Ongoing):
    """A body of unknown length, in pieces; an error in the middle cuts it off, so that nobody takes it for whole.

    The first piece is made before the status goes out: what fails by then is still an error of the dialect's.
    Make it with `await Pieces.begun(...)`.
    """

    def __init__(
        self, first: bytes, rest: AsyncIterator[bytes], status: int, headers: Mapping[str, str] | None, media: str
    ) -> None:
        super().__init__(None, status, headers, media)
        del self.headers["content-length"]
        self._first = first
        self.source = self._rest = rest

    @classmethod
    async def begun(
        cls,
        pieces: AsyncIterator[bytes],
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        media: str = "application/json",
    ) -> Pieces:
        """The answer, its first piece made."""
        return cls(await anext(pieces, b""), pieces, status, headers, media)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send all pieces; raises what the iterator raised, with the body left unfinished."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        await first_of(scope, receive, self._push(send))

    async def _push(self, send: Send) -> None:
        try:
            await _in_time(send(_piece(self._first)))
            async for piece in self._rest:
                await _in_time(send(_piece(piece)))
            await _in_time(send({"type": "http.response.body", "body": b"", "more_body": False}))
        finally:
            await _closed(self._rest)


def event_of(value: object, *, event: str = "", id: str = "") -> ServerEvent:
    """A server-sent event with `value` as its JSON."""
    return ServerEvent(msgspec.json.encode(value), event, id)


async def first_of(scope: Scope, receive: Receive, *works: Awaitable[None]) -> None:
    """Run all until the first ends, the client goes, or the server stops; cancels the rest; raises what one raised."""
    closing: asyncio.Event | None = scope.get("gatebook.closing")
    tasks = [asyncio.ensure_future(work) for work in works]
    tasks.append(asyncio.ensure_future(_gone(receive)))
    if closing is not None:
        tasks.append(asyncio.ensure_future(_wait(closing)))
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
    for outcome in ended:
        if isinstance(outcome, Exception):
            raise outcome


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _wait(closing: asyncio.Event) -> None:
    await closing.wait()


async def _closed(iterator: object) -> None:
    """Let a generator run its `finally` now, and not when it is collected."""
    close = getattr(iterator, "aclose", None)
    if close is not None:
        await close()


async def _in_time(sending: Awaitable[None]) -> None:
    async with asyncio.timeout(SEND_TIMEOUT_S):
        await sending


def _piece(body: bytes) -> Message:
    return {"type": "http.response.body", "body": body, "more_body": True}
