"""What stands for personal parts in a proof: a salted hash, which says nothing once salt and parts are erased."""

from __future__ import annotations

from hashlib import sha256


def commitment(
    salt: bytes,
    *,
    person: int | None,
    person_name: str | None,
    credential: str | None,
    message: str | None,
    data: bytes | None,
) -> bytes:
    """SHA-256 over the salt (16 bytes) and every part, each led by its length, 255 eight times for what is not there.

    The order of the parts and this form never change: checkpoints already given out rest on them.
    """
    digest = sha256(b"gatebook personal parts v1\n" + salt)
    texts = (None if person is None else str(person), person_name, credential, message)
    for part in (*(None if text is None else text.encode() for text in texts), data):
        digest.update(b"\xff" * 8 if part is None else len(part).to_bytes(8, "big") + part)
    return digest.digest()
