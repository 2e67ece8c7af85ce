"""What `rules` does not speak is refused by its name, and what is missing is told with `params`."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from tests.dialects.xprotect.asking import ask, user_token
from tests.dialects.xprotect.test_rules import MOTION, NOTES, SCOPES
from tests.houses import House


@pytest.fixture(scope="module")
def token(house: House) -> str:
    return user_token(house, "refused rule maker", SCOPES)


def refusal(house: House, token: str, **body: object) -> tuple[int, str, str]:
    answer = ask(house, "POST", "rules", token, {"name": str(uuid4()), **NOTES, **body})
    detail = answer.json()["error"]["details"][0]
    return answer.status_code, detail.get("property", ""), detail["errorText"]


@pytest.mark.parametrize(
    ("body", "property"),
    [
        ({"startActions": "StartRecording"}, "startActions"),
        ({"startActions": "CreateLogEntry;SetBookmark"}, "startActions"),
        ({"startRuleType": "RecurringTime"}, "startRuleType"),
        ({"stopRuleType": "Timer"}, "stopRuleType"),
        ({"startEventType": str(UUID(int=7))}, "startEventType"),
        ({"startEventSources": f"cameras/{UUID(int=7)}"}, "startEventSources"),
        ({"failoverActive": True}, "failoverActive"),
        (
            {"withinTimeProfile": True, "withinTimeProfile.TimeProfile": str(UUID(int=7))},
            "withinTimeProfile.TimeProfile",
        ),
        ({"always": "perhaps", "daysOfWeek": "perhaps"}, "daysOfWeek"),
        ({"daysOfWeek": True, "daysOfWeek.Days": "Someday"}, "daysOfWeek.Days"),
        ({"startRuleType": "TimeInterval"}, "always"),
    ],
)  # fmt: skip
def test_what_is_not_spoken_is_400_by_its_name(
    house: House, token: str, body: dict[str, object], property: str
) -> None:
    status, named, text = refusal(house, token, **body)

    assert (status, named) in {(400, property), (400, "always")} if "perhaps" in body.values() else [(400, property)]
    assert text.startswith("Bad request: ")


def test_another_action_is_named_in_the_refusal(house: House, token: str) -> None:
    _, _, text = refusal(house, token, startActions="PtzMoveToPreset")

    assert "PtzMoveToPreset" in text


@pytest.mark.parametrize(
    ("body", "missing"),
    [
        ({}, "name"),
        ({"name": "x"}, "startRuleType"),
        ({"name": "x", "startRuleType": "Event", "startActions": "CreateLogEntry"}, "startEventType"),
        ({"name": "x", "startRuleType": "Event", "startEventType": MOTION}, "startActions"),
        (
            {
                "name": "x",
                "startRuleType": "Event",
                "startEventType": MOTION,
                "startActions": "TriggerEventOnRemoteSite",
            },
            "start.TriggerEventOnRemoteSite.Event",
        ),
    ],
)
def test_what_is_missing_is_told_with_params(house: House, token: str, body: dict[str, object], missing: str) -> None:
    """Configuration API, tasks: 400, `Bad request: parameters missing`, with `params` beside `error`."""
    answer = ask(house, "POST", "rules", token, body)

    assert answer.status_code == 400
    assert answer.json()["error"]["details"][0]["errorText"] == "Bad request: parameters missing"
    assert answer.json()["params"][missing] == ""
