"""What a session asks is what the list of events would find by the same words, in whatever order it is told."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gatebook.dialects.native import DIALECT as NATIVE
from gatebook.dialects.xprotect import DIALECT
from gatebook.dialects.xprotect.resources.filters import SEVEN
from gatebook.domain.access import Scope
from gatebook.domain.places import DeviceKind
from tests.dialects.xprotect.asking import READS_AND_WRITES, ask, got, made, service_token
from tests.dialects.xprotect.test_filters import written
from tests.houses import House, house_in

Told = dict[str, Any]
TARGETS = ("id", "localId", "type", "source.id", "source.name", "time", "tag")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A house of its own: what others report would stand in its lists."""
    with house_in(tmp_path_factory.mktemp("house"), NATIVE, DIALECT) as found:
        yield found


@pytest.fixture(scope="module")
def token(house: House) -> str:
    return service_token(house, "asker", READS_AND_WRITES | {Scope.DEVICES_MANAGE, Scope.ALARMS_MANAGE})


@pytest.fixture(scope="module")
def events(house: House, token: str) -> list[Told]:
    """Of a camera, a door and a user-defined event, and one that happened at no device; the oldest first."""
    camera, door = house.device("It's the yard", kind=DeviceKind.CAMERA), house.device("Alpha door")
    for at in range(9):
        tag = (None, "Alpha", "it's, two")[at % 3]
        kind = ("motion.started", "door.opened", "motion.stopped")[at % 3]
        house.report((camera, door)[at % 2], kind, occurred=f"2026-05-29T12:00:0{at // 2}.1234567Z", tag=tag)
    drill = made(house, token, "userDefinedEvents", name="Fire drill")["id"]
    assert ask(house, "POST", "events", token, json={"type": drill, "tag": "alpha"}).status_code == 202
    assert ask(house, "POST", "alarms", token, json={"name": "Alpha alarm"}).status_code == 202
    found: list[Told] = got(house, token, "events?size=2000")["array"]
    assert len(found) == 11
    assert any(event["source"].startswith("sites/") for event in found)
    return found


def set_of(house: House, token: str, *conditions: Told, order: list[Told] | None = None) -> list[str]:
    """What a new session with these conditions tells, in its order."""
    begun = ask(house, "POST", "eventSessions", token, json={"filterBy": list(conditions), "orderBy": order or []})
    assert begun.status_code == 201, begun.text
    path = f"eventSessions/{begun.json()['id']}"
    told = got(house, token, f"{path}/events")["data"]["addedToSession"]
    assert ask(house, "DELETE", path, token).status_code == 204
    return [event["id"] for event in told]


@st.composite
def questions(draw: st.DrawFn, events: list[Told]) -> tuple[str, str, list[str]]:
    """A target, an operator and values, most of which some event has."""
    target, operator = draw(st.sampled_from(TARGETS)), draw(st.sampled_from(sorted(SEVEN)))
    picked = draw(st.lists(st.sampled_from(events), min_size=1, max_size=3 if operator == "oneOf" else 1))
    names = st.sampled_from(["Alpha door", "it's the yard", "Fire drill", "Acme", "a"])
    texts = [
        draw(names) if target == "source.name" else str(one["source" if target == "source.id" else target] or "none")
        for one in picked
    ]
    if operator in ("startsWith", "contains"):
        texts = [texts[0][: draw(st.integers(1, len(texts[0])))]]
    if target == "source.id" and draw(st.booleans()):
        texts = [text.rpartition("/")[2] or text for text in texts]
    return target, operator, texts


@given(data=st.data())
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_session_holds_what_the_list_finds(house: House, token: str, events: list[Told], data: st.DataObject) -> None:
    """Events REST API, EventSessionFilter, and "Filters": the same operators on the same properties."""
    target, operator, texts = data.draw(questions(events))
    condition = {"target": target, "operator": operator, "value": texts if operator == "oneOf" else texts[0]}

    listed = got(house, token, f"events?size=2000&{target}={quote(written(operator, texts), safe='')}")["array"]

    assert set_of(house, token, condition) == [event["id"] for event in listed]


@pytest.mark.parametrize("operator", ["equals", "startsWith", "oneOf"])
def test_a_source_is_its_path(house: House, token: str, events: list[Told], operator: str) -> None:
    """An event's `source` in an answer, taken for a session's `source`: what happened at no device, too."""
    for source in {event["source"] for event in events}:
        value = [source] if operator == "oneOf" else source

        found = set_of(house, token, {"target": "source", "operator": operator, "value": value})

        assert found == [event["id"] for event in events if event["source"] == source]


def test_a_path_of_another_collection_or_site_is_no_source(house: House, token: str, events: list[Told]) -> None:
    """Events REST API, "List past stored events", source.id: supports both formats, id and REST resource uri."""
    camera = next(event["source"] for event in events if event["source"].startswith("cameras/"))
    wrong = [camera.replace("cameras", "hardware"), "sites/e028f597-c64b-4f27-bb8d-08f5cd768e1c"]

    for value in wrong:
        assert set_of(house, token, {"target": "source.id", "operator": "equals", "value": value}) == []


def test_a_time_without_a_zone_is_the_organisations(house: House, token: str, events: list[Told]) -> None:
    """Our own rule: in May the clocks of the house, in Zurich, show two hours more than UTC."""
    summer = {"target": "time", "operator": "equals", "value": "2026-05-29T14:00:00.1234567"}

    assert set_of(house, token, summer) == [event["id"] for event in events[:2]]


@pytest.mark.parametrize("target", ["id", "localId", "type", "source", "source.id", "source.name", "time"])
def test_null_is_what_is_not_there(house: House, token: str, events: list[Told], target: str) -> None:
    """The page's own sample, `id` equals null: every event has these, and only a tag may be missing."""
    everything = [event["id"] for event in events]
    untagged = [event["id"] for event in events if event["tag"] is None]

    assert set_of(house, token, {"target": target, "operator": "equals", "value": None}) == []
    assert set_of(house, token, {"target": target, "operator": "notEquals", "value": None}) == everything
    assert set_of(house, token, {"target": "tag", "operator": "oneOf", "value": [None]}) == untagged
    with_alpha = set_of(house, token, {"target": "tag", "operator": "oneOf", "value": [None, "Alpha"]})
    assert with_alpha == [event["id"] for event in events if event["tag"] in (None, "Alpha", "alpha")]


def test_additions_are_sorted_by_the_source_that_is_told(house: House, token: str, events: list[Told]) -> None:
    """Events REST API, EventSessionOrderBy; what happened at no device has the organisation's path, and sorts by it."""
    sources = {event["id"]: event["source"] for event in events}

    told = set_of(house, token, order=[{"target": "source", "direction": "desc"}, {"target": "localId"}])

    assert [sources[id] for id in told] == sorted(sources.values(), reverse=True)
