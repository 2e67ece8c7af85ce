from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import ExitStack

import httpx
import pytest

from gatebook.domain.errors import TookTooLong
from gatebook.http import Request, Response
from gatebook.http.dialect import Operation
from gatebook.http.mount import Mount
from gatebook.http.streams import EventStream, Pieces, ServerEvent, event_of
from tests.http.serving import app_of, serve, serving


def streaming(batches: AsyncIterator[Sequence[ServerEvent]], **limits: float) -> Mount:
    async def handler(_request: Request) -> Response:
        return EventStream(batches, **limits)  # type: ignore[arg-type]

    return app_of(Operation(method="GET", path="/sample", handler=handler, summary="", public=True))


class Source:
    """Yields what it is given, then waits for ever; tells when it was closed."""

    def __init__(self, *batches: Sequence[ServerEvent]) -> None:
        self.batches = batches
        self.closed = threading.Event()

    async def __call__(self) -> AsyncIterator[Sequence[ServerEvent]]:
        try:
            for batch in self.batches:
                yield batch
            await asyncio.Event().wait()
        finally:
            self.closed.set()


def test_events_arrive_as_they_are_specified() -> None:
    async def batches() -> AsyncIterator[Sequence[ServerEvent]]:
        yield [event_of({"a": 1}, event="event", id="c1"), ServerEvent(b"two\nlines")]
        yield [ServerEvent(b"", "x\ny")]

    with serving(streaming(batches())) as client:
        answer = client.get("/sample")

    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.text == (
        'retry: 2000\n\nevent: event\nid: c1\ndata: {"a":1}\n\ndata: two\ndata: lines\n\nevent: xy\ndata: \n\n'
    )


def test_an_idle_stream_shows_that_it_lives() -> None:
    source = Source()

    with serving(streaming(source(), heartbeat_s=0.01)) as client, client.stream("GET", "/sample") as answer:
        lines = answer.iter_lines()
        assert [next(lines) for _ in range(3)] == ["retry: 2000", "", ": still here"]


def test_a_stream_that_is_not_read_ends() -> None:
    source = Source(*[[ServerEvent(b"x" * 1_000_000)]] * 50)

    with serving(streaming(source(), send_timeout_s=0.5)) as client, client.stream("GET", "/sample"):
        assert source.closed.wait(20)


def test_a_client_that_goes_closes_its_source() -> None:
    source = Source([ServerEvent(b"1")])

    with serving(streaming(source())) as client:
        with client.stream("GET", "/sample") as answer:
            next(answer.iter_lines())

        assert source.closed.wait(10)


def test_a_server_that_stops_ends_its_streams() -> None:
    source = Source([ServerEvent(b"1")])
    with ExitStack() as served, httpx.Client(timeout=20) as client:
        base_url = served.enter_context(serve(streaming(source())))
        with client.stream("GET", f"{base_url}/sample") as answer:
            lines = answer.iter_lines()
            next(lines)
            started = time.monotonic()

            stopping = threading.Thread(target=served.close)
            stopping.start()
            rest = list(lines)
            stopping.join(20)

    assert rest[-2:] == ["data: 1", ""]
    assert source.closed.is_set()
    assert time.monotonic() - started < 5


def test_head_of_a_stream_ends() -> None:
    source = Source()

    with serving(streaming(source())) as client:
        answer = client.head("/sample")

    assert answer.status_code == 200
    assert source.closed.wait(10)


def pieces(*parts: bytes | Exception) -> Mount:
    async def handler(_request: Request) -> Response:
        async def made() -> AsyncIterator[bytes]:
            for part in parts:
                if isinstance(part, Exception):
                    raise part
                yield part

        return await Pieces.begun(made())

    return app_of(Operation(method="GET", path="/sample", handler=handler, summary="", public=True))


def test_pieces_make_one_body() -> None:
    with serving(pieces(b"[", b"1", b"]")) as client:
        assert client.get("/sample").json() == [1]


def test_an_error_before_the_first_piece_is_an_error_of_the_dialect() -> None:
    with serving(pieces(TookTooLong("narrow it"))) as client:
        answer = client.get("/sample")

    assert (answer.status_code, answer.json()["detail"]) == (503, "narrow it")


def test_an_error_in_the_middle_leaves_the_body_unfinished() -> None:
    with serving(pieces(b"[", b"1", ValueError("x"))) as client, pytest.raises(httpx.RemoteProtocolError):
        client.get("/sample")
