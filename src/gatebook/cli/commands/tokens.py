"""`gatebook tokens`: tokens of the dialects, and the keys that sign them."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import msgspec
import typer

from gatebook.cli import terminal
from gatebook.cli.desk import Desk, OrganisationOption, at_desk
from gatebook.cli.frame import Json
from gatebook.domain.access import Principal, PrincipalKind
from gatebook.domain.errors import BadInput
from gatebook.domain.times import rfc3339
from gatebook.services.issuing import LIFETIME_S, LONGEST_S
from gatebook.services.signing import OVERLAP_NS
from gatebook.store.holders import IssuedRow

PIECE = 1_000
app = typer.Typer(name="tokens", help="Tokens, each shown once, and the keys that sign them.", no_args_is_help=True)


class Made(msgspec.Struct, frozen=True):
    """A new token."""

    jti: UUID
    dialect: str
    expires_in: int
    token: str
    refresh_token: str | msgspec.UnsetType = msgspec.UNSET


class Held(msgspec.Struct, frozen=True):
    """A token that holds."""

    jti: str
    dialect: str
    holder: str
    name: str
    issued: str
    ends: str


@app.callback()
def group() -> None:
    """Tokens, each shown once, and the keys that sign them."""


@app.command("issue")
def issue(
    context: typer.Context,
    dialect: Annotated[str, typer.Option(help="The only dialect that will believe it.")] = "native",
    user: Annotated[str | None, typer.Option(help="For this user, by login, number or UUID.")] = None,
    service: Annotated[str | None, typer.Option(help="For this service, by client id, number or UUID.")] = None,
    key: Annotated[str | None, typer.Option(help="For the holder of this API key, by the key's UUID.")] = None,
    lifetime: Annotated[int, typer.Option(help=f"Seconds, 1 to {LONGEST_S}.")] = LIFETIME_S,
    refresh: Annotated[
        bool, typer.Option("--refresh", help="And a refresh token on a second line, for clients that renew their own.")
    ] = False,
    organisation: OrganisationOption = None,
    as_json: Json = False,
) -> None:
    """Issue a token and print it once; it holds no longer than whom it is for."""

    async def work(desk: Desk) -> Made:
        holder = await holder_of(desk, user, service, key)
        await desk.services.tokens.signing.ensure()
        issuing, by = desk.services.issuing, "command line"
        if refresh:
            text, token, renewing = await issuing.issue_renewable(holder, dialect, by=by, lifetime_s=lifetime)
            return Made(token.jti, dialect, lifetime, text, renewing)
        text, token = await issuing.issue(holder, dialect, by=by, lifetime_s=lifetime)
        return Made(token.jti, dialect, lifetime, text)

    made = at_desk(context, organisation, work, issuing=True)
    if as_json:
        terminal.show_json(made)
    else:
        terminal.say(made.token)
        if isinstance(made.refresh_token, str):
            terminal.say(made.refresh_token)


@app.command("list")
def list_tokens(context: typer.Context, organisation: OrganisationOption = None, as_json: Json = False) -> None:
    """Print every token that holds, of every dialect, oldest first."""

    async def work(desk: Desk) -> list[Held]:
        found: list[IssuedRow] = []
        while piece := await desk.services.issuing.list(
            desk.principal, after=found[-1].jti if found else None, limit=PIECE
        ):
            found += piece
        return [
            Held(
                str(one.jti), one.audience, f"{one.kind}/{one.holder}", one.name, rfc3339(one.issued), rfc3339(one.ends)
            )
            for one in found
        ]

    terminal.show_lines(Held, at_desk(context, organisation, work), as_json)


@app.command("revoke")
def revoke(
    context: typer.Context,
    jti: Annotated[str, typer.Argument(help="The token's id, its `jti`.")],
    organisation: OrganisationOption = None,
) -> None:
    """End a token, at once and everywhere."""
    try:
        id_ = UUID(jti)
    except ValueError as error:
        raise BadInput("jti", "is not a UUID", "give the jti that came with the token") from error
    at_desk(context, organisation, lambda desk: desk.services.issuing.revoke(desk.principal, id_))


@app.command("rotate")
def rotate(
    context: typer.Context,
    overlap: Annotated[
        int, typer.Option(help="Seconds for which tokens of the old keys are believed; 0: they end at once.")
    ] = OVERLAP_NS // 1_000_000_000,
    organisation: OrganisationOption = None,
) -> None:
    """Make new keys, which sign from now on, beside a running server too."""
    at_desk(context, organisation, lambda desk: desk.services.issuing.rotate(desk.principal, overlap))


async def holder_of(desk: Desk, user: str | None, service: str | None, key: str | None) -> Principal:
    """Whom the token is for, as it stands now; BadInput unless exactly one is named."""
    if sum(one is not None for one in (user, service, key)) != 1:
        raise BadInput("--user", "whom the token is for is not said once", "give one of --user, --service and --key")
    rooms, access = desk.services.entities, desk.services.access
    if user is not None:
        return await access.holder(PrincipalKind.USER, (await rooms.users.get(desk.principal, user)).id)
    if service is not None:
        return await access.holder(PrincipalKind.SERVICE, (await rooms.services.get(desk.principal, service)).id)
    assert key is not None
    return await access.holder(PrincipalKind.KEY, (await rooms.keys.get(desk.principal, key)).id)
