"""The OpenAPI document says what is served, and what is served is what it says."""

from __future__ import annotations

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS, load_all_checks

from gatebook.domain.access import Scope
from tests.dialects.xprotect.asking import READS_AND_WRITES, REST, service_token
from tests.houses import House

load_all_checks()
CHECKED = CHECKS.get_by_names(
    [
        "not_a_server_error",
        "status_code_conformance",
        "content_type_conformance",
        "response_headers_conformance",
        "response_schema_conformance",
    ]
)
ASKED = [
    ("GET", f"{REST}/events"),
    ("GET", f"{REST}/events/{{id}}"),
    ("POST", f"{REST}/events"),
    ("POST", f"{REST}/events/bulk"),
    ("POST", f"{REST}/eventSessions"),
]


@pytest.fixture(scope="module")
def token(house: House) -> str:
    return service_token(house, "reader of the document", READS_AND_WRITES | {Scope.DEVICES_MANAGE})


def test_the_document_has_the_vendors_parameters(house: House) -> None:
    """Events REST API, "List past stored events": query parameters, and our own beside them."""
    document = house.client.get("/docs/xprotect/openapi.json").json()

    told = {one["name"] for one in document["paths"][f"{REST}/events"]["get"]["parameters"]}
    assert told == {
        "orderBy", "include", "time", "source.name", "source.id", "page", "size", "type", "tag", "id", "localId",
    }  # fmt: skip
    assert {path for _method, path in ASKED} <= set(document["paths"])


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=lambda mode: mode.value)
@pytest.mark.parametrize(("method", "path"), ASKED)
def test_nothing_fails_and_nothing_is_undocumented(
    house: House, token: str, method: str, path: str, mode: GenerationMode
) -> None:
    """Events REST API: parameters and responses, by schemathesis."""
    house.report(house.device("a documented door"))
    operation = schemathesis.openapi.from_url(f"{house.url}/docs/xprotect/openapi.json")[path][method]
    statuses: set[int] = set()

    @settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy(generation_mode=mode))
    def exercise(case: schemathesis.Case) -> None:
        answer = case.call(headers={"Authorization": f"Bearer {token}"})
        statuses.add(answer.status_code)
        case.validate_response(answer, checks=CHECKED)

    exercise()
    assert statuses <= {200, 201, 202, 207, 400, 401, 403, 404, 413, 429}
