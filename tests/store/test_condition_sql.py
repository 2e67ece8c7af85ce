"""How a filter is asked of SQLite: by its indexes, with every value bound, and within the engine's limits."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from uuid import UUID

import pytest

from gatebook.domain.errors import BadInput
from gatebook.domain.events import Draft
from gatebook.domain.filters import (
    EVERY,
    NONE,
    All,
    AnyOf,
    Condition,
    During,
    Field,
    Filter,
    Not,
    Operator,
    all_of,
    one_of,
)
from gatebook.domain.kinds import NAMESPACE, Kind, Method
from gatebook.domain.times import Instant, Window
from gatebook.store.sqlite.conditions import Fragment, condition_of
from tests.store.sampled import FOUND, Log, open_log, rolled_back


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Log]:
    opened = open_log(tmp_path_factory.mktemp("store") / "log.db")
    yield opened
    opened.connection.close()


@pytest.fixture
def clean(log: Log) -> Iterator[Log]:
    with rolled_back(log) as empty:
        yield empty


@pytest.mark.parametrize(
    ("wanted", "index"),
    [
        (Condition(Field.SEQ, Operator.EQUALS, (3,)), "PRIMARY KEY (org=? AND seq=?)"),
        (one_of(Field.SEQ, [3, 4]), "PRIMARY KEY (org=? AND seq=?)"),
        (Condition(Field.SEQ, Operator.GT, (3,)), "PRIMARY KEY (org=? AND seq>?)"),
        (Condition(Field.ID, Operator.EQUALS, (NAMESPACE,)), "events_by_id (org=? AND id=?)"),
        (Condition(Field.ID, Operator.EQUALS, (str(NAMESPACE).upper(),)), "events_by_id (org=? AND id=?)"),
        (one_of(Field.ID, [NAMESPACE, UUID(int=1)]), "events_by_id (org=? AND id=?)"),
        (Condition(Field.ID, Operator.LT, (NAMESPACE,)), "events_by_id (org=? AND id<?)"),
        (
            During(Field.OCCURRED, Window(Instant(0), Instant(9))),
            "events_by_time (org=? AND occurred>? AND occurred<?)",
        ),
        (Condition(Field.TAG, Operator.EQUALS, ("a",)), "events_by_tag (org=? AND tag=?)"),
        (one_of(Field.TAG, ["a", "b"]), "events_by_tag (org=? AND tag=?)"),
        (Condition(Field.CREDENTIAL, Operator.EQUALS, ("a",)), "personal_by_credential (org=? AND credential=?)"),
        (one_of(Field.CREDENTIAL, ["a", "b"]), "personal_by_credential (org=? AND credential=?)"),
        (Condition(Field.PLATE, Operator.EQUALS, ("a",)), "personal_by_credential (org=? AND credential=?)"),
        (Condition(Field.PERSON, Operator.EQUALS, (1,)), "personal_by_person (org=? AND person=?)"),
        (Condition(Field.PERSON, Operator.EQUALS, (NAMESPACE,)), "personal_by_person (org=? AND person=?)"),
        (one_of(Field.PERSON, [1, 2]), "personal_by_person (org=? AND person=?)"),
        (one_of(Field.DEVICE, [4]), "(org=? AND stream=?)"),
    ],
    ids=lambda found: found if isinstance(found, str) else "",
)
def test_what_has_an_index_is_found_by_it(log: Log, wanted: Filter, index: str) -> None:
    assert index in log.plan(wanted)


@pytest.mark.parametrize("operator", list(Operator))
@pytest.mark.parametrize("field", list(Field))
def test_no_word_of_a_client_stands_in_the_sql(log: Log, field: Field, operator: Operator) -> None:
    word = "zq'); --"
    wanted = Condition(field, operator, (word,), ("zq')", 77123) if field is Field.DATA else ())

    fragment = condition_of(All((wanted, Not(wanted))), log.directory)

    assert "zq" not in fragment.sql
    assert "77123" not in fragment.sql
    assert fragment.sql.count("?") == len(fragment.bindings)


def test_an_empty_choice_binds_no_array(clean: Log) -> None:
    event = clean.store([Draft(stream=1, event_class=1, occurred=Instant(0), received=Instant(0))])[0]

    nothing = [one_of(field, []) for field in Field] + [NONE, one_of(Field.KIND, ["no such kind"])]

    assert [clean.found(wanted) for wanted in nothing] == [set()] * len(nothing)
    assert [clean.found(Not(wanted)) for wanted in nothing] == [{event.seq}] * len(nothing)
    assert clean.found(EVERY) == {event.seq}


def test_bound_lists_outlive_what_they_were_made_of_and_can_be_bound_again(clean: Log) -> None:
    fields = {"tag": "t7", "message": "m7", "stream": 1, "event_class": 1, "occurred": Instant(0)}
    event = clean.store([Draft(received=Instant(0), data=b'{"n": 0.25}', **fields)])[0]

    def fragment() -> Fragment:
        lists = [
            one_of(Field.TAG, [f"t{n}" for n in range(900)]),
            one_of(Field.MESSAGE, [f"m{n}" for n in range(900)]),
            one_of(Field.SEQ, range(900)),
            one_of(Field.ID, [event.id, *(UUID(int=n) for n in range(900))]),
            Condition(Field.DATA, Operator.ONE_OF, tuple(n / 8 for n in range(900)), ("n",)),
        ]
        return condition_of(all_of(*lists), clean.directory)

    kept = fragment()
    gc.collect()
    churn = [[f"x{n}" for n in range(900)] for _ in range(20)]

    for _ in range(3):
        rows = clean.connection.execute(FOUND.format(kept.sql), (clean.directory.org, *kept.bindings)).fetchall()
        assert rows == [(event.seq,)]
    assert churn


def test_texts_that_end_early_elsewhere_are_compared_whole(clean: Log) -> None:
    named = {"stream": 1, "event_class": 1, "occurred": Instant(0), "received": Instant(0)}
    events = clean.store([Draft(tag="a\0b", **named), Draft(tag="A\0C", **named), Draft(tag="a", **named)])
    wanted: list[Filter] = [
        Condition(Field.TAG, operator, (value,))
        for operator in set(Operator) - {Operator.LIKE}
        for value in ("a\0b", "a\0", "\0", "a", "\0c", "\ud800")
    ]
    wanted += [one_of(Field.TAG, ["a\0b", "x", "\ud800"]), one_of(Field.TAG, ["a", "x"])]

    found = [clean.found(one) for one in wanted]

    assert found == [clean.expected(one, events) for one in wanted]


def test_halves_of_surrogate_pairs_within_data_equal_themselves(clean: Log) -> None:
    named = {"stream": 1, "event_class": 1, "occurred": Instant(0), "received": Instant(0)}
    events = clean.store([Draft(data=rb'{"a": "\ud800"}', **named), Draft(data=rb'{"a": "\ud83d\ude00"}', **named)])
    wanted = [Condition(Field.DATA, Operator.EQUALS, (value,), ("a",)) for value in ("\ud800", "\ud801", "😀")]

    found = [clean.found(one) for one in wanted]

    assert found == [clean.expected(one, events) for one in wanted] == [{1}, set(), {2}]


def test_wide_and_deep_filters_stay_within_the_limits_of_the_engine(clean: Log) -> None:
    named = {"stream": 1, "event_class": 1, "occurred": Instant(0), "received": Instant(0)}
    clean.store([Draft(tag="t1500", **named)])
    wide = AnyOf(tuple(Condition(Field.TAG, Operator.EQUALS, (f"t{n}",)) for n in range(2_000)))
    deep: Filter = Condition(Field.TAG, Operator.CONTAINS, ("t15",))
    for _ in range(50):
        deep = Not(AnyOf((deep, one_of(Field.TAG, ["no"]))))

    assert clean.found(wide) == {1}
    assert clean.found(deep) == {1}


def test_a_path_that_the_engine_cannot_be_told_is_refused(log: Log) -> None:
    with pytest.raises(BadInput, match="quotation mark"):
        condition_of(Condition(Field.DATA, Operator.EQUALS, (1,), ('a"b',)), log.directory)


def test_an_index_beyond_any_array_finds_nothing(clean: Log) -> None:
    named = {"stream": 1, "event_class": 1, "occurred": Instant(0), "received": Instant(0)}
    clean.store([Draft(data=b"[1]", **named)])
    wanted = [Condition(Field.DATA, Operator.EQUALS, (1,), (step,)) for step in (0, 2**31 - 1, 2**32, 2**64, -1)]

    assert [clean.found(one) for one in wanted] == [{1}, set(), set(), set(), set()]


@pytest.mark.parametrize(
    ("pattern", "passes"),
    [("a[b]", True), ("a[?]", True), ("*[*", True), ("A[B]", False), ("a[[]b]", False), ("[a]*", False), ("", False)],
)
def test_only_two_signs_of_a_pattern_are_special(clean: Log, pattern: str, passes: bool) -> None:
    named = {"stream": 1, "event_class": 1, "occurred": Instant(0), "received": Instant(0)}
    clean.store([Draft(message="a[b]", **named)])

    found = clean.found(Condition(Field.MESSAGE, Operator.LIKE, (pattern,)))

    assert found == ({1} if passes else set())


def test_true_is_no_number_but_where_it_refers(clean: Log) -> None:
    named = {"event_class": 1, "occurred": Instant(0), "received": Instant(0), "person": 1}
    events = clean.store([Draft(stream=1, data=b"1", **named), Draft(stream=1, data=b"true", **named)])
    wanted = [one_of(field, pair) for field in Field for pair in ((True, 1), (1, True), (True,), (False, 0.0))]

    assert [clean.found(one) for one in wanted] == [clean.expected(one, events) for one in wanted]


@pytest.mark.parametrize("operator", list(Operator))
@pytest.mark.parametrize("field", [Field.TAG, Field.MESSAGE, Field.PERSON_NAME, Field.CREDENTIAL, Field.DATA])
def test_the_empty_text_is_a_text_and_a_part_of_every_text(clean: Log, field: Field, operator: Operator) -> None:
    named = {"stream": 1, "event_class": 1, "occurred": Instant(0), "received": Instant(0)}
    texts: list[dict[str, str]] = [dict.fromkeys(("tag", "message", "person_name", "credential"), t) for t in ("", "a")]
    events = clean.store(
        [Draft(data=b'""', **texts[0], **named), Draft(data=b'"a"', **texts[1], **named), Draft(**named)]
    )
    wanted = [Condition(field, operator, (value,)) for value in ("", "a", None)]

    found = [clean.found(one) for one in wanted]

    assert found == [clean.expected(one, events) for one in wanted]


def test_true_stands_in_no_order_and_personal_data_is_data(clean: Log) -> None:
    named = {"stream": 1, "event_class": 1, "occurred": Instant(0), "received": Instant(0)}
    clean.store([Draft(data=b"true", **named), Draft(data=b"7", data_is_personal=True, **named)])

    assert clean.found(Condition(Field.DATA, Operator.GT, (0,))) == {2}
    assert clean.found(Condition(Field.DATA, Operator.EQUALS, (True,))) == {1}


def test_a_plate_is_known_by_the_kind_or_by_the_method(clean: Log) -> None:
    named = {"stream": 1, "occurred": Instant(0), "received": Instant(0), "credential": "AB12 CDE"}
    events = clean.store([Draft(event_class=number, **named) for number in clean.directory.classes])

    found = clean.found(Condition(Field.PLATE, Operator.EQUALS, ("ab12 cde",)))

    assert found == {e.seq for e in events if e.kind is Kind.PLATE_READ or e.method is Method.PLATE}
    assert len(found) == 2
