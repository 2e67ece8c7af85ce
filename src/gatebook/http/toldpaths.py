"""Path and query as a log may tell them: nothing in them is a credential, or names a person, a card or a plate.

What is written out is known to be harmless; all else is three dots. A path keeps its words and its ids, but no segment
that looks like a key or a token, and none that its operation calls one.
"""

from __future__ import annotations

import re
from typing import Final

from starlette.types import Scope

LONGEST: Final = 500
HIDDEN: Final = b"..."

_PLAIN_PARAMETERS: Final = frozenset(
    b"page size pagesize n per_page limit offset from to since until start end orderby order sort include level".split()
)
_PLAIN_VALUE: Final = re.compile(rb"[A-Za-z0-9_.:,+%-]{0,40}\Z")
_PLAIN_NAME: Final = re.compile(rb"[A-Za-z$_][A-Za-z0-9_.\[\]-]{0,29}\Z")
_UUID: Final = re.compile(rb"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\Z")
_OPAQUE: Final = re.compile(rb"(?:(?=[^0-9]*[0-9])[A-Za-z0-9_~+=%.-]{20,}|[A-Za-z0-9_~+=%.-]{32,})\Z")
"""Twenty characters or more with a digit among them, or 32 without: a key, a token, a hash, a signature."""
_PRINTABLE: Final = re.compile(rb"[!-~]*\Z")
_TELLING: Final = re.compile(
    r"token|key|secret|code|password|pin|plate|credential|card|email|login|name", re.IGNORECASE
)
"""A path's parameter of such a name is not told."""


def told_path(scope: Scope) -> str:
    """Printable ASCII, at most 500 characters of path and of query each."""
    raw: bytes = scope.get("raw_path") or scope["path"].encode()
    path = _printable(_path(raw.partition(b"?")[0], _hidden_values(scope)))
    query: bytes = scope["query_string"]
    if not query:
        return path
    return f"{path}?{_printable(b'&'.join(map(_parameter, query[:4000].split(b'&'))))}"


def is_secret(piece: bytes) -> bool:
    """Whether a piece of a path or query looks as a credential does."""
    return _OPAQUE.match(piece) is not None and _UUID.match(piece) is None


def _path(path: bytes, hidden: frozenset[bytes]) -> bytes:
    return b"/".join(HIDDEN if each in hidden or is_secret(each) else each for each in path[:4000].split(b"/"))


def _hidden_values(scope: Scope) -> frozenset[bytes]:
    """The segments that the operation's path gives a telling name."""
    operation = scope.get("gatebook.operation")
    if operation is None or not _TELLING.search(operation.path):
        return frozenset()
    parts = operation.path.split("/")
    below = (scope.get("raw_path") or scope["path"].encode()).partition(b"?")[0].rstrip(b"/").split(b"/")
    offset = scope.get("gatebook.prefix", "").count("/")
    return frozenset(
        value
        for part, value in zip(parts[1:], below[1 + offset :], strict=False)
        if "{" in part and _TELLING.search(part)
    )


def _parameter(piece: bytes) -> bytes:
    name, equals, value = piece.partition(b"=")
    if not _PLAIN_NAME.match(name) or is_secret(name):
        name = HIDDEN
    if not equals:
        return name
    plain = name.lower() in _PLAIN_PARAMETERS and _PLAIN_VALUE.match(value) and not _secret_value(value)
    return name + equals + (value if plain else HIDDEN)


def _secret_value(value: bytes) -> bool:
    """A time is as long as a key; what has letters beyond those of a time and is long is none."""
    return is_secret(value) and re.search(rb"[a-su-yA-SU-Y_~=]", re.sub(rb"%[0-9A-Fa-f]{2}", b"", value)) is not None


def _printable(text: bytes) -> str:
    text = text[:LONGEST]
    if _PRINTABLE.match(text):
        return text.decode()
    return "".join(chr(byte) if 32 < byte < 127 else f"%{byte:02X}" for byte in text)
