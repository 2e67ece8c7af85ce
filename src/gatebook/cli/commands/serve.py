"""`gatebook serve`: the server."""

from __future__ import annotations

from typing import Annotated

import msgspec
import typer

from gatebook.app.build import App
from gatebook.app.serve import serve
from gatebook.cli import terminal
from gatebook.cli.frame import settings_of

app = typer.Typer()


@app.command("serve")
def run_server(
    context: typer.Context,
    host: Annotated[str | None, typer.Option(help="The address to listen on, instead of server.host.")] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="The port, instead of server.port; 0 takes any free one.")
    ] = None,
) -> None:
    """Serve until stopped by SIGTERM or Ctrl-C."""
    settings = settings_of(context).settings
    server = settings.server
    server = msgspec.structs.replace(
        server, host=server.host if host is None else host, port=server.port if port is None else port
    )
    serve(msgspec.structs.replace(settings, server=server), tell)


def tell(_app: App, address: str) -> None:
    """Where the server is."""
    terminal.say(f"Gatebook is at {address}")
