from __future__ import annotations

import re
from typing import Annotated

import pytest
from msgspec import Meta, Struct

from gatebook.domain.access import Scope
from gatebook.http import Request, Response
from gatebook.http.dialect import Body, Operation, Reply
from gatebook.http.docs import curl_of
from gatebook.http.openapi import Document
from tests.http.serving import app_of, serving


class Query(Struct, rename="camel"):
    page_size: Annotated[int, Meta(ge=1, le=100, description="how many")] = 20
    since: str | None = None


class Path(Struct):
    id: int


class Thing(Struct):
    name: str


async def nothing(_request: Request) -> Response:
    return Response()


PLACE = Operation(
    method="PUT",
    path="/sample/{id}/things/{rest:rest}",
    handler=nothing,
    summary="Say <b>it's</b>",
    params=Path,
    query=Query,
    headers={"Purpose": "what it is for", "Accept": "left out"},
    body=Body(shape=Thing | list[Thing], example='{"name":"it\'s"}'),
    replies={201: Reply(shape=Thing, headers={"Location": "where it is"}), 204: Reply()},
    scopes=(Scope.DEVICES_MANAGE,),
    example="/sample/7/things/a?pageSize=5",
)


@pytest.fixture(scope="module")
def told() -> Document:
    with serving(app_of(PLACE)) as client:
        document: Document = client.get("/docs/sample/openapi.json").json()
    return document


def test_parameters_have_their_bounds(told: Document) -> None:
    parameters = {one["name"]: one for one in told["paths"]["/sample/{id}/things/{rest}"]["put"]["parameters"]}

    assert parameters["id"]["schema"] == {"type": "integer"}
    assert parameters["rest"]["required"] is True
    assert parameters["pageSize"]["schema"] == {
        "type": "integer",
        "minimum": 1,
        "maximum": 100,
        "description": "how many",
        "default": 20,
    }
    assert parameters["Purpose"]["in"] == "header"
    assert "Accept" not in parameters


def test_bodies_and_answers_have_their_types(told: Document) -> None:
    operation = told["paths"]["/sample/{id}/things/{rest}"]["put"]

    either = operation["requestBody"]["content"]["application/json"]["schema"]["anyOf"]
    thing = {"$ref": "#/components/schemas/Thing"}
    assert thing in either
    assert {"type": "array", "items": thing} in either
    assert operation["responses"]["201"]["headers"]["Location"]["description"] == "where it is"
    assert "content" not in operation["responses"]["204"]
    assert set(operation["responses"]) == {"201", "204", "4XX", "5XX"}
    assert operation["security"] == [{"bearer": ["devices:manage"]}]
    assert told["components"]["schemas"]["Thing"]["properties"] == {"name": {"type": "string"}}


def test_the_page_shows_text_as_text() -> None:
    with serving(app_of(PLACE)) as client:
        page = client.get("/docs/sample").text

    assert "Say &lt;b&gt;it&#39;s&lt;/b&gt;" in page
    assert re.findall(r"<script[^>]*>", page) == ['<script type="module" src="/docs/try.js">']


def test_a_page_tries_its_operations_with_its_own_script_alone() -> None:
    with serving(app_of(PLACE)) as client:
        page, script = client.get("/docs/sample"), client.get("/docs/try.js")

    assert "script-src 'self';" in page.headers["content-security-policy"]
    assert script.headers["content-type"].startswith("text/javascript")
    assert 'class="try" data-method="' in page.text


def test_the_first_page_says_what_runs_here() -> None:
    with serving(app_of(PLACE)) as client:
        page = client.get("/")

    assert page.status_code == 200
    assert 'href="/console"' in page.text
    assert 'href="/docs/"' in page.text


def test_the_contents_lead_to_each_dialect_and_nowhere_else() -> None:
    with serving(app_of(PLACE)) as client:
        contents = client.get("/docs/")
        unknown = client.get("/docs/nonesuch/")
        style = client.get("/docs/style.css")

    assert 'href="/docs/sample/"' in contents.text
    assert unknown.status_code == 404
    assert style.headers["content-type"].startswith("text/css")


def test_the_command_survives_a_shell() -> None:
    assert curl_of(PLACE, "http://h:1") == (
        "curl -X PUT -H \"Authorization: Bearer $TOKEN\" -H 'Content-Type: application/json' "
        "-d '{\"name\":\"it'\"'\"'s\"}' 'http://h:1/sample/7/things/a?pageSize=5'"
    )
