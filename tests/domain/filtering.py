"""Events, places and filters for the tests of this folder, drawn small enough to meet often."""

from __future__ import annotations

import dataclasses
import json
from uuid import UUID

from hypothesis import strategies as st
from msgspec.structs import replace

from gatebook.domain.admits import Place
from gatebook.domain.events import Event
from gatebook.domain.filters import (
    CLASS_FIELDS,
    All,
    AnyOf,
    Condition,
    During,
    Field,
    Filter,
    Not,
    Operator,
    Path,
)
from gatebook.domain.instants import Instant, Window
from gatebook.domain.kinds import Kind, Method, Reason

IDS = [UUID(int=number) for number in (1, 0xAB << 120, 0xABC << 116)]
TEXTS = ["", "a", "A", "ab", "aB?", "é", "É", "[a]", "a*b", "1", "ABC\nx", "\U0001f600", "\ufffd", "it's"]
NUMBERS = [-1, 0, 1, 2, 10, 2**53 + 1, 2**63 - 1]
SCALARS = [*TEXTS, *NUMBERS, 0.5, 1.0, -2.25, 2.0**53, True, False, None]
NAMES = ["a", "b c", "é", "1", "it's", "x.y"]
PATTERNS = ["*", "?", "a*", "*b*", "??", "A?", "[a]", "*[*", "**", "a*b*", "*?*", "é*"]

texts = st.sampled_from(TEXTS)
maybe_texts = st.none() | texts
trees = st.recursive(
    st.sampled_from(SCALARS),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=2),
    max_leaves=5,
)
paths: st.SearchStrategy[Path] = st.lists(st.sampled_from([*NAMES, 0, 1]), max_size=2).map(tuple)
moments = st.sampled_from([0, 1, 99, 100, 10**9, 1_700_000_000_123_456_789]).map(Instant)
kinds = st.sampled_from([Kind.ACCESS_GRANTED, Kind.PLATE_READ, Kind.DOOR_FORCED])
methods = st.sampled_from([None, Method.CARD, Method.PLATE])
reasons = st.sampled_from([None, Reason.LOCKDOWN])

events = st.builds(
    Event,
    seq=st.sampled_from([1, 2, 10]),
    id=st.sampled_from(IDS),
    stream=st.sampled_from([1, 2]),
    version=st.sampled_from([1, 2, 10]),
    kind=kinds,
    method=methods,
    reason=reasons,
    type=st.none() | st.sampled_from(IDS),
    listed=st.booleans(),
    occurred=moments,
    received=moments,
    reported=st.none(),
    person=st.none() | st.sampled_from([1, 2]),
    person_name=maybe_texts,
    credential=maybe_texts,
    tag=maybe_texts,
    message=maybe_texts,
    data=st.none() | st.builds(lambda tree, plain: json.dumps(tree, ensure_ascii=plain).encode(), trees, st.booleans()),
    cause=st.none() | st.sampled_from([1, 2]),
)


@st.composite
def placed(draw: st.DrawFn) -> tuple[Event, Place]:
    """An event, and its place, which knows the ids of what it knows the numbers of."""
    event = draw(events)
    device, site = draw(st.none() | st.sampled_from([1, 2])), draw(st.none() | st.sampled_from([1, 2]))
    place = Place(
        stream=event.stream,
        device=device,
        device_id=None if device is None else IDS[device],
        device_name=None if device is None else draw(texts),
        vendor_ids=() if device is None else tuple(draw(st.lists(texts, max_size=2))),
        site=site,
        site_id=None if site is None else IDS[site],
        site_name=None if site is None else draw(texts),
        person_id=None if event.person is None else IDS[event.person],
    )
    return event, place


def conditions(fields: frozenset[Field] = frozenset(Field)) -> st.SearchStrategy[Filter]:
    """One condition of any operator and value on one of the fields, whether their types agree or not."""
    return st.sampled_from(sorted(fields)).flatmap(_condition)


@st.composite
def _condition(draw: st.DrawFn, field: Field) -> Filter:
    if field in (Field.OCCURRED, Field.RECEIVED) and draw(st.booleans()):
        return During(field, Window(draw(moments), draw(moments)))
    path = draw(paths) if field is Field.DATA else ()
    operator = draw(st.sampled_from(Operator))
    if operator is Operator.LIKE:
        return Condition(field, operator, (draw(st.sampled_from(PATTERNS) | texts),), path)
    if operator in (Operator.STARTS_WITH, Operator.CONTAINS):
        return Condition(field, operator, (draw(texts | st.sampled_from(["000", "1970-01-01t", "door.", "Z"])),), path)
    fitting = texts | st.sampled_from([1, 2, 10, None])
    if field is Field.DATA:
        fitting = st.sampled_from(SCALARS)
    elif field is Field.LISTED:
        fitting = st.booleans()
    elif field in CLASS_FIELDS:
        fitting = kinds | methods | reasons | st.sampled_from(IDS)
    elif field in (Field.ID, Field.DEVICE, Field.SITE, Field.PERSON):
        fitting = fitting | st.sampled_from(IDS)
    values = draw(st.lists(fitting, max_size=3)) if operator is Operator.ONE_OF else [draw(fitting)]
    return Condition(field, operator, tuple(values), path)


@st.composite
def asked(draw: st.DrawFn, field: Field) -> tuple[Event, Place, Filter]:
    """A condition on the field, and an event that was often made to come close to it."""
    (event, place), wanted = draw(placed()), draw(_condition(field))
    if isinstance(wanted, During) or not wanted.values or draw(st.booleans()):
        return event, place, wanted
    near: str | int | float | bool | list[object] | dict[str, object] | None
    value = wanted.values[0]
    if field is Field.DATA:
        likeness = [value, [value], str(value), value == 1, 1, 1.0, None]
        near = draw(st.sampled_from(likeness))  # type: ignore[arg-type]
        for step in reversed(wanted.path):
            near = {step: near} if isinstance(step, str) else [None] * step + [near]
        return replace(event, data=json.dumps(near).encode()), place, wanted
    if isinstance(value, str):
        text = draw(st.sampled_from([value, value.swapcase(), value + "a", value[:1]]))
        if field in (Field.DEVICE_NAME, Field.SITE_NAME):
            return event, dataclasses.replace(place, **{field.value: text}), wanted
        if field is Field.DEVICE and place.device is not None:
            return event, dataclasses.replace(place, vendor_ids=(text,)), wanted
        if field is Field.PLATE:
            return replace(event, credential=text), place, wanted
        if field in (Field.PERSON_NAME, Field.CREDENTIAL, Field.TAG, Field.MESSAGE):
            return replace(event, **{field.value: text}), place, wanted
    return event, place, wanted


def filters(fields: frozenset[Field] = frozenset(Field)) -> st.SearchStrategy[Filter]:
    """Trees of such conditions."""
    return st.recursive(
        conditions(fields),
        lambda inner: (
            st.builds(Not, inner)
            | st.builds(All, st.lists(inner, max_size=3).map(tuple))
            | st.builds(AnyOf, st.lists(inner, max_size=3).map(tuple))
        ),
        max_leaves=6,
    )
