from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from gatebook.domain.errors import Conflict
from gatebook.http import WebSocket
from gatebook.http.dialect import Socket
from gatebook.http.mount import Mount
from gatebook.http.sockets import Line, open_line
from tests.http.serving import app_of, serve

Talk = Callable[[Line], Awaitable[None]]


def talks(talk: Talk, **limits: int) -> Mount:
    async def handler(websocket: WebSocket) -> None:
        async with open_line(websocket, **limits) as line:
            await talk(line)

    return app_of(sockets=[Socket(path="/sample/live", handler=handler, summary="")])


def calling(base_url: str, origin: str | None = None) -> ClientConnection:
    url = base_url.replace("http", "ws") + "/sample/live"
    return connect(url, origin=origin, max_size=None, compression=None)  # type: ignore[arg-type]


@contextmanager
def talking(talk: Talk, origin: str | None = None, **limits: int) -> Iterator[ClientConnection]:
    with serve(talks(talk, **limits)) as base_url, calling(base_url, origin) as socket:
        yield socket


async def echo(line: Line) -> None:
    async for text in line:
        line.put({"said": text})


def closed_with(socket: ClientConnection) -> tuple[int, str]:
    with suppress(ConnectionClosed):
        while True:
            socket.recv(timeout=20)
    return socket.close_code or 0, socket.close_reason or ""


def test_what_is_put_is_heard_in_order() -> None:
    async def count(line: Line) -> None:
        for number in range(100):
            line.put(number)

    with talking(count) as socket:
        assert [socket.recv(timeout=20) for _ in range(100)] == [str(number) for number in range(100)]
        assert closed_with(socket)[0] == 1000


def test_what_the_client_says_is_answered() -> None:
    with talking(echo) as socket:
        socket.send("hello")
        assert socket.recv(timeout=20) == '{"said":"hello"}'
        socket.send(b"binary")
        assert socket.recv(timeout=20) == '{"said":"binary"}'


def test_a_message_too_big_ends_the_line() -> None:
    with talking(echo, message_bytes=10) as socket:
        socket.send("x" * 11)

        assert closed_with(socket)[0] == 1009


def test_a_reader_too_slow_is_cut_off_and_holds_up_nobody() -> None:
    ended = threading.Event()

    async def flood(line: Line) -> None:
        while line.put(b'"' + b"x" * 100_000 + b'"'):
            await asyncio.sleep(0)
        ended.set()

    with talking(flood, queue_messages=20) as socket:
        assert ended.wait(20)  # nothing was read, and the server is done with it

        code, reason = closed_with(socket)

    assert (code, reason) == (1013, "reading too slowly; come back and resume")


def test_a_reader_too_slow_for_what_is_said_at_once_is_cut_off_too() -> None:
    ended = threading.Event()

    async def flood(line: Line) -> None:
        while await line.say(b'"' + b"x" * 100_000 + b'"'):
            await asyncio.sleep(0)
        ended.set()

    async def flooding(line: Line) -> None:
        saying = asyncio.create_task(flood(line))
        await line.ended.wait()
        saying.cancel()
        await asyncio.gather(saying, return_exceptions=True)
        ended.set()

    with talking(flooding, send_timeout_s=1) as socket:
        assert ended.wait(20)

        code, reason = closed_with(socket)

    assert (code, reason) == (1013, "reading too slowly; come back and resume")


def test_a_page_of_another_host_is_refused_in_the_shape_of_the_dialect() -> None:
    with pytest.raises(InvalidStatus) as refusal, talking(echo, origin="https://evil.example"):
        pass

    assert refusal.value.response.status_code == 403
    assert b'"title":"Not allowed"' in (refusal.value.response.body or b"")


def test_an_error_after_the_handshake_is_told_in_the_closing() -> None:
    async def refuse(_line: Line) -> None:
        raise Conflict("that name is taken")

    with talking(refuse) as socket:
        assert closed_with(socket) == (1008, "that name is taken")


def test_an_unforeseen_error_is_not_told() -> None:
    async def fail(_line: Line) -> None:
        raise RuntimeError("secret 4711")

    with talking(fail) as socket:
        assert closed_with(socket) == (1011, "something failed here")


def test_a_server_that_stops_says_so() -> None:
    with ExitStack() as served, calling(served.enter_context(serve(talks(echo)))) as socket:
        socket.send("hello")
        socket.recv(timeout=20)

        stopping = threading.Thread(target=served.close)
        stopping.start()
        code, _reason = closed_with(socket)
        stopping.join(20)

    assert code in (1001, 1012)  # ours or uvicorn's, whichever is first
