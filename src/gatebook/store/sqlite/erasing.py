"""Erasure of personal parts in SQL: where somebody is found, and what becomes of it, each within one transaction.

The event, its numbers and its place stay; a salted hash stands for what it told of somebody.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from string import ascii_lowercase, ascii_uppercase
from typing import Any, NamedTuple

import apsw

from gatebook.domain.commitments import commitment
from gatebook.domain.erasures import GONE, NAMING, Traces
from gatebook.domain.gates import bare_plate
from gatebook.domain.places import Person
from gatebook.store.sql import load
from gatebook.store.sqlite import directory, gates
from gatebook.store.sqlite.connection import carray, carray_of, fetch
from gatebook.store.sqlite.entities import Entities, credential_of

SQL = load("sqlite", "erasing")
RESIZE = load("sqlite", "quarantine")["resize"]
RECORD_STREAM = 1
UPPER = str.maketrans(ascii_lowercase, ascii_uppercase)


class Found(NamedTuple):
    """By seq: events whose personal parts tell of somebody, and entries of the record that name them in a search."""

    events: set[int]
    record: set[int]


def traces_of(connection: apsw.Connection, org: int, person: Person) -> Traces:
    """By what a person is found, as far as the directory knows."""
    carried = fetch(connection, SQL["carried_by"], {"org": org, "person": person.number})
    texts = frozenset(filter(None, (bare_plate(value) for (value,) in carried)))
    return Traces(person=person.number, name=person.name, texts=texts)


def named(connection: apsw.Connection, org: int, traces: Traces) -> set[int]:
    """Events that name the person, or what they carry, however it is spelt."""
    found: set[int] = set()
    if traces.person is not None:
        found.update(seq for (seq,) in fetch(connection, SQL["of_person"], {"org": org, "person": traces.person}))
    for (spelling,) in fetch(connection, SQL["spellings"], {"org": org}) if traces.texts else ():
        if bare_plate(spelling) not in traces.texts:
            continue
        wanted = {"org": org, "credential": spelling, "person": traces.person}
        found.update(seq for (seq,) in fetch(connection, SQL["of_credential"], wanted))
    return found


def telling(connection: apsw.Connection, org: int, traces: Traces, above: int, upto: int) -> Found:
    """What tells of them in its data, in `(above, upto]`."""
    found = Found(set(), set())
    classes = directory.classes(connection, org)
    wanted = {"org": org, "above": above, "upto": upto, "records": RECORD_STREAM,
              "fields": carray_of([f"{name}=" for name in NAMING])}  # fmt: skip
    rows = fetch(connection, SQL["telling"], {**wanted, "texts": needles(traces.texts)})
    for seq, class_, person, data in rows:
        value = json.loads(data)
        if classes[class_].kind.is_record:
            if _struck(value, traces) != value:
                found.record.add(seq)
        elif (traces.person is None or person in (None, traces.person)) and traces.in_value(value):
            found.events.add(seq)
    return found


def around(connection: apsw.Connection, org: int, seqs: Collection[int]) -> set[int]:
    """What else tells of whom these events tell: the read behind a decision, what was written on an alarm."""
    bound = {"org": org, "seqs": carray(sorted(seqs))}
    queries = ("reads_decided_on", "said_of_alarms")
    return {seq for query in queries for (seq,) in fetch(connection, SQL[query], bound)}


class ErasingQuestions:
    """Where somebody is found, as readers ask."""

    traces_of = staticmethod(traces_of)
    named = staticmethod(named)
    telling = staticmethod(telling)
    around = staticmethod(around)


class ErasingChanges:
    """Erasures within a transaction."""

    def __init__(self, connection: apsw.Connection, entities: Entities) -> None:
        """Works on the writer's connection."""
        self._connection = connection
        self._entities = entities

    def erase(self, org: int, seqs: Iterable[int]) -> int:
        """Erases the personal parts of these events; how many had any."""
        rows = fetch(self._connection, SQL["parts"], {"org": org, "seqs": carray(seqs)})
        for seq, salt, person, person_name, credential, message, data in rows:
            stands = commitment(
                salt, person=person, person_name=person_name, credential=credential, message=message, data=data
            )
            self._connection.execute(SQL["erase"], {"org": org, "seq": seq, "commitment": stands})
        return len(rows)

    def strike(self, org: int, seqs: Iterable[int], traces: Traces) -> None:
        """Takes what names them out of entries of the record; who looked, when and how stays."""
        for seq in seqs:
            for salt, person, name, credential, message, data, erased, stands in fetch(
                self._connection, SQL["record"], {"org": org, "seq": seq}
            ):
                if not erased:
                    stands = commitment(
                        salt, person=person, person_name=name, credential=credential, message=message, data=data
                    )
                left = json.dumps(_struck(json.loads(data), traces), separators=(",", ":"), ensure_ascii=False)
                self._connection.execute(
                    SQL["strike"], {"org": org, "seq": seq, "data": left.encode(), "commitment": stands}
                )

    def forget(self, org: int, traces: Traces) -> None:
        """Takes them out of quarantine, out of what cameras are about to decide, and what they carry out of use."""
        self._forget_waiting(org, traces.texts, ())
        texts = needles(traces.texts)
        self._connection.execute(SQL["forget_arrivals"], {"org": org, "person": traces.person, "texts": texts})
        if traces.person is None:
            for row in fetch(self._connection, SQL["carried"], {"org": org, "texts": texts}):
                self._entities.credentials.remove(org, credential_of(row))

    def forget_person(self, org: int, person: Person, name: str) -> None:
        """Takes a person's name, reach and credentials out of the directory, and them out of quarantine."""
        self._forget_waiting(org, [bare_plate(person.name)], (str(person.number), str(person.id)))
        self._connection.execute(SQL["rename_person"], {"org": org, "person": person.number, "name": name})
        self._connection.execute(SQL["forget_labels"], {"org": org, "person": person.number})
        called = carray_of([person.name, str(person.id)])
        self._connection.execute(SQL["forget_name"], {"org": org, "names": called})
        gates.forget(self._connection, org, person.number)
        self._entities.drop_credentials(org, person)

    def _forget_waiting(self, org: int, texts: Collection[str], ids: Collection[str]) -> None:
        wanted = Traces(texts=frozenset(texts))
        bound = {"org": org, "texts": needles(wanted.texts), "ids": carray_of(sorted(ids))}
        gone: list[bytes] = []
        for id_, report in fetch(self._connection, SQL["waiting"], bound):
            value = json.loads(report)
            if str(value.get("person")).lower() in ids or wanted.in_value(value):
                gone.append(id_)
        if gone:
            self._connection.execute(SQL["forget_waiting"], {"org": org, "ids": carray_of(gone)})
            self._connection.execute(RESIZE, {"org": org, "by": -len(gone)})


def needles(texts: Iterable[str]) -> object:
    """What SQL looks for in JSON whose letters it has made upper case, which it can with ASCII's alone."""
    cased = {case for text in texts for case in (text, text.lower())}
    written = cased | {json.dumps(text)[1:-1] for text in cased}
    return carray_of(sorted(text.translate(UPPER) for text in written))


def _struck(value: dict[str, Any], traces: Traces) -> dict[str, Any]:
    """An entry of the record without what names them: in its filter, and in the details of a change."""
    left = dict(value)
    if "filter" in value:
        left["filter"] = traces.struck(value["filter"])
    if "details" in value:
        left["details"] = {name: GONE if traces.in_value(told) else told for name, told in value["details"].items()}
    return left
