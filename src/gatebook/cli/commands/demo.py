"""`gatebook demo`: a server with made-up events, to try things on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gatebook.app.demo import Folder, demonstrate
from gatebook.app.settings import Server
from gatebook.cli import terminal

app = typer.Typer()


@app.command("demo")
def demo(
    folder: Annotated[Path, typer.Option(help="Where its store lies; remove it to begin anew.")] = Path(".demo"),
    port: Annotated[int, typer.Option(min=0, max=65535, help="If it is taken, the next free one.")] = Server().port,
) -> None:
    """Serve made-up events on this machine alone, and say what to ask; settings are not read."""
    demonstrate(Folder(folder), port, terminal.say)
