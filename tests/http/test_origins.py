"""Pages of other hosts open no socket, whatever its handler does; those that the settings name do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from gatebook.http import WebSocket
from gatebook.http.dialect import Socket
from gatebook.http.lifespan import Lifespan
from gatebook.http.middleware import Edge
from gatebook.http.server import running
from tests.http.serving import app_of


async def careless(websocket: WebSocket) -> None:
    """Accepts without asking where it comes from."""
    await websocket.accept()
    await websocket.send_text("hello")
    await websocket.close()


@contextmanager
def listening(*origins: str) -> Iterator[str]:
    app = app_of(sockets=[Socket(path="/sample/talk", handler=careless, summary="")])
    with running(lambda closing: Lifespan(Edge(app, closing=closing, origins=origins))) as url:
        yield url


def greeted(url: str, origin: str | None) -> str:
    with connect(f"{url.replace('http', 'ws', 1)}/sample/talk", origin=origin) as socket:  # type: ignore[arg-type]
        return str(socket.recv(timeout=10))


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://127.0.0.1:1", "http://127.0.0.1.evil.example"]
)
def test_a_page_of_another_host_is_refused_before_the_handler(origin: str) -> None:
    with listening() as url, pytest.raises(InvalidStatus) as refusal:
        greeted(url, origin)

    assert refusal.value.response.status_code == 403


def test_a_page_of_the_server_and_a_program_without_origin_are_let_in() -> None:
    with listening() as url:
        assert greeted(url, url) == greeted(url, None) == "hello"


def test_an_origin_that_is_set_is_let_in_and_its_neighbours_are_not() -> None:
    with listening("https://console.example") as url:
        assert greeted(url, "https://console.example") == "hello"
        for neighbour in ("http://console.example", "https://console.example:8443", "https://a.console.example"):
            with pytest.raises(InvalidStatus):
                greeted(url, neighbour)
