"""A demonstration: a throw-away store in a folder of its own, a server on this machine alone, and made-up events.

Everything that is not there yet is made, so that the next start goes on where this one ended.
"""

from __future__ import annotations

import asyncio
import os
import socket
import threading
from dataclasses import dataclass
from pathlib import Path

from gatebook.app import madeup
from gatebook.app.build import App, services_of
from gatebook.app.founding import found
from gatebook.app.reporter import Reporter, Say
from gatebook.app.serve import listen, serve
from gatebook.app.settings import Log, Server, Settings, Store
from gatebook.app.stores import made, mark_of, opened
from gatebook.domain.access import EVERYTHING, Principal, PrincipalKind, Scope
from gatebook.domain.errors import Broken, Refused
from gatebook.services import Services
from gatebook.services.forms import NewDevice, NewPerson, NewSite
from gatebook.services.names import new_id

HOST = "127.0.0.1"
TRIES = 50
"""Ports, from the wanted one upward."""
STOP_WITHIN_S = 10


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


def demonstrate(folder: Folder, port: int, say: Say) -> None:
    """Run until SIGTERM or SIGINT.  Broken where the folder holds a store that is no demonstration's."""
    key = prepared(folder)
    listening = free(port)
    server = Server(host=HOST, port=listening.getsockname()[1])
    if server.port != port and port:
        say(f"Port {port} is taken; this demonstration is on port {server.port}.")
    settings = Settings(server=server, store=folder.store, log=Log(level="warning"))
    stopping, threads = threading.Event(), list[threading.Thread]()

    def begin(app: App, address: str) -> None:
        reporter = Reporter(app, asyncio.get_running_loop(), address, key, say, stopping)
        threads.append(threading.Thread(target=reporter.run, name="demo-reports", daemon=True))
        threads[0].start()

    try:
        serve(settings, begin, listening=listening, demo=True)
    finally:
        stopping.set()
        for thread in threads:
            thread.join(STOP_WITHIN_S)


def prepared(folder: Folder) -> str:
    """The demonstration's API key; its store is made if it is not there."""
    if folder.key.is_file():
        opened(folder.store, demo=True).store.close()
        return folder.key.read_text().strip()
    path = Path(folder.store.url)
    if path.exists() and not mark_of(path).exists():
        raise Broken(f"the store {path} is not a demonstration's; name another folder with --folder")
    remove(path)
    store = made(folder.store, demo=True)
    try:
        founded = found(store.store, "Gatebook demonstration", "Europe/London")
        asyncio.run(furnish(services_of(store), founded.organisation))
    finally:
        store.store.close()
    with os.fdopen(os.open(folder.key, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(founded.key + "\n")
    return founded.key


def remove(path: Path) -> None:
    """Take away a demonstration that was interrupted while it was made."""
    for name in (path.name, f"{path.name}-wal", f"{path.name}-shm", f"{path.name}.secret"):
        path.with_name(name).unlink(missing_ok=True)


async def furnish(services: Services, organisation: int) -> None:
    """The made-up sites, devices and people."""
    maker = Principal(
        organisation=organisation,
        kind=PrincipalKind.SERVICE,
        id=new_id(),
        name="demonstration",
        scopes=frozenset({Scope.ADMIN}),
        grant=EVERYTHING,
    )
    for name, zone in madeup.SITES.items():
        await services.entities.sites.add(maker, NewSite(name=name, zone=zone))
    for device in madeup.DEVICES:
        form = NewDevice(kind=device.kind, name=device.name, site=device.site, number=device.number)
        await services.entities.devices.add(maker, form)
    for name in madeup.PEOPLE:
        await services.entities.people.add(maker, NewPerson(name=name))


def free(port: int) -> socket.socket:
    """The port, or the next one that is free."""
    for candidate in range(port, min(port + TRIES, 65_535)):
        try:
            return listen(HOST, candidate)
        except Refused:
            continue
    return listen(HOST, 0)
