"""Filters of the configuration, against a plain reading of what they mean."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatebook.dialects.xprotect.resources.comparing import comparison
from gatebook.domain.access import Scope
from gatebook.domain.errors import BadInput
from gatebook.domain.places import DeviceKind
from tests.dialects.xprotect.asking import ask, user_token
from tests.houses import House

WORDS = st.text(alphabet="aBc1 '%,(é:-", max_size=4)
ORACLE: Final[dict[str, Callable[[str, str], bool]]] = {
    "equals": lambda actual, wanted: actual == wanted,
    "notEquals": lambda actual, wanted: actual != wanted,
    "lt": lambda actual, wanted: actual < wanted,
    "gt": lambda actual, wanted: actual > wanted,
    "startsWith": lambda actual, wanted: actual.startswith(wanted),
    "contains": lambda actual, wanted: wanted in actual,
}
NUMBERS: Final[dict[str, Callable[[int, int], bool]]] = {
    "equals": lambda actual, wanted: actual == wanted,
    "notEquals": lambda actual, wanted: actual != wanted,
    "lt": lambda actual, wanted: actual < wanted,
    "gt": lambda actual, wanted: actual > wanted,
}


@pytest.fixture(scope="module")
def token(house: House) -> str:
    return user_token(house, "filterer", frozenset({Scope.EVENTS_READ}))


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def names(house: House, token: str, query: str) -> list[str]:
    answer = ask(house, "GET", f"cameras?{query}", token)
    assert answer.status_code == 200, answer.text
    return [one["name"] for one in answer.json()["array"]]


@given(st.lists(st.tuples(st.sampled_from(sorted(ORACLE)), WORDS), min_size=1, max_size=3), WORDS)
@settings(max_examples=300)
def test_a_text_passes_as_the_plain_reading_says(terms: Sequence[tuple[str, str]], actual: str) -> None:
    """Configuration API 2025 R2, "Filters": operators on a text."""
    wanted = ",".join(f"{operator}:{quoted(text)}" for operator, text in terms)

    found = comparison("name", wanted).admits({"name": actual})

    assert found == all(ORACLE[operator](actual.casefold(), text.casefold()) for operator, text in terms)


@given(st.sampled_from(sorted(NUMBERS)), st.integers(-20, 20), st.integers(-20, 20))
def test_a_number_compares_as_a_number(operator: str, actual: int, wanted: int) -> None:
    """Configuration API 2025 R2, "Filters": an int is written without quotes."""
    assert comparison("channel", f"{operator}:{wanted}").admits({"channel": actual}) == NUMBERS[operator](
        actual, wanted
    )


@given(st.sampled_from(sorted(ORACLE)), st.lists(WORDS, max_size=3), WORDS)
def test_an_array_passes_by_one_of_its_items_and_for_not_equals_by_all(
    operator: str, actual: list[str], wanted: str
) -> None:
    """Our own rule: the vendor does not say how an array compares."""
    found = comparison("sourceArray", f"{operator}:{quoted(wanted)}").admits({"sourceArray": actual})

    how = all if operator == "notEquals" else any
    assert found == how(ORACLE[operator](one.casefold(), wanted.casefold()) for one in actual or [""])


@pytest.mark.parametrize(
    ("text", "passes"),
    [
        ("2023-06-25T21:22:20.3930000Z", True),
        ("2023-06-25T23:22:20.393+02:00", True),
        ("gt:'2023-06-25T21:22:20.3929999Z'", True),
        ("gt:'2023-06-25T21:22:20.393Z'", False),
        ("lt:'2023-06-26'", True),
        ("lt:'0001-01-01T00:00:00'", False),
        ("notEquals:'0001-01-01T00:00:00.0000000'", True),
        ("startsWith:'2023-06'", True),
    ],
)
def test_times_compare_as_times_and_nothing_comes_before_the_null_date(text: str, passes: bool) -> None:
    """Events REST API v1, filters: times in quotes; milestonexprotectrestPython, recorded: the null date and 7
    digits.
    """
    told = {"lastModified": "2023-06-25T21:22:20.3930000Z"}

    assert comparison("lastModified", text).admits(told) is passes


@given(st.sampled_from(["lt", "gt", "equals"]), st.text(alphabet="abT:-. Z", max_size=20))
def test_a_time_that_cannot_be_read_is_refused(operator: str, text: str) -> None:
    """Configuration API 2025 R2, schema error400: `property`."""
    with pytest.raises(BadInput) as refused:
        comparison("lastModified", f"{operator}:{quoted(text)}")

    assert refused.value.field == "lastModified"


def test_equality_folds_the_case_and_needs_no_quotes(house: House, token: str) -> None:
    """milestonexprotectrestPython, recorded, filters: `name=contains:01`, `name=IPADCAM01 CAMERA` match in any
    letter case.
    """
    house.device("iPadCam01 Camera", kind=DeviceKind.CAMERA)

    for query in (
        "name=contains:01", "name=IPADCAM01 CAMERA", "name='ipadcam01 camera'", "NAME=equals:iPadCam01%20Camera",
        "displayName=startsWith:'IPAD'", "name=notEquals:x,contains:'cam01'", "name=oneOf:('x', 'IPADCAM01 CAMERA')",
    ):  # fmt: skip
        assert names(house, token, query) == ["iPadCam01 Camera"], query


def test_any_displayed_property_can_be_asked_for(house: House, token: str) -> None:
    """Configuration API 2025 R2, filters on the properties of the resource."""
    camera = house.device('It\'s "quoted", (odd): 100%', kind=DeviceKind.CAMERA)

    assert names(house, token, f"id={str(camera.id).upper()}") == [camera.name]
    assert names(house, token, "name=" + quote(quoted(camera.name), safe="")) == [camera.name]
    assert camera.name in names(house, token, "enabled=true&channel=lt:1&gisPoint=POINT EMPTY")
    assert names(house, token, "enabled=false") == []
    assert names(house, token, "channel=gt:0") == []


@pytest.mark.parametrize("query", ["name=like:'a'", "name=le:'a'", "name='open", "lastModified=gt:'soon'", "name="])
def test_a_filter_that_cannot_be_read_is_refused_and_names_the_property(house: House, token: str, query: str) -> None:
    """Our own: every refusal says which field."""
    answer = ask(house, "GET", f"cameras?{query}", token)

    assert answer.status_code == 400
    assert answer.json()["error"]["details"][0]["property"] == query.partition("=")[0]
