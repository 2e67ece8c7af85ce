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
from typing import TypeVar

from gatebook.domain.attempts import FROM_A_NETWORK, NOTHING, Record, Shut, attempted
from gatebook.domain.errors import LockedOut
from gatebook.domain.networks import network_of
from gatebook.domain.rates import FULL, taken, wait_s

K = TypeVar("K")
V = TypeVar("V")

REMEMBERED = 100_000
"""Names by network, and networks; the one untried for the longest time makes room for a new one."""


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
        self._networks: OrderedDict[str, float] = OrderedDict()

    def __len__(self) -> int:
        return len(self._records)

    async def attempt(self, name: str, address: str) -> None:
        """Back when the password may be looked at, after at most 4 s; counted as wrong from the first moment.

        Raises LockedOut.  Whether there is such a name makes no difference: nobody has asked yet.
        """
        network, now = network_of(address), self._clock()
        bucket = self._networks.get(network, FULL)
        if (wait := wait_s(bucket, FROM_A_NETWORK, now)) > 0:
            raise _shut(wait)
        key = key_of(name, network)
        found = attempted(self._records.get(key, NOTHING), now)
        self._keep(self._records, key, found.record)
        if isinstance(found, Shut):
            raise _shut(found.for_s)
        self._keep(self._networks, network, taken(bucket, FROM_A_NETWORK, now, 1.0))
        if found.after_s:
            await self._sleep(found.after_s)

    def succeeded(self, name: str, address: str) -> None:
        """The password was right: what was wrong before is forgotten, for this name and network."""
        network = network_of(address)
        self._records.pop(key_of(name, network), None)
        bucket = self._networks.get(network, FULL)
        self._keep(self._networks, network, taken(bucket, FROM_A_NETWORK, self._clock(), -1.0))

    def _keep(self, kept: OrderedDict[K, V], key: K, value: V) -> None:
        kept[key] = value
        kept.move_to_end(key)
        while len(kept) > self._remembered:
            kept.popitem(last=False)


def _shut(for_s: float) -> LockedOut:
    seconds = math.ceil(for_s)
    return LockedOut(f"too many wrong passwords; try again in {seconds} seconds", seconds)


def key_of(name: str, network: str) -> bytes:
    """16 bytes, whatever was typed; a name counts as one in any letter case and any of its Unicode forms."""
    folded = unicodedata.normalize("NFKC", name).strip().casefold().replace("+", " ")  # in a form, either is the other
    text = f"{network}\n{folded}"
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
