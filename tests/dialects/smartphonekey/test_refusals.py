"""Every error of the tree in SmartphoneKey's form, over a real socket."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import httpx
import pytest

from gatebook.dialects.smartphonekey import DIALECT
from gatebook.domain import errors
from gatebook.domain.errors import GatebookError
from gatebook.http import Request, Response
from gatebook.http.dialect import Operation
from gatebook.http.mount import mount
from tests.dialects.smartphonekey.house import House
from tests.http.serving import serving

ERRORS: dict[str, tuple[GatebookError, int, str]] = {
    "bad input": (errors.BadInput("page", "got 'x'", "expected y"), 400, "Bad Request"),
    "unauthenticated": (errors.Unauthenticated("who are you"), 401, "Unauthorized"),
    "forbidden": (errors.Forbidden("you may not"), 403, "Forbidden"),
    "not found": (errors.NotFound("there is no such lock"), 404, "Not Found"),
    "method": (errors.MethodNotAllowed("use GET", ("GET", "HEAD")), 405, "Method Not Allowed"),
    "accept": (errors.NotAcceptable("only JSON"), 406, "Not Acceptable"),
    "conflict": (errors.Conflict("taken"), 409, "Conflict"),
    "precondition": (errors.PreconditionFailed("changed"), 412, "Precondition Failed"),
    "too large": (errors.TooLarge("body", "is large", "send less"), 413, "Payload Too Large"),
    "media": (errors.UnsupportedMedia("send JSON"), 415, "Unsupported Media Type"),
    "unplaceable": (errors.Unplaceable("lock", "is not known", "create it"), 422, "Unprocessable Entity"),
    "too many": (errors.TooMany("slow down", 17), 429, "Too Many Requests"),
    "broken": (GatebookError("the secret of the house"), 500, "Internal Server Error"),
    "unavailable": (errors.Unavailable("come back", 5), 503, "Service Unavailable"),
    "queue full": (errors.QueueFull("come back", 2), 503, "Service Unavailable"),
}


def failing(name: str) -> Operation:
    async def handler(_request: Request) -> Response:
        raise ERRORS[name][0]

    return Operation(
        method="GET", path=f"/locks/{name.replace(' ', '-')}", handler=handler, summary="fails", public=True
    )


@pytest.fixture(scope="module")
def failures() -> Iterator[httpx.Client]:
    """The dialect with an operation for each error."""
    with serving(mount([replace(DIALECT, operations=lambda _services: [*map(failing, ERRORS)])], None)) as client:  # type: ignore[arg-type]
        yield client


@pytest.mark.parametrize("name", ERRORS)
def test_an_error_has_the_fields_of_all_forms(failures: httpx.Client, name: str) -> None:
    """SmartphoneKey OpenAPI document, error bodies; "Get LPR event history", the example of a 404."""
    error, status, title = ERRORS[name]

    answer = failures.get(f"/locks/{name.replace(' ', '-')}")

    body = answer.json()
    message = body["message"]
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/json"
    assert body == {
        "success": False, "error": title, "message": message, "code": status,
        "errors": [{"code": status, "message": message}],
    }  # fmt: skip
    assert message == error.message if status != 500 else answer.headers["x-request-id"] in message
    assert "secret" not in answer.text


@pytest.mark.parametrize(("name", "seconds"), [("too many", "17"), ("unavailable", "5"), ("queue full", "2")])
def test_whoever_must_wait_is_told_how_long(failures: httpx.Client, name: str, seconds: str) -> None:
    """SmartphoneKey OpenAPI document: 429 with `Retry-After`."""
    assert failures.get(f"/locks/{name.replace(' ', '-')}").headers["retry-after"] == seconds


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_a_wrong_method_names_the_right_ones(house: House, method: str) -> None:
    """SmartphoneKey "Get lock event history": GET is the only method printed."""
    answer = house.client.request(method, "/locks/123/events", headers={"X-API-Key": house.key})

    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD, OPTIONS")
    assert answer.json()["error"] == "Method Not Allowed"


@pytest.mark.parametrize("root", DIALECT.roots)
def test_what_is_not_spoken_is_the_vendors_not_found(house: House, root: str) -> None:
    """SmartphoneKey "Get LPR event history", the example of a 404."""
    answer = house.client.get(f"{root}/9/nothing-of-ours", headers={"X-API-Key": house.key})

    assert (answer.status_code, answer.json()["code"]) == (404, 404)
    assert answer.json()["errors"][0]["code"] == 404


def test_bytes_that_are_no_path_are_refused_in_the_vendors_form_or_as_a_problem(house: House) -> None:
    """SmartphoneKey OpenAPI document, 400."""
    answer = house.client.get("/locks/%ff/events", headers={"X-API-Key": house.key})

    assert answer.status_code == 400
