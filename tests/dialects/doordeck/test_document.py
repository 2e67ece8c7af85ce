"""The OpenAPI document says what is served, and what is served is what it says."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS, load_all_checks

from tests.dialects.doordeck.house import House

OPERATIONS = (
    "GET /account", "GET /device", "GET /device/favourite", "GET /device/shareable", "GET /device/{id}",
    "GET /device/{id}/log", "GET /device/{id}/users", "GET /site",
    "GET /site/{id}/device", "GET /site/{id}/user", "GET /time", "GET /user/{id}", "GET /user/{id}/log",
    "POST /auth/token", "POST /auth/token/destroy", "POST /auth/token/refresh",
)  # fmt: skip

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


def test_every_operation_is_in_the_document(house: House) -> None:
    """Doordeck "Cloud API"."""
    paths: dict[str, dict[str, Any]] = house.client.get("/docs/doordeck/openapi.json").json()["paths"]

    assert sorted(f"{method.upper()} {path}" for path, found in paths.items() for method in found) == list(OPERATIONS)


@pytest.fixture(scope="module")
def ids(house: House) -> dict[str, str]:
    """Something that is there, by the first word of its path, with an event at it."""
    site, ada = house.site(), house.person("Ada")
    lock = house.device(site=site)
    house.report(lock, "door.opened", "access.denied")
    house.report(lock, "access.granted", person=ada.number)
    return {"device": str(lock.id), "site": str(site.id), "user": str(ada.id)}


def exercised(house: House, operation: str, mode: GenerationMode, id: str | None) -> set[int]:
    """The statuses of some calls, each checked; with an id, all of them ask for that one."""
    method, path = operation.split()
    schema = schemathesis.openapi.from_url(f"{house.base_url}/docs/doordeck/openapi.json")[path][method]
    token, _ = asyncio.run(house.services.tokens.issue(house.admin, "doordeck"))
    statuses: set[int] = set()

    @settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
    @given(case=schema.as_strategy(generation_mode=mode))
    def exercise(case: schemathesis.Case) -> None:
        if id is not None:
            case.path_parameters["id"] = id
        answer = case.call(base_url=house.base_url, headers={"Authorization": f"Bearer {token}"})
        statuses.add(answer.status_code)
        case.validate_response(answer, checks=CHECKED)

    exercise()
    return statuses


@pytest.mark.parametrize("operation", [one for one in OPERATIONS if "{id}" in one])
def test_what_the_document_allows_is_answered(house: House, ids: dict[str, str], operation: str) -> None:
    """Doordeck "Cloud API": parameters and responses, by schemathesis."""
    statuses = exercised(house, operation, GenerationMode.POSITIVE, ids[operation.split("/")[1]])

    assert 200 in statuses
    assert statuses <= {200, 400}


@pytest.mark.parametrize("operation", OPERATIONS)
def test_nothing_that_is_documented_fails(house: House, operation: str) -> None:
    """Doordeck "Cloud API": parameters and responses, by schemathesis."""
    statuses = exercised(house, operation, GenerationMode.POSITIVE, None)

    assert statuses <= {200, 204, 400, 401, 404, 429}


@pytest.mark.parametrize("operation", [one for one in OPERATIONS if "{id}" in one or one == "POST /auth/token"])
def test_nothing_that_is_wrong_fails_otherwise_than_documented(house: House, operation: str) -> None:
    """Doordeck "Cloud API": parameters and responses, by schemathesis."""
    statuses = exercised(house, operation, GenerationMode.NEGATIVE, None)

    assert statuses & {400, 404, 405}
    assert statuses <= {200, 400, 401, 404, 405, 415, 429}
