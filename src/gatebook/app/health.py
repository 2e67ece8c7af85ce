"""Says to whoever watches over the server whether it lives (`/healthz`) and does its work (`/readyz`)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from msgspec import Struct

from gatebook.domain.errors import GatebookError
from gatebook.domain.kinds import Kind
from gatebook.http import Request, Response, problems
from gatebook.http.dialect import PROBLEM, Dialect, Operation, Reply
from gatebook.http.wire import json_reply
from gatebook.store import Store


class Alive(Struct, frozen=True):
    """The server answers."""

    status: Literal["ok"] = "ok"


class Readiness(Struct, frozen=True):
    """Whether every part does its work; the parts by name."""

    status: Literal["ready", "not ready"]
    parts: dict[str, Literal["ok", "failing"]]


def health(store: Store, tasks: Callable[[], dict[str, bool]]) -> Dialect[object]:
    """Both operations, public: they tell names of parts and no more."""

    async def healthz(_request: Request) -> Response:
        return json_reply(Alive())

    async def readyz(_request: Request) -> Response:
        parts = {"store": await reads(store), **tasks()}
        ready = all(parts.values())
        told = Readiness(
            "ready" if ready else "not ready", {name: "ok" if ok else "failing" for name, ok in parts.items()}
        )
        return json_reply(told, 200 if ready else 503)

    operations = (
        Operation(
            method="GET",
            path="/healthz",
            handler=healthz,
            summary="Whether the server answers",
            replies={200: Reply(shape=Alive, description="It does.")},
            public=True,
        ),
        Operation(
            method="GET",
            path="/readyz",
            handler=readyz,
            summary="Whether every part of the server does its work",
            replies={
                200: Reply(shape=Readiness, description="Every part does."),
                503: Reply(shape=Readiness, description="One does not, or has failed within the last minute."),
            },
            public=True,
        ),
    )
    return Dialect(
        name="health",
        title="Health",
        roots=("/healthz", "/readyz"),
        operations=lambda _services: operations,
        on_error=problems.on_error,
        error_shape=problems.Problem,
        error_media=PROBLEM,
        security=(),
        unspoken=frozenset(Kind),
    )


async def reads(store: Store) -> bool:
    """Whether the store answers a question."""
    try:
        await store.read(store.history.organisations)
    except GatebookError:
        return False
    return True
