"""The OpenAPI document says what is served, and what is served is what it says."""

from __future__ import annotations

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS, load_all_checks

from gatebook.dialects.xprotect.resources.configuration import RESOURCES
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
EXAMPLES = 3
"""Of each operation."""
OF_EVENTS = 12
"""Of each operation on events and event sessions."""


@pytest.fixture(scope="module")
def token(house: House) -> str:
    scopes = READS_AND_WRITES | {Scope.DEVICES_MANAGE, Scope.ALARMS_MANAGE}
    return service_token(house, "reader of the document", scopes)


def test_the_document_has_the_vendors_parameters(house: House) -> None:
    """Events REST API, "List past stored events": query parameters, and our own beside them."""
    document = house.client.get("/docs/xprotect/openapi.json").json()

    told = {one["name"] for one in document["paths"][f"{REST}/events"]["get"]["parameters"]}
    assert told == {
        "orderBy", "include", "time", "source.name", "source.id", "page", "size", "type", "tag", "id", "localId",
    }  # fmt: skip


@pytest.mark.timeout(300)
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=lambda mode: mode.value)
def test_nothing_fails_and_nothing_is_undocumented(house: House, token: str, mode: GenerationMode) -> None:
    """Events REST API and Configuration REST API: parameters and responses of all, by schemathesis."""
    house.report(house.device("a documented door"))
    document = schemathesis.openapi.from_url(f"{house.url}/docs/xprotect/openapi.json")
    exercised: set[str] = set()
    for found in document.get_all_operations():
        operation = found.ok()
        if mode is GenerationMode.NEGATIVE and not operation.body and not list(operation.iter_parameters()):
            continue  # nothing can be sent wrong
        exercised.add(operation.label)

        examples = OF_EVENTS if f"{REST}/events" in operation.label or "/eventSessions" in operation.label else EXAMPLES

        @settings(max_examples=examples, deadline=None, database=None, phases=[Phase.generate],
                  suppress_health_check=list(HealthCheck))  # fmt: skip
        @given(case=operation.as_strategy(generation_mode=mode))
        def exercise(case: schemathesis.Case) -> None:
            answer = case.call(headers={"Authorization": f"Bearer {token}"})
            case.validate_response(answer, checks=CHECKED)

        exercise()
    assert {"GET /api/rest/v1/events", "POST /api/rest/v1/eventSessions", "POST /idp/connect/token"} <= exercised
    assert {f"GET {REST}/{one.name}" for one in RESOURCES} <= exercised
