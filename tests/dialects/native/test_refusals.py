"""What is refused: each with its field, the fault and what would be right, and with nothing changed."""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
import zstandard

from gatebook.dialects.native import DIALECT
from gatebook.domain.access import Grant, Scope
from gatebook.http.dialect import PARAMETER
from tests.houses import NOON, House, house_in

MIB = 1 << 20


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house_in(tmp_path_factory.mktemp("house"), DIALECT) as found:
        found.device("a door", vendor_ids=("dev-1",))
        yield found


@pytest.fixture
def unchanged(house: House) -> Iterator[None]:
    before = house.state
    yield
    assert house.state == before


def report(**fields: object) -> bytes:
    return json.dumps({"kind": "access.granted", "device": 1, "occurred": NOON, **fields}).encode()


def data(text: bytes) -> bytes:
    return b'{"kind":"analytics.detected","device":1,"data":' + text + b"}"


FIELDS: dict[str, tuple[bytes, str, str]] = {
    "no JSON": (b"{", "body", "whole"),
    "no object": (b"7", "$", "expected"),
    "an unknown field": (report(devise=1), "$.devise", "did you mean device?"),
    "an unknown method": (report(method="magic"), "$.method", "card"),
    "an unknown reason": (report(reason="because"), "$.reason", "passback"),
    "a type that is no UUID": (report(type="door"), "$.type", "UUID"),
    "a kind that is no word": (report(kind=7), "$.kind", "a string"),
    "a time that is none": (report(occurred="yesterday"), "$.occurred", "such as 2026"),
    "a time before 1970": (report(occurred="1969-12-31T23:59:59Z"), "$.occurred", "1970 to 2200"),
    "a time after 2200": (report(occurred="2201-01-01T00:00:00Z"), "$.occurred", "1970 to 2200"),
    "data that is a list": (report(data=[1]), "$.data", "object"),
    "data that is text": (report(data="x"), "$.data", "object"),
    "a name too long": (report(person_name="n" * 201), "$.person_name", "200"),
    "a tag too long": (report(tag="t" * 256), "$.tag", "255"),
    "a message too long": (report(message="m" * 4097), "$.message", "4096"),
    "a credential too long": (report(credential="c" * 65), "$.credential", "64"),
    "a plate too long": (report(kind="plate.read", credential="p" * 17), "$.credential", "16"),
    "a plate by its method": (report(method="plate", credential="p" * 17), "$.credential", "16"),
    "a key too long": (report(key="k" * 257), "$.key", "256"),
    "an empty key": (report(key=""), "$.key", "1"),
    "a NUL": (report(tag="a\0b"), "body", "leave it out"),
    "a raw NUL": (report(tag="ab").replace(b"ab", b"a\0b"), "body", "leave it out"),
    "half a surrogate": (report(tag="\ud800"), "body", "both halves"),
    "no UTF-8": (report(tag="ab").replace(b"ab", b"\xff"), "body", "UTF-8"),
    "NaN": (data(b'{"a":NaN}'), "body", "send one JSON value"),
    "an integer beyond 64 bits": (data(b'{"a":18446744073709551616}'), "body", "string"),
    "a number beyond 64 bits": (data(b'{"a":1e999}'), "body", "smaller"),
    "great depth": (data(b'{"a":' * 65 + b"1" + b"}" * 65), "body", "flatter"),
}


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize(("body", "field", "remedy"), FIELDS.values(), ids=FIELDS)
def test_a_report_at_fault_is_refused_by_its_field(house: House, body: bytes, field: str, remedy: str) -> None:
    answer = house.post(body)

    told = answer.json()
    assert (answer.status_code, told["field"]) == (400, field)
    assert told["fault"]
    assert remedy in told["remedy"]
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize(("body", "field", "remedy"), FIELDS.values(), ids=FIELDS)
def test_the_same_faults_are_refused_in_a_list(house: House, body: bytes, field: str, remedy: str) -> None:
    answer = house.post(b"[" + body + b"]")

    told = answer.json() if answer.status_code == 400 else answer.json()["items"][0]["problem"]
    assert told["field"] == (field if field == "body" else "$[0]" + field[1:])
    assert told["fault"]
    assert remedy in told["remedy"] or field == "body"


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"device": 99}, "$.device"),
        ({"device": "nobody"}, "$.device"),
        ({"device": -1}, "$.device"),
        ({"device": None}, "$.device"),
        ({"kind": "door.ajar"}, "$.kind"),
        ({"kind": None}, "$.kind"),
        ({"kind": "record.searched"}, "$.kind"),
        ({"person": 99}, "$.person"),
        ({"type": "018f0000-0000-7000-8000-000000000000"}, "$.type"),
    ],
)
def test_what_has_no_place_is_kept_in_quarantine(house: House, fields: dict[str, object], named: str) -> None:
    head, held = house.state

    first, again = house.post(report(**fields)), house.post(report(**fields))

    told = first.json()
    assert (first.status_code, told["field"]) == (422, named)
    assert again.json()["quarantine"] == told["quarantine"]
    assert house.get(f"/v1/quarantine/{told['quarantine']}").json()["times"] == 2
    assert house.state == (head, held + 1)


