"""Filters: what they let through, how they are taken apart, and what they are known by."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace

import apsw
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatebook.domain.admits import Place, admits, admits_class, admits_place
from gatebook.domain.events import Event
from gatebook.domain.filters import (
    CLASS_FIELDS,
    EVERY,
    NONE,
    PLACE_FIELDS,
    All,
    AnyOf,
    Condition,
    During,
    Field,
    Filter,
    Not,
    Operator,
    all_of,
    fields_of,
    fingerprint,
    one_of,
)
from gatebook.domain.instants import Instant, Window
from gatebook.domain.kinds import Kind
from gatebook.domain.parts import normalise
from tests.domain.asking import sqlite_admits
from tests.domain.filtering import asked, filters, placed


def during(since: int, until: int, field: Field = Field.OCCURRED) -> During:
    return During(field, Window(Instant(since), Instant(until)))


@pytest.fixture(scope="module")
def db() -> Iterator[apsw.Connection]:
    connection = apsw.Connection(":memory:")
    yield connection
    connection.close()


@pytest.mark.parametrize("field", Field)
@given(chance=st.data())
@settings(max_examples=150)
def test_memory_and_sqlite_agree_on_every_condition(db: apsw.Connection, field: Field, chance: st.DataObject) -> None:
    event, place, wanted = chance.draw(asked(field))

    assert admits(wanted, event, place) is sqlite_admits(db, wanted, event, place)


@given(placed(), filters())
@settings(max_examples=300)
def test_memory_and_sqlite_agree_on_every_tree(db: apsw.Connection, here: tuple[Event, Place], wanted: Filter) -> None:
    assert admits(wanted, *here) is sqlite_admits(db, wanted, *here)


@given(placed(), filters())
@settings(max_examples=300)
def test_the_parts_together_admit_what_the_whole_admits(here: tuple[Event, Place], wanted: Filter) -> None:
    event, place = here

    parts = normalise(wanted)

    through = (
        not parts.impossible
        and parts.occurred.holds(event.occurred)
        and parts.received.holds(event.received)
        and all(admits_class(part, event.event_class) for part in parts.classes)
        and all(admits_place(part, place) for part in parts.places)
        and all(admits(part, event, place) for part in (*parts.keys, *parts.indexed, *parts.rest))
    )
    assert through is admits(wanted, event, place)


@given(placed(), filters(CLASS_FIELDS), filters(PLACE_FIELDS))
@settings(max_examples=200)
def test_filters_on_class_and_place_need_no_event(here: tuple[Event, Place], of_class: Filter, at: Filter) -> None:
    event, place = here

    parts = normalise(All((of_class, at)))

    assert admits_class(of_class, event.event_class) is admits(of_class, event, place)
    assert admits_place(at, place) is admits(at, event, place)
    assert (parts.keys, parts.indexed) == ((), ())
    assert all(not fields_of(part) for part in parts.rest)


def test_each_conjunct_goes_where_it_is_cheapest() -> None:
    doors = one_of(Field.KIND, [Kind.DOOR_FORCED, Kind.DOOR_HELD])
    either = AnyOf((doors, Condition(Field.REASON, Operator.EQUALS, (None,))))
    site = Condition(Field.SITE, Operator.EQUALS, (1,))
    key = Condition(Field.ID, Operator.EQUALS, ("x",))
    tag = Condition(Field.TAG, Operator.EQUALS, ("x",))
    untagged = Condition(Field.TAG, Operator.EQUALS, (None,))
    mixed = AnyOf((doors, tag))
    early = during(0, 50, Field.RECEIVED)

    parts = normalise(
        All((during(0, 50), All((during(20, 90), either, Not(Not(site)), key)), early, tag, untagged, mixed))
    )

    assert parts.occurred == Window(Instant(20), Instant(50))
    assert parts.received == early.window
    assert (parts.classes, parts.places, parts.keys, parts.indexed) == ((either,), (site,), (key,), (tag,))
    assert parts.rest == (untagged, mixed)
    assert not parts.impossible
    assert not parts.is_countable
    assert normalise(All((doors, site, during(0, 50)))).is_countable


@pytest.mark.parametrize(
    "wanted",
    [
        NONE,
        Not(EVERY),
        one_of(Field.TAG, []),
        All((during(0, 5), during(5, 9))),
        All((EVERY, AnyOf((NONE,)))),
    ],
)
def test_what_nothing_can_pass_is_known_beforehand(wanted: Filter) -> None:
    assert normalise(wanted).impossible


@given(filters(), st.randoms(use_true_random=False))
def test_order_repetition_and_nesting_leave_the_fingerprint_alone(wanted: Filter, chance: random.Random) -> None:
    again = shuffled(wanted, chance)

    assert fingerprint(again) == fingerprint(wanted)
    assert len(fingerprint(wanted)) == 16


def shuffled(wanted: Filter, chance: random.Random) -> Filter:
    match wanted:
        case All(parts):
            inner = [shuffled(part, chance) for part in parts]
            chance.shuffle(inner)
            return All((All(tuple(inner[:1])), *inner[1:], *inner[:1]))
        case AnyOf(parts):
            inner = [shuffled(part, chance) for part in parts]
            chance.shuffle(inner)
            return AnyOf((*inner, *inner[:1]))
        case Not(part):
            return Not(shuffled(part, chance))
        case Condition(operator=Operator.ONE_OF, values=values):
            return replace(wanted, values=tuple(chance.sample(values, len(values))))
        case Condition(operator=Operator.EQUALS):
            return replace(wanted, operator=Operator.ONE_OF)
    return wanted


def test_different_filters_have_different_fingerprints() -> None:
    tag = Condition(Field.TAG, Operator.EQUALS, ("1",))
    site = Condition(Field.SITE, Operator.EQUALS, (1,))
    data = Condition(Field.DATA, Operator.EQUALS, ("1",), ("a", 0))
    different: list[Filter] = [
        EVERY,
        NONE,
        tag,
        Not(tag),
        site,
        All((tag, site)),
        AnyOf((tag, site)),
        *(replace(tag, values=(value,)) for value in (1, 1.0, True, None, "None")),
        replace(tag, operator=Operator.LT),
        data,
        replace(data, path=("a0",)),
        replace(data, path=("a", "0")),
        one_of(Field.TAG, ["1", "2"]),
        during(1, 2),
        during(1, 2, Field.RECEIVED),
    ]

    assert len({fingerprint(wanted) for wanted in different}) == len(different)


def test_the_fingerprint_is_the_same_on_every_machine() -> None:
    wanted = all_of(one_of(Field.KIND, [Kind.DOOR_FORCED]), Condition(Field.DATA, Operator.GT, (0.5,), ("a", 1)))

    assert fingerprint(wanted).hex() == "2dadc33755eaeaeb7ec84f07e6aa317c"
