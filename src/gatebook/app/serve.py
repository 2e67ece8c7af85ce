"""Runs the server: takes its port, opens the store, says where it is, and stops in good order."""

from __future__ import annotations

import errno
import logging
import signal
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from ipaddress import ip_address

from gatebook.app import logs
from gatebook.app.build import App, build
from gatebook.app.settings import Server as ServerSettings
from gatebook.app.settings import Settings
from gatebook.domain.errors import Refused
from gatebook.http.lifespan import Lifespan
from gatebook.http.server import server_of

log = logging.getLogger(__name__)

Started = Callable[[App, str], None]
"""Called once, when requests are answered, with the server's address."""


def serve(settings: Settings, started: Started, *, listening: socket.socket | None = None, demo: bool = False) -> None:
    """Serve until SIGTERM or SIGINT; requests under way are finished, streams and sockets are ended.

    Raises Refused where the port is taken, Broken where the store cannot be used.  `listening`: a port already taken.
    """
    logs.set_up(settings.log)
    logging.getLogger("uvicorn").setLevel(max(logging.getLogger().level, logging.WARNING))
    taken = listening or listen(settings.server.host, settings.server.port)
    with taken:
        app = build(settings, demo=demo)
        address = address_of(settings.server, taken)
        server = settings.server
        if server.tls_cert is None and not is_loopback(taken):
            log.warning("requests and keys cross the network unencrypted; set server.tls_cert and server.tls_key")

        @asynccontextmanager
        async def telling() -> AsyncIterator[None]:
            async with app.life():
                started(app, address)
                yield

        running = server_of(
            Lifespan(app.edge, telling),
            app.closing,
            host=server.host,
            port=server.port,
            certificate=server.tls_cert,
            key=server.tls_key,
            trusted_proxies=",".join(server.trusted_proxies),
        )
        for number in (signal.SIGTERM, signal.SIGINT):  # raised once more when the server has stopped
            signal.signal(number, lambda *_: None)
        running.run(sockets=[taken])


def listen(host: str, port: int) -> socket.socket:
    """A socket that queues connections; Refused, in one line, where that address cannot be had."""
    try:
        family, _kind, _protocol, _name, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        return socket.create_server(address[:2], family=family)
    except socket.gaierror as error:
        raise Refused(f"server.host: {host} is not an address of this machine; give one that is") from error
    except OSError as error:
        match error.errno:
            case errno.EADDRINUSE:
                raise Refused(f"port {port} on {host} is taken; stop what listens there, or give --port") from error
            case errno.EACCES:
                raise Refused(
                    f"port {port} needs a privilege that this user has not; give --port 1024 or more"
                ) from error
            case errno.EADDRNOTAVAIL:
                raise Refused(f"server.host: {host} is not an address of this machine; give one that is") from error
        raise


def address_of(settings: ServerSettings, listening: socket.socket) -> str:
    """Where clients find the server: the configured base URL, else scheme, host and the port really taken."""
    if settings.base_url is not None:
        return settings.base_url.rstrip("/")
    host, port = listening.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    return f"{'http' if settings.tls_cert is None else 'https'}://{shown}:{port}"


def is_loopback(listening: socket.socket) -> bool:
    """Whether only this machine can connect."""
    return ip_address(listening.getsockname()[0].partition("%")[0]).is_loopback
