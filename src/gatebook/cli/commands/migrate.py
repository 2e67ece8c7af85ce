"""`gatebook migrate`: the store's tables, brought up to date without starting the server."""

from __future__ import annotations

import msgspec
import typer

from gatebook.app.stores import migrated
from gatebook.cli import terminal
from gatebook.cli.frame import Json, settings_of

app = typer.Typer()


class Line(msgspec.Struct, frozen=True):
    """One migration that was applied now."""

    applied: str


@app.command("migrate")
def migrate(context: typer.Context, as_json: Json = False) -> None:
    """Bring the store up to date, as `serve` does at its start, and print what was applied."""
    applied = migrated(settings_of(context).settings.store)
    if as_json or applied:
        terminal.show_lines(Line, [Line(name) for name in applied], as_json)
    else:
        terminal.say("The store is up to date.")
