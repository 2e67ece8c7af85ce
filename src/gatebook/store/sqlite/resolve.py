"""Turns a question, its filter and its grant into numbers: classes, streams, indexes and what is left to look at."""

from __future__ import annotations

from uuid import UUID

import apsw

from gatebook.domain.filters import All, Condition, During, Field
from gatebook.domain.parts import Parts, normalise
from gatebook.domain.times import ALWAYS
from gatebook.store.contract import Asked, Chosen, Selection
from gatebook.store.sqlite import directory
from gatebook.store.sqlite.choices import classes_of, streams_of
from gatebook.store.sqlite.conditions import condition_of
from gatebook.store.sqlite.connection import carray, carray_of
from gatebook.store.sqlite.known import Known
from gatebook.store.sqlite.pages import Named, Question
from gatebook.store.sqlite.reading import Clauses
from gatebook.store.sqlite.rights import counted, fewest, granted

BY_KEY = Named(query="by_key", values=None, occurred="e.occurred", seq="e.seq")


def question_of(connection: apsw.Connection, asked: Asked, known: Known) -> Question | None:
    """The question in numbers; None when nothing can answer it."""
    parts = normalise(asked.filter)
    named_by = known.directory
    classes = classes_of(parts.classes, named_by).meet(_shown(asked, known))
    streams = fewest(streams_of(parts.places, named_by).meet(granted(asked.grant, known)), known)
    if parts.impossible or classes.is_none or streams.is_none:
        return None
    selection = Selection(
        organisation=known.org,
        streams=streams,
        counted=counted(streams, known),
        classes=classes,
        window=parts.occurred,
    )
    named, spent = _index_for(connection, parts, known.org)
    left = [part for part in (*parts.keys, *parts.indexed, *parts.rest) if part is not spent]
    clauses = Clauses()
    if parts.received != ALWAYS:
        left.append(During(Field.RECEIVED, parts.received))
    if left:
        fragment = condition_of(left[0] if len(left) == 1 else All(tuple(left)), named_by)
        clauses.add(f"({fragment.sql})", *fragment.bindings)
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
    )


def _shown(asked: Asked, known: Known) -> Chosen:
    """Classes that are left out whatever the filter says."""
    hidden = {
        number
        for number, found in known.classes.items()
        if (found.kind.is_record and not asked.records) or (not found.listed and not asked.unlisted)
    }
    return Chosen(frozenset(hidden), but=True)


def _index_for(connection: apsw.Connection, parts: Parts, org: int) -> tuple[Named | None, Condition | None]:
    """The index that narrows most, and the condition that it answers wholly."""
    if parts.keys:
        return BY_KEY, None
    for condition in parts.indexed:
        if condition.field is Field.PERSON:
            return Named(query="by_person", values=_persons(connection, org, condition)), condition
    for condition in parts.indexed:
        if condition.field in (Field.CREDENTIAL, Field.PLATE):
            return Named(query="by_credential", values=_texts(condition)), None
        if condition.field is Field.TAG:
            return Named(query="by_tag", values=_texts(condition), occurred="e.occurred", seq="e.seq"), condition
    return None, None


def _persons(connection: apsw.Connection, org: int, condition: Condition) -> object:
    """The numbers of the people named; a UUID or a vendor's word that names nobody is nobody."""
    numbers = set()
    for value in condition.values:
        if isinstance(value, int):
            numbers.add(value)
        elif isinstance(value, UUID):
            person = directory.person(connection, org, value)
            numbers |= {person.number} if person else set()
    return carray(sorted(numbers))


def _texts(condition: Condition) -> object:
    return carray_of(str(value) for value in condition.values)
