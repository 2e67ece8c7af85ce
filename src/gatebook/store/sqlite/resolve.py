"""Turns a question, its filter and its grant into numbers: classes, streams, indexes and what is left to look at."""

from __future__ import annotations

from uuid import UUID

import apsw

from gatebook.domain.filters import All, Condition, During, Field, Filter
from gatebook.domain.parts import Parts, normalise
from gatebook.domain.times import ALWAYS
from gatebook.store.contract import Asked, Chosen, Selection
from gatebook.store.sqlite import directory
from gatebook.store.sqlite.choices import classes_of, streams_of
from gatebook.store.sqlite.conditions import condition_of
from gatebook.store.sqlite.connection import carray, carray_of
from gatebook.store.sqlite.known import Known
from gatebook.store.sqlite.question import Named, Question
from gatebook.store.sqlite.reading import FEW_STREAMS, Clauses
from gatebook.store.sqlite.rights import counted, fewest, granted
from gatebook.store.sqlite.tallies import LIMIT

BY_KEY = Named(query="by_key", bindings=(), occurred="e.occurred", seq="e.seq")


def question_of(connection: apsw.Connection, asked: Asked, known: Known, burst: int = LIMIT) -> Question | None:
    """The question in numbers; None when nothing can answer it."""
    parts = normalise(asked.filter)
    named_by = known.directory
    classes = classes_of(parts.classes, named_by).meet(_shown(asked, known))
    streams = streams_of(parts.places, named_by).meet(granted(asked.grant, known))
    if not streams.but and len(streams.ids) > FEW_STREAMS:
        streams = fewest(streams, known.voices.at(connection))
    if parts.impossible or classes.is_none or streams.is_none:
        return None
    selection = Selection(
        organisation=known.org,
        streams=streams,
        counted=counted(streams, known),
        classes=classes,
        window=parts.occurred,
    )
    named = _index_for(connection, parts, known.org)
    left: list[Filter] = [*parts.keys, *parts.indexed, *parts.rest]
    clauses = Clauses()
    if parts.received != ALWAYS:
        left.append(During(Field.RECEIVED, parts.received))
    if left:
        fragment = condition_of(left[0] if len(left) == 1 else All(tuple(left)), named_by)
        # Of an AND with what is never true the planner keeps nothing, and then refuses an index that is partial.
        opaque = "CASE WHEN {} THEN 1 END" if named is not None and named is not BY_KEY else "({})"
        clauses.add(opaque.replace("{}", fragment.sql), *fragment.bindings)
    return Question(
        selection=selection,
        members=known.members,
        classes=known.classes,
        conditions=clauses,
        named=named,
        descending=asked.descending,
        limit=asked.limit,
        offset=asked.offset,
        after=asked.after,
        ceiling=asked.ceiling,
        with_total=asked.with_total,
        burst=burst,
    )


def _shown(asked: Asked, known: Known) -> Chosen:
    """Classes that are left out whatever the filter says."""
    how = asked.records, asked.unlisted
    if how not in known.shown:
        hidden = {
            number
            for number, found in known.classes.items()
            if (found.kind.is_record and not asked.records) or (not found.listed and not asked.unlisted)
        }
        known.shown[how] = Chosen(frozenset(hidden), but=True)
    return known.shown[how]


def _index_for(connection: apsw.Connection, parts: Parts, org: int) -> Named | None:
    """The index that narrows most.  It only finds: what a condition means is decided by `condition_of` alone."""
    if parts.keys:
        return BY_KEY
    for condition in parts.indexed:
        if condition.field is Field.PERSON:
            return Named(query="by_person", bindings=(_persons(connection, org, condition),))
    for condition in parts.indexed:
        if condition.field in (Field.CREDENTIAL, Field.PLATE):
            return Named(query="by_credential", bindings=(_texts(condition),))
        if condition.field is Field.TAG:
            return Named(query="by_tag", bindings=(_texts(condition),), occurred="e.occurred", seq="e.seq")
    return None


def _persons(connection: apsw.Connection, org: int, condition: Condition) -> object:
    """The numbers of the people named; a UUID or a vendor's word that names nobody is nobody."""
    numbers = set()
    for value in condition.values:
        if isinstance(value, int | float) and abs(value) < 2**63 and value == int(value):
            numbers.add(int(value))
        elif isinstance(value, UUID):
            person = directory.person(connection, org, value)
            numbers |= {person.number} if person else set()
    return carray(sorted(numbers))


def _texts(condition: Condition) -> object:
    """Texts as the engine takes them in a list; nothing that is stored holds a NUL or a lone surrogate."""
    texts = (str(value) for value in condition.values if isinstance(value, str | UUID))
    return carray_of(text for text in texts if "\0" not in text and _is_utf8(text))


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
