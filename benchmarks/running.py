"""Starts and ends the processes that are measured, and sends them what the client was told to send."""

from __future__ import annotations

import http.client
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec

from benchmarks.client import Plan, Report, Request
from benchmarks.options import CLIENT_CORE, SERVER_CORE

ROOT = Path(__file__).parents[1]
START_WITHIN_S = 60.0


@dataclass(frozen=True, slots=True)
class Running:
    """A server that answers."""

    port: int
    process: subprocess.Popen[bytes]
    started_s: float
    """From the start of its process to its first answer."""

    def memory_mb(self) -> dict[str, float]:
        """What it has in memory: `VmRSS` all, `RssAnon` its own, `RssFile` pages of files that the kernel may drop."""
        lines = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        fields = (line.split() for line in lines if line.startswith(("VmRSS", "RssAnon", "RssFile")))
        return {name.rstrip(":"): int(size) / 1024 for name, size, _unit in fields}

    def kill(self) -> None:
        """As a power cut would, but for the disk."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


@contextmanager
def serving(store: Path, *arguments: str, pin: bool = True) -> Iterator[Running]:
    """A server of this store in a process of its own."""
    core = ("--core", str(min(SERVER_CORE))) if pin else ()
    begun = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.server", str(store), *core, *arguments], cwd=ROOT, stdout=subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        answered(port)
        yield Running(port, process, time.perf_counter() - begun)
    finally:
        process.terminate()
        process.communicate(timeout=60)


def answered(port: int, path: str = "/healthz", headers: dict[str, str] | None = None) -> bytes:
    """The first answer of a server that may not be up yet; ConnectionError where it does not come."""
    until = time.monotonic() + START_WITHIN_S
    while True:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=START_WITHIN_S)
        try:
            connection.request("GET", path, headers=headers or {})
            answer = connection.getresponse()
            body = answer.read()
            if answer.status >= 300:
                raise ConnectionError(f"{path}: {answer.status} {body[:300]!r}")
            return body
        except ConnectionRefusedError:
            if time.monotonic() > until:
                raise
            time.sleep(0.005)
        finally:
            connection.close()


def sent(port: int, connections: Sequence[Sequence[Request]], stop_s: float | None = None) -> Report:
    """What a client in a process of its own found; a refused request is an error here."""
    plan = Plan(port, [list(requests) for requests in connections], min(CLIENT_CORE), stop_s)
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.client"],
        cwd=ROOT,
        input=msgspec.msgpack.encode(plan),
        stdout=subprocess.PIPE,
        check=True,
    )
    report = msgspec.msgpack.decode(done.stdout, type=Report)
    if report.refused:
        raise ConnectionError(f"{report.refused} requests were refused: {report.first_refusal}")
    return report


def get(path: str, key: str = "", label: str = "", token: str = "") -> Request:
    """A GET of that path, signed with a key or a token where one is given."""
    return Request(label or path, f"GET {path} HTTP/1.1\r\nHost: localhost\r\n{_signed(key, token)}\r\n".encode())


def post(path: str, key: str, body: bytes, media: str, label: str = "post", token: str = "") -> Request:
    """A POST of that body, signed with a key or, where there is none, a token."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\n{_signed(key, token)}"
        f"Content-Type: {media}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return Request(label, head.encode() + body)


def _signed(key: str, token: str) -> str:
    return f"X-API-Key: {key}\r\n" if key else f"Authorization: Bearer {token}\r\n" if token else ""
