"""Reports made-up events to a demonstration over HTTP, as devices do, and says what can be asked of it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from random import Random

import httpx
import msgspec

from gatebook.app import madeup
from gatebook.app.build import App
from gatebook.app.clock import now
from gatebook.domain.filters import Field, one_of
from gatebook.domain.times import SECOND_NS, Instant
from gatebook.http.dialect import API_KEY

PAUSE_S = 5.0
"""Between two passages."""
ASK_WITHIN_S = 10

Say = Callable[[str], None]
REPORT = {"kind": "access.granted", "device": madeup.DEVICES[0].number, "method": "card", "person": 1}


@dataclass(frozen=True, slots=True)
class Reporter:
    """Runs in a thread of its own beside the server, whose event loop is `loop`."""

    app: App
    loop: asyncio.AbstractEventLoop
    address: str
    key: str
    say: Say
    stopping: threading.Event

    def run(self) -> None:
        """Report what was, say what can be asked, then report on until told to stop."""
        headers = {"X-API-Key": self.key, "Content-Type": "application/json"}
        try:
            with httpx.Client(base_url=self.address, headers=headers, timeout=30, trust_env=False) as client:
                self._report(client)
        except (httpx.HTTPError, TimeoutError) as error:
            if not self.stopping.is_set():
                self.say(f"No more events are made up: {error}")

    def _report(self, client: httpx.Client) -> None:
        random = Random()
        if not client.get(f"/v1/events?limit=1&device={madeup.DEVICES[0].number}").raise_for_status().json()["items"]:
            post(client, madeup.past(random, now()))
        pages = asyncio.run_coroutine_threadsafe(pages_of(self.app, self.key), self.loop).result(ASK_WITHIN_S)
        for line in invitation(self.address, self.key, pages):
            self.say(line)
        while not self.stopping.wait(PAUSE_S):
            post(client, madeup.passage(random, Instant(now() - madeup.PASSAGE_S * SECOND_NS)))


def post(client: httpx.Client, reports: Iterable[madeup.MadeUp]) -> None:
    """All of them, or HTTPError."""
    client.post("/v1/events?atomic=true", content=msgspec.json.encode(list(reports))).raise_for_status()


async def pages_of(app: App, key: str) -> dict[str, str]:
    """For each vendor's dialect by title, where the newest event of the first device can be read in it."""
    caller = await app.services.keys.principal_of(key)
    wanted = one_of(Field.DEVICE, [madeup.DEVICES[0].number])
    newest = (await app.services.history.page(caller, wanted, limit=1)).events[0]
    found = {}
    for dialect in app.dialects:
        if API_KEY not in dialect.security:  # its clients sign in first: that is no line to paste
            continue
        url = None if dialect.url_of is None else await dialect.url_of(app.services, caller, newest)
        if url is not None and dialect.name != "native":
            place = app.places.get(dialect.name)
            found[dialect.title] = (place.prefix if place else "") + url
    return found


def invitation(address: str, key: str, pages: dict[str, str]) -> list[str]:
    """What to try: the lines that begin with `curl` work as they stand."""
    header = f"-H 'X-API-Key: {key}'"
    json = f"-H 'Content-Type: application/json' -d '{msgspec.json.encode(REPORT).decode()}'"
    lines = [
        f"Gatebook is at {address}",
        f"API key {key}, documentation {address}/docs",
        "",
        "Report an event:",
        f"curl -sS {header} {json} {address}/v1/events",
        "List the newest:",
        f"curl -sS {header} '{address}/v1/events?limit=5'",
    ]
    for title, url in pages.items():
        lines += [f"Read a device's history as a client of {title} does:", f"curl -sS {header} '{address}{url}'"]
    told = "Somebody comes to a door every few seconds. Ctrl-C ends it; the next start goes on from here."
    return [*lines, "", told]
