"""What one principal and one address may ask: rates, costs, time, and streams, each over real sockets."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from uuid import uuid4

import httpx
import pytest
from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response
from starlette.websockets import WebSocket
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from gatebook.domain.access import EVERYTHING, Principal, PrincipalKind
from gatebook.domain.errors import TooMany, Unauthenticated
from gatebook.domain.rates import Rate
from gatebook.http.dialect import Dialect, Operation, Socket
from gatebook.http.limits import UNLIMITED, Buckets, Limiter, Limits, charge
from gatebook.http.mount import Mount, mount
from gatebook.http.problems import on_error
from gatebook.http.sockets import open_line
from gatebook.http.streams import EventStream, Pieces, ServerEvent
from tests.http.serving import serving

NONE = Rate(0, 0)
PEOPLE = {
    name: Principal(
        organisation=1,
        kind=PrincipalKind.KEY,
        id=uuid4(),
        name=name,
        scopes=frozenset(),
        grant=EVERYTHING,
    )
    for name in ("ada", "grace")
}


class Query(Struct):
    """A question."""

    page: int = 1


class Clock:
    """Time that a test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


async def who(_services: None, request: Request) -> Principal:
    found = PEOPLE.get(request.headers.get("x-api-key", ""))
    if found is None:
        raise Unauthenticated("no such key")
    return found


async def plain(_request: Request) -> Response:
    return Response(b"here")


async def batch(request: Request) -> Response:
    charge(request, 99.0)
    return Response(b"taken")


async def endless(_request: Request) -> Response:
    await asyncio.sleep(3600)
    return Response(b"never")


async def live(_request: Request) -> Response:
    async def batches() -> AsyncIterator[Sequence[ServerEvent]]:
        yield [ServerEvent(b"7")]
        await asyncio.Event().wait()

    return EventStream(batches())


async def export(_request: Request) -> Response:
    async def pieces() -> AsyncIterator[bytes]:
        yield b"one"
        yield b"two"

    return await Pieces.begun(pieces())


async def talk(websocket: WebSocket) -> None:
    found = PEOPLE[websocket.headers["x-api-key"]]
    async with open_line(websocket, principal=found) as line:
        async for text in line:
            line.put({"heard": text})


def app_of(limiter: Limiter) -> Mount:
    """A dialect that knows its principals, behind a limiter."""
    operations = (
        Operation(method="GET", path="/sample/one", handler=plain, summary="One"),
        Operation(method="GET", path="/sample/list", handler=plain, summary="List", query=Query),
        Operation(method="POST", path="/sample/batch", handler=batch, summary="Batch"),
        Operation(method="GET", path="/sample/endless", handler=endless, summary="Endless"),
        Operation(method="GET", path="/sample/live", handler=live, summary="Live"),
        Operation(method="GET", path="/sample/export", handler=export, summary="Export"),
        Operation(method="GET", path="/sample/open", handler=plain, summary="Open", public=True, cost=10.0),
    )
    dialect: Dialect[None] = Dialect(
        name="sample",
        title="Sample",
        roots=("/sample",),
        operations=lambda _services: operations,
        sockets=lambda _services: (Socket(path="/sample/talk", handler=talk, summary="Talk"),),
        on_error=on_error,
        principal_of=who,
    )
    return mount([dialect], None, limiter=limiter)


@contextmanager
def served(clock: Clock | None = None, **limits: object) -> Iterator[httpx.Client]:
    """A client of it; bounds that are not named are none."""
    chosen = {field: limits.get(field, getattr(UNLIMITED, field)) for field in UNLIMITED.__slots__}
    with serving(app_of(Limiter(Limits(**chosen), clock=clock or Clock()))) as client:  # type: ignore[arg-type]
        client.headers["x-api-key"] = "ada"
        yield client


def answered(client: httpx.Client, path: str, number: int, **headers: str) -> int:
    """How many of so many requests are not refused with 429."""
    return sum(client.get(path, headers=headers).status_code != 429 for _ in range(number))


def test_a_principal_over_its_rate_is_refused_until_the_time_it_is_told() -> None:
    clock = Clock()
    with served(clock, principal=Rate(1.0, 10.0)) as client:
        passed = answered(client, "/sample/one", 15)
        refusal = client.get("/sample/one")
        clock.now += float(refusal.headers["retry-after"])
        again = client.get("/sample/one")

    assert passed == 11
    assert refusal.status_code == 429
    assert refusal.json()["retry_after"] == int(refusal.headers["retry-after"]) == 1
    assert again.status_code == 200


