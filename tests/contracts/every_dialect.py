"""What every dialect keeps to, written once.

A class of tests to be inherited: the heir gives the fixtures `dialect`, `folder`, `services` and `others` (the
dialects that it is served beside). `test_dialects.py` runs it on each that is built in.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from gatebook.domain.errors import Broken, GatebookError, MethodNotAllowed, Refused, TooMany, Unavailable
from gatebook.domain.kinds import Kind
from gatebook.http import Request
from gatebook.http.dialect import PARAMETER, Dialect
from gatebook.http.mount import mount
from gatebook.http.served import Served
from tests.http.serving import serving

REQUIRED = {"__init__.py", "schemas.py", "mapping.py", "routes.py", "errors.py", "README.md"}
OPTIONAL = {"socket.py", "tokens.py", "resources", "words", "live"}
SECRET = "what nobody outside may read"


def every_error() -> list[type[GatebookError]]:
    """The whole tree, root included; Broken is left out, since it stops the start and meets no request."""

    def below(kind: type[GatebookError]) -> Iterator[type[GatebookError]]:
        yield kind
        for child in kind.__subclasses__():
            yield from below(child)

    return [kind for kind in below(GatebookError) if kind is not Broken]


def made(kind: type[GatebookError]) -> GatebookError:
    """An error of this kind, with something plausible for whatever it takes."""
    values = {"allowed": ("GET", "HEAD"), "retry_after_s": 7}
    taken = list(inspect.signature(kind.__init__).parameters)[1:]
    return kind(*[values.get(name, SECRET if kind is GatebookError else f"the {name}") for name in taken])


def asking(dialect: Dialect[Any]) -> Request:
    """A request at the dialect's first root."""
    path = dialect.roots[0]
    scope = {"type": "http", "method": "GET", "path": path, "raw_path": path.encode(), "headers": []}
    return Request({**scope, "query_string": b"", "path_params": {}, "scheme": "http", "server": ("testserver", 80)})


class EveryDialect:
    @pytest.fixture
    def client(self, dialect: Dialect[Any], services: Any) -> Iterator[httpx.Client]:
        """The dialect served alone."""
        with serving(mount([dialect], services)) as client:
            yield client

    def test_its_folder_holds_what_is_asked_for_and_nothing_else(self, folder: Path) -> None:
        present = {path.name for path in folder.iterdir()} - {"__pycache__"}

        assert present >= REQUIRED
        assert present <= REQUIRED | OPTIONAL

    def test_its_name_is_its_folder(self, dialect: Dialect[Any], folder: Path) -> None:
        assert dialect.name == folder.name

    def test_every_kind_has_a_word_or_is_known_to_have_none(self, dialect: Dialect[Any]) -> None:
        spoken = set(dialect.kinds)

        assert spoken | dialect.unspoken == set(Kind)
        assert spoken & dialect.unspoken == set()
        assert all(dialect.kinds.values())

    @pytest.mark.parametrize("kind", every_error(), ids=lambda kind: kind.__name__)
    def test_every_error_has_the_shape_of_the_vendor(self, dialect: Dialect[Any], kind: type[GatebookError]) -> None:
        answer = dialect.on_error(asking(dialect), made(kind))

        body = json.loads(answer.body)
        assert msgspec.convert(body, dialect.error_shape or object) is not None
        assert answer.headers["content-type"].startswith(dialect.error_media)
        expected = 400 if issubclass(kind, Refused) else 500
        assert expected <= answer.status_code < expected + 100
        if kind is MethodNotAllowed:
            assert answer.status_code == dialect.wrong_method in (400, 405)
        if kind in (TooMany, Unavailable):
            assert answer.status_code == kind.status
        assert SECRET not in str(body)

    def test_an_unknown_path_is_the_vendors_404(self, dialect: Dialect[Any], client: httpx.Client) -> None:
        path = f"{dialect.roots[0]}/no-such/thing/at-all/anywhere"

        answer = client.get(path)

        assert answer.status_code == 404
        assert msgspec.convert(answer.json(), dialect.error_shape or object) is not None

    def test_a_wrong_method_is_refused_with_the_vendors_status(
        self, dialect: Dialect[Any], services: Any, client: httpx.Client
    ) -> None:
        for path, methods in self.paths(dialect, services).items():
            wrong = next(one for one in ("DELETE", "PUT", "POST", "PATCH", "GET") if one not in methods)

            answer = client.request(wrong, path)

            allowed = set(answer.headers.get("allow", "").split(", "))
            assert (answer.status_code, methods <= allowed, wrong in allowed) == (dialect.wrong_method, True, False), (
                path
            )

    def test_what_is_not_public_asks_for_a_credential(
        self, dialect: Dialect[Any], services: Any, client: httpx.Client
    ) -> None:
        for operation in dialect.operations(services):
            if operation.public:
                continue
            answer = client.request(operation.method, PARAMETER.sub("1", operation.path))

            assert answer.status_code == 401, operation.path
            assert msgspec.convert(answer.json(), dialect.error_shape or object) is not None

    def test_a_trailing_slash_is_the_same_path(
        self, dialect: Dialect[Any], services: Any, client: httpx.Client
    ) -> None:
        for path in self.paths(dialect, services):
            bare, slashed = client.options(path), client.options(path + "/")

            assert (bare.status_code, bare.headers["allow"]) == (slashed.status_code, slashed.headers["allow"])

    def test_its_openapi_document_is_valid(self, dialect: Dialect[Any], client: httpx.Client) -> None:
        document = client.get(f"/docs/{dialect.name}/openapi.json").json()

        assert [error.message for error in OpenAPIV31SpecValidator(document).iter_errors()] == []
        assert document["paths"]

    def test_its_page_tells_every_operation(self, dialect: Dialect[Any], services: Any, client: httpx.Client) -> None:
        page = client.get(f"/docs/{dialect.name}/")

        assert page.status_code == 200
        assert page.text.count("curl") >= len(dialect.operations(services))
        assert "default-src 'none'" in page.headers["content-security-policy"]

    def test_the_app_builds_with_it_alone_beside_all_and_without_it(
        self, dialect: Dialect[Any], services: Any, others: Sequence[Dialect[Any]]
    ) -> None:
        for dialects in ([dialect], [dialect, *others], list(others)):
            app = mount(dialects, services)

            assert [one.dialect.name for one in app.served] == [one.name for one in dialects] + ["docs"]

    @staticmethod
    def paths(dialect: Dialect[Any], services: Any) -> dict[str, set[str]]:
        """A path that each pattern matches, and the methods served at it."""
        served = Served.of(dialect, services)
        found = {}
        for operation in served.operations:
            path = PARAMETER.sub("1", operation.path)
            found[path] = set(served.allowed(path.split("/")[1:]))
        return found
