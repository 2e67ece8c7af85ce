"""Forms that carry files beside their fields: the fields as text, the files passed over.

The body is read first, bounded as any other; nothing of it is written to a file.
"""

from __future__ import annotations

from email.message import Message
from typing import Final

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import Request

from gatebook.domain.errors import BadInput, UnsupportedMedia
from gatebook.http.bodies import read_body
from gatebook.http.dialect import FORM
from gatebook.http.queries import pairs_of

MULTIPART: Final = "multipart/form-data"
PARTS_LIMIT: Final = 100


async def read_fields(request: Request) -> dict[str, str]:
    """The fields of a form, multipart or urlencoded; BadInput where it cannot be read or a field is given twice."""
    told = request.headers.get("content-type", "")
    media, options = parse_options_header(told.encode("latin-1"))
    body = await read_body(request)
    if media.decode("latin-1") == FORM:
        pairs = pairs_of(_text(body, "body"))
    elif media.decode("latin-1") == MULTIPART:
        pairs = _Parts(options.get(b"boundary", b"")).read(body)
    else:
        raise UnsupportedMedia(f"Content-Type {told[:60] or '(none)'} is not spoken here; send {MULTIPART} or {FORM}")
    fields = dict(pairs)
    if len(fields) < len(pairs):
        raise BadInput("body", "gives a field twice", "give each once")
    return fields


class _Parts:
    """Gathers the fields of one multipart body; Source: RFC 7578 section 4."""

    def __init__(self, boundary: bytes) -> None:
        if not boundary:
            raise BadInput("Content-Type", "has no boundary", "tell the one that parts the body")
        self._boundary = boundary
        self._parts: list[tuple[str, bytearray]] = []
        self._headers = Message()
        self._name, self._value = bytearray(), bytearray()
        self._field: bytearray | None = None
        self._ended = False

    def read(self, body: bytes) -> list[tuple[str, str]]:
        """Names and values of all parts that are no files."""
        try:
            parser = MultipartParser(
                self._boundary,
                {
                    "on_part_begin": self._begin,
                    "on_header_field": lambda data, start, end: self._name.extend(data[start:end]),
                    "on_header_value": lambda data, start, end: self._value.extend(data[start:end]),
                    "on_header_end": self._header,
                    "on_headers_finished": self._headed,
                    "on_part_data": self._data,
                    "on_end": self._end,
                },
            )
            parser.write(body)
            parser.finalize()
        except FormParserError as error:
            raise BadInput("body", "is not multipart as its boundary says", "send it as RFC 7578 has it") from error
        if not self._ended:
            raise BadInput("body", "ends within a part", "send it whole")
        return [(name, _text(bytes(value), name)) for name, value in self._parts]

    def _begin(self) -> None:
        self._headers, self._field = Message(), None
        self._name.clear()
        self._value.clear()

    def _header(self) -> None:
        self._headers[self._name.decode("latin-1")] = self._value.decode("latin-1")
        self._name.clear()
        self._value.clear()

    def _headed(self) -> None:
        told = self._headers.get("Content-Disposition", "")
        _, options = parse_options_header(told.encode("latin-1"))
        if b"filename" in options or b"name" not in options:
            return
        if len(self._parts) >= PARTS_LIMIT:
            raise BadInput("body", f"has more than {PARTS_LIMIT} fields", "send fewer")
        self._field = bytearray()
        self._parts.append((_text(options[b"name"], "body"), self._field))

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._field is not None:
            self._field += data[start:end]

    def _end(self) -> None:
        self._ended = True


def _text(value: bytes, field: str) -> str:
    try:
        text = value.decode()
    except UnicodeDecodeError as error:
        raise BadInput(field[:60], "is not UTF-8", "send UTF-8") from error
    if "\0" in text:
        raise BadInput(field[:60].replace("\0", ""), "holds a NUL", "leave it out")
    return text