def test_unknown_and_hidden_devices_are_refused_in_the_same_words(house: House) -> None:
    hidden = house.device("hidden")
    narrow = house.key_of(Scope.EVENTS_WRITE, grant=Grant(devices=frozenset({1})))

    answers = [
        house.client.post("/v1/events", json={"kind": "door.opened", "device": number}, headers=narrow)
        for number in (hidden.number, 12345)
    ]

    told = [{name: value for name, value in answer.json().items() if name != "quarantine"} for answer in answers]
    assert told[0] == told[1]
    assert told[0]["status"] == 422


# -- the body as a whole ---------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize(
    ("kind", "size", "status"),
    [("door.opened", MIB - 8, 201), ("door.opened", MIB, 413), ("analytics.detected", 2 * MIB, 201)],
)
def test_data_has_its_limit(tmp_path: Path, house: House, kind: str, size: int, status: int) -> None:
    body = b'{"kind":"%b","device":1,"data":{"a":"%b"}}' % (kind.encode(), b"x" * size)
    if status != 201:
        answer = house.post(body)
        assert (answer.status_code, answer.json()["field"]) == (status, "$.data")
        return
    with house_in(tmp_path, DIALECT) as other:
        other.device()
        assert other.post(body).status_code == status


def bomb(size: int = 17 * MIB) -> bytes:
    return b"[" + b" " * size + b"]"


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (lambda: bomb(), "identity"),
        (lambda: gzip.compress(bomb()), "gzip"),
        (lambda: zstandard.compress(bomb()), "zstd"),
        (lambda: zstandard.ZstdCompressor(write_content_size=False).compress(bomb()), "zstd"),
        (lambda: gzip.compress(b"[]") + gzip.compress(bomb(200 * MIB)), "gzip"),
    ],
    ids=["plain", "gzip", "zstd", "zstd of unknown size", "a second gzip member"],
)
def test_a_body_over_its_limit_is_refused(house: House, content: Callable[[], bytes], encoding: str) -> None:
    answer = house.post(content(), Content_Encoding=encoding)

    assert (answer.status_code, answer.json()["field"]) == (413, "body")


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize(
    ("body", "media"),
    [
        (b"[" + b",".join([b"{}"] * 10_001) + b"]", "application/json"),
        (b"{}\n" * 10_001, "application/x-ndjson"),
        (b"[" + b",".join([b"7"] * 10_001) + b"]", "application/json"),
        (b"[" + b",".join([b"{}"] * 3_000_000) + b"]", "application/json"),
        (b"\n" * 3_000_000, "application/x-ndjson"),
    ],
    ids=["a list", "lines", "no objects", "millions", "millions of lines"],
)
def test_a_list_over_its_limit_is_refused(house: House, body: bytes, media: str) -> None:
    answer = house.post(body, media)

    assert (answer.status_code, answer.json()["field"]) == (413, "body")
    assert "10000" in answer.json()["remedy"]


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Content-Type": "text/plain"}, 415),
        ({"Content-Type": ""}, 415),
        ({"Content-Encoding": "br"}, 415),
        ({"Content-Encoding": "gzip"}, 400),
        ({"Content-Encoding": "zstd"}, 400),
        ({"Idempotency-Key": "k" * 251}, 400),
        ({"ce-specversion": "1.0", "ce-source": "dev-1"}, 400),
        ({"ce-specversion": "1.0", "ce-id": "1", "ce-source": "%FF"}, 400),
    ],
)
def test_a_request_whose_headers_are_at_fault_is_refused(house: House, headers: dict[str, str], status: int) -> None:
    told = {"Content-Type": "application/json", **headers}

    answer = house.client.post("/v1/events", content=report(), headers=told)

    assert answer.status_code == status
    assert answer.json()["detail"]


