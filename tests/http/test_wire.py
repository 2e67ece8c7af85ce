from __future__ import annotations

import gzip
import time
import zlib
from collections.abc import Iterator
from typing import Annotated, Literal
from uuid import UUID

import httpx
import pytest
import zstandard
from msgspec import Meta, Raw, Struct

from gatebook.http import Request, Response
from gatebook.http.dialect import Body, Operation
from gatebook.http.wire import json_reply, media_of, raw_items, read_body, read_form, read_json, read_path, read_query
from tests.http.serving import app_of, serving

LIMIT = 16 * 1024 * 1024


class Item(Struct, forbid_unknown_fields=True):
    occurred: str
    method: Literal["card", "pin"] = "card"
    count: Annotated[int, Meta(ge=1, le=5)] = 1
    details: Raw = Raw(b"null")


class Report(Struct):
    items: list[Item]


class Query(Struct, rename="camel"):
    page: Annotated[int, Meta(ge=1)] = 1
    page_size: int | None = None
    since: str | None = None
    include: list[str] = []
    tasks: bool = False
    ratio: float | None = None
    order: Literal["asc", "desc"] = "asc"


class Path(Struct):
    id: UUID


async def report(request: Request) -> Response:
    read = await read_json(request, Report)
    return json_reply(len(read.items))


async def size(request: Request) -> Response:
    return json_reply(len(await read_body(request)))


async def items(request: Request) -> Response:
    return json_reply(len(raw_items(await read_body(request), media_of(request))))


async def query(request: Request) -> Response:
    return json_reply(read_query(request, Query))


async def loose(request: Request) -> Response:
    return json_reply(read_query(request, Query, unknown="ignore"))


async def form(request: Request) -> Response:
    return json_reply(await read_form(request))


async def path(request: Request) -> Response:
    return json_reply(read_path(request, Path))


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    posts = [("report", report), ("size", size), ("items", items), ("form", form)]
    gets = [("query", query), ("loose", loose)]
    operations = [
        Operation(
            method="POST", path=f"/sample/{name}", handler=handler, summary="", public=True, body=Body(shape=bytes)
        )
        for name, handler in posts
    ] + [Operation(method="GET", path=f"/sample/{name}", handler=one, summary="", public=True) for name, one in gets]
    operations.append(Operation(method="GET", path="/sample/path/{id}", handler=path, summary="", public=True))
    with serving(app_of(*operations)) as client:
        yield client


@pytest.mark.parametrize(
    ("body", "field", "remedy"),
    [
        (b'{"items":[{"occurred":"x"},{"occurred":7}]}', "$.items[1].occurred", "expected a string"),
        (b'{"items":[{}]}', "$.items[0].occurred", "give a string"),
        (b'{"items":[{"occurred":"x","method":"key"}]}', "$.items[0].method", "expected one of card, pin"),
        (b'{"items":[{"occurred":"x","count":9}]}', "$.items[0].count", "expected an integer from 1 to 5"),
        (b'{"items":[{"occured":"x"}]}', "$.items[0].occured", "did you mean occurred?"),
        (b'{"items":{}}', "$.items", "expected an array"),
        (b'{"items":[{"occurred":"x","details":[1e999]}]}', "body", "send a smaller one"),
        (b'{"items":', "body", "send one JSON value, whole"),
        (b"", "body", "send one JSON value, whole"),
        (b"[" * 100_000, "body", "send flatter JSON"),
    ],
)
def test_a_bad_body_names_its_field_and_what_is_right(
    client: httpx.Client, body: bytes, field: str, remedy: str
) -> None:
    answer = client.post("/sample/report", content=body, headers={"Content-Type": "application/json"})

    assert answer.status_code == 400
    assert (answer.json()["field"], answer.json()["remedy"]) == (field, remedy)


def test_another_content_type_is_not_taken_for_json(client: httpx.Client) -> None:
    assert client.post("/sample/report", content=b'{"items":[]}').status_code == 415
    assert client.post("/sample/report", content=b'{"items":[]}', headers={"Content-Type": "a/b+json"}).json() == 0


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("identity", b"x" * 1000),
        ("gzip", gzip.compress(b"x" * 1000, mtime=0)),
        ("GZIP", gzip.compress(b"x" * 400, mtime=0) + gzip.compress(b"x" * 600, mtime=0)),
        ("zstd", zstandard.compress(b"x" * 1000)),
        ("zstd", zstandard.ZstdCompressor(write_content_size=False).compress(b"x" * 1000)),
    ],
)
def test_a_compressed_body_is_read(client: httpx.Client, encoding: str, body: bytes) -> None:
    def chunks() -> Iterator[bytes]:
        yield body[:10]
        yield body[10:]

    whole = client.post("/sample/size", content=body, headers={"Content-Encoding": encoding})
    chunked = client.post("/sample/size", content=chunks(), headers={"Content-Encoding": encoding})

    assert (whole.json(), chunked.json()) == (1000, 1000)


