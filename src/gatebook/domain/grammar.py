"""`property=operator:value` into conditions: what the words of `terms` mean, by a table of `properties`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, tzinfo
from math import isfinite
from typing import Final
from uuid import UUID

from gatebook.domain.errors import BadInput
from gatebook.domain.excerpts import excerpt
from gatebook.domain.filters import AnyOf, Condition, During, Filter, Not, Operator, Path, Value, all_of
from gatebook.domain.properties import EQUALITY, TEXTUAL, Property, Spec, ValueKind
from gatebook.domain.terms import MOST_TERMS, Literal, Term, read_terms, unparse
from gatebook.domain.times import EARLIEST, END_OF_TIME, Instant, Window, parse_bound, printing_window

__all__ = ["filter_of", "parse_conditions", "parse_filter", "property_of", "read_terms", "unparse"]

_LONGEST_PATH: Final = 1_024
_DEEPEST: Final = 64
_SHOWN: Final = 12
_STEP: Final = re.compile(r"""\.([^.\[\]'"\\\x00-\x1f]+)|\.'((?:[^'"\\\x00-\x1f]|'')+)'|\[(\d{1,9})\]""", re.ASCII)
_INT: Final = re.compile(r"-?\d{1,19}", re.ASCII)
_NUMERAL: Final = re.compile(r"\d{1,18}", re.ASCII)
_NUMBER: Final = re.compile(r"-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?", re.ASCII)
_UUID: Final = re.compile(r"\{?([0-9a-f]{8}(-?)[0-9a-f]{4}\2[0-9a-f]{4}\2[0-9a-f]{4}\2[0-9a-f]{12})\}?", re.IGNORECASE)
_FLAGS: Final[Mapping[str, bool]] = {"true": True, "false": False}


def parse_filter(
    pairs: Iterable[tuple[str, str]], spec: Spec, zone: tzinfo = UTC, unit_ns: int | None = None
) -> Filter:
    """All conditions of a query together, at most `MOST_TERMS`; else as `parse_conditions`."""
    found: list[Filter] = []
    for name, text in pairs:
        found.extend(parse_conditions(name, text, spec, zone, unit_ns))
        if len(found) > MOST_TERMS:
            raise BadInput(name, f"is one of more than {MOST_TERMS} conditions", "ask for fewer at a time")
    return all_of(*found)


def parse_conditions(
    name: str, text: str, spec: Spec, zone: tzinfo = UTC, unit_ns: int | None = None
) -> tuple[Filter, ...]:
    """What one `name=text` asks for, one filter for each comma-joined condition; all must hold.

    `zone` is for times without an offset.  `unit_ns` is what a dialect prints times to: `equals:X` then is every
    instant that prints as X there, `gt` and `lt` all after or before those; None takes the precision that each time is
    given in.  BadInput names the property, and what would be right.
    """
    if property_of(name, spec) is None:
        raise BadInput(name[:64], "is no property", f"expected one of {_listed(spec)}")
    return tuple(filter_of(name, term, spec, zone, unit_ns) for term in read_terms(text, name))


def property_of(name: str, spec: Spec) -> tuple[Property, Path] | None:
    """The property of this name and its path in `data`; None for a name that is none, BadInput for a broken path."""
    if name in spec:
        return spec[name], ()
    head = re.split(r"[.\[]", name, maxsplit=1)[0]
    found = spec.get(head)
    if found is None or found.kind is not ValueKind.JSON:
        return None
    return found, _path(name, len(head))


def filter_of(name: str, term: Term, spec: Spec, zone: tzinfo = UTC, unit_ns: int | None = None) -> Filter:
    """What one term means for a property that is known to be in the table."""
    found = property_of(name, spec)
    if found is None:
        raise BadInput(name[:64], "is no property", f"expected one of {_listed(spec)}")
    prop, path = found
    operator = term.operator or _unsaid(prop, term.values[0])
    if operator not in prop.operators:
        allowed = ", ".join(known.value for known in Operator if known in prop.operators)
        raise BadInput(name, f"does not take {operator.value}", f"expected one of {allowed}")
    for literal in term.values:
        if len(literal.text) > prop.longest or "\0" in literal.text:
            raise BadInput(
                name, f"{excerpt(literal.text)} is too long or holds NUL", f"at most {prop.longest} characters"
            )
    if prop.kind is ValueKind.TIME and operator not in TEXTUAL:
        return _time(prop, operator, [_window(value.text, name, zone, unit_ns) for value in term.values])
    if prop.kind is ValueKind.TIME and operator is Operator.STARTS_WITH:
        return During(prop.field, printing_window(term.values[0].text))
    return Condition(prop.field, operator, tuple(_value(prop, operator, value, name) for value in term.values), path)


def _unsaid(prop: Property, literal: Literal) -> Operator:
    wild = prop.wildcards and not literal.quoted and ("?" in literal.text or "*" in literal.text)
    return Operator.LIKE if wild else Operator.EQUALS


def _window(text: str, name: str, zone: tzinfo, unit_ns: int | None) -> Window:
    bound = parse_bound(text, zone, name)
    if unit_ns is None:
        return Window(bound.instant, bound.end)
    start = bound.instant - bound.instant % unit_ns
    return Window(Instant(start), Instant(start + unit_ns))


def _time(prop: Property, operator: Operator, windows: list[Window]) -> Filter:
    during = tuple(During(prop.field, window) for window in windows)
    since, until = windows[0]
    match operator:
        case Operator.EQUALS:
            return during[0]
        case Operator.NOT_EQUALS:
            return Not(during[0])
        case Operator.ONE_OF:
            return AnyOf(during)
        case Operator.LT:
            return During(prop.field, Window(EARLIEST, since))
        case Operator.LE:
            return During(prop.field, Window(EARLIEST, until))
        case Operator.GT:
            return During(prop.field, Window(until, END_OF_TIME))
    return During(prop.field, Window(since, END_OF_TIME))


def _value(prop: Property, operator: Operator, literal: Literal, name: str) -> Value:
    text, kind = literal.text, prop.kind
    if operator in TEXTUAL:
        return text
    if prop.nullable and not literal.quoted and text == "null" and operator in EQUALITY:
        return None
    if prop.read is not None and operator in EQUALITY:
        return prop.read(text, name)
    match kind:
        case ValueKind.TEXT:
            return text
        case ValueKind.INT:
            return _int(text, name)
        case ValueKind.WORD:
            return _word(prop.words or {}, text, name)
        case ValueKind.FLAG:
            return _word(_FLAGS, text, name)
        case ValueKind.JSON:
            return text if literal.quoted else _json(text, name)
    found = _UUID.fullmatch(text)
    if found is not None:
        return UUID(found[1])
    if kind is ValueKind.REF:
        return int(text) if not literal.quoted and _NUMERAL.fullmatch(text) else text
    if operator in EQUALITY:
        raise BadInput(name, f"{excerpt(text)} is no UUID", "expected 8-4-4-4-12 hexadecimal digits")
    return text


def _int(text: str, name: str) -> int:
    if _INT.fullmatch(text) and -(2**63) <= int(text) < 2**63:
        return int(text)
    raise BadInput(name, f"{excerpt(text)} is no whole number of 64 bits", "expected digits alone")


def _word(words: Mapping[str, Value], text: str, name: str) -> Value:
    found = words.get(text.lower())
    if found is None:
        raise BadInput(name, f"unknown word {excerpt(text)}", f"expected one of {_listed(words)}")
    return found


def _json(text: str, name: str) -> Value:
    if text in _FLAGS:
        return _FLAGS[text]
    number = _NUMBER.fullmatch(text)
    if number is None:
        return text
    if number[1] is None and number[2] is None:
        return _int(text, name)
    if isfinite(float(text)):
        return float(text)
    raise BadInput(name, f"{excerpt(text)} is beyond 64 bits", "expected a smaller number, or text in quotes")


def _path(name: str, at: int) -> Path:
    """The steps after `data`: `.name`, `.'a name with ''any'' sign'` and `[0]`."""
    steps: list[str | int] = []
    while at < len(name):
        step = _STEP.match(name, at)
        if step is None or len(steps) == _DEEPEST or len(name) > _LONGEST_PATH:
            raise BadInput(
                excerpt(name)[1:-1], f"no step of a path at character {at + 1}", "expected data.name[0].name"
            )
        steps.append(int(step[3]) if step[3] else step[1] or step[2].replace("''", "'"))
        at = step.end()
    return tuple(steps)


def _listed(words: Iterable[str]) -> str:
    known = sorted(words)
    return ", ".join(known[:_SHOWN]) + (f" and {len(known) - _SHOWN} more" if len(known) > _SHOWN else "")
