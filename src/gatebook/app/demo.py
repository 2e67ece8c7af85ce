"""A demonstration: a throw-away store in a folder of its own, a server on this machine alone, and made-up events.

Everything that is not there yet is made, so that the next start goes on where this one ended.
"""

from __future__ import annotations

import asyncio
import os
import socket
import time
from dataclasses import dataclass
from pathlib import Path

from gatebook.app.build import App, services_of
from gatebook.app.founding import found
from gatebook.app.history import furnish, write_history
from gatebook.app.reporter import Keys, Reporter, Say
from gatebook.app.serve import listen, serve
from gatebook.app.settings import Log, Server, Settings, Store
from gatebook.app.stores import made, mark_of, opened
from gatebook.domain.errors import Broken, Refused
from gatebook.services import Services
from gatebook.services.secrets import make_secret

HOST = "127.0.0.1"
TRIES = 50
"""Ports, from the wanted one upward."""


@dataclass(frozen=True, slots=True)
class Folder:
    """Where the demonstration keeps its things."""

    path: Path

    @property
    def store(self) -> Store:
        """The store's settings."""
        return Store(url=str(self.path / "gatebook.db"))

    @property
    def key(self) -> Path:
        """The file with the API key: unlike a real one it is kept, to be printed again at every start."""
        return self.path / "key"

    @property
    def password(self) -> Path:
        """The file with the password of the user who signs in to the console, kept likewise."""
        return self.path / "password"

    @property
    def tokens(self) -> Path:
        """The file with the devices' tokens, kept likewise."""
        return self.path / "tokens"

    @property
    def address(self) -> Path:
        """The file that says where a demonstration runs, for as long as it does."""
        return self.path / "address"


def demonstrate(folder: Folder, port: int, say: Say, *, began: float | None = None) -> None:
    """Run until SIGTERM or SIGINT.  Broken where the folder holds a store that is no demonstration's.

    `began`: when whoever waits began to, in seconds since 1970; without it, now.
    """
    begun = time.time() if began is None else began
    keys = prepared(folder, say)
    listening = free(port)
    server = Server(host=HOST, port=listening.getsockname()[1])
    if server.port != port and port:
        say(f"Port {port} is taken; this demonstration is on port {server.port}.")
    settings = Settings(server=server, store=folder.store, log=Log(level="warning"))
    reporters: list[Reporter] = []

    def begin(app: App, address: str) -> None:
        keep(folder.address, address)
        reporter = Reporter(app, asyncio.get_running_loop(), address, keys, folder.tokens, ready, say)
        reporters.append(reporter)
        reporter.start()

    def ready() -> str:
        return f"It was ready {time.time() - begun:.1f} s after its start."

    try:
        serve(settings, begin, listening=listening, demo=True)
    finally:
        for reporter in reporters:
            reporter.stop()
        if folder.address.is_file() and folder.address.read_text() == f"http://{HOST}:{server.port}\n":
            folder.address.unlink()  # that of another one on the same folder stays


def prepared(folder: Folder, say: Say) -> Keys:
    """The demonstration's key and password; its store, with a history, is made if it is not there."""
    if folder.key.is_file() and folder.password.is_file():
        opened(folder.store, demo=True).store.close()
        return Keys(folder.key.read_text().strip(), folder.password.read_text().strip())
    path = Path(folder.store.url)
    if path.exists() and not mark_of(path).exists():
        raise Broken(f"the store {path} is not a demonstration's; name another folder with --folder")
    remove(path)
    folder.key.unlink(missing_ok=True)
    folder.password.unlink(missing_ok=True)
    folder.tokens.unlink(missing_ok=True)
    say("Making up ninety days of history; this is done once.")
    password = make_secret()[:20]
    store = made(folder.store, demo=True)
    try:
        founded = found(store.store, "Gatebook demonstration", "Europe/London")
        write_history(store, founded.organisation)
        asyncio.run(equip(services_of(store), founded.key, password))
    finally:
        store.store.close()
    keep(folder.password, password)
    keep(folder.key, founded.key)
    return Keys(founded.key, password)


def keep(path: Path, secret: str) -> None:
    """A file that only its owner may read."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(secret + "\n")


async def equip(services: Services, key: str, password: str) -> None:
    """The demonstration's user and rules, made by the administrator, whose rights the rules have."""
    await furnish(services, await services.keys.principal_of(key), password)


def remove(path: Path) -> None:
    """Take away a demonstration that was interrupted while it was made."""
    for name in (path.name, f"{path.name}-wal", f"{path.name}-shm", f"{path.name}.secret"):
        path.with_name(name).unlink(missing_ok=True)


def free(port: int) -> socket.socket:
    """The port, or the next one that is free."""
    for candidate in range(port, min(port + TRIES, 65_535)):
        try:
            return listen(HOST, candidate)
        except Refused:
            continue
    return listen(HOST, 0)
