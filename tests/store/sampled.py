"""A real log with a directory, and generated events and filters that have a fair chance to meet."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid5

import apsw
from hypothesis import strategies as st

from gatebook.domain.admits import Place, admits
from gatebook.domain.events import Draft, Event, EventClass
from gatebook.domain.filters import (
    PLACE_FIELDS,
    TIME_FIELDS,
    UUID_FIELDS,
    All,
    AnyOf,
    Condition,
    During,
    Field,
    Filter,
    Not,
    Operator,
)
from gatebook.domain.kinds import NAMESPACE, Kind, Method, Reason
from gatebook.domain.places import DeviceKind
from gatebook.domain.times import SECOND_NS, Instant, Window
from gatebook.store.migrate import migrate
from gatebook.store.sqlite.conditions import Directory, condition_of
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


def open_log(path: Path) -> Log:
    """A log in two organisations, of which the second has sites, devices and people."""
    connection = open_writer(path)
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
    return Log(connection, transaction, directory, streams, {person.number: person.id for person in people})


@contextmanager
def rolled_back(log: Log) -> Iterator[Log]:
    """Whatever is appended within is gone afterwards."""
    log.connection.execute("BEGIN IMMEDIATE")
    try:
        yield log
    finally:
        log.connection.execute("ROLLBACK")
        log.transaction.forget()


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


def held_by(event: Event, field: Field) -> list[tuple[object, tuple[str | int, ...]]]:
    """What the event has there, so that many conditions meet: each leaf of `data` with its path, or the one value."""
    if field is Field.DATA:
        return [] if event.data is None else leaves_of(json.loads(event.data), ())
    name = "credential" if field is Field.PLATE else field.value
    found = getattr(event, name, None)
    return [] if found is None or field in TIME_FIELDS else [(found, ())]


def leaves_of(tree: object, path: tuple[str | int, ...]) -> list[tuple[object, tuple[str | int, ...]]]:
    if isinstance(tree, dict | list):
        steps = tree.items() if isinstance(tree, dict) else enumerate(tree)
        return [leaf for step, inner in steps for leaf in leaves_of(inner, (*path, step))]
    return [(tree, path)]


@st.composite
def conditions(draw: st.DrawFn, log: Log, events: list[Event], fields: list[Field]) -> Condition:
    field, operator = draw(st.sampled_from(fields)), draw(st.sampled_from(list(Operator)))
    value = values(log, field, events)
    path = draw(paths) if field is Field.DATA else ()
    held = [(leaf, where) for event in events for leaf, where in held_by(event, field)]
    if held and draw(st.booleans()):
        leaf, path = draw(st.sampled_from(held))
        value = st.just(leaf) | value if operator is Operator.ONE_OF else st.just(leaf)
    if operator is Operator.LIKE:
        value = value | patterns | letters.map(lambda text: f"*{text}*")
    some = st.lists(value, max_size=4) if operator is Operator.ONE_OF else st.lists(value, min_size=1, max_size=1)
    return Condition(field, operator, tuple(draw(some)), path)


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
