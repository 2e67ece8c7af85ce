"""What is refused: each with its field, the fault and what would be right, and with nothing changed."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import zstandard

from gatebook.dialects.native import DIALECT
from gatebook.domain.access import Grant, Scope
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
        assert "bytes" in answer.json()["fault"]
        assert str(MIB) in answer.json()["remedy"]
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
    assert str(16 * MIB) in answer.json()["fault"]
    assert "less" in answer.json()["remedy"]


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
    assert answer.json()["fault"].startswith(("has ", "holds "))
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
