"""Who guesses passwords: remembers wrong ones by name and network, makes the next wait, and shuts the door.

Kept in memory alone: a restart forgets it, and with several processes on one store each counts for itself.
"""

from __future__ import annotations

import asyncio
import math
import time
import unicodedata
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from hashlib import blake2b

from gatebook.domain.attempts import NOTHING, Record, Shut, attempted
from gatebook.domain.errors import LockedOut
from gatebook.domain.networks import network_of

REMEMBERED = 100_000
"""Names by network; the one untried for the longest time makes room for a new one."""


class Attempts:
    """The doorkeeper of every sign-in with a name and a password."""

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        remembered: int = REMEMBERED,
    ) -> None:
        """`clock` counts seconds and never goes back; `sleep` waits for so many."""
        self._clock = clock
        self._sleep = sleep
        self._remembered = remembered
        self._records: OrderedDict[bytes, Record] = OrderedDict()

    def __len__(self) -> int:
        return len(self._records)

    async def attempt(self, name: str, address: str) -> None:
        """Back when the password may be looked at, after at most 4 s; counted as wrong from the first moment.

        Raises LockedOut.  Whether there is such a name makes no difference: nobody has asked yet.
        """
        key = key_of(name, address)
        found = attempted(self._records.get(key, NOTHING), self._clock())
        self._keep(key, found.record)
        if isinstance(found, Shut):
            wait_s = math.ceil(found.for_s)
            raise LockedOut(f"too many wrong passwords; try again in {wait_s} seconds", wait_s)
        if found.after_s:
            await self._sleep(found.after_s)

    def succeeded(self, name: str, address: str) -> None:
        """The password was right: what was wrong before is forgotten, for this name and network."""
        self._records.pop(key_of(name, address), None)

    def _keep(self, key: bytes, record: Record) -> None:
        self._records[key] = record
        self._records.move_to_end(key)
        while len(self._records) > self._remembered:
            self._records.popitem(last=False)


def key_of(name: str, address: str) -> bytes:
    """16 bytes, whatever was typed; a name counts as one in any letter case and any of its Unicode forms."""
    folded = unicodedata.normalize("NFKC", name).strip().casefold()
    text = f"{network_of(address)}\n{folded}"
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
