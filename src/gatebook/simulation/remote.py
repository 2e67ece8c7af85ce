"""Plays a simulation against a server somewhere, by its URL and the keys and tokens that one has there."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from gatebook.domain.errors import BadInput, Refused
from gatebook.domain.times import Instant
from gatebook.simulation.calls import Calls, Say, calls_to, trusted
from gatebook.simulation.fleet import Fleet, Tally, hurried, paced
from gatebook.simulation.happenings import Happening
from gatebook.simulation.installer import Installer
from gatebook.simulation.rates import Census
from gatebook.simulation.scenes import scenes_of
from gatebook.simulation.settings import Settings
from gatebook.simulation.truth import Truth
from gatebook.simulation.world import World, world_of


class Tokens(msgspec.Struct, frozen=True):
    """What is kept in a file, for the next time: the devices' tokens at one server."""

    server: str
    devices: Mapping[str, str]
    """By vendor's id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remote:
    """A server, and what opens it."""

    url: str
    key: str | None = field(default=None, repr=False)
    """Of whoever sets devices up; None: everything is set up, and the tokens are in the file."""
    tokens: Path
    ca: Path | None = None
    called: str | None = None
    """What the file with tokens calls the server, where its address changes; None: by its URL."""

    @property
    def name(self) -> str:
        """What the file calls it."""
        return self.called or self.url.rstrip("/")


@dataclass(frozen=True, slots=True, kw_only=True)
class Watcher:
    """Who is told how it goes."""

    say: Say
    steps: Callable[[int], None] = lambda _n: None
    """How many things are to be set up."""
    step: Callable[[], None] = lambda: None
    """One of them is."""
    reported: Callable[[int], None] = lambda _n: None
    """How many reports were answered in all."""
    truth: Callable[[Truth], None] | None = None


class Play:
    """One simulation at one server; `tally` and `census` grow while it runs, and are there when it was interrupted."""

    def __init__(self, remote: Remote, settings: Settings, watcher: Watcher) -> None:
        """Nothing is done yet."""
        self._remote = remote
        self._settings = settings
        self._watcher = watcher
        self._world = world_of(settings)
        self.census = Census(self._world, scenes_of(settings))
        self.tally = Tally()

    async def run(self, *, live: Callable[[], Instant] | None = None, for_s: float | None = None) -> None:
        """All of it at once; or, where `live` is the clock, as it happens from now on, until `for_s` are over."""
        remote, world = self._remote, self._world
        async with calls_to(remote.url, self._watcher.say, ca=remote.ca) as calls:
            tokens = await self._tokens(calls, world)
            fleet = Fleet(self._settings, world, calls, tokens, key=remote.key, truth=self._watcher.truth)
            self.tally = fleet.tally
            async with fleet.on_the_line(remote.url, trusted(remote.ca)):
                with suppress(TimeoutError):
                    async with asyncio.timeout(for_s):
                        async for told in self._told(live):
                            await fleet.report(told)
                            self.census.count(told)
                            self._watcher.reported(self.census.events)

    async def _told(self, live: Callable[[], Instant] | None) -> AsyncIterator[list[Happening]]:
        if live is None:
            for told in hurried(self._settings, self._world):
                yield told
        else:
            async for told in paced(self._settings, self._world, live):
                yield told

    async def _tokens(self, calls: Calls, world: World) -> Mapping[str, str]:
        remote = self._remote
        kept = kept_tokens(remote)
        if kept.keys() >= {made.vendor_id for made in world.devices}:
            return kept
        if remote.key is None:
            raise BadInput(
                "--key-file", f"is missing, and {remote.tokens} lacks devices", "give a key that sets them up"
            )
        installer = Installer(calls, remote.key, world)
        self._watcher.steps(installer.steps)
        tokens = await installer.install(kept, self._watcher.step)
        keep_tokens(remote, tokens)
        return tokens


def kept_tokens(remote: Remote) -> Mapping[str, str]:
    """Those of the file; none where there is no file.  Refused where they are for another server."""
    try:
        found = msgspec.json.decode(remote.tokens.read_bytes(), type=Tokens)
    except FileNotFoundError:
        return {}
    except (OSError, msgspec.DecodeError) as error:
        raise Refused(f"{remote.tokens} holds no tokens of devices; name another file with --tokens") from error
    if found.server != remote.name:
        raise Refused(f"{remote.tokens} holds tokens for {found.server}; name another file with --tokens")
    return found.devices


def keep_tokens(remote: Remote, tokens: Mapping[str, str]) -> None:
    """In the file, which only its owner may read."""
    with os.fdopen(os.open(remote.tokens, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(msgspec.json.encode(Tokens(remote.name, tokens)))
