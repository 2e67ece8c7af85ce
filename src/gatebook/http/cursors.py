"""Cursors that tell nothing and cannot be made up: encrypted, authenticated, bound to who asked for what.

AES-SIV with a random nonce (RFC 5297 section 3): a nonce that comes twice costs no secrecy but of equality, so that
one key may serve for ever; random, so that two equal cursors do not show that nothing happened in between. All are
of one length, so that a `seq` does not show its size.
"""

from __future__ import annotations

import binascii
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import TypeVar
from uuid import UUID

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from msgspec import Struct

from gatebook.domain.errors import BadInput
from gatebook.domain.times import Instant

P = TypeVar("P", bound=Struct)

NONCE_BYTES = 16
PAYLOAD_BYTES = 48
TOKEN_CHARACTERS_LIMIT = 512


class HistoryCursor(Struct, frozen=True, array_like=True):
    """A place in a walk by (occurred, seq) among the events up to `ceiling`, with the total taken at that ceiling."""

    occurred: Instant
    seq: int
    ceiling: int
    total: int
    total_exact: bool
    backward: bool = False
    """True: the page before this place; False: the page after it."""


class LogCursor(Struct, frozen=True, array_like=True):
    """A place in the log: all up to `seq` has been seen."""

    seq: int


class Binding(Struct, frozen=True, array_like=True):
    """What a cursor is good for; anywhere else it is refused."""

    purpose: str
    """Which kind of cursor, such as `history`."""
    organisation: int
    filter: bytes = b""
    """A fingerprint of filter and order, of any length."""
    principal: UUID | None = None


class Cursors:
    """Seals and opens cursors with one server key (32 bytes or more of secret)."""

    def __init__(self, key: bytes) -> None:
        if len(key) < 32:
            raise ValueError("a cursor key has at least 32 bytes")
        derived = HKDF(algorithm=SHA256(), length=64, salt=None, info=b"gatebook cursors 1").derive(key)
        self._cipher = AESSIV(derived)

    def seal(self, payload: Struct, binding: Binding) -> str:
        """URL-safe text of about 107 characters; `payload` is array-like and small."""
        packed = msgspec.msgpack.encode(payload)
        if len(packed) >= PAYLOAD_BYTES:
            raise ValueError(f"{type(payload).__name__} packs to {len(packed)} bytes; {PAYLOAD_BYTES - 1} fit")
        padded = (bytes([len(packed)]) + packed).ljust(PAYLOAD_BYTES, b"\0")
        nonce = os.urandom(NONCE_BYTES)
        sealed = self._cipher.encrypt(padded, [msgspec.msgpack.encode(binding), nonce])
        return urlsafe_b64encode(nonce + sealed).rstrip(b"=").decode()

    def open(self, text: str, binding: Binding, shape: type[P], parameter: str = "cursor") -> P:
        """What was sealed under the same binding; BadInput naming `parameter` for anything else."""
        refusal = BadInput(parameter, "is not a cursor of this question", "repeat the question without it")
        if len(text) > TOKEN_CHARACTERS_LIMIT:
            raise refusal
        try:
            token = urlsafe_b64decode(text + "=" * (-len(text) % 4))
            if urlsafe_b64encode(token).rstrip(b"=").decode() != text:
                raise refusal  # the decoder skips what it does not know; one cursor has one spelling
            bound = [msgspec.msgpack.encode(binding), token[:NONCE_BYTES]]
            padded = self._cipher.decrypt(token[NONCE_BYTES:], bound)
            return msgspec.msgpack.decode(padded[1 : 1 + padded[0]], type=shape)
        except (binascii.Error, ValueError, InvalidTag, IndexError) as error:
            raise refusal from error