# -- the query -------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize(
    ("query", "field", "remedy"),
    [
        ("knd=door.opened", "knd", "did you mean kind?"),
        ("kind=door.ajar", "kind", "expected one of"),
        ("kind=contain:x", "kind", "expected one of"),
        ("kind=gt:x", "kind", "expected one of"),
        ("type=x", "type", "hexadecimal"),
        ("seq=x", "seq", "digits"),
        ("listed=maybe", "listed", "true"),
        ("tag='x", "tag", "''"),
        ("tag=oneOf:(a", "tag", ")"),
        ("data..a=1", "data..a", "data.name"),
        ("occurred=gt:soon", "occurred", "2026"),
        ("from=soon", "from", "2026"),
        ("from=2026-01-02&to=2026-01-01", "from", "earlier"),
        ("from=2026-01-02&from=2026-01-02", "from", "once"),
        ("limit=0", "limit", "1 to 1000"),
        ("limit=1001", "limit", "1 to 1000"),
        ("limit=1e2", "limit", "1 to 1000"),
        ("limit=%C2%B2", "limit", "1 to 1000"),
        ("page=0", "page", "from 1"),
        ("page=99999999999999999999", "page", "from 1"),
        ("size=1001", "size", "1 to 1000"),
        ("page=2&limit=5", "limit", "page and size"),
        ("page=2&cursor=x", "cursor", "page and size"),
        ("order=up", "order", "asc, desc"),
        ("cursor=x", "cursor", "without it"),
        ("cursor=", "cursor", "without it"),
        ("tag=%ff", "tag", "UTF-8"),
        ("tag=%zz", "tag", "%25"),
        ("tag=%00", "tag", "leave it out"),
        ("&".join(["tag=a"] * 65), "tag", "fewer"),
    ],
)
def test_a_question_at_fault_is_refused_by_its_parameter(house: House, query: str, field: str, remedy: str) -> None:
    answer = house.client.get(f"/v1/events?{query}")

    told = answer.json()
    assert (answer.status_code, told["field"]) == (400, field)
    assert told["fault"]
    assert remedy in told["remedy"]


def test_an_unknown_parameter_is_refused_everywhere(house: House) -> None:
    for operation in DIALECT.operations(house.services):
        path = PARAMETER.sub("1", operation.path)

        answer = house.client.request(operation.method, f"{path}?afterr=1", json={})

        assert (answer.status_code, answer.json()["field"]) == (400, "afterr"), path


# -- who asks --------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer nonsense"},
        {"X-API-Key": "nonsense"},
        {"Authorization": "Basic YTpi"},
        {"Authorization": "Bearer"},
    ],
)
def test_who_is_not_known_is_refused(house: House, headers: dict[str, str]) -> None:
    for method, path in [("POST", "/v1/events"), ("GET", "/v1/events"), ("GET", "/v1/kinds")]:
        answer = httpx.request(method, house.url + path, headers=headers)

        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"
        assert "detail" in answer.json()


def test_a_key_is_taken_by_either_road_and_not_by_two_that_differ(house: House) -> None:
    by_header = httpx.get(f"{house.url}/v1/kinds", headers={"X-API-Key": house.key})
    both = house.client.get("/v1/kinds", headers={"X-API-Key": house.key})
    other = house.client.get("/v1/kinds", headers={"X-API-Key": "other"})

    assert (by_header.status_code, both.status_code, other.status_code) == (200, 200, 401)


# -- the queue -------------------------------------------------------------------------------------------------------


def test_a_full_queue_says_when_to_come_back_and_loses_nothing(tmp_path: Path) -> None:
    with house_in(tmp_path, DIALECT, queue_limit=1) as house, ThreadPoolExecutor() as threads:
        house.device()
        busy, free = threading.Event(), threading.Event()
        blocked = house.store.submit(lambda _transaction: (busy.set(), free.wait(30)))
        assert busy.wait(10)
        ticking = threading.Event()
        waiting = threads.submit(house.post, report())
        while not house.store.writer.waiting:
            ticking.wait(0.01)

        refused = house.post(report())
        free.set()

        assert refused.status_code == 503
        assert int(refused.headers["retry-after"]) >= 1
        assert refused.json()["retry_after"] >= 1
        assert waiting.result().status_code == 201
        blocked.result()
        assert house.state == (1, 0)
        assert house.post(report()).status_code == 201