@pytest.mark.parametrize(
    ("encoding", "body", "status"),
    [
        ("br", b"x", 415),
        ("gzip, gzip", b"x", 415),
        ("gzip", b"not gzip at all", 400),
        ("gzip", gzip.compress(b"x" * 1000, mtime=0)[:-4], 400),
        ("zstd", b"not zstd at all", 400),
        ("zstd", zstandard.compress(b"x" * 1000)[:-3], 400),
        ("identity", b"x" * (LIMIT + 1), 413),
        ("gzip", gzip.compress(b"x" * (LIMIT + 1), mtime=0), 413),
        ("zstd", zstandard.compress(b"x" * (LIMIT + 1)), 413),
        ("zstd", zstandard.ZstdCompressor(write_content_size=False).compress(b"x" * (LIMIT + 1)), 413),
    ],
)
def test_a_body_that_cannot_be_taken_is_refused(client: httpx.Client, encoding: str, body: bytes, status: int) -> None:
    answer = client.post("/sample/size", content=body, headers={"Content-Encoding": encoding})

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_body_of_exactly_the_limit_is_read(client: httpx.Client) -> None:
    body = gzip.compress(b"x" * LIMIT)

    assert client.post("/sample/size", content=body, headers={"Content-Encoding": "gzip"}).json() == LIMIT


def test_a_bomb_is_cut_off_at_the_bound(client: httpx.Client) -> None:
    packer = zlib.compressobj(9, wbits=31)
    bomb = b"".join(packer.compress(b"\0" * LIMIT) for _ in range(200)) + packer.flush()

    started = time.monotonic()
    answer = client.post("/sample/size", content=bomb, headers={"Content-Encoding": "gzip"})

    assert answer.status_code == 413
    assert time.monotonic() - started < 2  # 3.3 GB take far longer than the 16 MiB that are inflated


def test_a_chunked_body_is_cut_off_at_the_limit(client: httpx.Client) -> None:
    def chunks() -> Iterator[bytes]:
        for _ in range(17):
            yield b"x" * (1024 * 1024)

    assert client.post("/sample/size", content=chunks()).status_code == 413


def test_items_come_from_an_array_or_from_lines(client: httpx.Client) -> None:
    lines = client.post(
        "/sample/items", content=b'{"a":1}\n\n[2]\r\n3', headers={"Content-Type": "application/x-ndjson"}
    )
    array = client.post("/sample/items", content=b"[1, 2]", headers={"Content-Type": "application/json"})
    many = client.post("/sample/items", content=b"1\n" * 10_001, headers={"Content-Type": "application/x-ndjson"})

    assert (lines.json(), array.json(), many.status_code) == (3, 2, 413)


@pytest.mark.parametrize(
    ("sent", "field", "remedy"),
    [
        ("pge=2", "pge", "did you mean page?"),
        ("page=0", "page", "expected an integer of at least 1"),
        ("page=1e2", "page", "expected an integer, in digits"),
        ("page=null", "page", "expected an integer, in digits"),
        ("page=%31x", "page", "expected an integer, in digits"),
        ("page=99999999999999999999", "page", "expected an integer, in digits"),
        ("page=1&page=2", "page", "give it once"),
        ("ratio=nan", "ratio", "expected a number, in digits"),
        ("ratio=1e999", "ratio", "expected a number or null"),
        ("order=up", "order", "expected one of asc, desc"),
        ("since=%zz", "since", "write a percent sign as %25"),
        ("since=%ff", "since", "percent-encode the UTF-8 bytes"),
        ("since=%00", "since", "leave it out"),
        ("tasks=maybe", "tasks", "expected true or false"),
    ],
)
def test_a_bad_parameter_is_named(client: httpx.Client, sent: str, field: str, remedy: str) -> None:
    answer = client.get(f"/sample/query?{sent}")

    assert answer.status_code == 400
    assert (answer.json()["field"], answer.json()["remedy"]) == (field, remedy)


def test_a_query_is_decoded_once(client: httpx.Client) -> None:
    answer = client.get(
        "/sample/query?pageSize=5&include=a%2Cb&include=c&tasks&since=2026-01-01T00:00:00+01:00%2B&ratio=.5e1"
    )

    assert answer.status_code == 400
    read = client.get("/sample/query?pageSize=5&include=a%2Cb&include=c&tasks&since=x+y%2Bz%252F&ratio=0.5").json()

    assert read["pageSize"] == 5
    assert read["include"] == ["a,b", "c"]
    assert read["tasks"] is True
    assert read["since"] == "x y+z%2F"
    assert read["ratio"] == 0.5


def test_what_is_ignored_is_listed(client: httpx.Client) -> None:
    answer = client.get("/sample/loose?page=3&x%0d%0ay=1&other=2")

    assert answer.json()["page"] == 3
    assert answer.headers["gatebook-ignored"] == "x%0D%0Ay, other"


def test_a_path_parameter_is_typed(client: httpx.Client) -> None:
    assert client.get("/sample/path/5e6a4c06-b290-473d-80b5-8e0dffa1d3a6").status_code == 200
    assert client.get("/sample/path/7").json()["remedy"] == "expected a UUID"


@pytest.mark.parametrize(
    ("body", "decoded", "as_sent"),
    [
        (b"grant_type=password&password=a%2Bb", "a+b", "a%2Bb"),
        (b"grant_type=password&password=a+b%c&d", "a b%c", "a+b%c&d"),
        (b"password=100%&grant_type=x", "100%", "100%"),
        ("password=ä%20€".encode(), "ä €", "ä%20€"),
    ],
)
def test_a_form_is_read_encoded_or_not(client: httpx.Client, body: bytes, decoded: str, as_sent: str) -> None:
    answer = client.post("/sample/form", content=body).json()

    assert (answer["fields"]["password"], answer["as_sent"]["password"]) == (decoded, as_sent)
