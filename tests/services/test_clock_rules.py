"""Rules by the clock: at the hour once, whatever stops the server, with an event that tells of the time."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from gatebook.domain.access import Grant, Principal
from gatebook.domain.errors import BadInput, Forbidden
from gatebook.domain.kinds import Kind
from gatebook.domain.times import SECOND_NS, Instant, parse_instant
from gatebook.services.rule_runs import RuleRuns
from gatebook.services.rules import Rules
from tests.services.test_rule_runs import Town, add, caught_up, town

__all__ = ["town"]
NIGHT = {"week": [{"from": "22:00", "to": "06:00"}]}


def at(town: Town, text: str) -> None:
    town.at = parse_instant(f"2026-05-{text}Z")


def fired(town: Town) -> list[Any]:
    return town.all("SELECT at, done FROM rule_firings ORDER BY at")


def times(town: Town) -> list[Any]:
    return town.all(
        "SELECT e.tag, e.occurred FROM events e JOIN classes c ON c.org = e.org AND c.class = e.class "
        "WHERE c.kind = 'event.triggered' ORDER BY e.seq"
    )


async def ticked(town: Town, runs: RuleRuns) -> None:
    await runs.tick()
    caught_up(town, runs)
    await runs.tick()


async def test_it_fires_once_when_its_hours_begin_and_its_event_says_so(town: Town) -> None:
    await add(town, name="Night", when={}, at="begin", schedule=NIGHT, actions=[{"note": {"text": "Good night."}}])
    runs = RuleRuns(town.store, now=town.now)

    seen = []
    for moment in ("29T21:59:59", "29T22:00:01", "29T22:00:02", "29T22:00:03", "30T06:00:05", "30T21:00:00"):
        at(town, moment)
        await ticked(town, runs)
        seen.append(len(fired(town)))

    ten = parse_instant("2026-05-29T22:00:00Z")
    assert seen == [0, 0, 1, 1, 1, 1]  # two seconds behind the clock, for what is being written
    assert fired(town) == [(ten, '["noted: Good night."]')]
    assert times(town) == [("Night", ten)]


async def test_it_fires_when_its_hours_end_and_outside_turns_them_round(town: Town) -> None:
    await add(town, name="Morning", when={}, at="end", schedule=NIGHT)
    await add(town, name="Evening", when={}, at="end", schedule={**NIGHT, "outside": True})
    runs = RuleRuns(town.store, now=town.now)

    for moment in ("29T22:00:05", "30T06:00:05"):
        at(town, moment)
        await ticked(town, runs)

    tags = [tag for tag, _ in times(town)]
    assert [tag for tag in tags if tag != "derived"] == ["Evening", "Morning"]
    assert tags.count("derived") == 2


async def test_what_was_missed_is_made_up_for_once_and_what_was_before_it_was_made_is_not(town: Town) -> None:
    at(town, "29T23:00:00")
    await add(town, name="Night", when={}, at="begin", schedule=NIGHT)
    at(town, "30T22:30:00")  # nobody ran at ten

    await ticked(town, RuleRuns(town.store, now=town.now))
    at(town, "30T22:31:00")
    await ticked(town, RuleRuns(town.store, now=town.now))

    assert [when for when, _ in fired(town)] == [parse_instant("2026-05-30T22:00:00Z")]


async def test_the_receipt_of_an_event_brings_the_time_as_a_tick_does(town: Town) -> None:
    await add(town, name="Night", when={}, at="begin", schedule=NIGHT)
    at(town, "29T22:10:00")
    town.happen(Kind.DOOR_OPENED)
    runs = RuleRuns(town.store, now=town.now)

    caught_up(town, runs)
    town.at = Instant(town.at + 5 * SECOND_NS)
    await ticked(town, runs)

    assert [when for when, _ in fired(town)] == [parse_instant("2026-05-29T22:00:00Z")]


async def test_its_own_event_moves_another_rule_and_not_itself(town: Town) -> None:
    await add(town, name="Night", when={}, at="begin", schedule=NIGHT, actions=[{"alarm": {}}])
    await add(town, name="Other", when={"tag": "Night"}, actions=[{"note": {"text": "heard"}}])
    runs = RuleRuns(town.store, now=town.now)
    at(town, "29T22:00:05")

    await ticked(town, runs)
    caught_up(town, runs)

    assert [done for _, done in fired(town)].count('["noted: heard"]') == 1
    assert town.all("SELECT name, n FROM alarms") == [("Night", 1)]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"schedule": None}, "at"),
        ({"when": {"kind": "door.opened"}}, "when"),
        ({"count": {"times": 2, "within_s": 5}}, "count"),
        ({"by": "device"}, "by"),
        ({"quiet_s": 5}, "quiet_s"),
    ],
)
async def test_what_looks_at_events_besides_is_refused_by_name(town: Town, fields: dict[str, Any], field: str) -> None:
    wanted = {"when": {}, "at": "begin", "schedule": NIGHT, **fields}

    with pytest.raises(BadInput) as caught:
        await add(town, **wanted)

    assert caught.value.field == field


async def test_the_example_of_the_page_fires(town: Town) -> None:
    page = (Path(__file__).parents[2] / "docs" / "rules.md").read_text()
    [example] = re.findall(r"```json clock rule\n(.*?)```", page, re.DOTALL)
    await add(town, **json.loads(example))
    at(town, "29T20:00:05")  # a Friday

    await ticked(town, RuleRuns(town.store, now=town.now))

    eight = parse_instant("2026-05-29T20:00:00Z")
    assert times(town) == [("Doors to be shut", eight), ("shut", eight)]


async def test_who_does_not_see_everything_makes_none(town: Town) -> None:
    narrow = Principal(organisation=town.org, kind=town.who.kind, id=town.who.id, name="n", scopes=town.who.scopes,
                       grant=Grant(devices=frozenset({town.doors[0].number})))  # fmt: skip
    town.who = narrow

    with pytest.raises(Forbidden):
        await add(town, when={}, at="begin", schedule=NIGHT)
    assert await Rules(town.store, now=town.now).list(narrow) == []
