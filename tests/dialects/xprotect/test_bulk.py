"""Many events in one request."""

from __future__ import annotations

import pytest

from gatebook.domain.access import Scope
from tests.dialects.xprotect.asking import READS_AND_WRITES, ask, service_token, user_token
from tests.houses import House

MOTION = "6eb95dd6-7ccc-4bce-99f8-af0d0b582d77"


@pytest.fixture(scope="module")
def token(house: House) -> str:
    return service_token(house, "bulk", READS_AND_WRITES | {Scope.DEVICES_MANAGE})


@pytest.fixture(scope="module")
def drill(house: House, token: str) -> str:
    """The id of a user-defined event."""
    told = ask(house, "POST", "userDefinedEvents", token, {"name": "Bulk drill"}).json()
    return str(told["result"]["id"])


@pytest.mark.parametrize("path", ["events/bulk", "events", "EVENTS/Bulk/"])
def test_each_item_has_an_outcome_of_its_own(house: House, token: str, drill: str, path: str) -> None:
    """Events REST API, "Create and trigger multiple events": `array` of `data` and `status`, which is a string."""
    items = [
        {"type": drill, "tag": "first"},
        {"type": "nonsense"},
        {"tag": "no type"},
        7,
        {"type": drill, "tag": "last"},
    ]

    answer = ask(house, "POST", path, token, items)

    assert answer.status_code == 207
    outcomes = answer.json()["array"]
    assert [one["status"] for one in outcomes] == ["202", "400", "400", "400", "202"]
    assert [sorted(one) for one in outcomes] == [
        ["data", "status"], ["error", "status"], ["error", "status"], ["error", "status"], ["data", "status"],
    ]  # fmt: skip
    assert [one["data"]["tag"] for one in (outcomes[0], outcomes[-1])] == ["first", "last"]
    assert outcomes[1]["error"]["httpCode"] == 400
    assert outcomes[1]["error"]["details"][0]["property"] == outcomes[2]["error"]["details"][0]["property"] == "type"
    for one in (outcomes[0], outcomes[-1]):
        assert ask(house, "GET", f"events/{one['data']['id']}", token).json()["data"] == one["data"]


def test_an_item_that_the_caller_may_not_trigger_is_a_403_of_its_own(house: House, token: str, drill: str) -> None:
    """Events REST API, "Event types": what a request with a user token can trigger."""
    user = user_token(house, "bulk user", READS_AND_WRITES)
    door = house.device("a door in bulk")

    answer = ask(house, "POST", "events/bulk", user, [{"type": MOTION, "source": str(door.id)}, {"type": drill}])

    assert [one["status"] for one in answer.json()["array"]] == ["403", "202"]


def test_a_list_stands_in_the_log_in_its_order(house: House, token: str, drill: str) -> None:
    """Events REST API, "Create and trigger multiple events", triggerRules; the order is our own promise."""
    items = [{"type": drill, "tag": f"number {at}"} for at in range(300)]

    outcomes = ask(house, "POST", "events/bulk?triggerRules=false", token, items).json()["array"]

    numbers = [one["data"]["localId"] for one in outcomes]
    assert numbers == list(range(numbers[0], numbers[0] + 300))
    spared = house.store.write_now(lambda tx: tx.rules.unruled(house.org, numbers[0] - 1, numbers[-1]))
    assert spared == set(numbers)


def test_an_empty_list_has_no_outcomes_and_an_object_is_no_list(house: House, token: str, drill: str) -> None:
    """Events REST API, "Create and trigger multiple events": the body is an array."""
    assert ask(house, "POST", "events/bulk", token, []).json() == {"array": []}
    assert ask(house, "POST", "events/bulk", token, {"type": drill}).status_code == 400


def test_a_list_that_is_too_long_is_refused_whole(house: House, token: str, drill: str) -> None:
    """Our own bound: the vendor tells of none."""
    before = house.state

    answer = ask(house, "POST", "events/bulk", token, [{"type": drill}] * 10_001)

    assert (answer.status_code, answer.json()["error"]["httpCode"]) == (413, 413)
    assert house.state == before
