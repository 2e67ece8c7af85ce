"""`gatebook init`: a new store, its secret, its organisation, and an API key for whoever set it up."""

from __future__ import annotations

from typing import Annotated

import msgspec
import typer

from gatebook.app.founding import found
from gatebook.app.stores import made
from gatebook.cli import terminal
from gatebook.cli.frame import Json, settings_of

app = typer.Typer()


class Made(msgspec.Struct, frozen=True):
    """What there is now."""

    store: str
    organisation: int
    name: str
    zone: str
    key: str
    """Shown here and never again."""


@app.command("init")
def init(
    context: typer.Context,
    name: Annotated[str, typer.Option(help="The organisation's name.")] = "My organisation",
    zone: Annotated[str, typer.Option(help="Its time zone, such as Europe/London.")] = "UTC",
    as_json: Json = False,
) -> None:
    """Make the store, its secret and its organisation, and print an administrator's API key once."""
    settings = settings_of(context).settings.store
    opened = made(settings)
    try:
        founded = found(opened.store, name, zone)
    finally:
        opened.store.close()
    show(Made(str(opened.store.path), founded.organisation, name, zone, founded.key), as_json)


def show(made: Made, as_json: bool) -> None:
    """The key stands alone at the end of a line, to be copied."""
    if as_json:
        terminal.show_json(made)
        return
    terminal.say(f"store         {made.store}")
    terminal.say(f"organisation  {made.organisation}, {made.name}, {made.zone}")
    terminal.say(f"API key       {made.key}")
    terminal.say("The key is shown this once. Now run `gatebook serve`.")
