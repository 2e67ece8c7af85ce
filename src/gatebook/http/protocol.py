"""HTTP/1.1 on one connection, with bounds that uvicorn leaves open: how long a head may take, and how large it is."""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

HEAD_BYTES = 32 * 1024
HEAD_TIMEOUT_S = 10.0
"""For a request's line and headers, from the connection or from their first byte."""
LEFTOVER_TIMEOUT_S = 5.0
"""For a body that nobody waits for any more, its request being answered."""
STALLED_S = 30.0
"""For a client that reads nothing at all of what waits for it; one that reads slowly is waited for."""

_TOO_LARGE = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-type: text/plain; charset=utf-8\r\n"
    b"content-length: 45\r\nconnection: close\r\n\r\nThe request's head is larger than 32768 bytes"
)


class Connection:
    """One connection, as long as it lives: what belongs to it alone is kept by it, and goes with it."""

    __slots__ = ("__weakref__",)


class BoundedHttp(HttpToolsProtocol):
    """Closes a connection whose head does not come, and refuses one whose head does not end."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._head_bytes = 0
        self._in_head = True
        self._deadline: asyncio.TimerHandle | None = None
        self._unsent = 0
        self._stalled: asyncio.TimerHandle | None = None
        self._connection = Connection()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A connection is there; its first head must come soon."""
        super().connection_made(transport)
        self._close_in(HEAD_TIMEOUT_S)

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone."""
        self._cancel()
        self._flows()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """The client reads more slowly than is written."""
        super().pause_writing()
        self._unsent = self.transport.get_write_buffer_size()
        self._stalled = self.loop.call_later(STALLED_S, self._look)

    def resume_writing(self) -> None:
        """The client has read what waited for it."""
        self._flows()
        super().resume_writing()

    def data_received(self, data: bytes) -> None:
        """More bytes; a head that goes on beyond its bound is refused."""
        self._head_bytes += len(data)
        super().data_received(data)
        if self._in_head and self._head_bytes > HEAD_BYTES and not self.transport.is_closing():
            self._refuse()

    def on_message_begin(self) -> None:
        """A head begins."""
        super().on_message_begin()
        self.scope["gatebook.connection"] = self._connection  # type: ignore[typeddict-unknown-key]
        self._in_head = True
        if self._deadline is None:
            self._close_in(HEAD_TIMEOUT_S)

    def on_headers_complete(self) -> None:
        """A head has ended; what was too large, but came in one piece, is refused here."""
        self._in_head, self._head_bytes = False, 0
        self._cancel()
        if len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers) > HEAD_BYTES:
            self._refuse()
            return
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """A piece of a body; of none that was refused."""
        if not self.transport.is_closing():
            super().on_body(body)

    def on_message_complete(self) -> None:
        """A request has come in whole."""
        self._cancel()
        self._head_bytes = 0
        if not self.transport.is_closing():
            super().on_message_complete()

    def on_response_complete(self) -> None:
        """A request is answered; the rest of a body that was not read is not waited for."""
        unread = self.cycle is not None and self.cycle.more_body
        super().on_response_complete()
        if unread and not self.transport.is_closing():
            self._close_in(LEFTOVER_TIMEOUT_S)

    def _refuse(self) -> None:
        self.transport.write(_TOO_LARGE)
        self.transport.close()

    def _look(self) -> None:
        """End the connection of a client that has read nothing since the last look."""
        unsent = self.transport.get_write_buffer_size()
        if unsent >= self._unsent:
            self.transport.abort()
            return
        self._unsent = unsent
        self._stalled = self.loop.call_later(STALLED_S, self._look)

    def _flows(self) -> None:
        if self._stalled is not None:
            self._stalled.cancel()
            self._stalled = None

    def _close_in(self, seconds: float) -> None:
        self._cancel()
        self._deadline = self.loop.call_later(seconds, self.timeout_keep_alive_handler)

    def _cancel(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
