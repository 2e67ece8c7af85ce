"""Runs `gatebook demo` as a real process, for tests that ask it things."""

from __future__ import annotations

import json
import os
import re
import select
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.processes import GATEBOOK, START_WITHIN_S, environ_of, stop

LAST = "Something happens about every second. Ctrl-C ends it; the next start goes on from here."
WITHIN_S = 60.0


@dataclass(frozen=True)
class Demo:
    """One that runs, and what it printed up to its last line."""

    process: subprocess.Popen[str]
    lines: list[str]
    folder: Path

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    @property
    def curls(self) -> list[str]:
        return [line for line in self.lines if line.startswith("curl ")]

    @property
    def url(self) -> str:
        return found(r"^Gatebook is at (\S+)$", self.text)

    @property
    def key(self) -> str:
        return found(r"^API key (\w+),", self.text)

    def pasted(self, line: str) -> Any:
        """What a printed line answers in bash."""
        done = subprocess.run(
            ["bash", "-c", line], env=environ_of(self.folder), capture_output=True, text=True, check=True
        )
        assert done.stderr == ""
        return json.loads(done.stdout)

    def get(self, path: str) -> Any:
        headers = {"X-API-Key": self.key}
        return httpx.get(f"{self.url}{path}", headers=headers, timeout=20, trust_env=False).raise_for_status().json()


def found(pattern: str, text: str) -> str:
    match = re.search(pattern, text, re.MULTILINE)
    assert match is not None, text
    return match[1]


def started(folder: Path, *arguments: str) -> Demo:
    """A demonstration that the caller must stop."""
    with (folder / "serve.log").open("a") as log:
        process = subprocess.Popen(
            [*GATEBOOK, "demo", *arguments],
            cwd=folder, env=environ_of(folder), stdout=subprocess.PIPE, stderr=log, text=True, start_new_session=True,
        )  # fmt: skip
    try:
        return Demo(process, lines_of(process), folder)
    except BaseException:
        process.kill()
        stop(process)
        raise


def lines_of(process: subprocess.Popen[str]) -> list[str]:
    """What it prints, up to its last line; AssertionError where that does not come."""
    assert process.stdout is not None
    text = ""
    while not text.endswith(LAST + "\n"):
        assert select.select([process.stdout], [], [], 3 * START_WITHIN_S)[0], text
        piece = os.read(process.stdout.fileno(), 65_536).decode()
        text += piece
        assert piece, text
        assert "No more events" not in text
    return text.splitlines()


def awaited(what: Callable[[], Any]) -> Any:
    """What comes in time."""
    until = time.monotonic() + WITHIN_S
    while not (answer := what()):
        assert time.monotonic() < until
        time.sleep(0.3)
    return answer


def session_of(process: subprocess.Popen[str]) -> list[str]:
    """The processes that it started, or whose parent it was, while they run."""
    listed = subprocess.run(["ps", "-s", str(process.pid), "-o", "pid="], capture_output=True, text=True, check=False)
    return listed.stdout.split()
