"""`gatebook organisations`: whose logs there are."""

from __future__ import annotations

import msgspec
import typer

from gatebook.app.stores import opened
from gatebook.cli import terminal
from gatebook.cli.frame import Json, settings_of

app = typer.Typer(name="organisations", help="Whose logs there are.", no_args_is_help=True)


class Line(msgspec.Struct, frozen=True):
    """One organisation."""

    number: int
    id: str
    name: str
    zone: str


@app.callback()
def group() -> None:
    """Whose logs there are."""


@app.command("list")
def list_organisations(context: typer.Context, as_json: Json = False) -> None:
    """Print every organisation."""
    found = opened(settings_of(context).settings.store, checkpoints=False)
    try:
        organisations = found.store.read_now(found.store.directory.organisations)
    finally:
        found.store.close()
    lines = [Line(one.number, str(one.id), one.name, one.zone) for one in organisations]
    terminal.show_lines(Line, lines, as_json)
