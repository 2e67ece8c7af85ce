"""`gatebook cert`: a certificate for `serve`, until there is one that others trust."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import msgspec
import typer

from gatebook.cli import terminal
from gatebook.cli.frame import Json
from gatebook.services.certificates import LONGEST_DAYS, self_signed, written

app = typer.Typer(name="cert", help="Certificates for TLS.", no_args_is_help=True)


class Line(msgspec.Struct, frozen=True):
    """What was made."""

    certificate: str
    key: str
    hosts: tuple[str, ...]
    ends: str
    fingerprint: str


@app.command("self-signed")
def make_self_signed(
    hosts: Annotated[
        list[str] | None, typer.Option("--host", help="A host name or address that clients use; may be repeated.")
    ] = None,
    days: Annotated[int, typer.Option(min=1, max=LONGEST_DAYS, help="How long it is good for.")] = LONGEST_DAYS,
    certificate: Annotated[Path, typer.Option("--cert", help="Where the certificate goes.")] = Path("cert.pem"),
    key: Annotated[Path, typer.Option(help="Where the key goes, for its owner alone.")] = Path("key.pem"),
    replace: Annotated[bool, typer.Option("--replace", help="Replace files that are there.")] = False,
    as_json: Json = False,
) -> None:
    """Make a certificate that the server signs for itself, and its key."""
    names = tuple(hosts or ("localhost", "127.0.0.1", "::1"))
    made = self_signed(names, days=days)
    written(made, certificate, key, replace=replace)
    line = Line(str(certificate), str(key), names, made.ends.isoformat(), made.fingerprint)
    if as_json:
        terminal.show_json(line)
        return
    terminal.say(f"The certificate for {', '.join(names)} is in {certificate}, its key in {key}.")
    terminal.say(f"It ends on {made.ends:%Y-%m-%d}; its SHA-256 fingerprint is {made.fingerprint}.")
    terminal.say(f"Serve with it: gatebook serve --tls-cert {certificate} --tls-key {key}")
