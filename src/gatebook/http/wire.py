"""From bytes to typed values and back: what a dialect reads and answers with.  Parse once, here, or refuse.

A body is bounded (16 MiB after decompression), JSON is checked for what programs read in different ways, and every
refusal is an error of the tree that names its field.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TypeVar, overload

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from gatebook.domain.errors import BadInput, TooLarge, UnsupportedMedia
from gatebook.http.bodies import LIMIT_BYTES, read_body
from gatebook.http.dialect import JSON, NDJSON, Shape
from gatebook.http.faults import bad_body
from gatebook.http.jsontext import DEPTH_LIMIT, check_json
from gatebook.http.queries import Form, decode_form, pairs_of, raw_query, read_form, read_path, read_query

T = TypeVar("T")

ITEMS_LIMIT = 10_000

_encoder = msgspec.json.Encoder()


@overload
async def read_json(request: Request, shape: type[T], *, any_media: bool = ..., limit_bytes: int = ...) -> T: ...
@overload
async def read_json(request: Request, shape: Shape, *, any_media: bool = ..., limit_bytes: int = ...) -> object: ...
async def read_json(
    request: Request, shape: Shape, *, any_media: bool = False, limit_bytes: int = LIMIT_BYTES
) -> object:
    """The body as `shape`; a missing or other Content-Type is UnsupportedMedia unless `any_media`."""
    if not any_media and not is_json(media_of(request)):
        raise UnsupportedMedia(f"Content-Type {media_of(request)[:60] or '(none)'} is not spoken here; send {JSON}")
    body = await read_body(request, limit_bytes=limit_bytes)
    check_json(body)
    return decode_json(body, shape)


@overload
def decode_json(text: bytes | msgspec.Raw, shape: type[T], at: str = ...) -> T: ...
@overload
def decode_json(text: bytes | msgspec.Raw, shape: Shape, at: str = ...) -> object: ...
def decode_json(text: bytes | msgspec.Raw, shape: Shape, at: str = "$") -> object:
    """Checked JSON as `shape`; BadInput names the field, below `at`: `$[3].occurred`."""
    try:
        return _decoder(shape).decode(text)
    except msgspec.DecodeError as error:
        raise bad_body(error, shape, at) from error
    except RecursionError as error:
        raise BadInput("body", f"is nested deeper than {DEPTH_LIMIT}", "send flatter JSON") from error


@lru_cache(maxsize=1024)
def _decoder(shape: Shape) -> msgspec.json.Decoder[object]:
    return msgspec.json.Decoder(shape)


def raw_items(body: bytes, media: str, *, limit: int = ITEMS_LIMIT) -> Sequence[msgspec.Raw | bytes]:
    """The items of a JSON array or of NDJSON lines (by media type), each to be decoded by itself; checked already.

    An NDJSON line that is empty is no item.  Raises TooLarge beyond `limit` items, BadInput where it is no array.
    """
    check_json(body, lines=media == NDJSON)
    items: Sequence[msgspec.Raw | bytes]
    if media == NDJSON:
        items = [line for line in body.split(b"\n") if line and not line.isspace()]
    else:
        items = decode_json(body, list[msgspec.Raw])
    if len(items) > limit:
        raise TooLarge("body", f"has {len(items)} items", f"send at most {limit}")
    return items


def media_of(request: Request) -> str:
    """The media type of the body, lower case, without parameters; empty where none is given."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def is_json(media: str) -> bool:
    """`application/json` or anything `+json`."""
    return media == JSON or media.endswith("+json")


def json_reply(
    value: object, status: int = 200, headers: Mapping[str, str] | None = None, media: str = JSON
) -> Response:
    """An answer with `value` (a Struct, or what msgspec can encode) as its body."""
    return Response(_encoder.encode(value), status, headers, media)


__all__ = [
    "ITEMS_LIMIT",
    "LIMIT_BYTES",
    "Form",
    "check_json",
    "decode_form",
    "decode_json",
    "is_json",
    "json_reply",
    "media_of",
    "pairs_of",
    "raw_items",
    "raw_query",
    "read_body",
    "read_form",
    "read_json",
    "read_path",
    "read_query",
]
