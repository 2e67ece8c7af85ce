"""Reads a request's body: bounded after decompression, so that a bomb is cut off before it is inflated."""

from __future__ import annotations

import asyncio
import zlib

import zstandard
from starlette.requests import ClientDisconnect, Request

from gatebook.domain.errors import BadInput, TooLarge, UnsupportedMedia

LIMIT_BYTES = 16 * 1024 * 1024
THREAD_ABOVE_BYTES = 64 * 1024
"""Compressed bodies above this are inflated in a thread, so that the loop keeps answering."""
ZSTD_WINDOW_BYTES = 8 * 1024 * 1024
"""Source: RFC 8878 section 3.1.1.1.2: decoders should support windows of at least 8 MB and may refuse larger ones."""


async def read_body(request: Request, *, limit_bytes: int = LIMIT_BYTES) -> bytes:
    """The whole body, decompressed (`gzip`, `zstd`, `identity`); at most `limit_bytes`.

    Raises TooLarge, UnsupportedMedia for another encoding, BadInput for a body that its encoding cannot read.
    """
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("", "identity", "gzip", "x-gzip", "zstd"):
        raise UnsupportedMedia(f"Content-Encoding {encoding[:40]!r} is not spoken here; use gzip, zstd or none")
    declared = request.headers.get("content-length", "0")
    if declared.isascii() and declared.isdigit() and len(declared) < 19 and int(declared) > limit_bytes:
        raise _too_large(limit_bytes)
    sent = await _gather(request, limit_bytes)
    if encoding in ("", "identity") or not sent:
        return sent
    inflate = _unzstd if encoding == "zstd" else _gunzip
    if len(sent) > THREAD_ABOVE_BYTES:
        return await asyncio.to_thread(inflate, sent, limit_bytes)
    return inflate(sent, limit_bytes)


def _too_large(limit_bytes: int) -> TooLarge:
    return TooLarge("body", f"is larger than {limit_bytes} bytes", "send less at a time")


async def _gather(request: Request, limit_bytes: int) -> bytes:
    chunks: list[bytes] = []
    size = 0
    receive = request.receive
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        chunk: bytes = message.get("body", b"")
        size += len(chunk)
        if size > limit_bytes:
            raise _too_large(limit_bytes)
        if not message.get("more_body", False):
            return chunk if not chunks else b"".join([*chunks, chunk])
        chunks.append(chunk)


def _gunzip(sent: bytes, limit_bytes: int) -> bytes:
    """Inflate all members of a gzip body (RFC 1952 section 2.2 lets several follow one another)."""
    inflated: list[bytes] = []
    room = limit_bytes
    while sent:
        member = zlib.decompressobj(wbits=31)
        try:
            piece = member.decompress(sent, room + 1)
        except zlib.error as error:
            raise BadInput("body", "is not gzip", "compress it as Content-Encoding says, or leave that out") from error
        if len(piece) > room:
            raise _too_large(limit_bytes)
        if not member.eof:
            raise BadInput("body", "ends in the middle of its gzip stream", "send it whole")
        inflated.append(piece)
        room -= len(piece)
        sent = member.unused_data
    return b"".join(inflated)


def _unzstd(sent: bytes, limit_bytes: int) -> bytes:
    """Inflate one zstd frame.  A frame's own claim of its size is believed only where it is over the bound."""
    decompressor = zstandard.ZstdDecompressor(max_window_size=ZSTD_WINDOW_BYTES)
    try:
        if zstandard.frame_content_size(sent) > limit_bytes:
            raise _too_large(limit_bytes)
        return decompressor.decompress(sent, max_output_size=limit_bytes, allow_extra_data=False)
    except zstandard.ZstdError as error:
        if _overflows(sent, limit_bytes):
            raise _too_large(limit_bytes) from error
        raise BadInput("body", "is not one whole zstd frame", "compress it as Content-Encoding says") from error


def _overflows(sent: bytes, limit_bytes: int) -> bool:
    """Whether a frame that could not be read in one piece was too long, and not broken."""
    decompressor = zstandard.ZstdDecompressor(max_window_size=ZSTD_WINDOW_BYTES)
    try:
        with decompressor.stream_reader(sent) as reader:
            return len(reader.read(limit_bytes + 1)) > limit_bytes
    except zstandard.ZstdError:
        return False
