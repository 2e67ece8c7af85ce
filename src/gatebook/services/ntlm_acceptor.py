"""The server's side of one NTLM handshake, version 2 alone, by pyspnego.

The library reads its accounts from a file that an environment variable names, and takes version 1 unless another one
forbids it.  So the one account in question is put into memory that looks like a file, for as long as a step takes.
"""

from __future__ import annotations

import logging
import os
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import spnego
from spnego._ntlm_raw.crypto import ntowfv1
from spnego._ntlm_raw.messages import Authenticate
from spnego.exceptions import SpnegoError

from gatebook.domain.errors import BadInput

SIGNATURE: Final = b"NTLMSSP\0"
NEGOTIATE: Final = 1
AUTHENTICATE: Final = 3
LONGEST_V1: Final = 24
"""Bytes of a version 1 response; a version 2 response is longer.  Source: MS-NLMP 2.2.2.6 and 2.2.2.8."""
NOBODY: Final = bytes(16)
UNREADABLE: Final = (SpnegoError, ValueError, struct.error, LookupError, TypeError, AttributeError, OverflowError)
_stepping = threading.Lock()

logging.getLogger("spnego").setLevel(logging.INFO)  # at DEBUG it writes out what a password can be guessed from


def nt_hash(password: str) -> bytes:
    """16 bytes: MD4 of the password in UTF-16."""
    return bytes(ntowfv1(password))


def kind_of(message: bytes) -> int:
    """1, 2 or 3; 0 for what is no message."""
    if len(message) < 12 or not message.startswith(SIGNATURE):
        return 0
    return int.from_bytes(message[8:12], "little")


class Acceptor:
    """One handshake: a challenge, and the one answer to it."""

    def __init__(self) -> None:
        with _known("nobody", NOBODY):
            self._context = spnego.server(protocol="ntlm", options=spnego.NegotiateOptions.use_ntlm)

    def challenge(self, message: bytes) -> bytes:
        """What a client's first message is answered with; BadInput for a message that cannot be read."""
        try:
            with _known("nobody", NOBODY):
                return self._context.step(message) or b""
        except UNREADABLE as error:
            raise _unreadable() from error

    def named(self, answer: bytes) -> tuple[str, str]:
        """The domain (empty without one) and the name that an answer gives; BadInput where it gives none."""
        try:
            read = Authenticate.unpack(answer)
            domain, name, response = read.domain_name or "", read.user_name or "", read.nt_challenge_response or b""
        except UNREADABLE as error:
            raise _unreadable() from error
        if not name:
            raise BadInput("Authorization", "names nobody", "sign in with a name")
        if len(response) <= LONGEST_V1:
            raise BadInput("Authorization", "is NTLM version 1", "set the client to NTLM version 2")
        return domain, name

    def proves(self, answer: bytes, hash: bytes) -> bool:
        """Whether the answer was made with the password of this NT hash.  Only the first answer can."""
        domain, name = self.named(answer)
        account = f"{domain}\\{name}" if domain else name
        if self._context.complete or any(mark in account for mark in ":\r\n\0") or not account.isprintable():
            return False
        try:
            with _known(account, hash):
                self._context.step(answer)
        except UNREADABLE:
            return False
        return self._context.complete


@contextmanager
def _known(account: str, hash: bytes) -> Iterator[None]:
    """The library knows this account, and no other; it takes version 2 alone.

    Source: pyspnego 0.12, `NTLM_USER_FILE` (smbpasswd form) and `LM_COMPAT_LEVEL`.
    """
    line = f"{account}:0:{NOBODY.hex().upper()}:{hash.hex().upper()}:[U]:LCT-0"
    handle = os.memfd_create("accounts", os.MFD_CLOEXEC)
    try:
        os.write(handle, line.encode())
        with _stepping:
            os.environ["NTLM_USER_FILE"], os.environ["LM_COMPAT_LEVEL"] = f"/proc/self/fd/{handle}", "5"
            try:
                yield
            finally:
                del os.environ["NTLM_USER_FILE"], os.environ["LM_COMPAT_LEVEL"]
    finally:
        os.close(handle)


def _unreadable() -> BadInput:
    return BadInput("Authorization", "is no NTLM message", "send one as the NTLM protocol has it")
