"""Gateway manners that hold whatever is asked."""

from __future__ import annotations

import pytest

from tests.dialects.xprotect.asking import ask, service_token
from tests.houses import House


@pytest.mark.parametrize("path", ["/api/.well-known/uris", "/API/.Well-Known/URIS", "/Api/.well-known/uris/"])
def test_paths_match_in_any_letter_case(house: House, path: str) -> None:
    """mipsdk-samples-protocol: `/API/rest/v1`, `/api/rest/v1`, `eventTypes/`."""
    assert house.client.get(path).status_code == 200


def test_an_unknown_collection_is_named(house: House) -> None:
    """Configuration API, "Errors", as recorded by cns-live: 404, `Unknown resource: recordings`."""
    token = service_token(house, "asker of nothing")

    answer = ask(house, "GET", "recordings", token)

    assert answer.status_code == 404
    assert answer.json() == {"error": {"httpCode": 404, "details": [{"errorText": "Unknown resource: recordings"}]}}
