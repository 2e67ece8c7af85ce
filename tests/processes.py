"""Runs `gatebook serve` as a real process on a port of its own, for tests that stop, kill or starve it.

The first start in a folder makes its store with `gatebook init`; later ones find it again, with the same key.
"""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

GATEBOOK = (sys.executable, "-m", "gatebook")
KEY_FILE = "key.txt"
LOG_FILE = "serve.log"
START_WITHIN_S = 30.0
STOP_WITHIN_S = 20.0
TOLD = "Gatebook is at "


@dataclass(frozen=True, slots=True)
class RunningServer:
    """A server that answers at `url` (no slash at the end); `key` is its administrator's; its store is in `folder`."""

    url: str
    key: str
    process: subprocess.Popen[str]
    folder: Path

    @property
    def headers(self) -> dict[str, str]:
        """What signs a request in."""
        return {"X-API-Key": self.key}

    @property
    def store(self) -> Path:
        """The store's file."""
        return self.folder / "gatebook.db"

    @property
    def log(self) -> str:
        """What it and those before it in this folder wrote to standard error."""
        return (self.folder / LOG_FILE).read_text()


def environ_of(folder: Path, env: Mapping[str, str] | None = None) -> dict[str, str]:
    """An environment without settings of Gatebook's but those in `env`."""
    return {"PATH": os.environ["PATH"], "HOME": str(folder), "LANG": "C.UTF-8", **(env or {})}


def gatebook(
    folder: Path,
    *arguments: str,
    env: Mapping[str, str] | None = None,
    preexec: Callable[[], None] | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end in the folder."""
    return subprocess.run(
        [*GATEBOOK, *arguments],
        cwd=folder,
        env=environ_of(folder, env),
        capture_output=True,
        text=True,
        check=False,
        timeout=50,
        preexec_fn=preexec,
    )


def initialised(folder: Path, env: Mapping[str, str] | None = None) -> str:
    """The administrator's key of the folder's store, which is made if there is none."""
    kept = folder / KEY_FILE
    if not kept.exists():
        made = gatebook(folder, "init", "--name", "Test", "--zone", "Europe/London", "--json", env=env)
        assert made.returncode == 0, made.stderr
        kept.write_text(json.loads(made.stdout)["key"])
    return kept.read_text()


def start(
    folder: Path,
    *arguments: str,
    env: Mapping[str, str] | None = None,
    preexec: Callable[[], None] | None = None,
    wrapper: tuple[str, ...] = (),
) -> RunningServer:
    """A server that the caller must stop; `preexec` runs in the child, `wrapper` is a command that runs the server."""
    key = initialised(folder, env)
    with (folder / LOG_FILE).open("a") as log:
        process = subprocess.Popen(
            [*wrapper, *GATEBOOK, "serve", "--port", "0", *arguments],
            cwd=folder,
            env=environ_of(folder, env),
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            preexec_fn=preexec,
        )
    try:
        return RunningServer(address_told(process, folder), key, process, folder)
    except BaseException:
        process.kill()
        process.wait()
        raise


def address_told(process: subprocess.Popen[str], folder: Path) -> str:
    """The address in the line that the server prints once it answers."""
    assert process.stdout is not None
    until = time.monotonic() + START_WITHIN_S
    while (left := until - time.monotonic()) > 0:
        if not select.select([process.stdout], [], [], left)[0]:
            break
        line = process.stdout.readline()
        if line.startswith(TOLD):
            return line.removeprefix(TOLD).strip()
        if not line:
            break
    raise AssertionError(f"the server did not start: {(folder / LOG_FILE).read_text()[-4000:]}")


def stop(process: subprocess.Popen[str]) -> int:
    """Stop it as an operator would, if it still runs; its exit code."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(STOP_WITHIN_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise
    if process.stdout is not None:
        process.stdout.close()
    return process.returncode


@contextmanager
def running_server(
    folder: Path,
    *arguments: str,
    env: Mapping[str, str] | None = None,
    preexec: Callable[[], None] | None = None,
    wrapper: tuple[str, ...] = (),
) -> Iterator[RunningServer]:
    """A server for as long as the block runs; the block may have killed it.  `arguments` are those of `serve`."""
    server = start(folder, *arguments, env=env, preexec=preexec, wrapper=wrapper)
    try:
        yield server
    finally:
        stop(server.process)
