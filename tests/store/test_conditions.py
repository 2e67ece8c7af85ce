"""A filter asked of SQLite and the same filter asked in memory choose the same events, whatever is asked of whatever."""

from __future__ import annotations

import gc
import json
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID, uuid5

import apsw
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gatebook.domain.admits import Place, admits
from gatebook.domain.errors import BadInput
from gatebook.domain.events import Draft, Event, EventClass
from gatebook.domain.filters import (
    EVERY,
    NONE,
    PLACE_FIELDS,
    UUID_FIELDS,
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
from gatebook.domain.kinds import NAMESPACE, Kind, Method, Reason
from gatebook.domain.parts import normalise
from gatebook.domain.places import DeviceKind
from gatebook.domain.times import SECOND_NS, Instant, Window
from gatebook.store.contract import Chosen
from gatebook.store.migrate import migrate
from gatebook.store.sqlite.conditions import Directory, classes_of, condition_of, streams_of
from gatebook.store.sqlite.connection import open_writer
from gatebook.store.sqlite.transaction import Transaction

MORNING = 1_768_443_000 * SECOND_NS
CLASSES = (
    EventClass(Kind.ACCESS_GRANTED, Method.CARD),
    EventClass(Kind.ACCESS_DENIED, Method.PIN, Reason.WRONG_PIN),
    EventClass(Kind.ACCESS_GRANTED, Method.PLATE),
    EventClass(Kind.PLATE_READ),
    EventClass(Kind.DOOR_OPENED),
    EventClass(Kind.EVENT_TRIGGERED, type=uuid5(NAMESPACE, "a type"), listed=False),
)
PAGE = """
SELECT e.seq, e.id, e.stream, e.version, e.class, e.occurred, e.received, e.reported, e.cause, e.tag, e.data,
  p.person, p.person_name, p.credential, p.message, p.data, p.erased
FROM events e LEFT JOIN personal p ON p.org = e.org AND p.seq = e.seq WHERE e.org = ? ORDER BY e.seq"""
FOUND = """
SELECT e.seq FROM events e LEFT JOIN personal p ON p.org = e.org AND p.seq = e.seq WHERE e.org = ? AND ({})"""


@dataclass
class Log:
    """A real log with a directory; events come and go with each example."""

    connection: apsw.Connection
    transaction: Transaction
    directory: Directory
    streams: tuple[int, ...]
    people: dict[int, UUID]

    def store(self, drafts: list[Draft]) -> list[Event]:
        self.transaction.append(self.directory.org, drafts)
        rows = self.connection.execute(PAGE, (self.directory.org,)).fetchall()
        return [self.event(*row) for row in rows]

    def event(self, seq: int, id_: bytes, stream: int, version: int, class_: int, *rest: object) -> Event:
        occurred, received, reported, cause, tag, data, person, name, credential, message, personal, erased = rest
        kind, method, reason, type_, listed = self.directory.classes[class_]
        return Event(
            seq=seq, id=UUID(bytes=id_), stream=stream, version=version, kind=kind, method=method, reason=reason,
            type=type_, listed=listed, occurred=occurred, received=received, reported=reported, person=person,
            person_name=name, credential=credential, tag=tag, message=message,
            data=personal if data is None else data, cause=cause, erased=bool(erased),
        )  # fmt: skip

    def found(self, wanted: Filter) -> set[int]:
        fragment = condition_of(wanted, self.directory)
        rows = self.connection.execute(FOUND.format(fragment.sql), (self.directory.org, *fragment.bindings))
        return {seq for (seq,) in rows}

    def plan(self, wanted: Filter) -> str:
        fragment = condition_of(wanted, self.directory)
        sql = "EXPLAIN QUERY PLAN " + FOUND.format(fragment.sql)
        rows = self.connection.execute(sql, (self.directory.org, *fragment.bindings))
        return "\n".join(row[3] for row in rows)

    def expected(self, wanted: Filter, events: list[Event]) -> set[int]:
        return {event.seq for event in events if admits(wanted, event, self.place(event))}

    def place(self, event: Event) -> Place:
        known = self.directory.places.get(event.stream, Place(stream=event.stream))
        names = {name: getattr(known, name) for name in known.__slots__}
        return Place(**{**names, "person_id": self.people.get(event.person or 0)})


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Log]:
    connection = open_writer(tmp_path_factory.mktemp("store") / "log.db")
    migrate(connection)
    connection.execute("BEGIN IMMEDIATE")
    transaction = Transaction(connection)
    transaction.add_organisation(uuid5(NAMESPACE, "a neighbour"), "Neighbour", "UTC")
    org = transaction.add_organisation(uuid5(NAMESPACE, "org"), "Org", "UTC")
    sites = [transaction.add_site(org, uuid5(NAMESPACE, name), name, "UTC") for name in ("North Gate", "süd")]
    by_number = {site.number: site for site in sites}
    devices = [
        transaction.add_device(org, uuid5(NAMESPACE, "1"), DeviceKind.DOOR, "Front Door", 1, ("dev-A", "b")),
        transaction.add_device(org, uuid5(NAMESPACE, "2"), DeviceKind.LOCK, "front [door]*", 2, ("DEV-A",)),
        transaction.add_device(org, uuid5(NAMESPACE, "3"), DeviceKind.READER, "Ünder aB", None),
        transaction.add_device(org, uuid5(NAMESPACE, "4"), DeviceKind.DOOR, "aB", 2, ("1",)),
    ]
    people = [transaction.add_person(org, uuid5(NAMESPACE, f"person {n}"), f"P{n}") for n in range(2)]
    classes = {transaction.class_of(org, wanted): wanted for wanted in CLASSES}
    connection.execute("COMMIT")
    places = {}
    for device in devices:
        site = by_number.get(device.site or 0)
        places[device.stream] = Place(
            stream=device.stream, device=device.number, device_id=device.id, device_name=device.name,
            vendor_ids=device.vendor_ids, site=site and site.number, site_id=site and site.id,
            site_name=site and site.name,
        )  # fmt: skip
    ((last,),) = connection.execute("SELECT max(stream) FROM streams WHERE org = ?", (org,))
    streams = (1, *places, last)
    directory = Directory(org=org, classes=classes, places=places, last_stream=last)
    yield Log(connection, transaction, directory, streams, {person.number: person.id for person in people})
    connection.close()


