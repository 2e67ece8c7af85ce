"""Who guesses passwords: remembers wrong ones by name and network, makes the next wait, and shuts the door.

Counted in memory, and written down every few seconds, so that a restart does not forget; with several processes on one
store each counts for itself.
"""

from __future__ import annotations

import asyncio
import math
import time
import unicodedata
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from hashlib import blake2b
from typing import TypeVar

from gatebook.domain.attempts import FROM_A_NETWORK, NOTHING, Record, Shut, attempted
from gatebook.domain.errors import LockedOut
from gatebook.domain.networks import network_of
from gatebook.domain.rates import FULL, taken, wait_s

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
        key: bytes = b"",
    ) -> None:
        """`clock` counts seconds and never goes back; `sleep` waits for so many; `key`: what names are hashed with."""
        self.clock = clock
        self._key = key
        self._sleep = sleep
        self._remembered = remembered
        self._records: OrderedDict[bytes, Record] = OrderedDict()
        self._networks: OrderedDict[bytes, float] = OrderedDict()
        self._changed: set[bytes] = set()

    def __len__(self) -> int:
        return len(self._records)

    async def attempt(self, name: str, address: str) -> None:
        """Back when the password may be looked at, after at most 4 s; counted as wrong from the first moment.

        Raises LockedOut.  Whether there is such a name makes no difference: nobody has asked yet.
        """
        network, now = network_of(address), self.clock()
        all_names = self._key_of(None, network)
        bucket = self._networks.get(all_names, FULL)
        if (wait := wait_s(bucket, FROM_A_NETWORK, now)) > 0:
            raise _shut(wait)
        key = self._key_of(name, network)
        found = attempted(self._records.get(key, NOTHING), now)
        self._keep(self._records, key, found.record)
        if isinstance(found, Shut):
            raise _shut(found.for_s)
        self._keep(self._networks, all_names, taken(bucket, FROM_A_NETWORK, now, 1.0))
        if found.after_s:
            await self._sleep(found.after_s)

    def succeeded(self, name: str, address: str) -> None:
        """The password was right: what was wrong before is forgotten, for this name and network."""
        network = network_of(address)
        key, all_names = self._key_of(name, network), self._key_of(None, network)
        if self._records.pop(key, None) is not None:
            self._changed.add(key)
        now = self.clock()
        left = taken(self._networks.pop(all_names, FULL), FROM_A_NETWORK, now, -1.0)
        self._changed.add(all_names)
        if left > now:
            self._keep(self._networks, all_names, left)

    def changes(self) -> dict[bytes, Record | float | None]:
        """What changed since the last call: a name's record, a network's bucket, or None for what is forgotten."""
        changed, self._changed = self._changed, set()
        return {key: self._records.get(key, self._networks.get(key)) for key in changed}

    def recall(self, known: Mapping[bytes, Record | float]) -> None:
        """Takes up what was counted before a restart, the latest last."""
        for key, value in known.items():
            if isinstance(value, Record):
                self._keep(self._records, key, value)
            else:
                self._keep(self._networks, key, value)
        self._changed.clear()

    def _keep(self, kept: OrderedDict[bytes, V], key: bytes, value: V) -> None:
        kept[key] = value
        kept.move_to_end(key)
        self._changed.add(key)
        while len(kept) > self._remembered:
            self._changed.add(kept.popitem(last=False)[0])

    def _key_of(self, name: str | None, network: str) -> bytes:
        """16 bytes, whatever was typed; None stands for all names of the network.

        A name counts as one in any letter case and any of its Unicode forms.
        """
        text = network
        if name is not None:  # in a form, a plus is a blank
            text += "\n" + unicodedata.normalize("NFKC", name).strip().casefold().replace("+", " ")
        return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16, key=self._key).digest()


def _shut(for_s: float) -> LockedOut:
    seconds = math.ceil(for_s)
    return LockedOut(f"too many wrong passwords; try again in {seconds} seconds", seconds)
