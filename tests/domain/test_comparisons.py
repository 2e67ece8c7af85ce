"""Single comparisons: wildcards, folding, and what the definition in `filters` says word for word."""

from __future__ import annotations

import time
from collections.abc import Iterator
from uuid import UUID

import apsw
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatebook.domain.admits import Place, admits
from gatebook.domain.comparisons import folded, glob
from gatebook.domain.events import Event
from gatebook.domain.filters import Condition, Field, Operator
from gatebook.domain.instants import Instant
from gatebook.domain.kinds import Kind
from tests.domain.asking import sqlite_admits


@pytest.fixture(scope="module")
def db() -> Iterator[apsw.Connection]:
    connection = apsw.Connection(":memory:")
    yield connection
    connection.close()


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


@pytest.mark.parametrize(("wanted", "passes"), CASES, ids=str)
def test_what_the_words_of_the_definition_say_is_so(db: apsw.Connection, wanted: Condition, passes: bool) -> None:
    assert admits(wanted, EVENT, Place(stream=1)) is passes
    assert sqlite_admits(db, wanted, EVENT, Place(stream=1)) is passes
