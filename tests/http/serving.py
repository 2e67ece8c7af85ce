"""Serves an app on a real socket, for whoever tests over HTTP."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, AbstractContextManager, asynccontextmanager, contextmanager

import httpx

from gatebook.http.dialect import Dialect, Operation, Socket
from gatebook.http.lifespan import Lifespan
from gatebook.http.middleware import Edge
from gatebook.http.mount import Mount, mount
from gatebook.http.problems import on_error
from gatebook.http.server import running


@asynccontextmanager
async def nothing() -> AsyncIterator[None]:
    yield


@contextmanager
def serving(app: Mount, context: Callable[[], AbstractAsyncContextManager[object]] = nothing) -> Iterator[httpx.Client]:
    """A client of the app, which runs as it does in earnest: with its edge, on uvicorn, on a port of its own."""
    with serve(app, context) as base_url, httpx.Client(base_url=base_url, timeout=20) as client:
        yield client


def serve(
    app: Mount, context: Callable[[], AbstractAsyncContextManager[object]] = nothing
) -> AbstractContextManager[str]:
    """The app running, and where."""
    return running(lambda closing: Lifespan(Edge(app, closing=closing), context))


def dialect_of(
    operations: Sequence[Operation],
    name: str = "sample",
    roots: tuple[str, ...] = ("/sample",),
    sockets: Sequence[Socket] = (),
    fold_case: bool = False,
) -> Dialect[None]:
    """A dialect of these operations, which speaks problems."""
    return Dialect(
        name=name,
        title=name.title(),
        roots=roots,
        operations=lambda _services: operations,
        sockets=lambda _services: sockets,
        on_error=on_error,
        fold_case=fold_case,
    )


def app_of(*operations: Operation, sockets: Sequence[Socket] = ()) -> Mount:
    """An app of one dialect, whose root is `/sample`."""
    return mount([dialect_of(operations, sockets=sockets)], None)


def raw(client: httpx.Client, request: bytes) -> bytes:
    """The whole answer to bytes that no well-behaved client sends; the server must close, or be told to."""
    with socket.create_connection((client.base_url.host, client.base_url.port or 80), timeout=20) as connection:
        connection.sendall(request)
        answer = b""
        while piece := connection.recv(65536):
            answer += piece
    return answer
