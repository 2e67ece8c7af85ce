"""Filters: what they let through, how they are taken apart, and what they are known by."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from dataclasses import replace
from uuid import UUID

import apsw
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatebook.domain.admits import Place, admits, admits_class, admits_place
from gatebook.domain.comparisons import folded, glob
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


def matched(pattern: str, text: str) -> bool:
    """`?` and `*` by a table of what each beginning of the pattern can reach: slow and plain."""
    reached = {0}
    for sign in pattern:
        if sign == "*":
            reached = {after for at in reached for after in range(at, len(text) + 1)}
        else:
            reached = {at + 1 for at in reached if at < len(text) and sign in ("?", text[at])}
    return len(text) in reached


@given(st.text("ab?*[.\\\n", max_size=8), st.text("ab?*[.\\\n", max_size=10))
@settings(max_examples=500)
def test_wildcards_match_as_a_table_of_reached_places_says(pattern: str, text: str) -> None:
    assert (glob(pattern).fullmatch(text) is not None) is matched(pattern, text)


def test_no_pattern_of_wildcards_takes_long() -> None:
    pattern = glob("*a?" * 85)
    text = "a" * 4_095 + "b" + "b"

    started = time.perf_counter()
    pattern.fullmatch(text)

    assert time.perf_counter() - started < 1


def test_only_the_letters_a_to_z_are_folded() -> None:
    assert folded("AZ Ä\u0130K\u212a") == "az Ä\u0130k\u212a"


EVENT = Event(
    seq=12,
    id=UUID("5e6a4c06-b290-473d-80b5-8e0dffa1d3a6"),
    stream=1,
    version=3,
    kind=Kind.PLATE_READ,
    method=None,
    reason=None,
    type=None,
    listed=True,
    occurred=Instant(1_694_089_118_000_000_000),
    received=Instant(1_694_089_119_123_456_789),
    reported=None,
    person=None,
    person_name="Ada",
    credential="B 12 Ä",
    tag=None,
    message="Ada",
    data=b'{"a":1,"a":2,"yes":true,"one":1,"text":"1","none":null,"list":[1.5,"x"],"n":12}',
    cause=None,
)
DATA_CASES = [
    ("a", Operator.EQUALS, 1, True),
    ("a", Operator.EQUALS, 2, False),
    ("yes", Operator.EQUALS, True, True),
    ("yes", Operator.EQUALS, 1, False),
    ("yes", Operator.GE, 1, False),
    ("one", Operator.EQUALS, True, False),
    ("one", Operator.EQUALS, 1.0, True),
    ("one", Operator.EQUALS, "1", False),
    ("text", Operator.EQUALS, 1, False),
    ("text", Operator.LT, 2, False),
    ("n", Operator.CONTAINS, "2", False),
    ("n", Operator.LIKE, "*", False),
    ("none", Operator.EQUALS, None, True),
    ("absent", Operator.EQUALS, None, True),
    ("absent", Operator.NOT_EQUALS, "x", True),
    ("absent", Operator.LT, "x", False),
    ("list", Operator.EQUALS, None, False),
    ("list", Operator.NOT_EQUALS, "x", True),
    ("list", Operator.CONTAINS, "x", False),
]
FIELD_CASES = [
    (Field.SEQ, Operator.CONTAINS, "2", True),
    (Field.SEQ, Operator.GT, 9, True),
    (Field.SEQ, Operator.EQUALS, "12", False),
    (Field.ID, Operator.STARTS_WITH, "5E6A", True),
    (Field.ID, Operator.LT, "6", True),
    (Field.KIND, Operator.STARTS_WITH, "plate.", True),
    (Field.KIND, Operator.STARTS_WITH, "Plate.", False),
    (Field.OCCURRED, Operator.CONTAINS, "T12:18:38.0000000Z", True),
    (Field.RECEIVED, Operator.LIKE, "*:39.1234567z", True),
    (Field.PLATE, Operator.EQUALS, "b 12 Ä", True),
    (Field.PLATE, Operator.EQUALS, "B 12 ä", False),
    (Field.PLATE, Operator.LIKE, "b?12*", True),
    (Field.CREDENTIAL, Operator.EQUALS, "b 12 Ä", False),
    (Field.MESSAGE, Operator.CONTAINS, "", True),
    (Field.TAG, Operator.CONTAINS, "", False),
    (Field.TAG, Operator.NOT_EQUALS, "x", True),
    (Field.TAG, Operator.NOT_EQUALS, None, False),
]
CASES = [
    *((Condition(Field.DATA, sign, (value,), (name,)), passes) for name, sign, value, passes in DATA_CASES),
    *((Condition(field, sign, (value,)), passes) for field, sign, value, passes in FIELD_CASES),
]


@pytest.mark.parametrize(("wanted", "passes"), CASES)
def test_what_the_words_of_the_definition_say_is_so(db: apsw.Connection, wanted: Condition, passes: bool) -> None:
    assert admits(wanted, EVENT, Place(stream=1)) is passes
    assert sqlite_admits(db, wanted, EVENT, Place(stream=1)) is passes
