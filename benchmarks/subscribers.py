"""Many subscribers of the live stream and one poster, in a process of their own: how long each delivery takes.

Reads a `Plan` (msgpack) from standard input, writes all deliveries in units of 10 µs to standard output.
"""

from __future__ import annotations

import asyncio
import os
import re
import sys
import time

import msgspec

MARK = re.compile(rb'"tag":"at([0-9]+)"')
UPGRADE = (
    "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
)


class Plan(msgspec.Struct, frozen=True):
    """`bodies` are reports whose `"tag":"AT"` becomes the time of sending; one is sent each `pause_s`."""

    port: int
    key: str
    subscribers: int
    bodies: list[bytes]
    pause_s: float
    core: int | None = None
    socket: bool = False
    """By WebSocket instead of server-sent events."""


class Subscriber(asyncio.Protocol):
    """One connection to the stream; what a frame or a chunk begins with is not looked at."""

    def __init__(self, key: str, found: list[float], socket: bool) -> None:
        self._key = key
        self._socket = socket
        self._found = found
        self._rest = b""
        self.begun: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Asks for the stream."""
        path = "/v1/events/live" if self._socket else "/v1/events/stream"
        upgrade = UPGRADE if self._socket else ""
        head = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nX-API-Key: {self._key}\r\n{upgrade}\r\n"
        transport.write(head.encode())  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        """Notes when each event came."""
        now = time.perf_counter_ns()
        if not self.begun.done() and (b"retry:" in data or b" 101 " in data):
            self.begun.set_result(None)
        text = self._rest + data
        end = 0
        for met in MARK.finditer(text):
            self._found.append((now - int(met[1])) / 1e9)
            end = met.end()
        self._rest = text[max(end, len(text) - 40) :]


async def run(plan: Plan) -> list[float]:
    """Subscribes all, then posts one after the other."""
    loop = asyncio.get_running_loop()
    found: list[float] = []
    subscribers = []
    for _ in range(plan.subscribers):
        _, subscriber = await loop.create_connection(
            lambda: Subscriber(plan.key, found, plan.socket), "127.0.0.1", plan.port
        )
        await asyncio.wait_for(subscriber.begun, 30)
        subscribers.append(subscriber)
    reader, writer = await asyncio.open_connection("127.0.0.1", plan.port)
    for body in plan.bodies:
        begun = time.perf_counter()
        body = body.replace(b'"tag":"AT"', b'"tag":"at%d"' % time.perf_counter_ns())
        head = f"POST /v1/events HTTP/1.1\r\nHost: localhost\r\nX-API-Key: {plan.key}\r\n"
        head += "Content-Type: application/json\r\n"
        writer.write(head.encode() + b"Content-Length: %d\r\n\r\n" % len(body) + body)
        answer = await reader.readuntil(b"\r\n\r\n")
        if b" 201 " not in answer:
            raise ConnectionError(answer.decode(errors="replace"))
        length = re.search(rb"content-length: ([0-9]+)", answer.lower())
        await reader.readexactly(int(length[1]) if length else 0)
        await asyncio.sleep(max(0.0, plan.pause_s - (time.perf_counter() - begun)))
    until = time.monotonic() + 10
    while len(found) < plan.subscribers * len(plan.bodies) and time.monotonic() < until:
        await asyncio.sleep(0.05)
    return found


def main() -> None:
    """One plan, one list."""
    import uvloop

    plan = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=Plan)
    if plan.core is not None:
        os.sched_setaffinity(0, {plan.core})
    packed = msgspec.msgpack.encode([int(seconds * 1e5) for seconds in uvloop.run(run(plan))])
    sys.stdout.buffer.write(packed)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
