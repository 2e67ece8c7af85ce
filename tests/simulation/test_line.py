"""A simulated lock on its line: it opens once for each command, in time, and not while it is cut off."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from websockets.asyncio.server import ServerConnection, serve

from gatebook.simulation.line import Line

WITHIN_S = 20.0


class Far:
    """The other end of the line: what came over it, and whoever is there now."""

    def __init__(self) -> None:
        self.heard: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.there: asyncio.Queue[ServerConnection] = asyncio.Queue()
        self.tokens: list[str] = []

    async def talk(self, connection: ServerConnection) -> None:
        assert connection.request is not None
        assert connection.request.path == "/v1/device-link"
        self.tokens.append(connection.request.headers["Authorization"])
        await self.there.put(connection)
        async for said in connection:
            await self.heard.put(json.loads(said))


@asynccontextmanager
async def line_to(far: Far, then: Callable[[str], None], jammed: float = 0.0) -> AsyncIterator[Line]:
    async with serve(far.talk, "127.0.0.1", 0) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        line = Line(f"http://127.0.0.1:{port}/", "a token", seed="1", jammed=jammed, then=then)
        running = asyncio.create_task(line.run())
        try:
            async with asyncio.timeout(WITHIN_S):
                yield line
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


def command(id: str, in_s: float = 30.0) -> str:
    deadline = datetime.now(UTC) + timedelta(seconds=in_s)
    return json.dumps({"id": id, "action": "open", "deadline": deadline.isoformat(), "made": "2026-01-01T00:00:00Z"})


async def test_it_opens_once_for_a_command_that_comes_twice() -> None:
    far, opened = Far(), list[str]()
    async with line_to(far, opened.append) as line:
        there = await far.there.get()
        for id in ("a", "a", "b"):
            await there.send(command(id))
        heard = [await far.heard.get() for _ in range(3)]

    assert heard == [{"id": id, "outcome": "done"} for id in ("a", "a", "b")]
    assert opened == ["a", "b"]
    assert (line.opened, line.refused) == (2, 0)
    assert far.tokens == ["Bearer a token"]


async def test_it_does_nothing_at_or_after_the_deadline() -> None:
    far, opened = Far(), list[str]()
    async with line_to(far, opened.append):
        there = await far.there.get()
        await there.send(command("late", in_s=-1.0))
        await there.send(json.dumps({"id": "known", "late": False}))
        await there.send(command("in time"))
        heard = await far.heard.get()

    assert heard == {"id": "in time", "outcome": "done"}
    assert opened == ["in time"]


async def test_a_jammed_one_says_so() -> None:
    far, opened = Far(), list[str]()
    async with line_to(far, opened.append, jammed=1.0) as line:
        await (await far.there.get()).send(command("a"))
        heard = await far.heard.get()

    assert heard == {"id": "a", "outcome": "refused", "message": "jammed"}
    assert (opened, line.refused) == ([], 1)


async def test_it_leaves_the_line_while_it_is_cut_off_and_comes_back() -> None:
    far = Far()
    async with line_to(far, lambda _id: None) as line:
        first = await far.there.get()
        line.up.clear()
        await first.wait_closed()
        line.up.set()
        second = await far.there.get()
        await second.send(command("a"))
        heard = await far.heard.get()

    assert heard["outcome"] == "done"


async def test_it_comes_back_when_the_line_breaks() -> None:
    far = Far()
    async with line_to(far, lambda _id: None):
        await (await far.there.get()).close()
        again = await far.there.get()

        assert again is not None
        assert len(far.tokens) == 2
