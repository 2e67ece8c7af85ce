"""The list's filters: against a plain reading of what is listed, and against anything that can be typed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from urllib.parse import quote

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gatebook.dialects.native import DIALECT as NATIVE
from gatebook.dialects.xprotect import DIALECT
from gatebook.dialects.xprotect.resources.filters import NAMES
from gatebook.domain.filters import Operator
from gatebook.domain.places import DeviceKind
from gatebook.domain.terms import Literal, Term, read_terms, unparse
from gatebook.domain.times import parse_instant
from tests.dialects.xprotect.asking import REST, ask, service_token
from tests.houses import House, house_in

Told = dict[str, object]
KINDS = ("motion.started", "motion.stopped", "door.opened", "access.granted", "event.triggered")
SEVEN = ("lt", "gt", "equals", "notEquals", "startsWith", "contains", "oneOf")
QUIET = settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A house of its own: what others report would stand in its lists."""
    with house_in(tmp_path_factory.mktemp("house"), NATIVE, DIALECT) as found:
        yield found


@pytest.fixture(scope="module")
def token(house: House) -> str:
    return service_token(house, "asker")


@pytest.fixture(scope="module")
def listed(house: House, token: str) -> list[tuple[Told, str]]:
    """Forty events with the names of their sources, the oldest first."""
    named = (("Main entry", DeviceKind.CAMERA), ("main 'B' door", DeviceKind.DOOR), ("Gate, east", DeviceKind.CAMERA))
    devices = [house.device(name, kind=kind) for name, kind in named]
    for at in range(40):
        tag = (None, "Alpha", "beta, two", "it's", "100%")[at % 5]
        fraction = f"{(at * 7919) % 3}0000{at % 4}{at % 3}"
        house.report(devices[at % 3], KINDS[at % 5], occurred=f"2023-03-0{1 + at % 3}T12:00:0{at % 7}.{fraction}05Z",
                     tag=tag)  # fmt: skip
    names = {str(device.id): device.name for device in devices}
    found = ask(house, "GET", "events?size=2000", token).json()["array"]
    assert len(found) == 40
    return [(one, names[one["source"].partition("/")[2]]) for one in found]


# -- the oracle: what a condition says of an item as it is printed -----------------------------------------------------


