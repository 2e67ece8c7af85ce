"""The OpenAPI document says what is served, and what is served is what it says."""

from __future__ import annotations

from base64 import b64encode

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS, load_all_checks

from tests.dialects.doorflow.asking import EVENTS
from tests.houses import House

load_all_checks()
CHECKED = CHECKS.get_by_names(
    [
        "not_a_server_error",
        "status_code_conformance",
        "content_type_conformance",
        "response_headers_conformance",
        "response_schema_conformance",
        "unsupported_method",
    ]
)
GETS = [
    EVENTS,
    EVENTS + ".json",
    EVENTS + "/{id}",
    EVENTS + "/{id}.json",
    "/api/3/channels",
    "/api/3/channels/{id}",
    "/api/3/people",
    "/api/3/people/{id}",
    "/api/3/person/{id}.json",
    "/oauth/token/info",
]
POSTS = ["/oauth/token", "/oauth/revoke"]


def test_the_document_has_the_vendors_parameters(house: House) -> None:
    """DoorFlow openapi.yaml, listEvents: parameters."""
    document = house.client.get("/docs/doorflow/openapi.json").json()

    told = {one["name"] for one in document["paths"][EVENTS]["get"]["parameters"]}
    assert told == {
        "n", "page", "since", "event_codes", "channels", "door_controllers", "first_name", "last_name", "sort",
        "level", "api_key",
    }  # fmt: skip
    assert set(GETS + POSTS) <= set(document["paths"])


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=lambda mode: mode.value)
@pytest.mark.parametrize(("path", "method"), [(one, "GET") for one in GETS] + [(one, "POST") for one in POSTS])
def test_nothing_fails_and_nothing_is_undocumented(house: House, path: str, method: str, mode: GenerationMode) -> None:
    """DoorFlow openapi.yaml: parameters and responses, by schemathesis."""
    house.report(house.device(), person=house.person("Joe Bloggs").number)
    operation = schemathesis.openapi.from_url(f"{house.url}/docs/doorflow/openapi.json")[path][method]
    authorization = "Basic " + b64encode(f"{house.key}:x".encode()).decode()
    statuses: set[int] = set()

    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy(generation_mode=mode))
    def exercise(case: schemathesis.Case) -> None:
        if case.query:
            case.query.pop("api_key", None)
        answer = case.call(headers={"Authorization": authorization})
        statuses.add(answer.status_code)
        case.validate_response(answer, checks=CHECKED)

    exercise()
    assert statuses <= {200, 400, 401, 403, 404, 405, 413, 415}
