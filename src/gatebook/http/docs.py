"""What a server says of itself: `/`, `/docs/`, `/docs/{dialect}/`, `/docs/{dialect}/openapi.json`.

HTML made from the same operations that are served, nothing from elsewhere; whole without its one script, by which
every operation can be tried from its page.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files

import msgspec
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import Response

from gatebook import __version__
from gatebook.domain.errors import NotFound
from gatebook.domain.kinds import Kind
from gatebook.http import problems
from gatebook.http.dialect import JSON, PARAMETER, PROBLEM, Dialect, Handler, Operation, Reply
from gatebook.http.openapi import Document, document_of, operation_id
from gatebook.http.served import Served

ROOT = "/docs"
HTML = "text/html"
FRONT = "/"
CSP = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)


@dataclass(frozen=True, slots=True)
class _Parameter:
    name: str
    place: str
    kind: str
    note: str


@dataclass(frozen=True, slots=True)
class _Entry:
    """One operation as its page shows it."""

    id: str
    operation: Operation
    needs: str
    parameters: tuple[_Parameter, ...]
    curl: str
    path: str
    """Path and query of a call that makes sense, as the server has it; `{name}` stands for what is to be filled in."""
    media: str
    body: str
    """A body to begin with; empty where none is sent."""


def documentation(served: Sequence[Served]) -> Dialect[None]:
    """The documentation of these dialects, as one more dialect, whose root is `/docs`."""
    by_name = {one.dialect.name: one for one in served}
    pages = Environment(loader=PackageLoader(__package__, "pages"), autoescape=True, undefined=StrictUndefined)
    look = files(__package__).joinpath("pages", "style.css").read_text()
    script = files(__package__).joinpath("pages", "try.js").read_text()

    def html(page: str, **values: object) -> Response:
        text = pages.get_template(page).render(values)
        return Response(text, 200, {"Content-Security-Policy": CSP, "Cache-Control": "no-cache"}, HTML)

    def found(request: Request) -> Served:
        name = request.path_params["dialect"]
        if name not in by_name:
            raise NotFound(f"{name[:60]}: there is no such dialect; there are {', '.join(by_name)}")
        return by_name[name]

    async def front(_request: Request) -> Response:
        return html("front.html", served=served, version=__version__)

    async def contents(_request: Request) -> Response:
        return html("contents.html", served=served)

    async def dialect(request: Request) -> Response:
        one = found(request)
        entries = entries_of(one, str(request.base_url).rstrip("/"))
        return html("dialect.html", dialect=one.dialect, operations=entries, sockets=one.sockets)

    async def document(request: Request) -> Response:
        one = found(request)
        told = document_of(one.dialect, one.operations, one.sockets, one.prefix)
        return Response(msgspec.json.encode(told), 200, {"Cache-Control": "no-cache"}, JSON)

    async def problem_types(_request: Request) -> Response:
        return html("problems.html", titles=problems.TITLES)

    async def style(_request: Request) -> Response:
        return Response(look, 200, {"Cache-Control": "max-age=3600"}, "text/css")

    async def trying(_request: Request) -> Response:
        return Response(script, 200, {"Cache-Control": "max-age=3600"}, "text/javascript")

    operations = (
        _get(FRONT, front, "What runs here", HTML),
        _get(ROOT, contents, "Every dialect that is served here", HTML),
        _get(f"{ROOT}/problems", problem_types, "What each type of problem means", HTML),
        _get(f"{ROOT}/style.css", style, "How these pages look", "text/css"),
        _get(f"{ROOT}/try.js", trying, "How an operation is tried from its page", "text/javascript"),
        _get(f"{ROOT}/{{dialect}}", dialect, "One dialect's operations", HTML),
        _get(f"{ROOT}/{{dialect}}/openapi.json", document, "One dialect as an OpenAPI document", JSON),
    )
    return Dialect(
        name="docs",
        title="Documentation",
        roots=(ROOT, FRONT),
        operations=lambda _services: operations,
        on_error=problems.on_error,
        error_shape=problems.Problem,
        error_media=PROBLEM,
        security=(),
        unspoken=frozenset(Kind),
    )


def _get(path: str, handler: Handler, summary: str, media: str) -> Operation:
    replies = {200: Reply(shape=str, media=(media,))}
    return Operation(method="GET", path=path, handler=handler, summary=summary, public=True, replies=replies)


def entries_of(served: Served, base_url: str) -> list[_Entry]:
    """Every operation of a dialect as its page shows it, in the dialect's own order."""
    paths = document_of(served.dialect, served.operations)["paths"]
    entries = []
    for one in served.operations:
        told = paths[PARAMETER.sub(r"{\1}", one.path)][one.method.lower()]
        needs = "nothing" if one.public else ", ".join(one.scopes) or "any credential"
        parameters = tuple(_parameter(parameter) for parameter in told["parameters"])
        curl, body = curl_of(one, base_url, served.prefix), one.body
        path = served.prefix + (one.example or PARAMETER.sub(r"{\1}", one.path))
        entries.append(
            _Entry(operation_id(one), one, needs, parameters, curl, path, body.media[0] if body else "", sample_of(one))
        )
    return entries


def _parameter(told: Document) -> _Parameter:
    schema = told["schema"]
    kinds = [schema.get("format") or schema.get("type", "")] if "anyOf" not in schema else []
    kinds += [one.get("format") or one.get("type", "") for one in schema.get("anyOf", ())]
    return _Parameter(told["name"], told["in"], " or ".join(filter(None, kinds)), told.get("description", ""))


def curl_of(operation: Operation, base_url: str, prefix: str = "") -> str:
    """A command that can be pasted into a shell; `$TOKEN` stands for the credential."""
    path = operation.example or PARAMETER.sub(lambda match: match[1].upper(), operation.path)
    words = ["curl"]
    if operation.method != "GET":
        words += ["-X", operation.method]
    if not operation.public:
        words += ["-H", '"Authorization: Bearer $TOKEN"']
    if operation.body is not None:
        words += ["-H", shlex.quote(f"Content-Type: {operation.body.media[0]}")]
        words += ["-d", shlex.quote(sample_of(operation))]
    return " ".join([*words, shlex.quote(base_url + prefix + path)])


def sample_of(operation: Operation) -> str:
    """A body of the operation's, to begin with."""
    if operation.body is None:
        return ""
    return operation.body.example or ("{}" if operation.body.media[0] == JSON else "")
