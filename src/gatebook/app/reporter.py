"""Reports made-up events to a demonstration over HTTP, as devices do, and says what can be asked of it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain

import httpx

from gatebook.app.build import App
from gatebook.app.clock import now
from gatebook.app.history import WORLD
from gatebook.app.invitation import Try, invitation
from gatebook.domain.errors import NotFound
from gatebook.domain.filters import Field, one_of
from gatebook.domain.times import DAY_NS, SECOND_NS, Instant
from gatebook.simulation import Happening, happenings, world_of
from gatebook.simulation.wire import Wire

PAUSE_S = 1.0
"""Between two requests; each brings what happened meanwhile, which is about one event."""
ASK_WITHIN_S = 10
NDJSON = {"Content-Type": "application/x-ndjson"}

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Keys:
    """What opens a demonstration."""

    key: str = field(repr=False)
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Reporter:
    """Runs in a thread of its own beside the server, whose event loop is `loop`."""

    app: App
    loop: asyncio.AbstractEventLoop
    address: str
    keys: Keys
    say: Say
    stopping: threading.Event

    def run(self) -> None:
        """Say what can be asked, then report until told to stop."""
        headers = {"X-API-Key": self.keys.key}
        try:
            with httpx.Client(base_url=self.address, headers=headers, timeout=30, trust_env=False) as client:
                self._report(client)
        except (httpx.HTTPError, TimeoutError, NotFound) as error:
            if not self.stopping.is_set():
                self.say(f"No more events are made up: {error}")

    def _report(self, client: httpx.Client) -> None:
        asking = asyncio.run_coroutine_threadsafe(tries_of(self.app, self.keys.key), self.loop)
        for line in invitation(self.address, self.keys.key, self.keys.password, asking.result(ASK_WITHIN_S)):
            self.say(line)
        for batch in paced(self.stopping):
            client.post("/v1/events", content=b"\n".join(batch), headers=NDJSON).raise_for_status()


def paced(stopping: threading.Event) -> Iterator[Sequence[bytes]]:
    """Reports as they happen from now on, about one a second, each with a key that no earlier start gave."""
    began = now()
    settings = replace(
        WORLD, start=began, first=began // 1_000_000, days=90, events=90 * 86_400, even=True, forced=0.005, repeated=0.0
    )
    world = world_of(settings)
    wire = Wire(settings, world)
    held: list[Happening] = []
    for one in chain.from_iterable(happenings(settings, world)):
        while one.received > now():
            if held:
                yield [wire.line(told) for told in held]
                held = []
            if stopping.wait(PAUSE_S):
                return
        held.append(one)


async def tries_of(app: App, key: str) -> list[Try]:
    """For each vendor's dialect, where the newest admission that it tells of can be read in it."""
    caller = await app.services.keys.principal_of(key)
    until = Instant(now() - 60 * SECOND_NS)
    page = await app.services.history.page(caller, one_of(Field.KIND, ["access.granted"]), limit=50)
    events = [event for event in page.events if until - 90 * DAY_NS < event.occurred < until]
    found = []
    for dialect in app.dialects:
        for event in events if dialect.url_of is not None and dialect.name != "native" else ():
            assert dialect.url_of is not None  # as was asked above
            url = await dialect.url_of(app.services, caller, event)
            if url is not None:
                place = app.places.get(dialect.name)
                found.append(Try(dialect, place.prefix if place else "", url))
                break
    return found
