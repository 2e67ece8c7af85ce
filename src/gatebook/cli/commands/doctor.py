"""`gatebook doctor`: what is wrong with the store, and what would help."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from gatebook.app.clock import now
from gatebook.app.secrets import secret_of
from gatebook.app.stores import opened
from gatebook.cli import terminal
from gatebook.cli.frame import ExitCode, Json, settings_of
from gatebook.domain.errors import Broken
from gatebook.services.doctor import CHECKS, Told, examine, recount
from gatebook.store import path_of

app = typer.Typer()


class Line(msgspec.Struct, frozen=True):
    """One fault."""

    check: str
    where: str
    what: str
    remedy: str


@app.command("doctor")
def doctor(
    context: typer.Context,
    recounted: Annotated[bool, typer.Option("--recount", help="Write every count anew from the log first.")] = False,
    as_json: Json = False,
) -> None:
    """Examine the store, beside a running server or without one, and print each fault; ends with 1 if there is any."""
    settings = settings_of(context).settings.store
    path = path_of(settings.url)
    if not path.is_file():
        raise Broken(f"there is no store at {path}; run `gatebook init`")
    if recounted:
        found = opened(settings, checkpoints=False)
        try:
            recount(found.store)
        finally:
            found.store.close()
    with progress() as told:
        faults = examine(path, now=now, secret=lambda: secret_of(path), told=told)
        lines = [Line(fault.check, fault.where, fault.what, fault.remedy) for fault in faults]
    if lines or as_json:
        terminal.show_lines(Line, lines, as_json)
    else:
        terminal.say(f"Nothing is wrong with {path}.")
    if lines:
        raise typer.Exit(ExitCode.FOUND)


@contextmanager
def progress() -> Iterator[Told]:
    """A bar on standard error, on a terminal alone."""
    if not sys.stderr.isatty():
        yield lambda _check, _done, _of: None
        return
    console = Console(stderr=True, markup=False, highlight=False)
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=None)

        def told(check: str, done: int, of: int) -> None:
            bar.update(task, description=CHECKS[check], completed=done, total=of)

        yield told
