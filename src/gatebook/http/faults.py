"""Turns what msgspec finds wrong into BadInput: which field, what was wrong, what would be right."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import get_close_matches
from functools import lru_cache

import msgspec
from msgspec import inspect

from gatebook.domain.errors import BadInput
from gatebook.http.dialect import Shape

_AT = re.compile(r" - at `(?:key in )?(\$[^`]*)`\Z")
_MISSING = re.compile(r"Object missing required field `([^`]*)`")
_UNKNOWN = re.compile(r"Object contains unknown field `(.*)`", re.DOTALL)
_GOT = re.compile(r"Expected `([^`]*)`, got `([^`]*)`")
_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+|\.\.\.)\]")
_WORDS = {
    inspect.StrType: "a string",
    inspect.BoolType: "true or false",
    inspect.IntType: "an integer",
    inspect.FloatType: "a number",
    inspect.NoneType: "null",
    inspect.UUIDType: "a UUID",
    inspect.DateTimeType: "a time such as 2026-01-15T02:10:00Z",
    inspect.ListType: "an array",
    inspect.VarTupleType: "an array",
    inspect.DictType: "an object",
    inspect.StructType: "an object",
    inspect.RawType: "JSON",
    inspect.BytesType: "base64",
}


def bad_body(error: msgspec.DecodeError, shape: Shape, at: str = "$") -> BadInput:
    """The BadInput for a body; `at` is where the piece that was decoded stands in the whole, such as `$[3]`."""
    if not isinstance(error, msgspec.ValidationError):
        return BadInput("body" if at == "$" else at, str(error), "send one JSON value, whole")
    field, fault, remedy = explained(error, shape)
    return BadInput(at + field[1:], fault, remedy)


def explained(error: msgspec.ValidationError, shape: Shape) -> tuple[str, str, str]:
    """Path (`$.items[3].occurred`), fault and remedy."""
    text = str(error)
    place = _AT.search(text)
    path = place[1] if place else "$"
    told = text[: place.start()] if place else text
    if missing := _MISSING.match(told):
        field = f"{path}.{missing[1]}"
        return field, "is missing", f"give {remedy_of(shape, field)}"
    if unknown := _UNKNOWN.match(told):
        known = _fields(_at(shape, path))
        return f"{path}.{unknown[1][:60]}", "is not known here", nearest(unknown[1], known)
    remedy = f"expected {remedy_of(shape, path)}"
    if got := _GOT.match(told):
        return path, f"got {got[2]}", remedy
    return path, told[0].lower() + told[1:160], remedy


def nearest(word: str, known: Sequence[str]) -> str:
    """Which known name was perhaps meant."""
    if close := get_close_matches(word[:60], known, 1, 0.6):
        return f"did you mean {close[0]}?"
    return f"known are {', '.join(known)}" if known else "leave it out"


@lru_cache(maxsize=1024)
def remedy_of(shape: Shape, path: str) -> str:
    """What is right at this path of a type, in words."""
    return _told(_at(shape, path)) or "another value"


def _at(shape: Shape, path: str) -> inspect.Type | None:
    node: inspect.Type | None = inspect.type_info(shape)
    for name, _index in _STEP.findall(path):
        node = _step(node, name)
    return node


def _step(node: inspect.Type | None, name: str) -> inspect.Type | None:
    match node:
        case inspect.UnionType(types=types):
            return next((found for one in types if (found := _step(one, name)) is not None), None)
        case inspect.Metadata(type=inner):
            return _step(inner, name)
        case inspect.StructType(fields=fields) if name:
            return next((field.type for field in fields if field.encode_name == name), None)
        case inspect.ListType(item_type=item) | inspect.VarTupleType(item_type=item) if not name:
            return item
        case inspect.DictType(value_type=value):
            return value
    return None


def _fields(node: inspect.Type | None) -> tuple[str, ...]:
    if isinstance(node, inspect.UnionType):
        return tuple(name for one in node.types for name in _fields(one))
    return tuple(field.encode_name for field in node.fields) if isinstance(node, inspect.StructType) else ()


def _told(node: inspect.Type | None) -> str:
    match node:
        case inspect.UnionType(types=types):
            return " or ".join(dict.fromkeys(_told(one) for one in types))
        case inspect.Metadata(type=inner):
            return _told(inner)
        case inspect.LiteralType(values=values):
            return _choice([str(value) for value in values])
        case inspect.EnumType(cls=cls):
            return _choice([str(member.value) for member in cls])
        case inspect.IntType(ge=ge, le=le) | inspect.FloatType(ge=ge, le=le):
            return _WORDS[type(node)] + _bounds(ge, le)
        case inspect.StrType(min_length=least, max_length=most):
            return "a string" + (_bounds(least, most) + " characters long" if least or most else "")
    return _WORDS.get(type(node), "") if node else ""


def _choice(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"one of {', '.join(words)}"


def _bounds(least: float | None, most: float | None) -> str:
    if least is not None and most is not None:
        return f" from {least} to {most}"
    if least is not None:
        return f" of at least {least}"
    return f" of at most {most}" if most is not None else ""
