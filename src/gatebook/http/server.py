"""Runs an app on a port: uvicorn with Gatebook's limits, and an end that streams and sockets hear of."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp

from gatebook.http.protocol import BoundedHttp

log = logging.getLogger("gatebook.http")

KEEP_ALIVE_S = 75
"""For the next request on a connection; above the 60 s after which most proxies give up, so that they close first."""
CERTIFICATE_EVERY_S = 10.0
"""How often the certificate's files are looked at."""
STOP_WITHIN_S = 10
START_WITHIN_S = 30.0


class Server(uvicorn.Server):
    """One server; sets `closing` before it waits for its clients, so that streams end and hold up nothing."""

    def __init__(self, config: uvicorn.Config, closing: asyncio.Event) -> None:
        super().__init__(config)
        self._closing = closing
        self._certificate_age = _age_of(config)
        self._looked_at = time.monotonic()

    async def on_tick(self, counter: int) -> bool:
        """Ten times a second; now and then, see whether the certificate was renewed."""
        if time.monotonic() - self._looked_at >= CERTIFICATE_EVERY_S:
            self._looked_at = time.monotonic()
            self.renew()
        return await super().on_tick(counter)

    def renew(self) -> None:
        """Take up a certificate whose files have changed, for connections from now on; a bad one leaves the old."""
        age = _age_of(self.config)
        if age == self._certificate_age or not isinstance(self.config.ssl, ssl.SSLContext):
            return
        self._certificate_age = age
        files = (str(self.config.ssl_certfile), self.config.ssl_keyfile)
        try:
            ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(*files)
            self.config.ssl.load_cert_chain(*files)
        except OSError as error:
            log.error("the renewed certificate cannot be used, and the old one goes on: %s", error)
        else:
            log.info("the renewed certificate is in use")

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
        http=BoundedHttp,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=STOP_WITHIN_S,
        lifespan="on",
    )
    return Server(config, closing)


def _age_of(config: uvicorn.Config) -> tuple[int, ...]:
    """When the certificate's files were changed; empty where there are none, or where they cannot be seen just now."""
    try:
        return tuple(os.stat(path).st_mtime_ns for path in (config.ssl_certfile, config.ssl_keyfile) if path)
    except OSError:
        return ()


@contextmanager
def running(
    make: Callable[[asyncio.Event], ASGIApp],
    *,
    certificate: str | None = None,
    key: str | None = None,
    trusted_proxies: str = "",
) -> Iterator[str]:
    """Serve what `make(closing)` returns, in a thread of its own on a free port of 127.0.0.1; yields the base URL."""
    listening = socket.create_server(("127.0.0.1", 0))
    closing = asyncio.Event()
    server = server_of(make(closing), closing, certificate=certificate, key=key, trusted_proxies=trusted_proxies)
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
        yield f"{'https' if certificate else 'http'}://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(STOP_WITHIN_S * 2)
        listening.close()
