"""`gatebook serve`: the server."""

from __future__ import annotations

from typing import Annotated

import msgspec
import typer

from gatebook.app.build import App
from gatebook.app.serve import serve
from gatebook.cli import terminal
from gatebook.cli.frame import settings_of
from gatebook.domain.errors import BadInput

app = typer.Typer()


@app.command("serve")
def run_server(
    context: typer.Context,
    host: Annotated[str | None, typer.Option(help="The address to listen on, instead of server.host.")] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="The port, instead of server.port; 0 takes any free one.")
    ] = None,
    tls_cert: Annotated[
        str | None, typer.Option(help="The certificate chain in PEM, instead of server.tls_cert.")
    ] = None,
    tls_key: Annotated[str | None, typer.Option(help="Its private key in PEM, instead of server.tls_key.")] = None,
) -> None:
    """Serve until stopped by SIGTERM or Ctrl-C."""
    settings = settings_of(context).settings
    server = settings.server
    if (tls_cert is None) is not (tls_key is None):
        raise BadInput("--tls-key" if tls_key is None else "--tls-cert", "is missing", "give both or neither")
    named = {"host": host, "port": port, "tls_cert": tls_cert, "tls_key": tls_key}
    server = msgspec.structs.replace(server, **{name: value for name, value in named.items() if value is not None})
    serve(msgspec.structs.replace(settings, server=server), tell)


def tell(_app: App, address: str) -> None:
    """Where the server is."""
    terminal.say(f"Gatebook is at {address}")
