"""Many clients that post at once and remember what was answered; over plain sockets, to leave the machine free."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from tests.processes import RunningServer

DEVICES = 5
BATCH = 7
TIMEOUT_S = 20.0


@dataclass(frozen=True, slots=True)
class Post:
    """One request: events that carry these numbers in their data; under a key, if it may be sent again."""

    numbers: tuple[int, ...]
    key: str | None
    single: bool

    @property
    def body(self) -> bytes:
        reports = [
            {"kind": "door.opened", "device": 1 + number % DEVICES, "data": {"number": number}}
            for number in self.numbers
        ]
        return json.dumps(reports[0] if self.single else reports).encode()


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; `retry_after` is the header's text."""

    status: int
    body: bytes
    retry_after: str | None = None


@dataclass
class Ledger:
    """What was answered so far, and what was not."""

    stored: dict[int, str] = field(default_factory=dict)
    """Number -> the id of the event that was acknowledged."""
    unanswered: list[Post] = field(default_factory=list)
    refused: list[Answer] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=itertools.count)

    def next_post(self, poster: int) -> Post:
        """Posters 0 and 1 send batches, 2 sends without keys, the rest singles with keys."""
        size = BATCH if poster < 2 else 1
        numbers = tuple(itertools.islice(self.numbers, size))
        return Post(numbers, None if poster == 2 else f"key {numbers[0]}", size == 1)

    def note(self, post: Post, answer: Answer) -> None:
        """Keeps what an answer acknowledges; what is said a second time must be what was said first."""
        if answer.status in (200, 201):
            ids = [json.loads(answer.body)["id"]]
        elif answer.status == 207:
            items = json.loads(answer.body)["items"]
            assert {item["status"] for item in items} <= {200, 201}, items
            ids = [item["id"] for item in items]
        else:
            self.refused.append(answer)
            return
        assert len(ids) == len(post.numbers)
        for number, id_ in zip(post.numbers, ids, strict=True):
            assert self.stored.setdefault(number, id_) == id_


class Line:
    """One connection that is kept open."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, server: RunningServer) -> None:
        self._reader = reader
        self._writer = writer
        self._host = urlsplit(server.url).netloc
        self._key = server.key

    async def ask(self, method: str, path: str, body: bytes = b"", key: str | None = None) -> Answer:
        """One request; OSError or IncompleteReadError when the server goes away before it has answered."""
        head = (
            f"{method} {path} HTTP/1.1\r\nHost: {self._host}\r\nX-API-Key: {self._key}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        )
        head += f"Idempotency-Key: {key}\r\n\r\n" if key else "\r\n"
        self._writer.write(head.encode() + body)
        async with asyncio.timeout(TIMEOUT_S):
            lines = (await self._reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            headers = {
                name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:] if line)
            }
            answer = await self._reader.readexactly(int(headers["content-length"]))
        return Answer(int(lines[0].split()[1]), answer, headers.get("retry-after"))

    async def post(self, post: Post) -> Answer:
        """Posts the events."""
        return await self.ask("POST", "/v1/events", post.body, post.key)


@asynccontextmanager
async def line_to(server: RunningServer) -> AsyncIterator[Line]:
    """A connection for as long as the block runs."""
    url = urlsplit(server.url)
    reader, writer = await asyncio.open_connection(url.hostname, url.port)
    try:
        yield Line(reader, writer, server)
    finally:
        writer.transport.abort()


async def keep_posting(server: RunningServer, ledger: Ledger, poster: int) -> None:
    """Posts one after another until the server goes away."""
    post: Post | None = None
    try:
        async with line_to(server) as line:
            while True:
                post = ledger.next_post(poster)
                ledger.note(post, await line.post(post))
    except (OSError, asyncio.IncompleteReadError):
        if post is not None:
            ledger.unanswered.append(post)


async def post_again(server: RunningServer, ledger: Ledger) -> Sequence[Answer]:
    """Posts what was not answered once more, where it has a key."""
    again, ledger.unanswered = [post for post in ledger.unanswered if post.key], []
    answers = []
    async with line_to(server) as line:
        for post in again:
            answers.append(await line.post(post))
            ledger.note(post, answers[-1])
    return answers


async def add_devices(server: RunningServer, site: int | None = None) -> None:
    """The devices that the posts name; the first three stand at the site."""
    async with line_to(server) as line:
        for number in range(1, DEVICES + 1):
            named = {"kind": "door", "name": f"door {number}", "number": number, "site": site if number < 4 else None}
            answer = await line.ask("POST", "/v1/devices", json.dumps(named).encode())
            assert answer.status == 201, answer
