"""What the access log tells of a path: words and ids, and nothing that opens a door or names a person."""

from __future__ import annotations

import pytest

from gatebook.http import Request, Response
from gatebook.http.dialect import Operation
from gatebook.http.toldpaths import told_path

KEY = "Zk3vXo9QbT1mWc7RfY5sHd2LgJ8nPa4UeKi6BqMx"
JWT = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"
UUID = "0190a0b1-7c5e-7d2f-8a3b-4c5d6e7f8091"

CASES = {
    f"/locks/123/events?page=2&pageSize=20&key={KEY}": "/locks/123/events?page=2&pageSize=20&key=...",
    f"/v1/devices/{UUID}": f"/v1/devices/{UUID}",
    f"/auth/token/{KEY}/verify": "/auth/token/.../verify",
    f"/auth/{JWT}": "/auth/...",
    f"/hooks/{KEY.lower()}": "/hooks/...",
    f"/hooks/{'Q' * 43}": "/hooks/...",
    f"/x?{KEY}": "/x?...",
    f"/x?{KEY}=1": "/x?...=...",
    f"/x?since={KEY}": "/x?since=...",
    f"/x?access_token={JWT}&token={KEY}&api_key={KEY}": "/x?access_token=...&token=...&api_key=...",
    "/x?since=2026-01-15T02%3A10%3A00.1234567Z&n=50": "/x?since=2026-01-15T02%3A10%3A00.1234567Z&n=50",
    "/x?since=2026-01-15T02:10:00+01:00": "/x?since=2026-01-15T02:10:00+01:00",
    "/x?person.name=equals:Ada&plate=AB12CD": "/x?person.name=...&plate=...",
    "/x?a&b&=1": "/x?a&b&...=...",
    "/x\x1b[31m?page=\x1b": "/x%1B[31m?page=...",
}


def scope_of(target: str, **more: object) -> dict[str, object]:
    path, _mark, query = target.partition("?")
    return {"path": path, "raw_path": path.encode(), "query_string": query.encode(), **more}


@pytest.mark.parametrize("target", CASES)
def test_a_path_is_told_without_what_is_secret(target: str) -> None:
    assert told_path(scope_of(target)) == CASES[target]


async def answer(_request: Request) -> Response:
    return Response()


@pytest.mark.parametrize(
    ("pattern", "prefix", "path", "told"),
    [
        ("/temp-keys/{code}", "", "/temp-keys/4711", "/temp-keys/..."),
        ("/temp-keys/{code}/use", "/lobby", "/lobby/temp-keys/4711/use", "/lobby/temp-keys/.../use"),
        ("/plates/{plate}", "", "/plates/AB12CD/", "/plates/.../"),
        ("/keys/{id}", "", "/keys/4711", "/keys/4711"),
    ],
)
def test_what_an_operation_calls_a_secret_is_not_told_however_short(
    pattern: str, prefix: str, path: str, told: str
) -> None:
    operation = Operation(method="GET", path=pattern, handler=answer, summary="")
    scope = scope_of(path) | {"gatebook.operation": operation, "gatebook.prefix": prefix}

    assert told_path(scope) == told
