"""A connection is bounded: its head, the time of its head, its body's time; and what a proxy says of its client."""

from __future__ import annotations

import logging
import socket
import time
from contextlib import suppress

import httpx
import pytest

from gatebook.http import Request, Response, protocol
from gatebook.http.dialect import Operation
from gatebook.http.lifespan import Lifespan
from gatebook.http.middleware import Edge
from gatebook.http.mount import Mount
from gatebook.http.server import running
from gatebook.http.wire import read_body
from tests.http.serving import app_of, raw, serving


async def swallow(request: Request) -> Response:
    return Response(str(len(await read_body(request))))


async def tell(request: Request) -> Response:
    return Response(f"{request.client.host if request.client else ''} {request.scope['scheme']}")


POST = Operation(method="POST", path="/sample", handler=swallow, summary="", public=True)
GET = Operation(method="GET", path="/sample", handler=tell, summary="", public=True)
HEAD = b"POST /sample HTTP/1.1\r\nHost: x\r\n"


def test_a_head_that_does_not_end_is_refused_at_its_bound() -> None:
    with serving(app_of(POST)) as client:
        endless = raw(client, HEAD + b"X-Long: " + b"a" * 70_000)
        many = raw(client, HEAD + b"".join(b"X-%d: 1\r\n" % number for number in range(9_000)) + b"\r\n")

    assert endless.startswith(b"HTTP/1.1 431 ")
    assert many.startswith(b"HTTP/1.1 431 ")


def test_a_head_that_does_not_come_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "HEAD_TIMEOUT_S", 0.3)
    with serving(app_of(POST)) as client:
        begun = time.monotonic()
        silent, half = raw(client, b""), raw(client, HEAD)
        took = time.monotonic() - begun

    assert (silent, half) == (b"", b"")
    assert took < 10


def test_a_head_that_drips_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "HEAD_TIMEOUT_S", 0.3)
    with (
        serving(app_of(POST)) as client,
        socket.create_connection((client.base_url.host, client.base_url.port or 80), timeout=0.05) as connection,
    ):
        until, closed = time.monotonic() + 10, False
        while not closed and time.monotonic() < until:
            try:
                connection.sendall(b"X")
                closed = connection.recv(1) == b""
            except TimeoutError:
                continue
            except OSError:
                closed = True

    assert closed


def test_a_connection_serves_one_request_after_another_beyond_the_time_of_a_head(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(protocol, "HEAD_TIMEOUT_S", 0.2)
    with serving(app_of(POST)) as client:
        answers = []
        for _ in range(3):
            answers.append(client.post("/sample", content=b"four").text)
            time.sleep(0.15)

    assert answers == ["4", "4", "4"]


LARGE = 30_000_000


async def give_much(_request: Request) -> Response:
    return Response(b"x" * LARGE)


def test_a_client_that_reads_nothing_is_cut_off_and_one_that_reads_slowly_is_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(protocol, "STALLED_S", 0.5)
    much = Operation(method="GET", path="/sample", handler=give_much, summary="", public=True)
    with serving(app_of(much)) as client:
        address = (client.base_url.host, client.base_url.port or 80)
        ask = b"GET /sample HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        idle, slowly = received(address, ask, first_s=2.0, each_s=0.0), received(address, ask, first_s=0.0, each_s=0.02)

    assert idle < LARGE
    assert slowly > LARGE


def received(address: tuple[str, int], ask: bytes, *, first_s: float, each_s: float) -> int:
    """How many bytes come, to one who waits before reading, and again after each 400 kB."""
    total = 0
    with socket.create_connection(address, timeout=20) as connection:
        connection.sendall(ask)
        time.sleep(first_s)
        with suppress(ConnectionResetError):
            while piece := connection.recv(400_000):
                total += len(piece)
                time.sleep(each_s)
    return total


def slow(app: Mount, body_s: float) -> object:
    return running(lambda closing: Lifespan(Edge(app, closing=closing, body_s=body_s)))


def test_a_body_that_drips_is_refused_and_its_connection_closed() -> None:
    with slow(app_of(POST), 0.3) as url, httpx.Client(base_url=url) as client:  # type: ignore[attr-defined]
        answer = raw(client, HEAD + b"Content-Length: 1000\r\n\r\nfirst")

    head, _blank, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 408 ")
    assert b"connection: close" in head.lower()
    assert b"within 0.3 s" in body


def test_a_body_that_comes_in_time_is_read() -> None:
    with slow(app_of(POST), 5.0) as url, httpx.Client(base_url=url) as client:  # type: ignore[attr-defined]
        assert client.post("/sample", content=b"x" * 5_000_000).text == "5000000"


FORWARDED = {
    "the last that is no proxy": ({"X-Forwarded-For": "1.1.1.1, 198.51.100.7, 10.0.0.9"}, "198.51.100.7"),
    "with its port": ({"X-Forwarded-For": "198.51.100.7:5555"}, "198.51.100.7"),
    "of version 6": ({"X-Forwarded-For": "[2001:db8::7]:443"}, "2001:db8::7"),
    "none at all": ({}, "127.0.0.1"),
}


@pytest.mark.parametrize("case", FORWARDED)
def test_a_trusted_proxy_tells_who_asks(case: str) -> None:
    headers, told = FORWARDED[case]
    app = app_of(GET)
    with running(lambda closing: Lifespan(Edge(app, closing=closing)), trusted_proxies="127.0.0.1,10.0.0.0/8") as url:
        answer = httpx.get(f"{url}/sample", headers={**headers, "X-Forwarded-Proto": "https"})

    assert answer.text == f"{told} https"
    assert "strict-transport-security" in answer.headers


def test_lines_of_a_client_and_of_its_proxy_are_read_together() -> None:
    app = app_of(GET)
    with running(lambda closing: Lifespan(Edge(app, closing=closing)), trusted_proxies="127.0.0.1") as url:
        lines = [("X-Forwarded-For", "6.6.6.6"), ("X-Forwarded-For", "198.51.100.7")]
        answer = httpx.get(f"{url}/sample", headers=lines)

    assert answer.text == "198.51.100.7 http"


@pytest.mark.parametrize("trusted", ["", "10.0.0.0/8"])
def test_nobody_else_is_believed(trusted: str) -> None:
    app = app_of(GET)
    with running(lambda closing: Lifespan(Edge(app, closing=closing)), trusted_proxies=trusted) as url:
        headers = {"X-Forwarded-For": "198.51.100.7", "X-Forwarded-Proto": "https"}
        answer = httpx.get(f"{url}/sample", headers=headers)

    assert answer.text == "127.0.0.1 http"
    assert "strict-transport-security" not in answer.headers


def test_every_answer_forbids_to_be_a_page(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR), serving(app_of(GET)) as client:
        answers = [client.get("/sample"), client.get("/nowhere"), client.post("/sample")]
        page = client.get("/docs/")

    assert all(answer.headers["content-security-policy"].startswith("default-src 'none'") for answer in answers)
    assert "style-src 'self'" in page.headers["content-security-policy"]
    assert "script-src 'self'" in page.headers["content-security-policy"]
    assert "unsafe" not in page.headers["content-security-policy"]
    assert "script" not in answers[0].headers["content-security-policy"]
