"""All devices of a simulation at work against a server: each reports with its own token, locks hear their line."""

from __future__ import annotations

import asyncio
import ssl
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Final

from gatebook.domain.places import DeviceKind
from gatebook.domain.times import DAY_NS, SECOND_NS, Instant
from gatebook.simulation.calls import Answer, Calls
from gatebook.simulation.forms import EVENTS, Forms, Letter
from gatebook.simulation.happenings import Happening, happenings
from gatebook.simulation.line import Line
from gatebook.simulation.scenes import scenes_of
from gatebook.simulation.settings import Settings
from gatebook.simulation.truth import Truth, Truths
from gatebook.simulation.wire import Wire
from gatebook.simulation.world import World

PAUSE_S: Final = 1.0
"""Between two looks at what has happened meanwhile."""
AT_ONCE: Final = 2_000
"""Reports that are under way together when nobody waits for their time."""
OPEN_S: Final = 5.0
"""How long a gate stands open."""
LIVE_DAYS: Final = 90
"""After so many days a simulation that goes on is begun anew."""


@dataclass(slots=True)
class Tally:
    """What was answered."""

    stored: int = 0
    repeats: int = 0
    refused: int = 0
    reasons: Counter[str] = field(default_factory=Counter)

    def take(self, status: int, said: object) -> None:
        """One outcome."""
        if status == 201:
            self.stored += 1
        elif status == 200:
            self.repeats += 1
        else:
            self.refused += 1
            problem = said.get("problem", said) if isinstance(said, dict) else None
            detail = problem.get("detail") if isinstance(problem, dict) else None
            self.reasons[str(detail or status)] += 1


class Fleet:
    """The devices."""

    def __init__(
        self, settings: Settings, world: World, calls: Calls, tokens: Mapping[str, str], *, key: str | None = None,
        truth: Callable[[Truth], None] | None = None,
    ) -> None:  # fmt: skip
        """`tokens` by vendor's id; a device without one is spoken for by whoever has `key`."""
        scenes = scenes_of(settings)
        self._settings = settings
        self._world = world
        self._wire = Wire(settings, world, scenes)
        self._scenes = scenes
        self._forms = Forms(world, scenes, self._wire)
        self._truths = Truths(world, scenes, self._wire)
        self._calls = calls
        self._tokens = [tokens.get(made.vendor_id) for made in world.devices]
        self._key = key
        self._truth = truth
        self._lines: dict[int, Line] = {}
        self._working: list[asyncio.Task[None]] = []
        self.tally = Tally()

    async def report(self, told: Sequence[Happening]) -> None:
        """Sends them; when this returns, each was answered."""
        alone = [one for one in told if self._tokens[one.device] is not None]
        together = [one for one in told if self._tokens[one.device] is None]
        by_device: dict[int, list[Letter]] = {}
        for letter in self._forms.letters(alone):
            by_device.setdefault(letter.device, []).append(letter)
        roads = [*by_device.values(), *([list(self._forms.gathered(together))] if together else [])]
        await asyncio.gather(*(self._send_all(letters) for letters in roads))
        for one in told:
            self._lose_or_find(one)

    async def _send_all(self, letters: Iterable[Letter]) -> None:
        for letter in letters:
            token = self._tokens[letter.device]
            path = f"{letter.path}/{token}" if letter.in_path else letter.path
            secret = None if letter.in_path else token or self._key
            self._note(letter, await self._calls.send("POST", path, secret, letter.body, letter.media))

    def _note(self, letter: Letter, answer: Answer) -> None:
        for one, (status, said) in zip(letter.told, outcomes_of(answer, len(letter.told)), strict=True):
            self.tally.take(status, said)
            if self._truth is not None:
                id = said.get("id") if isinstance(said, dict) else None
                self._truth(self._truths.of(one, status, id if isinstance(id, str) else None))

    def _lose_or_find(self, one: Happening) -> None:
        line = self._lines.get(one.device)
        if line is not None and one.event_class == self._scenes.cut_off:
            line.up.clear()
        elif line is not None and one.event_class == self._scenes.back:
            line.up.set()

    @asynccontextmanager
    async def on_the_line(self, url: str, tls: ssl.SSLContext | None = None) -> AsyncIterator[Mapping[int, Line]]:
        """Every lock that has a token is on the device link while the block runs."""
        for number, made in enumerate(self._world.devices):
            token = self._tokens[number]
            if made.kind is DeviceKind.LOCK and token is not None:
                self._lines[number] = Line(
                    url, token, seed=f"{self._settings.seed}/{number}", jammed=self._settings.jammed,
                    then=self._opened(made.vendor_id, token), tls=tls,
                )  # fmt: skip
        self._working = [asyncio.create_task(line.run()) for line in self._lines.values()]
        try:
            yield self._lines
        finally:
            for task in self._working:
                task.cancel()
            await asyncio.gather(*self._working, return_exceptions=True)

    def _opened(self, vendor_id: str, token: str) -> Callable[[str], None]:
        async def report(kind: str, command: str) -> None:
            form = {"kind": kind, "device": vendor_id, "key": f"{command}/{kind}"}
            self.tally.take((await self._calls.post(EVENTS, token, form)).status, None)

        async def open_and_shut(command: str) -> None:
            await report("lock.unlocked", command)
            await asyncio.sleep(OPEN_S)
            await report("lock.locked", command)

        def begin(command: str) -> None:
            self._working = [task for task in self._working if not task.done()]
            self._working.append(asyncio.create_task(open_and_shut(command)))

        return begin


def outcomes_of(answer: Answer, wanted: int) -> list[tuple[int, object]]:
    """For each report, its status and what was said of it."""
    items = answer.said.get("items") if isinstance(answer.said, dict) else None
    if answer.status in (200, 207) and isinstance(items, list) and len(items) == wanted:
        return [(int(one.get("status", 0)), one) for one in items]
    return [(answer.status, answer.said)] * wanted


async def paced(settings: Settings, world: World, now: Callable[[], Instant]) -> AsyncIterator[list[Happening]]:
    """What happens from now on, when it is due to arrive, for ever; keys are not used again at the next start."""
    a_day = settings.events / settings.days
    while True:
        began = now()
        span = replace(settings, start=began, first=began // 1_000_000, days=LIVE_DAYS, events=round(a_day * LIVE_DAYS))
        held: list[Happening] = []
        for one in chain.from_iterable(happenings(span, world)):
            while one.received > now():
                if held:
                    yield held
                    held = []
                await asyncio.sleep(min(PAUSE_S, max((one.received - now()) / SECOND_NS, 0.01)))
            held.append(one)
        if held:
            yield held
        await asyncio.sleep(max(began + LIVE_DAYS * DAY_NS - now(), 0) / SECOND_NS)


def hurried(settings: Settings, world: World) -> Iterable[list[Happening]]:
    """The whole simulation, as fast as it is taken."""
    held: list[Happening] = []
    for batch in happenings(settings, world):
        held += batch
        while len(held) >= AT_ONCE:
            yield held[:AT_ONCE]
            held = held[AT_ONCE:]
    if held:
        yield held
