"""A server for measurements: the app as `gatebook serve` builds it, or with one part exchanged.

`python -m benchmarks.server STORE [--memory | --commit-ms N] [--core N]` prints its port and serves until it is ended.
"""

from __future__ import annotations

import argparse
import os
import socket
import time
from collections.abc import Sequence

from benchmarks.memory import MemoryAppend
from gatebook.app.build import App, build
from gatebook.app.settings import Limits, Log, Settings
from gatebook.app.settings import Store as StoreSettings
from gatebook.http.server import server_of

MUCH = 1e9
UNLIMITED = Limits(principal_per_s=MUCH, principal_burst=MUCH, address_per_s=MUCH, address_burst=MUCH,
                   streams=100_000, address_streams=100_000)  # fmt: skip
"""One client asks for as much as it can; that it would be held back is not what is measured."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Serves until a signal."""
    parser = argparse.ArgumentParser()
    parser.add_argument("store")
    parser.add_argument("--memory", action="store_true", help="keep what is appended in memory")
    parser.add_argument("--commit-ms", type=float, default=0.0, help="make every commit last so much longer")
    parser.add_argument("--core", type=int, default=None)
    chosen = parser.parse_args(arguments)
    if chosen.core is not None:
        os.sched_setaffinity(0, {chosen.core})
    app = build(Settings(store=StoreSettings(url=chosen.store), log=Log(level="warning"), limits=UNLIMITED))
    if chosen.memory:
        app.store.append = MemoryAppend(app.store).append  # type: ignore[method-assign]
    if chosen.commit_ms:
        slow_down(app, chosen.commit_ms / 1e3)
    with socket.create_server(("127.0.0.1", 0), backlog=4096) as listening:
        print(listening.getsockname()[1], flush=True)
        server_of(app.asgi, app.closing).run(sockets=[listening])


def slow_down(app: App, seconds: float) -> None:
    """A disk that takes so much longer for each commit: SQLite calls the hook just before it commits."""

    def hook() -> bool:
        time.sleep(seconds)
        return False

    app.store.writer._connection.set_commit_hook(hook)


if __name__ == "__main__":
    main()