def test_another_principal_at_the_same_address_goes_on() -> None:
    with served(principal=Rate(1.0, 5.0)) as client:
        answered(client, "/sample/one", 10)

        assert client.get("/sample/one", headers={"x-api-key": "grace"}).status_code == 200


def test_a_question_costs_twice_as_much_as_a_read() -> None:
    with served(principal=Rate(1.0, 100.0)) as client:
        assert answered(client, "/sample/list", 80) == 51


def test_what_an_operation_turns_out_to_cost_is_paid_by_the_next() -> None:
    clock = Clock()
    with served(clock, principal=Rate(10.0, 50.0)) as client:
        first = client.post("/sample/batch")
        second = client.post("/sample/batch")

    assert (first.status_code, second.status_code) == (200, 429)
    assert second.headers["retry-after"] == "5"


def test_an_address_pays_whoever_is_at_it_and_for_paths_that_are_public() -> None:
    with served(address=Rate(1.0, 50.0)) as client:
        assert answered(client, "/sample/open", 10) == 6


def test_credentials_that_do_not_hold_cost_their_address_more() -> None:
    with served(address=Rate(1.0, 100.0)) as client:
        guesses = answered(client, "/sample/one", 100, **{"x-api-key": "wrong"})

    assert guesses == 5


def test_a_request_over_its_time_is_unavailable() -> None:
    with served(request_s=0.2) as client:
        answer = client.get("/sample/endless")

    assert answer.status_code == 503
    assert "0.2 s" in answer.json()["detail"]
    assert answer.headers["retry-after"] == "1"


def test_streams_of_a_principal_are_counted_while_they_last() -> None:
    with served(streams=2) as client, ExitStack() as streams:
        first = streams.enter_context(client.stream("GET", "/sample/live"))
        streams.enter_context(client.stream("GET", "/sample/live"))
        third = client.get("/sample/live")
        other = streams.enter_context(client.stream("GET", "/sample/live", headers={"x-api-key": "grace"}))
        first.close()
        again = streams.enter_context(_patiently(client, "/sample/live"))

        assert third.status_code == 429
        assert third.headers["retry-after"] == "5"
        assert (first.status_code, other.status_code, again.status_code) == (200, 200, 200)


@contextmanager
def _patiently(client: httpx.Client, path: str) -> Iterator[httpx.Response]:
    """A stream, asked for again until the end of another has been noticed."""
    tries = threading.Event()
    for _ in range(200):
        with client.stream("GET", path) as answer:
            if answer.status_code != 429:
                yield answer
                return
        tries.wait(0.05)
    raise AssertionError("the stream that was closed is counted still")


def test_an_answer_in_pieces_that_has_ended_is_counted_no_more() -> None:
    with served(streams=3, address_streams=3) as client:  # the end of one is noticed a moment after its last byte
        texts = [client.get("/sample/export").text for _ in range(20)]

    assert texts == ["onetwo"] * 20


def test_sockets_of_a_principal_are_counted_with_its_streams() -> None:
    with served(streams=1) as client:
        url = str(client.base_url.copy_with(scheme="ws", path="/sample/talk"))
        mine = {"x-api-key": "ada"}
        with connect(url, additional_headers=mine), pytest.raises(InvalidStatus) as refusal:
            connect(url, additional_headers=mine)

        assert refusal.value.response.status_code == 429
        assert refusal.value.response.headers["retry-after"] == "5"


def test_sockets_from_an_address_are_counted_before_anybody_signs_in() -> None:
    with served(address_streams=1) as client:
        url = str(client.base_url.copy_with(scheme="ws", path="/sample/talk"))
        with connect(url, additional_headers={"x-api-key": "ada"}), pytest.raises(InvalidStatus) as refusal:
            connect(url, additional_headers={"x-api-key": "grace"})

    assert refusal.value.response.status_code == 429


def test_only_so_many_buckets_are_remembered() -> None:
    buckets = Buckets(Rate(1.0, 1.0), Clock(), remembered=3)

    for name in range(100):
        buckets.take(name, 1.0)

    assert len(buckets) == 3


def test_a_batch_loader_and_an_integrator_who_polls_meet_no_bound() -> None:
    clock = Clock()
    limiter = Limiter(Limits(), clock=clock)

    try:
        for _second in range(60):
            for _batch in range(100):
                limiter.spend(PEOPLE["ada"], 1.0)
                limiter.charge(PEOPLE["ada"], 10.0)
            for _poll in range(100):
                limiter.spend(PEOPLE["grace"], 2.0)
            clock.now += 1.0
    except TooMany:  # pragma: no cover
        pytest.fail("100,000 events a second, and a hundred questions a second, are stopped")
