"""Keys, tokens and client secrets: made here, shown once, and kept as hashes."""

from __future__ import annotations

import secrets
import string
from hashlib import sha256

LENGTH = 40
"""Characters of a key: 238 bits, so that a plain hash is enough to keep it."""
ALPHABET = string.ascii_letters + string.digits
SHOWN = 6
"""Characters of a key that lists show."""


def make_secret() -> str:
    """A new one."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def hash_of(secret: str) -> bytes:
    """What is kept of it."""
    return sha256(secret.encode("utf-8", "surrogatepass")).digest()