@pytest.fixture
def clean(log: Log) -> Iterator[Log]:
    with rolled_back(log):
        yield log


class rolled_back:  # noqa: N801 - reads as a sentence
    """Whatever is appended within is gone afterwards."""

    def __init__(self, log: Log) -> None:
        self.log = log

    def __enter__(self) -> None:
        self.log.connection.execute("BEGIN IMMEDIATE")

    def __exit__(self, *fault: object) -> None:
        self.log.connection.execute("ROLLBACK")
        self.log.transaction.forget()


# -- what is generated ------------------------------------------------------------------------------------------------

letters = st.text(alphabet="aAbB1-[]*?^éÉß😀 \n%_", max_size=4)
names = st.sampled_from(["a", "A", "b c", "é", "x.y", "[0]", "😀", "'"])
wholes = st.sampled_from([0, 1, 2, 5, -1, 2**53, 2**53 + 1, 2**63 - 1, -(2**63)]) | st.integers(-3, 12)
fractions = st.sampled_from([0.5, 1.0, 0.1, -2.25, 1e300, 1e-7, 123456.789, 9007199254740992.0, 2.0**63]) | st.floats(
    -1e6, 1e6
).map(lambda found: float(f"{found:.15g}"))
scalars = st.none() | st.booleans() | wholes | fractions | letters


@dataclass(frozen=True)
class Pairs:
    """An object as it is written, equal names and all."""

    pairs: list[tuple[str, object]]


trees = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.lists(st.tuples(names, inner), max_size=4).map(Pairs)
)


def written(tree: object, escaped: bool) -> str:
    match tree:
        case Pairs(pairs):
            inside = (f"{json.dumps(k, ensure_ascii=escaped)}: {written(v, escaped)}" for k, v in pairs)
            return "{" + ", ".join(inside) + "}"
        case list():
            return "[" + ",".join(written(item, escaped) for item in tree) + "]"
    return json.dumps(tree, ensure_ascii=escaped)


