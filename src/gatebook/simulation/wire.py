"""Reports as `POST /v1/events` takes them: one line of JSON each, to be sent as NDJSON."""

from __future__ import annotations

from functools import lru_cache
from zlib import crc32

from msgspec import json

from gatebook.domain.times import SECOND_NS, Instant, rfc3339
from gatebook.simulation.happenings import Happening
from gatebook.simulation.scenes import Scenes, scenes_of
from gatebook.simulation.settings import Settings
from gatebook.simulation.world import World


class Wire:
    """Writes the reports of one simulation."""

    def __init__(self, settings: Settings, world: World, scenes: Scenes | None = None) -> None:
        """Devices are named by their vendor's id, people by their UUID."""
        self._classes = (scenes or scenes_of(settings)).classes
        self._world = world
        self._keys = settings.keys
        self._prefix = prefix_of(settings)
        self._heads: dict[tuple[int, int], str] = {}
        self._people = [f',"person":"{person.id}"' for person in world.people]

    def line(self, told: Happening) -> bytes:
        """The report, without a line break."""
        head = self._heads.get((told.device, told.event_class)) or self._head(told)
        who = self._people[told.person] if told.person >= 0 else ""
        card = "" if told.credential is None else f',"credential":{_quoted(told.credential)}'
        sent = "" if told.data is None else f',"data":{told.data.decode()}'
        key = f',"key":"{self._prefix}{told.serial}"' if self._keys else ""
        return f"{head}{_time(told.occurred)}{who}{card}{sent}{key}}}".encode()

    def key(self, serial: int) -> str:
        """The sender's own id for a report."""
        return f"{self._prefix}{serial}"

    def _head(self, told: Happening) -> str:
        kind, method, reason, _, _ = self._classes[told.event_class]
        words: dict[str, str] = {"kind": kind, "device": self._world.devices[told.device].vendor_id}
        if method is not None:
            words["method"] = method
        if reason is not None:
            words["reason"] = reason
        head = json.encode(words).decode()[:-1] + ',"occurred":'
        self._heads[told.device, told.event_class] = head
        return head


def prefix_of(settings: Settings) -> str:
    """What the keys of a simulation begin with: another simulation of the same seed has other keys."""
    told = (settings.start, settings.days, settings.events, settings.devices, settings.people, settings.sites)
    return f"sim{settings.seed}-{crc32(repr(told).encode()):08x}-"


def _time(occurred: int) -> str:
    seconds, rest = divmod(occurred, SECOND_NS)
    if not rest:
        return f'"{_second(seconds)}Z"'
    if not rest % 1_000_000:
        return f'"{_second(seconds)}.{rest // 1_000_000:03}Z"'
    return f'"{_second(seconds)}.{rest // 100:07}Z"'


@lru_cache(maxsize=65_536)
def _second(seconds: int) -> str:
    return rfc3339(Instant(seconds * SECOND_NS), 0)[:-1]


@lru_cache(maxsize=65_536)
def _quoted(text: str) -> str:
    return json.encode(text).decode()
