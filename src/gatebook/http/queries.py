"""Reads query strings and forms: strictly decoded, each parameter once, unknown ones named."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Literal, TypeVar
from urllib.parse import quote, unquote_to_bytes

import msgspec
from msgspec import Struct, inspect
from starlette.requests import Request

from gatebook.domain.errors import BadInput
from gatebook.http.bodies import read_body
from gatebook.http.faults import explained, nearest

Q = TypeVar("Q", bound=Struct)

PARAMETERS_LIMIT = 1000
_BROKEN_ESCAPE = re.compile(r"%(?![0-9a-fA-F]{2})")
_INTEGER = re.compile(r"-?[0-9]{1,19}\Z", re.ASCII)
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?\Z", re.ASCII)


def pairs_of(query: str) -> list[tuple[str, str]]:
    """Names and values in order, decoded; a `+` is a space.  BadInput for what cannot be decoded."""
    if not query:
        return []
    pieces = [piece for piece in query.split("&") if piece]
    if len(pieces) > PARAMETERS_LIMIT:
        raise BadInput("query", f"has {len(pieces)} parameters", f"send at most {PARAMETERS_LIMIT}")
    return [
        (_decoded(name, name), _decoded(value, name))
        for name, _equals, value in (piece.partition("=") for piece in pieces)
    ]


def _decoded(text: str, name: str) -> str:
    if "%" in text:
        if broken := _BROKEN_ESCAPE.search(text):
            found = text[broken.start() : broken.start() + 3]
            raise BadInput(name[:60], f"holds {found!r}, which is no percent escape", "write a percent sign as %25")
        try:
            text = unquote_to_bytes(text.replace("+", " ")).decode()
        except UnicodeDecodeError as error:
            raise BadInput(name[:60], "is not UTF-8 when decoded", "percent-encode the UTF-8 bytes") from error
    elif "+" in text:
        text = text.replace("+", " ")
    if "\0" in text:
        raise BadInput(name[:60].replace("\0", ""), "holds a NUL", "leave it out")
    return text


def raw_query(request: Request) -> str:
    """The query string as sent; BadInput where it is not UTF-8."""
    raw: bytes = request.scope["query_string"]
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        raise BadInput("query", "is not UTF-8", "percent-encode what is not ASCII") from error


def read_query(request: Request, shape: type[Q], unknown: Literal["refuse", "ignore"] = "refuse") -> Q:
    """The query as a Struct; a parameter given twice needs a list there.

    An unknown parameter is refused with the nearest known one named; with `ignore`, the answer lists it in
    `Gatebook-Ignored`. A bool is true by its mere name (`?tasks`). Raises BadInput naming the parameter.
    """
    fields = _fields_of(shape)
    given: dict[str, str | list[str]] = {}
    ignored: list[str] = []
    for name, value in pairs_of(raw_query(request)):
        field = fields.get(name)
        if field is None:
            if unknown == "refuse":
                raise BadInput(name[:60], "is not known here", nearest(name, tuple(fields)))
            ignored.append(name)
        elif field.many:
            many = given.setdefault(name, [])
            assert isinstance(many, list)
            many.append(field.checked(name, value))
        elif name in given:
            raise BadInput(name, "is given twice", "give it once")
        else:
            given[name] = field.checked(name, value)
    if ignored:
        # read by the mount when the answer leaves; quoted, since a name is the client's text in a header of ours
        request.scope["gatebook.ignored"] = ", ".join(quote(name[:60], safe="") for name in ignored[:20])
    return _converted(given, shape)


def read_path(request: Request, shape: type[Q]) -> Q:
    """The path's parameters as a Struct; BadInput naming the parameter (a dialect may rather say NotFound)."""
    fields = _fields_of(shape)
    return _converted({name: fields[name].checked(name, value) for name, value in request.path_params.items()}, shape)


