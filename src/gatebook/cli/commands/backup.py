"""`gatebook backup` and `gatebook restore`: the store as it stands now, copied beside a running server."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import msgspec
import typer

from gatebook.app import backups
from gatebook.cli import terminal
from gatebook.cli.bars import bar
from gatebook.cli.frame import Json, settings_of

app = typer.Typer()


class Line(msgspec.Struct, frozen=True):
    """What was copied, and whether the keys are in it."""

    path: str
    bytes: int
    events: int
    secret: bool


@app.command("backup")
def backup(
    context: typer.Context,
    target: Annotated[Path, typer.Argument(help="The file to make.")],
    with_secret: Annotated[bool, typer.Option("--with-secret", help="Put the secret beside it, too.")] = False,
    as_json: Json = False,
) -> None:
    """Copy the store as it stands now, every acknowledged event in it; a server may run meanwhile."""
    settings = settings_of(context).settings.store
    with bar("Copying") as progress:
        copied = backups.back_up(settings, target, with_secret=with_secret, progress=progress)
    told = line_of(copied)
    terminal.show_lines(Line, [told], as_json)
    if not as_json:
        terminal.remark(
            "The secret lies beside it: keep both where nobody else can read them."
            if copied.secret
            else "The secret is not in it: keep a copy of it elsewhere, or back up with --with-secret."
        )


@app.command("restore")
def restore(
    context: typer.Context,
    source: Annotated[Path, typer.Argument(help="A file that `gatebook backup` made.")],
    as_json: Json = False,
) -> None:
    """Make the store that the settings name out of a backup; it must not be there yet."""
    settings = settings_of(context).settings.store
    with bar("Restoring") as progress:
        copied = backups.restore(settings, source, progress=progress)
    terminal.show_lines(Line, [line_of(copied)], as_json)


def line_of(copied: backups.Copied) -> Line:
    """A copy as it is printed."""
    return Line(str(copied.path), copied.bytes, sum(copied.heads.values()), copied.secret)