documents = st.builds(lambda tree, escaped: written(tree, escaped).encode(), trees, st.booleans())
instants = st.sampled_from([MORNING, MORNING + 1, MORNING + 99, MORNING + 100, MORNING + SECOND_NS, 0]) | st.integers(
    0, 2 * MORNING
)
plates = st.sampled_from(["AB12 CDE", "ab12 cde", "b"])


def drafts(log: Log) -> st.SearchStrategy[Draft]:
    return st.builds(
        Draft,
        stream=st.sampled_from(log.streams),
        event_class=st.sampled_from(sorted(log.directory.classes)),
        occurred=instants.map(Instant),
        received=instants.map(Instant),
        person=st.none() | st.sampled_from([1, 2, 99]),
        person_name=st.none() | letters,
        credential=st.none() | letters | plates,
        tag=st.none() | letters,
        message=st.none() | letters,
        data=st.none() | documents,
        data_is_personal=st.booleans(),
        cause=st.none() | st.integers(1, 3),
    )


def values(log: Log, field: Field, events: list[Event]) -> st.SearchStrategy[object]:
    """What such a field may hold, in other letter cases too, and now and then what it never holds."""
    ids = [event.id for event in events] + [place.device_id for place in log.directory.places.values()]
    ids += [place.site_id for place in log.directory.places.values()] + list(log.people.values())
    known_ids = st.sampled_from([found for found in ids if found is not None] + [kind.type for kind in Kind][:4])
    texts_of_ids = st.builds(lambda found, cut: str(found)[:cut], known_ids, st.sampled_from([36, 36, 9, 4, 1]))
    texts = {
        Field.KIND: st.sampled_from([kind.value for kind in CLASSES_KINDS]),
        Field.METHOD: st.sampled_from(list(Method)),
        Field.REASON: st.sampled_from(list(Reason)),
        Field.DEVICE: st.sampled_from(["dev-A", "DEV-A", "1", "b"]) | texts_of_ids,
        Field.DEVICE_NAME: st.sampled_from(["front door", "FRONT [DOOR]*", "ab", "ünder ab"]),
        Field.SITE_NAME: st.sampled_from(["north gate", "SüD", "SÜD"]),
        Field.SITE: texts_of_ids,
        Field.PERSON: texts_of_ids,
        Field.PLATE: plates,
        Field.CREDENTIAL: plates,
        Field.OCCURRED: st.sampled_from(["2026-01", "T02:10", "t02:10:00.0000001Z", "1970-01-01T00:00:00.0000000z"]),
    }
    texts[Field.RECEIVED] = texts[Field.OCCURRED]
    text = texts.get(field, texts_of_ids if field in UUID_FIELDS else letters)
    likely = {Field.LISTED: st.booleans(), Field.DATA: scalars | known_ids}.get(
        field, text | text.map(str.upper) | text.map(str.lower) | known_ids | st.integers(-1, 12)
    )
    return st.one_of(likely, likely, likely, scalars, st.sampled_from([2**70, -(2**70), 10**400, float("inf")]))


CLASSES_KINDS = sorted({wanted.kind for wanted in CLASSES})
patterns = st.text(alphabet="aAbB*?[]-1é😀^.", max_size=5)
paths = st.lists(names | st.integers(-1, 2), max_size=3).map(tuple)


@st.composite
def conditions(draw: st.DrawFn, log: Log, events: list[Event], fields: list[Field]) -> Condition:
    field, operator = draw(st.sampled_from(fields)), draw(st.sampled_from(list(Operator)))
    value = values(log, field, events)
    if operator is Operator.LIKE:
        value = value | patterns | letters.map(lambda text: f"*{text}*")
    some = st.lists(value, max_size=4) if operator is Operator.ONE_OF else st.lists(value, min_size=1, max_size=1)
    return Condition(field, operator, tuple(draw(some)), draw(paths) if field is Field.DATA else ())