def passes(one: Told, name: str, property: str, operator: str, texts: Sequence[str]) -> bool:
    if property == "localId":
        return _number(int(str(one["localId"])), operator, texts)
    actual = _actual(one, name, property, texts[0])
    if property == "time" and operator not in ("startsWith", "contains"):
        texts = [str(parse_instant(text) // 100).zfill(20) for text in texts]
        actual = str(parse_instant(str(one["time"])) // 100).zfill(20)
    if actual is None:
        return operator == "notEquals"
    told, wanted = actual.lower(), [text.lower() for text in texts]
    tests: dict[str, Callable[[], bool]] = {
        "lt": lambda: told < wanted[0],
        "gt": lambda: told > wanted[0],
        "equals": lambda: told == wanted[0],
        "notEquals": lambda: told != wanted[0],
        "startsWith": lambda: told.startswith(wanted[0]),
        "contains": lambda: wanted[0] in told,
        "oneOf": lambda: told in wanted,
    }
    return tests[operator]()


def _actual(one: Told, name: str, property: str, text: str) -> str | None:
    if property == "source.name":
        return name
    if property == "source.id":
        path = str(one["source"])
        return path.partition("/")[2] if re.fullmatch("[0-9a-fA-F-]*", text) else path
    found = one[property]
    return None if found is None else str(found)


def _number(actual: int, operator: str, texts: Sequence[str]) -> bool:
    if operator in ("startsWith", "contains"):
        return str(actual).startswith(texts[0]) if operator == "startsWith" else texts[0] in str(actual)
    wanted = [int(text) for text in texts]
    return {
        "lt": actual < wanted[0], "gt": actual > wanted[0], "equals": actual == wanted[0],
        "notEquals": actual != wanted[0], "oneOf": actual in wanted,
    }[operator]  # fmt: skip


@st.composite
def conditions(draw: st.DrawFn, events: Sequence[tuple[Told, str]]) -> tuple[str, str, list[str]]:
    """A property, an operator and values, most of which some event has."""
    property = draw(st.sampled_from(sorted(NAMES.values())))
    operator = draw(st.sampled_from(SEVEN))
    count = draw(st.integers(1, 3)) if operator == "oneOf" else 1
    texts = []
    for one, name in draw(st.lists(st.sampled_from(events), min_size=count, max_size=count)):
        text = {"source.name": name, "source.id": str(one["source"])}.get(property) or str(one.get(property) or "none")
        if property == "source.id" and operator == "oneOf":
            text = text.partition("/")[2]  # values of one list are compared alike
        if operator in ("startsWith", "contains"):
            start = draw(st.integers(0, len(text) - 1)) if operator == "contains" else 0
            text = text[start : draw(st.integers(start + 1, len(text)))]
        texts.append(text)
    return property, operator, texts


def written(operator: str, texts: Sequence[str]) -> str:
    quoted = ["'" + text.replace("'", "''") + "'" for text in texts]
    return f"{operator}:({', '.join(quoted)})" if operator == "oneOf" else f"{operator}:{quoted[0]}"


@given(data=st.data())
@QUIET
def test_the_list_is_what_a_plain_reading_of_it_finds(
    house: House, token: str, listed: list[tuple[Told, str]], data: st.DataObject
) -> None:
    """Events REST API, "Filters": every operator on every property; `orderBy`, `page` and `size` beside them."""
    asked = data.draw(st.lists(conditions(listed), max_size=2))
    size, page = data.draw(st.integers(1, 12)), data.draw(st.integers(0, 3))
    descending = data.draw(st.booleans())
    query = "&".join(f"{name}={quote(written(operator, texts), safe='')}" for name, operator, texts in asked)

    order = "desc" if descending else "asc"
    answer = ask(house, "GET", f"events?{query}&size={size}&page={page}&orderBy={order}:'time'", token)

    assert answer.status_code == 200, answer.text
    found = [one for one, name in listed if all(passes(one, name, *each) for each in asked)]
    found = found[::-1] if descending else found
    assert answer.json()["array"] == found[page * size : (page + 1) * size], query
    assert sorted(answer.json()["_links"]) == ["next"] * (len(found) > (page + 1) * size) + ["prev"] * (page > 0)


# -- ways of writing -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "tags"),
    [("tag=Alpha", {"Alpha"}), ("tag='Alpha'", {"Alpha"}), ("tag=equals:'alpha'", {"Alpha"}),
     ("TAG=EQUALS:'Alpha'", {"Alpha"}), ("tag=equals%3A%27Alpha%27", {"Alpha"}), ("tag='it''s'", {"it's"}),
     ("tag=oneOf:('it''s', 'Alpha')", {"it's", "Alpha"}), ("tag=oneof:(Alpha,it's)", {"it's", "Alpha"}),
     ("tag=contains:a,contains:'t'", {"beta, two"}), ("tag=contains:a&tag=contains:t", {"beta, two"}),
     ("tag=startsWith:'100%25'", {"100%"}), ("tag=null", {None}), ("tag=contains:'beta, '", {"beta, two"})],
)  # fmt: skip
def test_a_filter_is_understood_however_it_is_written(
    house: House, token: str, listed: list[tuple[Told, str]], query: str, tags: set[str | None]
) -> None:
    """Events REST API, "Filters": quotes, doubled quotes, lists, spaces after commas, comma-joined conditions."""
    answer = ask(house, "GET", f"events?{query}", token)

    assert {one["tag"] for one in answer.json()["array"]} == tags


def test_a_source_is_found_by_its_id_and_by_its_path(house: House, token: str, listed: list[tuple[Told, str]]) -> None:
    """Events REST API, "List past stored events", source.id: supports both formats: id and REST resource uri."""
    source = str(listed[0][0]["source"])
    expected = [one["id"] for one, _name in listed if one["source"] == source]
    other = "hardware" if source.startswith("cameras") else "cameras"

    for text in (source, source.upper(), source.partition("/")[2], f"equals:'{source}'", f"oneOf:('{source}')"):
        found = ask(house, "GET", f"events?source.id={text}", token).json()["array"]
        assert [one["id"] for one in found] == expected, text
    wrong = ask(house, "GET", f"events?source.id={other}/{source.partition('/')[2]}", token)
    assert wrong.json()["array"] == []


def test_a_time_that_was_printed_finds_its_event(house: House, token: str, listed: list[tuple[Told, str]]) -> None:
    """Events REST API, "List past stored events", time; compared at 100 ns, as times are printed."""
    for one, _name in listed[::7]:
        same = {other["id"] for other, _ in listed if other["time"] == one["time"]}
        exactly = ask(house, "GET", f"events?time=equals:'{one['time']}'", token).json()["array"]
        neither = ask(house, "GET", f"events?time=gt:'{one['time']}',lt:'{one['time']}'", token).json()["array"]
        beside = [
            other["id"]
            for way in ("lt", "gt")
            for other in ask(house, "GET", f"events?time={way}:'{one['time']}'", token).json()["array"]
        ]

        assert {other["id"] for other in exactly} == same
        assert neither == []
        assert set(beside) == {other["id"] for other, _ in listed} - same


# -- anything that can be typed --------------------------------------------------------------------------------------

PIECES = [
    "equals:", "gt:", "oneOf:", "oneof", "le:", "like:", "(", ")", "'", "''", ",", ", ", ":", "%", "null", "2023", "é",
    "-03-01T12:00:00Z", "cameras/", "e028f597-c64b-4f27-bb8d-08f5cd768e1c", "\U0001f6aa", " ", "99999999999999999999",
]  # fmt: skip
TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))


@given(
    property=st.sampled_from([*NAMES.values(), "page", "size", "orderBy", "include"]),
    text=st.lists(st.sampled_from(PIECES) | st.text(max_size=4), max_size=12).map("".join),
    raw=st.booleans(),
)
@settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_filter_fails_the_server_and_every_refusal_is_the_vendors(
    house: House, token: str, property: str, text: str, raw: bool
) -> None:
    """Configuration API, schema error400, as recorded by cns-live: wrapped in `error`."""
    value = quote(text.encode("utf-8", "replace"), safe="'(),:%" if raw else "")

    answer = house.client.get(f"{REST}/events?{property}={value}", headers={"Authorization": f"Bearer {token}"})

    assert answer.status_code in (200, 400), answer.text
    if answer.status_code == 400:
        assert_is_refusal(answer)


def assert_is_refusal(answer: httpx.Response) -> None:
    told = answer.json()
    assert list(told) == ["error"]
    assert told["error"]["httpCode"] == 400
    assert all(detail["errorText"] for detail in told["error"]["details"])


@given(
    terms=st.lists(
        st.builds(
            lambda operator, texts: Term(
                Operator(operator),
                tuple(Literal(text, True) for text in (texts if operator == "oneOf" else texts[:1])),
            ),
            st.sampled_from(SEVEN),
            st.lists(
                st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])), min_size=1, max_size=3
            ),
        ),
        min_size=1,
        max_size=4,
    )
)
def test_conditions_survive_being_written_and_read(terms: list[Term]) -> None:
    """Events REST API, "Filters": escape any single quote as two single quotes."""
    assert read_terms(unparse(terms), "tag") == tuple(terms)
