"""Reports made-up events to a demonstration over HTTP and the device link, and says what can be asked of it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from gatebook.app.build import App
from gatebook.app.clock import now
from gatebook.app.history import WORLD
from gatebook.app.invitation import ADMISSION, PLATES, Try, invitation
from gatebook.domain.errors import GatebookError
from gatebook.domain.events import Event
from gatebook.domain.filters import Field, one_of
from gatebook.domain.times import DAY_NS, SECOND_NS, Instant
from gatebook.simulation.fleet import LIVE_DAYS
from gatebook.simulation.remote import Play, Remote, Watcher

ASK_WITHIN_S = 10
STOP_WITHIN_S = 10
PLATES_PATH = "/cameras/{id}/lpr-events"
"""The one path at which a vendor's clients list what was decided on plates."""
LIVE = replace(WORLD, days=LIVE_DAYS, events=LIVE_DAYS * 86_400, even=True, forced=0.01, held=0.05)
"""About an event every second, by day and by night; enough goes wrong to see it."""

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Keys:
    """What opens a demonstration."""

    key: str = field(repr=False)
    password: str = field(repr=False)


class Reporter:
    """Runs in a thread of its own beside the server, whose event loop is `loop`."""

    def __init__(
        self, app: App, loop: asyncio.AbstractEventLoop, address: str, keys: Keys, tokens: Path,
        ready: Callable[[], str], say: Say,
    ) -> None:  # fmt: skip
        """`tokens`: the file for those of the devices.  `ready` says how long the start took."""
        self._app = app
        self._loop = loop
        self._address = address
        self._keys = keys
        self._tokens = tokens
        self._ready = ready
        self._say = say
        self._own: asyncio.AbstractEventLoop | None = None
        self._working: asyncio.Task[None] | None = None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="demo-reports", daemon=True)

    def start(self) -> None:
        """Say what can be asked, then report until `stop`."""
        self._thread.start()

    def stop(self) -> None:
        """Ends it, wherever it is."""
        self._stopping.set()
        if self._own is not None and self._working is not None and self._thread.is_alive():
            self._own.call_soon_threadsafe(self._working.cancel)
        self._thread.join(STOP_WITHIN_S)

    def _run(self) -> None:
        try:
            asking = asyncio.run_coroutine_threadsafe(tries_of(self._app, self._keys.key), self._loop)
            tries = asking.result(ASK_WITHIN_S)
            for line in invitation(self._address, self._keys.key, self._keys.password, tries, self._ready()):
                self._say(line)
            asyncio.run(self._report())
        except asyncio.CancelledError:
            pass
        except (GatebookError, TimeoutError) as error:
            if not self._stopping.is_set():
                self._say(f"No more events are made up: {error}")

    async def _report(self) -> None:
        self._own, self._working = asyncio.get_running_loop(), asyncio.current_task()
        if self._stopping.is_set():
            return
        remote = Remote(url=self._address, key=self._keys.key, tokens=self._tokens, called="demonstration")
        await Play(remote, LIVE, Watcher(say=self._tell)).run(live=now)

    def _tell(self, text: str) -> None:
        if not (self._stopping.is_set() or self._app.closing.is_set()):
            self._say(text)


async def tries_of(app: App, key: str) -> list[Try]:
    """For each vendor's dialect, where the newest admission that it tells of can be read in it; and plates."""
    caller = await app.services.keys.principal_of(key)
    until = Instant(now() - 60 * SECOND_NS)
    admissions = (await app.services.history.page(caller, one_of(Field.KIND, ["access.granted"]), limit=50)).events
    events = [event for event in admissions if until - 90 * DAY_NS < event.occurred < until]
    decided = await app.services.history.page(caller, one_of(Field.KIND, ["plate.decided"]), limit=50)
    found = []
    for dialect in app.dialects:
        place = app.places.get(dialect.name)
        prefix = place.prefix if place else ""
        for event in events if dialect.url_of is not None and dialect.name != "native" else ():
            assert dialect.url_of is not None  # as was asked above
            url = await dialect.url_of(app.services, caller, event)
            if url is not None:
                found.append(Try(dialect, prefix, url, ADMISSION))
                break
        if any(one.path == PLATES_PATH for one in dialect.operations(app.services)) and decided.events:
            camera = decided.places[opened_at(decided.events).stream].device_id
            found.append(Try(dialect, prefix, PLATES_PATH.format(id=camera) + "?pageSize=5", PLATES))
    return found


def opened_at(decided: Sequence[Event]) -> Event:
    """The newest that opened, else the newest."""
    return next((event for event in decided if b'"opened"' in (event.data or b"")), decided[0])
