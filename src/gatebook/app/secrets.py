"""The server's own secret: 32 bytes beside the store, from which every key of the installation is derived."""

from __future__ import annotations

import os
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from gatebook.domain.errors import Broken

VARIABLE = "GATEBOOK_SECRET"
LENGTH = 32


def secret_of(store: Path, *, create: bool = False) -> bytes:
    """The secret from the environment, else from `<store>.secret`; made there (0600) when `create` and none is.

    Without it, cursors and repeats from before could not be recognised: a store whose secret is gone raises Broken.
    """
    text = os.environ.get(VARIABLE)
    path = store.with_name(store.name + ".secret")
    if text is None and create and not path.exists():
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(os.urandom(LENGTH).hex() + "\n")
            file.flush()
            os.fsync(file.fileno())
    if text is None:
        if not path.exists():
            raise Broken(f"the secret {path} is missing; restore it from a backup, or give {VARIABLE}")
        if path.stat().st_mode & 0o077:
            raise Broken(f"the secret {path} can be read by others; run `chmod 600 {path}`")
        text = path.read_text()
    try:
        secret = bytes.fromhex(text.strip())
    except ValueError:
        secret = b""
    if len(secret) != LENGTH:
        raise Broken(f"the secret is not {2 * LENGTH} hexadecimal digits; restore it from a backup")
    return secret


def derived(secret: bytes, purpose: str) -> bytes:
    """32 bytes for one purpose; those of another cannot be told from them."""
    return HKDF(algorithm=SHA256(), length=LENGTH, salt=None, info=purpose.encode()).derive(secret)
