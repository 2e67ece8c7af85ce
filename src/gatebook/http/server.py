"""Runs an app on a port: uvicorn with Gatebook's limits, and an end that streams and sockets hear of."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp

HEAD_BYTES = 32 * 1024
STOP_WITHIN_S = 10
START_WITHIN_S = 30.0


class Server(uvicorn.Server):
    """One server; sets `closing` before it waits for its clients, so that streams end and hold up nothing."""

    def __init__(self, config: uvicorn.Config, closing: asyncio.Event) -> None:
        super().__init__(config)
        self._closing = closing

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Tell the streams, then finish the requests under way."""
        self._closing.set()
        await super().shutdown(sockets)


def server_of(
    app: ASGIApp,
    closing: asyncio.Event,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    certificate: str | None = None,
    key: str | None = None,
    trusted_proxies: str = "",
    message_bytes: int = 16 * 1024 * 1024,
) -> Server:
    """A server to be run; `trusted_proxies`: addresses, comma-separated, whose forwarding headers are believed."""
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(trusted_proxies),
        forwarded_allow_ips=trusted_proxies or None,
        ssl_certfile=certificate,
        ssl_keyfile=key,
        ws_max_size=message_bytes,
        ws_per_message_deflate=False,  # a compressed frame is inflated before its size is known
        h11_max_incomplete_event_size=HEAD_BYTES,
        timeout_graceful_shutdown=STOP_WITHIN_S,
        lifespan="on",
    )
    return Server(config, closing)


@contextmanager
def running(make: Callable[[asyncio.Event], ASGIApp]) -> Iterator[str]:
    """Serve what `make(closing)` returns, in a thread of its own on a free port of 127.0.0.1; yields the base URL."""
    listening = socket.create_server(("127.0.0.1", 0))
    closing = asyncio.Event()
    server = server_of(make(closing), closing)
    started = threading.Event()
    server_startup = server.startup

    async def startup(sockets: list[socket.socket] | None = None) -> None:
        await server_startup(sockets)
        started.set()

    server.startup = startup  # type: ignore[method-assign]
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    if not started.wait(START_WITHIN_S):
        raise TimeoutError("the server did not start")
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(STOP_WITHIN_S * 2)
        listening.close()
