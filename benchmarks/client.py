"""Sends requests that were made beforehand and times the answers, in a process and on a core of its own.

Reads a `Plan` (msgpack) from standard input, writes a `Report` to standard output.  Each connection sends its requests
one after the other, the next when the last is answered; it does no more with an answer than find its end.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time

import msgspec

LAST_CHUNK = b"\r\n0\r\n\r\n"


class Request(msgspec.Struct, frozen=True, array_like=True):
    """The bytes to send, head and body, and the name under which its time is reported."""

    label: str
    sent: bytes


class Plan(msgspec.Struct, frozen=True):
    """What each connection sends, and for how long at most; `stop_s` None: until every request is answered."""

    port: int
    connections: list[list[Request]]
    core: int | None = None
    stop_s: float | None = None


class Report(msgspec.Struct, frozen=True):
    """Seconds of each answer by label, how many were refused, and how long all of it took."""

    times_s: dict[str, list[float]]
    refused: int
    took_s: float
    first_refusal: str = ""


class Connection(asyncio.Protocol):
    """One connection with its list of requests."""

    def __init__(self, requests: list[Request], until: float, report: Report, refusals: list[bytes]) -> None:
        self._left = iter(requests)
        self._until = until
        self._report = report
        self._refusals = refusals
        self._answer = bytearray()
        self._wanted = 0
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begins at once."""
        self._transport: asyncio.Transport = transport  # type: ignore[assignment]
        self._next()

    def data_received(self, data: bytes) -> None:
        """Collects one answer."""
        self._answer += data
        if not self._wanted and not self._measure():
            return
        if self._wanted < 0:
            if self._answer.endswith(LAST_CHUNK):
                self._finish()
        elif len(self._answer) >= self._wanted:
            self._finish()

    def connection_lost(self, error: Exception | None) -> None:
        """Ends the connection's part."""
        if not self.done.done():
            self.done.set_exception(error or ConnectionError("the server closed the connection"))

    def _measure(self) -> bool:
        """Whether the answer's head is there: then how long the whole is, or -1 where it comes in chunks."""
        head = self._answer.find(b"\r\n\r\n")
        if head < 0:
            return False
        lower = bytes(self._answer[:head]).lower()
        at = lower.find(b"content-length:") + 15
        end = lower.find(b"\r\n", at)
        self._wanted = -1 if at < 15 else head + 4 + int(lower[at : end if end > 0 else None])
        return True

    def _finish(self) -> None:
        now = time.perf_counter()
        self._report.times_s.setdefault(self._request.label, []).append(now - self._begun)
        if self._answer[9:10] != b"2":
            self._refusals.append(bytes(self._answer[:600]))
        self._next()

    def _next(self) -> None:
        request = next(self._left, None)
        if request is None or time.perf_counter() > self._until:
            self.done.set_result(None)
            self._transport.close()
            return
        self._request = request
        self._answer.clear()
        self._wanted = 0
        self._begun = time.perf_counter()
        self._transport.write(request.sent)


async def run(plan: Plan) -> Report:
    """Carries out the plan."""
    loop = asyncio.get_running_loop()
    begun = time.perf_counter()
    until = begun + (plan.stop_s or 1e9)
    report, refusals = Report({}, 0, 0.0), list[bytes]()
    made = [
        await loop.create_connection(lambda r=requests: Connection(r, until, report, refusals), "127.0.0.1", plan.port)  # type: ignore[misc]
        for requests in plan.connections
    ]
    await asyncio.gather(*(protocol.done for _, protocol in made))
    told = refusals[0].decode(errors="replace") if refusals else ""
    return Report(report.times_s, len(refusals), time.perf_counter() - begun, told)


def main() -> None:
    """One plan, one report."""
    import uvloop

    plan = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=Plan)
    if plan.core is not None:
        os.sched_setaffinity(0, {plan.core})
    sys.stdout.buffer.write(msgspec.msgpack.encode(uvloop.run(run(plan))))


if __name__ == "__main__":
    main()
