from __future__ import annotations

import logging
import socket

import pytest

from gatebook.http import Request, Response
from gatebook.http.dialect import Operation
from gatebook.http.middleware import Access
from gatebook.http.wire import read_body
from tests.http.serving import app_of, serving


async def answer(_request: Request) -> Response:
    return Response(b"x" * 10, headers={"Cache-Control": "max-age=1"})


async def swallow(request: Request) -> Response:
    await read_body(request)
    return Response()


GET = Operation(method="GET", path="/sample/{id}", handler=answer, summary="", public=True)
POST = Operation(method="POST", path="/sample", handler=swallow, summary="", public=True)


def accesses(caplog: pytest.LogCaptureFixture) -> list[Access]:
    return [record.access for record in caplog.records if record.name == "gatebook.access"]  # type: ignore[attr-defined]


def test_headers_protect_browsers_unless_the_answer_says_otherwise() -> None:
    with serving(app_of(GET)) as client:
        headers = client.get("/sample/7").headers

    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "max-age=1"
    assert "server" not in headers


@pytest.mark.parametrize(("sent", "kept"), [("abc-1.2", True), ("a b", False), ("x" * 200, False), ("<script>", False)])
def test_a_sane_request_id_comes_back(sent: str, kept: bool) -> None:
    with serving(app_of(GET)) as client:
        told = client.get("/sample/7", headers={"X-Request-Id": sent}).headers["x-request-id"]

    assert (told == sent) is kept
    assert told


def test_the_access_log_tells_what_was_asked_and_nothing_secret(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "gatebook.access"), serving(app_of(GET)) as client:
        client.get("/sample/7%0a?page=2&api_key=SECRET&plate=AB12CD&flag", headers={"Authorization": "Bearer SECRET"})

    (told,) = accesses(caplog)
    assert (told.method, told.status, told.sent_bytes, told.client) == ("GET", 200, 10, "127.0.0.1")
    assert told.path == "/sample/7%0a?page=2&api_key=...&plate=...&flag"
    assert told.operation == "/sample/{id}"
    assert "SECRET" not in caplog.text
    assert "AB12CD" not in caplog.text


def test_a_client_that_goes_in_the_middle_of_its_body_is_no_error(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO), serving(app_of(POST)) as client:
        with socket.create_connection((client.base_url.host, client.base_url.port)) as connection:
            connection.sendall(b"POST /sample HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf")
        client.get("/sample")

    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []
    assert 499 in [told.status for told in accesses(caplog)]
