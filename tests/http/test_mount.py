from __future__ import annotations

import logging
from dataclasses import replace
from uuid import UUID

import httpx
import pytest

from gatebook.domain.access import EVERYTHING, Principal, PrincipalKind, Scope
from gatebook.domain.errors import Conflict, GatebookError, TooMany, Unauthenticated
from gatebook.http import Request, Response, WebSocket
from gatebook.http.dialect import Dialect, Operation, Socket, principal
from gatebook.http.mount import Mount, Place, mount
from gatebook.http.problems import on_error
from gatebook.http.wire import json_reply
from tests.http.serving import app_of, dialect_of, raw, serving


def echo(method: str, path: str, mark: str = "") -> Operation:
    async def handler(request: Request) -> Response:
        return json_reply({"mark": mark or path, "params": request.path_params})

    return Operation(method=method, path=path, handler=handler, summary="says what it was asked", public=True)


def plain_error(mark: str) -> Dialect[None]:
    def refuse(_request: Request, error: GatebookError) -> Response:
        return Response(f"{mark} {error.status}", error.status)

    return Dialect(
        name=mark,
        title=mark,
        roots=(f"/{mark}",),
        operations=lambda _services: [
            echo("GET", f"/{mark}/things"),
            echo("POST", f"/{mark}/things"),
            echo("GET", f"/{mark}/things/{{id}}"),
        ],
        on_error=refuse,
    )


FOLDED = dialect_of(
    [echo("GET", "/api/rest/v1/events"), echo("GET", "/api/rest/v1/{kind}/{id}"), echo("GET", "/idp/x")],
    "folded",
    ("/api", "/idp"),
    fold_case=True,
)
EXACT = dialect_of(
    [echo("GET", "/api/3/events"), echo("GET", "/api/3/people/{id}.json", "suffix")], "exact", ("/api/3",)
)


@pytest.fixture(scope="module")
def client() -> httpx.Client:
    with serving(mount([plain_error("one"), plain_error("two"), FOLDED, EXACT], None)) as client:
        yield client


@pytest.mark.parametrize(
    ("path", "mark", "params"),
    [
        ("/api/3/events", "/api/3/events", {}),
        ("/api/3/events/", "/api/3/events", {}),
        ("/api/3/people/7.json", "suffix", {"id": "7"}),
        ("/API/rest/V1/Events", "/api/rest/v1/events", {}),
        ("/IDP/x", "/idp/x", {}),
        ("/api/rest/v1/Cameras/AbC", "/api/rest/v1/{kind}/{id}", {"kind": "Cameras", "id": "AbC"}),
        (
            "/api/rest/v1/cameras/E028F597-C64B-4F27-BB8D-08F5CD768E1C",
            "/api/rest/v1/{kind}/{id}",
            {"kind": "cameras", "id": "e028f597-c64b-4f27-bb8d-08f5cd768e1c"},
        ),
        ("/one/things/a%2Fb%20c", "/one/things/{id}", {"id": "a/b c"}),
    ],
)
def test_a_path_reaches_its_dialect_and_operation(
    client: httpx.Client, path: str, mark: str, params: dict[str, str]
) -> None:
    answer = client.get(path)

    assert answer.status_code == 200
    assert answer.json() == {"mark": mark, "params": params}


@pytest.mark.parametrize(
    ("method", "path", "status", "body"),
    [
        ("GET", "/one/nothing", 404, "one 404"),
        ("GET", "/two/nothing", 404, "two 404"),
        ("GET", "/One/things", 404, None),
        ("GET", "/one//things", 404, "one 404"),
        ("DELETE", "/one/things", 405, "one 405"),
        ("GET", "/elsewhere", 404, None),
        ("GET", "/API/3/events", 404, None),
        ("GET", "/one/things/%FF", 400, None),
        ("GET", "/one/things/%00", 400, None),
    ],
)
def test_a_refusal_has_the_shape_of_its_dialect(
    client: httpx.Client, method: str, path: str, status: int, body: str | None
) -> None:
    answer = client.request(method, path)

    assert answer.status_code == status
    if body is not None:
        assert answer.text == body
    else:
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["status"] == status


def test_a_wrong_method_names_the_right_ones(client: httpx.Client) -> None:
    answer = client.put("/one/things")

    assert answer.headers["allow"] == "GET, HEAD, OPTIONS, POST"


def test_head_answers_as_get_without_a_body(client: httpx.Client) -> None:
    got = client.get("/one/things")

    answer = client.head("/one/things")

    assert answer.status_code == 200
    assert answer.content == b""
    assert answer.headers["content-length"] == str(len(got.content))


def test_options_names_the_methods(client: httpx.Client) -> None:
    answer = client.options("/one/things/7")

    assert (answer.status_code, answer.headers["allow"]) == (204, "GET, HEAD, OPTIONS")
    assert client.options("/one/nothing").status_code == 404


def test_bytes_that_are_no_url_are_refused(client: httpx.Client) -> None:
    answer = raw(client, b"GET /one/things/\xff\xfe HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")

    assert answer.startswith(b"HTTP/1.1 4")


def failing(error: Exception) -> Mount:
    async def handler(_request: Request) -> Response:
        raise error

    return mount(
        [dialect_of([Operation(method="GET", path="/sample", handler=handler, summary="", public=True)])], None
    )


