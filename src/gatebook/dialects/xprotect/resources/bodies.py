"""Bodies as clients send them: of any Content-Type, with or without a byte order mark, members in any letter case."""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Mapping
from typing import TypeVar

from gatebook.dialects.xprotect.words.members import respelled
from gatebook.http import Request
from gatebook.http.wire import LIMIT_BYTES, check_json, decode_json, read_body

T = TypeVar("T")


async def body_of(request: Request, limit_bytes: int = LIMIT_BYTES) -> bytes:
    """The body.  A byte order mark is no part of JSON, and may be passed over (RFC 8259 section 8.1)."""
    return (await read_body(request, limit_bytes=limit_bytes)).removeprefix(BOM_UTF8)


async def read_spelled(
    request: Request, shape: type[T], names: Mapping[str, str], *, limit_bytes: int = LIMIT_BYTES
) -> T:
    """The body as `shape`, its members as `words.members.names_of` has them; BadInput names the field."""
    body = await body_of(request, limit_bytes)
    check_json(body)
    return decode_json(respelled(body, names), shape)