def _converted(given: Mapping[str, str | list[str]], shape: type[Q]) -> Q:
    try:
        return msgspec.convert(given, shape, strict=False, str_keys=True)
    except msgspec.ValidationError as error:
        path, fault, remedy = explained(error, shape)
        name = path.removeprefix("$.").partition("[")[0]
        sent = given.get(name)
        fault = f"got {sent[:60]!r}" if isinstance(sent, str) and fault.startswith("got ") else fault
        raise BadInput(name, fault, remedy) from error


class _Field(Struct, frozen=True):
    """What the lax conversion of msgspec would take and a query may not hold."""

    many: bool
    text: bool
    flag: bool
    integer: bool
    number: bool

    def checked(self, name: str, value: str) -> str:
        """The value, made fit for conversion; BadInput for `1e3` as an integer, `nan`, or `null`."""
        if self.text:
            return value
        if self.flag and not value:
            return "true"
        if self.integer and not self.number and not _INTEGER.match(value):
            raise BadInput(name, f"got {value[:60]!r}", "expected an integer, in digits")
        if self.number and not _NUMBER.match(value):
            raise BadInput(name, f"got {value[:60]!r}", "expected a number, in digits")
        if value.lower() == "null":
            raise BadInput(name, "got 'null'", "leave it out")
        return value


@lru_cache(maxsize=1024)
def _fields_of(shape: type[Struct]) -> dict[str, _Field]:
    info = inspect.type_info(shape)
    assert isinstance(info, inspect.StructType)
    return {field.encode_name: _field_of(_members(field.type)) for field in info.fields}


def _field_of(kinds: Sequence[inspect.Type]) -> _Field:
    lists = [one for one in kinds if isinstance(one, inspect.ListType | inspect.VarTupleType | inspect.SetType)]
    inner = _members(lists[0].item_type) if lists else kinds
    return _Field(
        many=bool(lists),
        text=any(isinstance(one, inspect.StrType | inspect.LiteralType | inspect.EnumType) for one in inner),
        flag=any(isinstance(one, inspect.BoolType) for one in inner),
        integer=any(isinstance(one, inspect.IntType) for one in inner),
        number=any(isinstance(one, inspect.FloatType) for one in inner),
    )


def _members(node: inspect.Type) -> tuple[inspect.Type, ...]:
    if isinstance(node, inspect.Metadata):
        return _members(node.type)
    return (
        tuple(kind for one in node.types for kind in _members(one)) if isinstance(node, inspect.UnionType) else (node,)
    )


class Form(Struct, frozen=True):
    """A form-urlencoded body, read twice: as the standard says, and as a client sends it that does not encode."""

    fields: dict[str, str]
    """Decoded; the first of each name; a broken escape stands as it was sent."""
    as_sent: dict[str, str]
    """Not decoded at all; a piece without `=` belongs to the value before it (a password may hold `&`)."""


async def read_form(request: Request, *, limit_bytes: int = 65536) -> Form:
    """The body as a form, whatever its Content-Type says; BadInput where it is not UTF-8 or holds a NUL."""
    return decode_form(await read_body(request, limit_bytes=limit_bytes))


def decode_form(body: bytes) -> Form:
    """A body as a form; BadInput where it is not UTF-8 or holds a NUL."""
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        raise BadInput("body", "is not UTF-8", "percent-encode the UTF-8 bytes") from error
    fields: dict[str, str] = {}
    as_sent: dict[str, str] = {}
    last = ""
    for piece in text.rstrip("\r\n").split("&"):
        name, equals, value = piece.partition("=")
        if equals:
            fields.setdefault(_leniently(name), _leniently(value))
            as_sent.setdefault(name, value)
            last = name
        elif last:
            as_sent[last] += "&" + piece
    if any("\0" in value for value in (*fields, *fields.values())):
        raise BadInput("body", "holds a NUL", "leave it out")
    return Form(fields, as_sent)


def _leniently(text: str) -> str:
    """Decode the escapes that are whole; where the bytes are not UTF-8, the text stands as it was sent."""
    try:
        return unquote_to_bytes(text.replace("+", " ")).decode()
    except UnicodeDecodeError:
        return text
