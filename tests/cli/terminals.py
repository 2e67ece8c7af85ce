"""The command line: in this process, as a real process with pipes, or on a terminal of its own."""

import os
import pty
import subprocess
import sys
from contextlib import chdir
from pathlib import Path
from typing import NamedTuple

from typer.testing import CliRunner

from gatebook.cli.main import app

GATEBOOK = [sys.executable, "-m", "gatebook"]


class Ended(NamedTuple):
    """How a command ended."""

    code: int
    out: str
    err: str


def surroundings(folder: Path, extra: dict[str, str]) -> dict[str, str]:
    """An environment without settings of Gatebook's and without wishes about colour."""
    return {"PATH": os.environ["PATH"], "HOME": str(folder), "LANG": "C.UTF-8", "TERM": "xterm-256color", **extra}


def call(folder: Path, *arguments: str, typed: str = "", **extra: str) -> Ended:
    """Run a command in this process, which is quick; what it printed is as into a pipe, and it is told `typed`."""
    with chdir(folder):
        runner = CliRunner(env={"HOME": str(folder), **extra})
        ended = runner.invoke(app, arguments, input=typed or None, prog_name="gatebook")
    if ended.exception is not None and not isinstance(ended.exception, SystemExit):
        raise ended.exception
    return Ended(ended.exit_code, ended.stdout, ended.stderr)


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