def test_an_unforeseen_error_tells_its_request_and_nothing_else(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR, "gatebook"), serving(failing(RuntimeError("secret 4711"))) as client:
        answer = client.get("/sample", headers={"X-Request-Id": "abc-1"})

    assert answer.status_code == 500
    assert "4711" not in answer.text
    assert answer.json()["request_id"] == "abc-1"
    (record,) = [record for record in caplog.records if "abc-1" in record.getMessage()]
    assert record.exc_info is not None


def test_a_wait_is_told_in_the_header() -> None:
    with serving(failing(TooMany("slow down", 7))) as client:
        answer = client.get("/sample")

    assert (answer.status_code, answer.headers["retry-after"]) == (429, "7")


def test_an_error_shape_that_fails_falls_back_to_a_problem() -> None:
    def refuse(_request: Request, _error: GatebookError) -> Response:
        raise KeyError

    dialect = Dialect(name="x", title="x", roots=("/x",), operations=lambda _services: [], on_error=refuse)
    with serving(mount([dialect], None)) as client:
        assert client.get("/x/y").json()["title"] == "Not found"


def test_a_prefix_and_a_host_move_a_dialect() -> None:
    app = mount(
        [plain_error("one"), plain_error("two")],
        None,
        places={"one": Place(prefix="/vendor"), "two": Place(host="two.example")},
    )
    with serving(app) as client:
        statuses = {
            "prefixed": client.get("/vendor/one/things").status_code,
            "bare": client.get("/one/things").status_code,
            "prefixed, wrong": client.get("/vendor/one/x").text,
            "at its host": client.get("/two/things", headers={"Host": "Two.Example:8080"}).status_code,
            "at another": client.get("/two/things").status_code,
        }

    assert statuses == {
        "prefixed": 200,
        "bare": 404,
        "prefixed, wrong": "one 404",
        "at its host": 200,
        "at another": 404,
    }


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (dialect_of([echo("GET", "/a/x")], "one", ("/a",)), dialect_of([echo("GET", "/a/y")], "two", ("/a",))),
        (
            dialect_of([echo("GET", "/a/{x}/b"), echo("GET", "/a/c/{y}")], "one", ("/a",)),
            dialect_of([], "two", ("/b",)),
        ),
        (dialect_of([echo("GET", "/a/x"), echo("GET", "/a/x")], "one", ("/a",)), dialect_of([], "two", ("/b",))),
        (dialect_of([echo("GET", "/a/x")], "one", ("/a",)), dialect_of([echo("GET", "/a/x")], "two", ("/b",))),
        (
            dialect_of([echo("GET", "/a/x")], "one", ("/a",)),
            dialect_of([echo("GET", "/A/X")], "two", ("/A",), fold_case=True),
        ),
    ],
    ids=["one root twice", "neither is more special", "the same route", "outside its roots", "the same but for case"],
)
def test_an_overlap_stops_the_start(first: Dialect[None], second: Dialect[None]) -> None:
    with pytest.raises(ValueError, match=r"/[aA]"):
        mount([first, second], None)


def test_a_socket_refused_before_it_is_accepted_is_answered_over_http() -> None:
    async def refuse(_websocket: WebSocket) -> None:
        raise Conflict("not now")

    app = mount([dialect_of([], sockets=[Socket(path="/sample/live", handler=refuse, summary="")])], None)
    head = (
        b"Host: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    with serving(app) as client:
        refused = raw(client, b"GET /sample/live HTTP/1.1\r\n" + head)
        absent = raw(client, b"GET /sample/other HTTP/1.1\r\n" + head)

    assert refused.startswith(b"HTTP/1.1 409")
    assert b'"detail":"not now"' in refused
    assert absent.startswith(b"HTTP/1.1 404")


def test_on_error_never_raises_for_the_root_of_the_tree() -> None:
    request = Request({"type": "http", "method": "GET", "path": "/", "headers": [], "query_string": b""})

    assert on_error(request, GatebookError("x")).status_code == 500


def signed_in(*scopes: Scope) -> Dialect[None]:
    async def principal_of(_services: None, request: Request) -> Principal:
        if "authorization" not in request.headers:
            raise Unauthenticated("sign in")
        return Principal(
            organisation=1,
            kind=PrincipalKind.KEY,
            id=UUID(int=7),
            name="key",
            scopes=frozenset({Scope.EVENTS_READ}),
            grant=EVERYTHING,
        )

    async def handler(request: Request) -> Response:
        return json_reply(principal(request).id)

    operation = Operation(method="GET", path="/sample", handler=handler, summary="", scopes=scopes)
    return replace(dialect_of([operation]), principal_of=principal_of)


@pytest.mark.parametrize(
    ("scopes", "headers", "status"),
    [
        ((), {}, 401),
        ((), {"Authorization": "x"}, 200),
        ((Scope.EVENTS_READ,), {"Authorization": "x"}, 200),
        ((Scope.EVENTS_READ, Scope.AUDIT_READ), {"Authorization": "x"}, 403),
    ],
)
def test_the_scopes_that_are_documented_are_the_ones_enforced(
    scopes: tuple[Scope, ...], headers: dict[str, str], status: int
) -> None:
    with serving(mount([signed_in(*scopes)], None)) as client:
        answer = client.get("/sample", headers=headers)

    assert answer.status_code == status
    assert ("www-authenticate" in answer.headers) is (status == 401)


def test_an_operation_is_not_both_public_and_scoped() -> None:
    async def handler(_request: Request) -> Response:
        return Response()

    operation = Operation(
        method="GET", path="/sample", handler=handler, summary="", public=True, scopes=(Scope.EVENTS_READ,)
    )
    with pytest.raises(ValueError, match="public"):
        app_of(operation)
