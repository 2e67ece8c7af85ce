"""Whom a Bearer token of the identity provider stands for, and how such tokens are given."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import zip_longest
from typing import Final

from msgspec import Struct

from gatebook.domain.access import Principal
from gatebook.domain.errors import BadInput, Forbidden, Unauthenticated
from gatebook.http import Request, Response
from gatebook.http.auth import Way, presented
from gatebook.http.visits import address_of, visited
from gatebook.http.wire import decode_form, json_reply, read_body
from gatebook.services import Services

NAME: Final = "xprotect"
LIFETIME_S: Final = 3600
SCOPE: Final = "managementserver"
"""Source: milestonexprotectrestPython 1.0.5, recorded from 2023 R2, 2026-11-21."""
FIELDS: Final = ("grant_type", "username", "password", "client_id", "client_secret", "scope")
FORM_BYTES: Final = 65_536
NO_STORE: Final = {"Cache-Control": "no-store"}
_NAMED: Final = re.compile(rf"(?:\A|&)({'|'.join(FIELDS)})=")


class TokenMade(Struct, frozen=True, kw_only=True):
    """The exact set.  Source: milestonexprotectrestPython 1.0.5 and cns-live, recorded, 2026-11-21."""

    access_token: str
    expires_in: int
    token_type: str
    scope: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenForm:
    """A form as it is meant, and as it was sent: vendor's samples put a password into it as it is."""

    fields: Mapping[str, str]
    """Decoded."""
    as_sent: Mapping[str, str]
    """Not decoded; a value goes on until the next `&` and one of FIELDS, so that it may hold `&`, `=`, `+` and `%`."""

    def meanings(self, name: str) -> tuple[str, ...]:
        """What a field may mean: the same twice is told once."""
        return tuple(dict.fromkeys(form[name] for form in (self.fields, self.as_sent) if form.get(name)))


async def principal_of(services: Services, request: Request) -> Principal:
    """The holder of the Bearer token; `kind` tells a user's token from a service's."""
    found = presented(request, (Way.BEARER,))
    if not found or not found[0].secret:
        raise Unauthenticated("no Bearer token; get one at /idp/connect/token")
    return (await services.tokens.principal_of(found[0].secret, NAME))[0]


async def form_of(request: Request) -> TokenForm:
    """The form in a body, whatever its Content-Type says; BadInput where it is not UTF-8 or holds a NUL."""
    body = await read_body(request, limit_bytes=FORM_BYTES)
    fields = decode_form(body).fields
    text = body.decode().rstrip("\r\n")
    marks = [*_NAMED.finditer(text)]
    as_sent: dict[str, str] = {}
    for mark, following in zip_longest(marks, marks[1:]):
        as_sent.setdefault(mark[1], text[mark.end() : following.start() if following else len(text)])
    return TokenForm(fields=fields, as_sent=as_sent)


async def by_password(services: Services, request: Request, form: TokenForm) -> Response:
    """A token for the user of this name and password; either reading of them counts as one attempt."""
    logins, passwords = form.meanings("username"), form.meanings("password")
    if not logins or not passwords:
        raise BadInput("username" if not logins else "password", "is missing", "send both username and password")
    found = await services.access.sign_in_as_sent(logins, passwords, address=address_of(request))
    return await given(services, request, found, "password", form)


async def by_secret(services: Services, request: Request, form: TokenForm) -> Response:
    """A token for a service, by its client id and secret, or for the holder of an API key that stands for the secret.

    Both come in the form, or as HTTP Basic.
    """
    name, secret = form.fields.get("client_id", ""), form.fields.get("client_secret", "")
    if not secret and (basic := presented(request, (Way.BASIC,))):
        name, secret = basic[0].name, basic[0].secret
    if not secret:
        raise Unauthenticated("the client's secret is missing; send client_id and client_secret")
    try:
        found = await services.access.principal_of_service(name, secret)
    except Unauthenticated as error:
        try:
            found = await services.access.principal_of_key(secret)
        except Unauthenticated:
            raise error from None
    return await given(services, request, found, "client_credentials", form)


async def given(services: Services, request: Request, found: Principal, by: str, form: TokenForm) -> Response:
    """The answer with a token that is on record; Forbidden for a user who must choose another password first."""
    if found.must_change_password:
        raise Forbidden("the password has to be changed first")
    caller = visited(found, request, NAME, "POST /idp/connect/token")
    claims = {"scope": [SCOPE], "client_id": form.fields.get("client_id", "")[:200]}
    text, _token = await services.issuing.issue(caller, NAME, by=by, lifetime_s=LIFETIME_S, claims=claims)
    made = TokenMade(access_token=text, expires_in=LIFETIME_S, token_type="Bearer", scope=SCOPE)
    return json_reply(made, headers=NO_STORE)
