"""When what could not be delivered is tried again, and how what is delivered is signed."""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Final

from gatebook.domain.times import SECOND_NS

PAUSES_S: Final = (5, 300, 1_800, 7_200, 18_000, 36_000, 36_000)
"""Before the second attempt, the third, and so on; after the last there is none."""
JITTER: Final = 0.1
"""A pause is longer or shorter by up to this part of it, so that many do not come back at once."""
PREFIX: Final = "whsec_"


def pause_ns(attempts: int, chance: float, pauses_s: Sequence[float] = PAUSES_S, jitter: float = JITTER) -> int | None:
    """How long to wait after so many attempts, in nanoseconds; None: no more.  `chance` is from 0 up to 1."""
    if attempts > len(pauses_s):
        return None
    return round(pauses_s[attempts - 1] * (1 + jitter * (2 * chance - 1)) * SECOND_NS)


def key_of(secret: str) -> bytes:
    """The bytes that sign: those that `whsec_` and base64 stand for, else the text itself."""
    if secret.startswith(PREFIX):
        try:
            return base64.b64decode(secret.removeprefix(PREFIX), validate=True)
        except binascii.Error:
            pass
    return secret.encode()


def signatures(secrets: Iterable[str], message: str, timestamp: int, body: bytes) -> str:
    """`webhook-signature`: one `v1` for each secret.

    Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
    """
    signed = f"{message}.{timestamp}.".encode() + body
    made = (base64.b64encode(hmac.digest(key_of(secret), signed, sha256)).decode() for secret in secrets)
    return " ".join(f"v1,{one}" for one in made)
