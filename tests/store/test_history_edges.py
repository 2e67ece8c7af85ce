"""Questions at the edge: what names nobody, and searches too long for one answer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest

from gatebook.domain.access import EVERYTHING
from gatebook.domain.events import Draft
from gatebook.domain.filters import Condition, Field, Operator
from gatebook.domain.times import Instant
from gatebook.store import Store, open_store
from gatebook.store.contract import Asked, Group, Total
from tests.store.oracle import CLASSES, NEW_YEAR, found_world


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = open_store(str(tmp_path / "log.db"), checkpoints=False)
    yield store
    store.close()


@pytest.mark.parametrize(
    "nobody",
    [
        Condition(Field.PERSON, Operator.EQUALS, (UUID(int=1),)),
        Condition(Field.PERSON, Operator.EQUALS, ("somebody",)),
        Condition(Field.PERSON, Operator.EQUALS, (2**70,)),
        Condition(Field.TAG, Operator.EQUALS, (1,)),
        Condition(Field.CREDENTIAL, Operator.EQUALS, ("\0",)),
        Condition(Field.CREDENTIAL, Operator.EQUALS, ("\ud800",)),
        Condition(Field.CREDENTIAL, Operator.EQUALS, (True,)),
        Condition(Field.ID, Operator.EQUALS, ("not an id",)),
        Condition(Field.SEQ, Operator.EQUALS, (2**80,)),
    ],
    ids=repr,
)
def test_what_names_nothing_finds_nothing(store: Store, nobody: Condition) -> None:
    world = found_world(store)
    stream, class_ = world.streams[1], world.classes[CLASSES[0]]
    world.append([Draft(stream=stream, event_class=class_, occurred=moment, received=moment, person=1, credential="",
                        tag="1") for moment in (Instant(NEW_YEAR), Instant(NEW_YEAR + 1))])  # fmt: skip
    asked = Asked(organisation=world.org, grant=EVERYTHING, filter=nobody)

    page = store.read_now(store.history.page, asked)

    assert (list(page.events), page.total, page.more) == ([], Total(0), False)
    assert store.read_now(store.history.bars, asked, Group.NOTHING).counted == []


@pytest.mark.parametrize("descending", [True, False])
def test_a_search_that_stops_at_its_budget_goes_on_from_where_it_got(store: Store, descending: bool) -> None:
    world = found_world(store)
    class_, sought = world.classes[CLASSES[0]], {3, 4, 60_000, 119_998}
    moments = [Instant(NEW_YEAR + number // 2 * 10**8) for number in range(120_000)]
    rows = [
        Draft(stream=world.streams[1], event_class=class_, occurred=moment, received=moment,
              data=b'{"sought": true}' if number in sought else None)
        for number, moment in enumerate(moments)
    ]  # fmt: skip
    for start in range(0, len(rows), 10_000):
        store.write_now(lambda tx, start=start: tx.append(world.org, rows[start : start + 10_000]), 10_000)
    wanted = Condition(Field.DATA, Operator.EQUALS, (True,), ("sought",))
    asked = Asked(organisation=world.org, grant=EVERYTHING, filter=wanted, descending=descending)
    met: list[int] = []
    stops = 0

    page = store.read_now(store.history.page, asked)
    met += [event.seq for event in page.events]
    while page.more:
        assert page.reached is not None
        stops += 1
        page = store.read_now(store.history.page, replace(asked, after=page.reached, ceiling=page.ceiling))
        met += [event.seq for event in page.events]

    assert stops == 1
    assert met == sorted((number + 1 for number in sought), reverse=descending)
