"""The command line as a real process: with pipes, or on a terminal of its own."""

import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

GATEBOOK = [sys.executable, "-m", "gatebook"]


class Ended(NamedTuple):
    """How a command ended."""

    code: int
    out: str
    err: str


def surroundings(folder: Path, extra: dict[str, str]) -> dict[str, str]:
    """An environment without settings of Gatebook's and without wishes about colour."""
    return {"PATH": os.environ["PATH"], "HOME": str(folder), "LANG": "C.UTF-8", "TERM": "xterm-256color", **extra}


def run(folder: Path, *arguments: str, **extra: str) -> Ended:
    """Run `gatebook` in `folder` with pipes; `extra` is added to its environment."""
    environ = surroundings(folder, extra)
    done = subprocess.run([*GATEBOOK, *arguments], cwd=folder, env=environ, capture_output=True, text=True, check=False)
    return Ended(done.returncode, done.stdout, done.stderr)


def run_on_terminal(folder: Path, *arguments: str, **extra: str) -> Ended:
    """Run `gatebook` in `folder` on a terminal; what it wrote to either stream is `out`."""
    ours, theirs = pty.openpty()
    environ = surroundings(folder, extra)
    child = subprocess.Popen(
        [*GATEBOOK, *arguments], cwd=folder, env=environ, stdin=theirs, stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    written = b""
    try:
        while piece := os.read(ours, 65536):
            written += piece
    except OSError:  # the last of the other side has closed it
        pass
    os.close(ours)
    return Ended(child.wait(), written.decode(), "")
