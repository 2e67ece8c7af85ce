"""The OpenAPI document is what is served: generated calls, good and bad, are answered as it says, never by a 5xx."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from gatebook.dialects.native import DIALECT
from tests.houses import NOON, House, house_in

ENDLESS = "/v1/events/stream"
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Something of everything, so that answers are not empty."""
    with house_in(tmp_path_factory.mktemp("house"), DIALECT) as found:
        site = found.site("North Gate")
        found.device("one", site=site.number, vendor_ids=("1",))
        found.person()
        found.report(1, person=1, credential="0042", data={"a": 1})
        found.report(1, "plate.read", credential="B123 XY", occurred="2099-01-01T00:00:00Z")
        found.post({"kind": "door.opened", "device": "dev-9", "occurred": NOON})
        yield found


def generated(operation: Any, full: House) -> None:
    """Calls one operation with what its part of the document allows."""
    headers = {"Authorization": f"Bearer {full.key}"}

    good = operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
    bad = operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)

    @given(good | bad)
    @settings(
        max_examples=24,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def calls(case: schemathesis.Case) -> None:
        response = case.call(base_url=full.url, headers=headers)
        case.validate_response(response, checks=CHECKS, headers=headers)

    calls()


@pytest.mark.timeout(240)  # some sixty operations
def test_generated_calls_are_answered_as_documented(full: House) -> None:
    schema = schemathesis.openapi.from_url(f"{full.url}/docs/native/openapi.json").exclude(path=ENDLESS)
    operations = [found.ok() for found in schema.get_all_operations()]

    for operation in operations:
        generated(operation, full)

    assert len(operations) >= 60


def test_the_stream_is_documented(full: House) -> None:
    told = full.get("/docs/native/openapi.json").json()["paths"]

    assert set(told[ENDLESS]["get"]["responses"]["200"]["content"]) == {"text/event-stream"}
