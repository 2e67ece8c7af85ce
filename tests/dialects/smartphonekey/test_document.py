"""The OpenAPI document says what is served, and what is served is what it says."""

from __future__ import annotations

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS, load_all_checks

from gatebook.domain.places import Device
from tests.dialects.smartphonekey.house import House


def test_the_document_is_where_the_vendor_has_it(house: House) -> None:
    """SmartphoneKey OpenAPI document: served at /openapi.json."""
    answer = house.client.get("/openapi.json")

    assert answer.status_code == 200
    assert answer.content == house.client.get("/docs/smartphonekey/openapi.json").content
    assert {"/locks/{id}/events", "/cameras/{id}/lpr-events", "/openapi.json"} <= set(answer.json()["paths"])


def test_the_document_has_the_vendors_parameters_and_security(house: House) -> None:
    """SmartphoneKey "Get lock event history", headings Authentication, Path Parameters, Query Parameters."""
    document = house.client.get("/openapi.json").json()

    operation = document["paths"]["/locks/{id}/events"]["get"]
    told = {(one["name"], one["in"]): one["schema"]["type"] for one in operation["parameters"]}
    assert told == {("id", "path"): "integer", ("page", "query"): "string"}
    assert document["components"]["securitySchemes"]["apiKey"]["name"] == "X-API-Key"


load_all_checks()
CHECKED = CHECKS.get_by_names(
    [
        "not_a_server_error",
        "status_code_conformance",
        "content_type_conformance",
        "response_headers_conformance",
        "response_schema_conformance",
        "unsupported_method",
        "ignored_auth",
    ]
)

[NO_FAULT] = CHECKS.get_by_names(["not_a_server_error"])
"""A lock that is not on the line is answered 502, as the vendor does: no fault of the server."""


def exercised(house: House, mode: GenerationMode, lock: Device | None) -> set[int]:
    """The statuses of a hundred calls, each checked; with a lock, all of them ask for that one."""
    operation = schemathesis.openapi.from_url(f"{house.base_url}/openapi.json")["/locks/{id}/events"]["GET"]
    statuses: set[int] = set()

    @settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy(generation_mode=mode))
    def exercise(case: schemathesis.Case) -> None:
        if lock is not None:
            case.path_parameters["id"] = lock.number
        case.headers.pop("Authorization", None)  # what was made up would be refused beside the key
        answer = case.call(headers={"X-API-Key": house.key})
        statuses.add(answer.status_code)
        case.validate_response(answer, checks=CHECKED)

    exercise()
    return statuses


def test_what_the_document_allows_is_answered(house: House) -> None:
    """SmartphoneKey "Get lock event history": parameters and responses, by schemathesis."""
    lock = house.add_device()
    house.report(lock, *["door.opened"] * 12, data=b'{"a":[1]}')

    assert exercised(house, GenerationMode.POSITIVE, lock) == {200}


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=lambda mode: mode.value)
def test_nothing_fails_and_nothing_is_undocumented(house: House, mode: GenerationMode) -> None:
    """SmartphoneKey "Get lock event history": parameters and responses, by schemathesis."""
    statuses = exercised(house, mode, None)

    assert statuses & {400, 404}
    assert statuses <= {200, 400, 401, 404, 405}


def operations(house: House) -> list[tuple[str, str]]:
    """Path and method of each operation but the two that are exercised above or say nothing."""
    paths = house.client.get("/openapi.json").json()["paths"]
    left_out = {"/locks/{id}/events", "/openapi.json"}
    return [(path, method) for path, item in paths.items() if path not in left_out for method in item]


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=lambda mode: mode.value)
def test_every_command_and_query_answers_as_documented(house: House, mode: GenerationMode) -> None:
    """SmartphoneKey OpenAPI document: commands and queries, by schemathesis."""
    document = schemathesis.openapi.from_url(f"{house.base_url}/openapi.json")
    statuses: set[int] = set()

    for path, method in operations(house):

        @settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
        @given(case=document[path][method.upper()].as_strategy(generation_mode=mode))
        def exercise(case: schemathesis.Case) -> None:
            case.headers.pop("Authorization", None)
            answer = case.call(headers={"X-API-Key": house.key})
            statuses.add(answer.status_code)
            if answer.status_code == 502 and case.path == "/locks/{id}/OpenLock":
                case.validate_response(answer, checks=[one for one in CHECKED if one is not NO_FAULT])
            else:
                case.validate_response(answer, checks=CHECKED)

        exercise()

    assert statuses <= {200, 201, 400, 401, 403, 404, 405, 409, 415, 422, 502}
    assert statuses & {201, 400}
