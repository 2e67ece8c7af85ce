"""The limit of live delivery: a bare loop that writes what is posted to everybody connected, and does nothing else.

`python -m benchmarks.fanout [--core N]` prints its port.  It parses no HTTP, knows nobody, and keeps nothing.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re

LENGTH = re.compile(rb"content-length: ([0-9]+)", re.IGNORECASE)


class Peer(asyncio.Protocol):
    """A subscriber, or the poster."""

    def __init__(self, peers: set[asyncio.Transport]) -> None:
        self._peers = peers
        self._text = b""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Somebody is there."""
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """A GET subscribes; a POST that has come in whole goes to all who did."""
        self._text += data
        head, found, body = self._text.partition(b"\r\n\r\n")
        if not found:
            return
        if head.startswith(b"GET"):
            self._text = b""
            self._peers.add(self._transport)
            self._transport.write(b"retry: 2000\n\n")
            return
        length = LENGTH.search(head)
        if length is None or len(body) < int(length[1]):
            return
        self._text = b""
        for peer in self._peers:
            peer.write(b"data: " + body + b"\n\n")
        self._transport.write(b"HTTP/1.1 201 Created\r\ncontent-length: 0\r\n\r\n")

    def connection_lost(self, exc: Exception | None) -> None:
        """Somebody is gone."""
        self._peers.discard(self._transport)


async def serve() -> None:
    """Until the process is ended."""
    peers: set[asyncio.Transport] = set()
    server = await asyncio.get_running_loop().create_server(lambda: Peer(peers), "127.0.0.1", 0, backlog=4096)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


def main() -> None:
    """On the core that is asked for."""
    import uvloop

    parser = argparse.ArgumentParser()
    parser.add_argument("--core", type=int, default=None)
    chosen = parser.parse_args()
    if chosen.core is not None:
        os.sched_setaffinity(0, {chosen.core})
    uvloop.run(serve())


if __name__ == "__main__":
    main()
