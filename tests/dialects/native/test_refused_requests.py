"""What is refused of a question, of who asks it, and of a queue that is full: with nothing changed."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from gatebook.dialects.native import DIALECT
from gatebook.http.dialect import PARAMETER
from tests.houses import NOON, House, house_in


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


# -- the query -------------------------------------------------------------------------------------------------------


def report() -> bytes:
    return json.dumps({"kind": "access.granted", "device": 1, "occurred": NOON}).encode()


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


def taken_at_last(house: House) -> httpx.Response:
    """A client that comes back as long as it is told to: the followers want the one place in the queue, too."""
    pause = threading.Event()
    for _ in range(600):
        if (answer := house.post(report())).status_code != 503:
            break
        pause.wait(0.05)
    return answer


def test_a_full_queue_says_when_to_come_back_and_loses_nothing(tmp_path: Path) -> None:
    with house_in(tmp_path, DIALECT, queue_limit=1) as house, ThreadPoolExecutor() as threads:
        house.device()
        busy, free = threading.Event(), threading.Event()
        blocked = house.store.submit(lambda _transaction: (busy.set(), free.wait(30)))
        assert busy.wait(10)
        ticking = threading.Event()
        waiting = threads.submit(taken_at_last, house)
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
        assert taken_at_last(house).status_code == 201
        assert house.state == (2, 0)
