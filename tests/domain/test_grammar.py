"""The filter grammar: what is read, what is refused, that it comes back as it went in, and in linear time."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gatebook.domain.errors import BadInput
from gatebook.domain.filters import EVERY, AnyOf, Condition, During, Field, Filter, Not, Operator, Value, one_of
from gatebook.domain.grammar import filter_of, parse_conditions, parse_filter, property_of
from gatebook.domain.kinds import Kind, Method
from gatebook.domain.properties import EQUALITY, PROPERTIES, Property, ValueKind
from gatebook.domain.terms import Literal, Term, operator_of, read_terms, unparse
from gatebook.domain.times import END_OF_TIME, Instant, Window, parse_instant

GUID = UUID("5e6a4c06-b290-473d-80b5-8e0dffa1d3a6")
BERLIN = ZoneInfo("Europe/Berlin")


def at(text: str) -> Instant:
    return parse_instant(text)


def tag(operator: Operator, *values: Value) -> Condition:
    return Condition(Field.TAG, operator, values)


def occurred(since: str | None, until: str | None) -> During:
    start = Instant(0) if since is None else at(since)
    return During(Field.OCCURRED, Window(start, END_OF_TIME if until is None else at(until)))


READ: Mapping[str, tuple[str, str, tuple[Filter, ...]]] = {
    "a bare value": ("tag", "north", (tag(Operator.EQUALS, "north"),)),
    "a quoted value": ("tag", "'it''s'", (tag(Operator.EQUALS, "it's"),)),
    "a quote alone": ("tag", "''''", (tag(Operator.EQUALS, "'"),)),
    "the empty text": ("tag", "''", (tag(Operator.EQUALS, ""),)),
    "spaces around": ("tag", " equals: north ", (tag(Operator.EQUALS, "north"),)),
    "spaces within quotes": ("tag", "' a '", (tag(Operator.EQUALS, " a "),)),
    "any letter case": ("tag", "NOTEQUALS:x", (tag(Operator.NOT_EQUALS, "x"),)),
    "several conditions": ("tag", "gt:'a',lt:'b'", (tag(Operator.GT, "a"), tag(Operator.LT, "b"))),
    "several bare ones": ("tag", "gt:a, lt:b", (tag(Operator.GT, "a"), tag(Operator.LT, "b"))),
    "a list": ("seq", "oneOf:(1, 4,8)", (one_of(Field.SEQ, [1, 4, 8]),)),
    "a list of quotes": ("tag", "oneOf:('with ''quote''', 'a,b)')", (one_of(Field.TAG, ["with 'quote'", "a,b)"]),)),
    "a list, then more": ("seq", "oneOf:(1),lt:5", (one_of(Field.SEQ, [1]), Condition(Field.SEQ, Operator.LT, (5,)))),
    "commas of its own": ("tag", "Smith, John, jr.", (tag(Operator.EQUALS, "Smith, John, jr."),)),
    "a quote within": ("tag", "O'Neill, gt:a", (tag(Operator.EQUALS, "O'Neill"), tag(Operator.GT, "a"))),
    "an operator's word": ("tag", "contains", (tag(Operator.EQUALS, "contains"),)),
    "an operator's word and a colon": ("tag", "equals:gt:5", (tag(Operator.EQUALS, "gt:5"),)),
    "an address": ("tag", "https://a/b?c=d", (tag(Operator.EQUALS, "https://a/b?c=d"),)),
    "none": ("tag", "null", (tag(Operator.EQUALS, None),)),
    "the word null": ("tag", "'null'", (tag(Operator.EQUALS, "null"),)),
    "some or none": ("tag", "oneOf:(null,x)", (one_of(Field.TAG, [None, "x"]),)),
    "wildcards": ("plate", "B?12*", (Condition(Field.PLATE, Operator.LIKE, ("B?12*",)),)),
    "wildcards in quotes are themselves": ("plate", "'B?12*'", (Condition(Field.PLATE, Operator.EQUALS, ("B?12*",)),)),
    "no wildcards elsewhere": ("tag", "why?", (tag(Operator.EQUALS, "why?"),)),
    "a word": ("kind", "Access.Granted", (Condition(Field.KIND, Operator.EQUALS, (Kind.ACCESS_GRANTED,)),)),
    "words": ("method", "oneOf:(card,'pin')", (one_of(Field.METHOD, [Method.CARD, Method.PIN]),)),
    "a part of a word": ("kind", "startsWith:door.", (Condition(Field.KIND, Operator.STARTS_WITH, ("door.",)),)),
    "false": ("listed", "FALSE", (Condition(Field.LISTED, Operator.EQUALS, (False,)),)),
    "a UUID": ("id", f"'{GUID}'".upper(), (Condition(Field.ID, Operator.EQUALS, (GUID,)),)),
    "a UUID in braces": ("id", f"{{{GUID}}}", (Condition(Field.ID, Operator.EQUALS, (GUID,)),)),
    "a UUID without hyphens": ("id", GUID.hex, (Condition(Field.ID, Operator.EQUALS, (GUID,)),)),
    "a device's number": ("device", "7", (Condition(Field.DEVICE, Operator.EQUALS, (7,)),)),
    "a device's id": ("device", str(GUID), (Condition(Field.DEVICE, Operator.EQUALS, (GUID,)),)),
    "a vendor's number": ("device", "'7'", (Condition(Field.DEVICE, Operator.EQUALS, ("7",)),)),
    "a vendor's id": ("device", "a:b,c", (Condition(Field.DEVICE, Operator.EQUALS, ("a:b,c",)),)),
    "a path": ("data.to[0].x", "gt:4.5", (Condition(Field.DATA, Operator.GT, (4.5,), ("to", 0, "x")),)),
    "a quoted path": ("data.'a.b''c'[1][2]", "-1", (Condition(Field.DATA, Operator.EQUALS, (-1,), ("a.b'c", 1, 2)),)),
    "all of data": ("data", "null", (Condition(Field.DATA, Operator.EQUALS, (None,)),)),
    "JSON of every sort": (
        "data.x",
        "oneOf:(true,false,null,1,1.0,-2e3,'1','true',red,007)",
        (Condition(Field.DATA, Operator.ONE_OF, (True, False, None, 1, 1.0, -2e3, "1", "true", "red", "007"), ("x",)),),
    ),
    "a number as text": ("data.x", "contains:12", (Condition(Field.DATA, Operator.CONTAINS, ("12",), ("x",)),)),
    "a bare time": (
        "occurred",
        "2023-09-07T13:18:38 01:00",
        (occurred("2023-09-07T12:18:38Z", "2023-09-07T12:18:39Z"),),
    ),
    "a day here": ("occurred", "2023-09-07", (occurred("2023-09-06T22:00Z", "2023-09-07T22:00Z"),)),
    "a comma in a time": ("occurred", "ge:2023-09-07T12:18:38,5Z", (occurred("2023-09-07T12:18:38.5Z", None),)),
    "between two times": (
        "occurred",
        "gt:'2023-04-12T07:42:49.2Z',lt:2023-04-14T07:42Z",
        (occurred("2023-04-12T07:42:49.3Z", None), occurred(None, "2023-04-14T07:42Z")),
    ),
    "inclusive times": (
        "occurred",
        "ge:2023-04-12T07:42Z,le:2023-04-14T07:42Z",
        (occurred("2023-04-12T07:42Z", None), occurred(None, "2023-04-14T07:43Z")),
    ),
    "other times": ("occurred", "notEquals:2023-04-12T07Z", (Not(occurred("2023-04-12T07Z", "2023-04-12T08Z")),)),
    "one of two times": (
        "occurred",
        "oneOf:(2023-04-12T07Z,'2023-04-13T07Z')",
        (AnyOf((occurred("2023-04-12T07Z", "2023-04-12T08Z"), occurred("2023-04-13T07Z", "2023-04-13T08Z"))),),
    ),
    "the beginning of a time": ("occurred", "startsWith:2023-04", (occurred("2023-04-01", "2023-05-01"),)),
}


@pytest.mark.parametrize(("name", "text", "meaning"), READ.values(), ids=READ)
def test_what_is_written_is_understood(name: str, text: str, meaning: tuple[Filter, ...]) -> None:
    assert parse_conditions(name, text, PROPERTIES, BERLIN) == meaning


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("tag", "", "empty value at character 1"),
        ("tag", "  ", "empty value"),
        ("tag", "gt:", "empty value at character 4"),
        ("tag", "gt:,lt:b", "empty value at character 4"),
        ("tag", "gt:'x", "quote that is not closed at character 4"),
        ("tag", "'x''", "quote that is not closed at character 1"),
        ("tag", "'x' y", "unexpected text after the value at character 5"),
        ("tag", "'a','b'", "no operator after the comma at character 5"),
        ("tag", "'a',", "no operator after the comma"),
        ("tag", "oneOf:1,2", "no list at character 7"),
        ("tag", "oneOf:(1,2", "list that is not closed at character 7"),
        ("tag", "oneOf:('a' b)", "list that is not closed at character 12"),
        ("tag", "oneOf:('a", "quote that is not closed at character 8"),
        ("tag", "oneOf:()", "empty value at character 8"),
        ("tag", "oneOf:(1,,2)", "empty value at character 10"),
        ("tag", "oneOf:(1)2", "unexpected text after the value at character 10"),
        ("tag", "oneOf:(" + ",".join("1" * 1_001) + ")", "more than 1000 values"),
        ("tag", ",".join(["gt:1"] * 65), "more than 64 conditions"),
        ("tag", "x" * 256, "at most 255 characters"),
        ("plate", "x" * 17, "at most 16 characters"),
        ("tag", "a\0b", "NUL"),
        ("kind", "door.open", "access.granted"),
        ("method", "cord", "expected one of apple_wallet, application"),
        ("listed", "maybe", "false, true"),
        ("seq", "5,6", "whole number"),
        ("seq", str(2**63), "64 bits"),
        ("seq", "1_0", "whole number"),
        ("seq", "contains:1", "does not take contains; expected one of equals"),
        ("id", "x", "no UUID"),
        ("data.x", "1e999", "beyond 64 bits"),
        ("data.x", str(10**30), "64 bits"),
        ("data.", "1", "character 5"),
        ("data..x", "1", "character 5"),
        ("data[x]", "1", "character 5"),
        ("data.a\"b", "1", "character 7"),
        ("data" + "[0]" * 65, "1", "no step of a path"),
        ("occurred", "yesterday", "cannot read"),
        ("occurred", "2023-W01", "week"),
        ("nope", "1", "expected one of cause, credential"),
        ("tag.x", "1", "no property"),
    ],
)  # fmt: skip
def test_what_cannot_be_understood_is_refused_with_its_place(name: str, text: str, says: str) -> None:
    with pytest.raises(BadInput, match=says) as refusal:
        parse_conditions(name, text, PROPERTIES)

    assert refusal.value.field.startswith(name[:8])


def test_a_dialect_compares_times_at_what_it_prints() -> None:
    spec = {
        "time": Property(field=Field.OCCURRED, kind=ValueKind.TIME, operators=EQUALITY | {Operator.GT, Operator.LT})
    }
    ticks = Window(at("2023-04-12T07:42:49.2230001Z"), at("2023-04-12T07:42:49.2230002Z"))
    text = "2023-04-12T07:42:49.223000155Z"

    equals, after, before = (
        parse_conditions("time", operator + text, spec, UTC, unit_ns=100)[0] for operator in ("", "gt:", "lt:")
    )

    assert equals == During(Field.OCCURRED, ticks)
    assert after == During(Field.OCCURRED, Window(ticks.until, END_OF_TIME))
    assert before == During(Field.OCCURRED, Window(Instant(0), ticks.since))


def test_a_dialect_reads_what_equals_compares_in_its_own_way() -> None:
    def read(text: str, name: str) -> Value:
        return UUID(text.removeprefix("cameras/"))

    operators = EQUALITY | {Operator.STARTS_WITH}
    spec = {"source.id": Property(field=Field.DEVICE, kind=ValueKind.REF, operators=operators, read=read)}

    (found,) = parse_conditions("source.id", f"equals:'cameras/{GUID}'", spec)
    (start,) = parse_conditions("source.id", "startsWith:'5e6'", spec)

    assert found == Condition(Field.DEVICE, Operator.EQUALS, (GUID,))
    assert start == Condition(Field.DEVICE, Operator.STARTS_WITH, ("5e6",))


def test_a_term_made_elsewhere_means_the_same() -> None:
    term = Term(operator_of("ONEOF"), (Literal("a", quoted=True), Literal("b", quoted=True)))

    assert filter_of("tag", term, PROPERTIES) == one_of(Field.TAG, ["a", "b"])
    assert operator_of("beginsWith") is None


def test_a_whole_query_is_one_filter_of_at_most_64_conditions() -> None:
    assert parse_filter([], PROPERTIES) == EVERY
    assert parse_filter([("tag", "x")], PROPERTIES) == tag(Operator.EQUALS, "x")
    with pytest.raises(BadInput, match="more than 64"):
        parse_filter([("tag", "x")] * 65, PROPERTIES)


def test_every_field_but_the_stream_has_a_name_of_its_own() -> None:
    assert {found.field for found in PROPERTIES.values()} == set(Field) - {Field.STREAM}
    assert all(name == found.field.value for name, found in PROPERTIES.items())
    assert property_of("data.x", {"data": PROPERTIES["tag"]}) is None


bare = st.text("ab:.()? \u00e9", min_size=1, max_size=6).map(str.strip).filter(lambda text: text[:1] not in ("", "'"))
quoted = st.builds(Literal, st.text(max_size=8), st.just(True))
alone = quoted | st.builds(Literal, bare, st.just(False))
listed = quoted | st.builds(Literal, bare.filter(lambda text: ")" not in text), st.just(False))
single = st.builds(
    Term, st.sampled_from([known for known in Operator if known is not Operator.ONE_OF]), st.tuples(alone)
)
several = st.builds(Term, st.just(Operator.ONE_OF), st.lists(listed, min_size=1, max_size=4).map(tuple))


@given(st.lists(single | several, min_size=1, max_size=4).map(tuple))
@example((Term(None, (Literal("a, b", quoted=False),)), Term(Operator.GT, (Literal("", quoted=True),))))
def test_terms_come_back_as_they_went_in(terms: tuple[Term, ...]) -> None:
    assert read_terms(unparse(terms), "tag") == terms


names = st.sampled_from([*PROPERTIES, "data.a", "data[0].'b'", "data.", "data[", "nope"])
operators = [f"{known.value}:" for known in Operator]
pieces = st.sampled_from([*operators, *"(),' 12.-:?*", "null", "true", "2023-09-07", "T1", "a"])
writings = st.lists(pieces, max_size=12).map("".join) | st.text(max_size=30)


@given(names | st.text(max_size=12).map("data".__add__), writings)
@example("data", "-" + "9" * 5_000)
@example("occurred", "startsWith:\ud800")
@example("seq", "\u0661")
def test_any_text_is_a_filter_or_bad_input(name: str, text: str) -> None:
    try:
        found = parse_conditions(name, text, PROPERTIES, BERLIN)
    except BadInput as refusal:
        message = str(refusal)
    else:
        message = ""
        assert found

    assert len(message) < 1_000


@pytest.mark.parametrize(
    "text",
    [
        "," * 400_000,
        ", " * 200_000,
        "," + " " * 400_000,
        "'" * 400_001,
        "gt:" * 130_000,
        "a, gt" * 80_000,
        "oneOf:(" + "'a'," * 100_000,
        "oneOf:(" + "(" * 400_000,
        " " * 400_000,
    ],
    ids=lambda text: text[:8],
)
def test_long_texts_take_no_more_time_than_their_length(text: str) -> None:
    started = time.perf_counter()

    with suppress(BadInput):
        parse_conditions("message", text, PROPERTIES)

    assert time.perf_counter() - started < 1