windows = st.builds(
    During, st.sampled_from([Field.OCCURRED, Field.RECEIVED]), st.builds(Window, *[instants.map(Instant)] * 2)
)


def filters(log: Log, events: list[Event], fields: list[Field]) -> st.SearchStrategy[Filter]:
    leaves: st.SearchStrategy[Filter] = conditions(log, events, fields)
    if set(fields) - PLACE_FIELDS:
        leaves = leaves | windows
    return st.recursive(
        leaves,
        lambda inner: (
            st.lists(inner, max_size=3).map(lambda parts: All(tuple(parts)))
            | st.lists(inner, max_size=3).map(lambda parts: AnyOf(tuple(parts)))
            | inner.map(Not)
        ),
        max_leaves=6,
    )


exhaustive = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


# -- the same answer --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("field", list(Field))
@settings(exhaustive)
@given(given_=st.data())
def test_each_comparison_means_in_sql_what_it_means_in_memory(log: Log, field: Field, given_: st.DataObject) -> None:
    with rolled_back(log):
        events = log.store(given_.draw(st.lists(drafts(log), min_size=1, max_size=6)))
        wanted = given_.draw(conditions(log, events, [field]))

        found = log.found(wanted)

        assert found == log.expected(wanted, events)
        assert log.found(Not(wanted)) == log.expected(Not(wanted), events)


@settings(exhaustive, max_examples=200)
@given(given_=st.data())
def test_any_filter_chooses_the_same_events(log: Log, given_: st.DataObject) -> None:
    with rolled_back(log):
        events = log.store(given_.draw(st.lists(drafts(log), min_size=1, max_size=8)))
        wanted = given_.draw(filters(log, events, list(Field)))

        found = log.found(wanted)

        assert found == log.expected(wanted, events)


@settings(exhaustive, max_examples=200)
@given(given_=st.data())
def test_the_parts_of_a_filter_choose_together_what_it_chooses(log: Log, given_: st.DataObject) -> None:
    with rolled_back(log):
        events = log.store(given_.draw(st.lists(drafts(log), min_size=1, max_size=8)))
        wanted = given_.draw(filters(log, events, list(Field)))

        parts = normalise(wanted)
        rest = all_of(During(Field.OCCURRED, parts.occurred), During(Field.RECEIVED, parts.received),
                      *parts.keys, *parts.indexed, *parts.rest)  # fmt: skip
        classes, streams = classes_of(parts.classes, log.directory), streams_of(parts.places, log.directory)
        number_of = {found: number for number, found in log.directory.classes.items()}
        inside = {e.seq for e in events if classes.holds(number_of[e.event_class]) and streams.holds(e.stream)}
        found = set() if parts.impossible else log.found(rest) & inside

        assert found == log.expected(wanted, events)


@settings(exhaustive)
@given(given_=st.data())
def test_streams_without_a_device_are_judged_as_nowhere(log: Log, given_: st.DataObject) -> None:
    wanted = given_.draw(filters(log, [], sorted(PLACE_FIELDS)))

    chosen = streams_of((wanted,), log.directory)

    for stream in range(1, log.directory.last_stream + 1):
        place = log.directory.places.get(stream, Place(stream=stream))
        assert chosen.holds(stream) == admits(wanted, _somewhere(stream), place)


def _somewhere(stream: int) -> Event:
    return Event(
        seq=1, id=NAMESPACE, stream=stream, version=1, kind=Kind.DOOR_OPENED, method=None, reason=None, type=None,
        listed=True, occurred=Instant(0), received=Instant(0), reported=None, person=None, person_name=None,
        credential=None, tag=None, message=None, data=None, cause=None,
    )  # fmt: skip


def test_no_condition_chooses_all_and_an_unknown_device_none(log: Log) -> None:
    unknown = one_of(Field.DEVICE, [UUID(int=0)])

    assert classes_of((), log.directory) == streams_of((), log.directory) == Chosen()
    assert streams_of((unknown,), log.directory).is_none
    assert streams_of((Not(unknown),), log.directory).is_all


# -- how it is asked --------------------------------------------------------------------------------------------------


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

    def fragment() -> object:
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
