"""`gatebook credentials`: the cards, PINs, phones and plates that people carry."""

from __future__ import annotations

from typing import Annotated

import msgspec
import typer

from gatebook.cli import terminal
from gatebook.cli.desk import Desk, OrganisationOption, at_desk
from gatebook.cli.frame import Json
from gatebook.cli.rooms import Ref, kept, new_time, share, time_of, when
from gatebook.domain.kinds import Method
from gatebook.domain.places import Credential
from gatebook.services.forms import CredentialChange, NewCredential

app = typer.Typer(name="credentials", help="What people carry: cards, PINs, phones and plates.", no_args_is_help=True)
From = Annotated[str | None, typer.Option("--from", help="From when it holds; `none` for always.")]
Until = Annotated[str | None, typer.Option("--until", help="Until when it holds; `none` for ever.")]


class Line(msgspec.Struct, frozen=True):
    """One credential; a PIN is never shown."""

    number: int
    id: str
    person: int
    method: str
    value: str | None
    label: str
    valid_from: str | None
    valid_until: str | None


def line_of(credential: Credential) -> Line:
    """A credential as it is printed."""
    return Line(
        number=credential.number,
        id=str(credential.id),
        person=credential.person,
        method=credential.method,
        value=credential.value,
        label=credential.label,
        valid_from=when(credential.valid_from),
        valid_until=when(credential.valid_until),
    )


share(app, lambda desk: desk.services.entities.credentials, Line, line_of,
      remove="Take a credential away; history keeps what it opened.")  # fmt: skip


@app.command("add")
def add_credential(
    context: typer.Context,
    person: Annotated[str, typer.Option(help="Who carries it: a number or UUID.")],
    method: Annotated[Method, typer.Option(help="What it is.")],
    value: Annotated[str, typer.Option(help="The card's number, the PIN, the plate.")],
    label: Annotated[str, typer.Option(help="What it is called.")] = "",
    since: From = None,
    until: Until = None,
    organisation: OrganisationOption = None,
    as_json: Json = False,
) -> None:
    """Give a person a credential."""

    async def add(desk: Desk) -> Credential:
        form = NewCredential(
            person=person,
            method=method,
            value=value,
            label=label,
            valid_from=time_of(desk, since, "--from"),
            valid_until=time_of(desk, until, "--until"),
        )
        return await desk.services.entities.credentials.add(desk.principal, form)

    terminal.show_lines(Line, [line_of(at_desk(context, organisation, add))], as_json)


@app.command("change")
def change_credential(
    context: typer.Context,
    ref: Ref,
    value: Annotated[str | None, typer.Option(help="Its new number, PIN or plate.")] = None,
    label: Annotated[str | None, typer.Option(help="What it is to be called.")] = None,
    since: From = None,
    until: Until = None,
    organisation: OrganisationOption = None,
    as_json: Json = False,
) -> None:
    """Change a credential; what is not given stays as it is."""

    async def change(desk: Desk) -> Credential:
        form = CredentialChange(
            value=kept(value),
            label=kept(label),
            valid_from=new_time(desk, since, "--from"),
            valid_until=new_time(desk, until, "--until"),
        )
        return await desk.services.entities.credentials.change(desk.principal, ref, form)

    terminal.show_lines(Line, [line_of(at_desk(context, organisation, change))], as_json)
