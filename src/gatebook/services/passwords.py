"""Passwords: hashed with argon2id on threads of their own, a bounded number at a time."""

from __future__ import annotations

import asyncio
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from gatebook.domain.errors import BadInput, Unavailable

T = TypeVar("T")

SHORTEST = 10
LONGEST = 1024
LONG_LOGIN = 4
"""A login of so many characters may not be part of the password."""
AT_ONCE = 2
"""Hashes at a time; each takes 46 MiB."""
WAITING = 32
"""Hashes that may wait for their turn; one more is refused with 503."""

# Measured: 72 ms on the kind of machine that the budgets are set for. OWASP's first choice has the same memory and
# one pass less (Password Storage Cheat Sheet, 2024).
PASSES = 2
MEMORY_KIB = 47_104
LANES = 1


class Passwords:
    """Hashes and checks; the thread of the event loop never does."""

    def __init__(self, *, passes: int = PASSES, memory_kib: int = MEMORY_KIB, at_once: int = AT_ONCE) -> None:
        """The cost of one hash, and how many may be made at a time."""
        self._hasher = PasswordHasher(passes, memory_kib, LANES, type=Type.ID)
        self._threads = ThreadPoolExecutor(at_once, thread_name_prefix="gatebook-passwords")
        self._limit = at_once + WAITING
        self._running = 0
        self._dummy: str | None = None

    async def hash(self, password: str) -> str:
        """The encoded hash, with a salt of its own."""
        return await self._run(lambda: self._hasher.hash(plain(password)))

    async def check(self, password: str, encoded: str | None) -> bool:
        """Whether it is the password; without a hash it is not, and to say so takes as long."""
        return await self._run(lambda: self._verify(password, encoded))

    def is_outdated(self, encoded: str) -> bool:
        """True for a hash that was made with other parameters."""
        return self._hasher.check_needs_rehash(encoded)

    def _verify(self, password: str, encoded: str | None) -> bool:
        if self._dummy is None:
            self._dummy = self._hasher.hash("nobody's")
        try:
            self._hasher.verify(encoded or self._dummy, plain(password))
        except (VerificationError, InvalidHashError):
            return False
        return encoded is not None

    async def _run(self, work: Callable[[], T]) -> T:
        if self._running >= self._limit:
            raise Unavailable("too many are signing in at the moment; try again", 2)
        self._running += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._running -= 1


def plain(password: str) -> bytes:
    """The bytes that are hashed: the same characters typed on another keyboard give the same.

    Source: NIST SP 800-63B section 5.1.1.2 (NFKC before hashing).
    """
    return unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")


def worthy(password: str, login: str, field: str = "password") -> str:
    """The password, if it may be one."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise BadInput(field, f"has {len(password)} characters", f"give {SHORTEST} to {LONGEST}")
    if login.casefold() == password.casefold() or (
        len(login) >= LONG_LOGIN and login.casefold() in password.casefold()
    ):
        raise BadInput(field, "holds the login", "give one that is hard to guess")
    return password
