"""What a demonstration prints: where it is, how to sign in, and a line for each dialect that works as it stands."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, NamedTuple
from urllib.parse import urlencode

from gatebook.app.history import LOGIN
from gatebook.http.dialect import API_KEY, BASIC, Dialect, SignIn

REPORT = {"kind": "access.granted", "device": 1, "method": "card", "person": 1}
LAST = "Something happens about every second. Ctrl-C ends it; the next start goes on from here."
ADMISSION, PLATES = "an admission", "the plates at a gate"
FURTHER = (
    "In another terminal: `gatebook demo same-event` shows one event in every vendor's JSON, and",
    "`gatebook demo story` plays a forced door, from the report to the closed alarm.",
)


class Try(NamedTuple):
    """A dialect, the prefix under which it is served, and where there is something to be read in it."""

    dialect: Dialect[Any]
    prefix: str
    url: str
    told: str
    """What is read there."""


def invitation(address: str, key: str, password: str, tries: Sequence[Try], ready: str = "") -> list[str]:
    """What to try: the lines that begin with `curl` work as they stand, each on its own.

    `ready` says how long the start took.
    """
    header = f"-H 'X-API-Key: {key}'"
    lines = [
        f"Gatebook is at {address}",
        *([ready] if ready else []),
        f"Console {address}/console, user {LOGIN}, password {password}",
        f"API key {key}, documentation {address}/docs",
        "",
        "Report an event:",
        f"curl -sS {header} -H 'Content-Type: application/json' -d '{json.dumps(REPORT)}' {address}/v1/events",
        "List the newest:",
        f"curl -sS {header} '{address}/v1/events?limit=5'",
        "List the doors that were forced:",
        f"curl -sS {header} '{address}/v1/events?kind=door.forced&limit=5'",
    ]
    for one in tries:
        lines += lines_of(one, address, key, password)
    return [*lines, "", f"Then see what happens at {address}/console, and what was raised at {address}/console/alarms.",
            *FURTHER, LAST]  # fmt: skip


def lines_of(one: Try, address: str, key: str, password: str) -> list[str]:
    """How an event is read as the vendor's clients do it."""
    title, base = one.dialect.title, f"{address}{one.prefix}"
    told, url = f"Read {one.told} as a client of {title} does:", f"'{base}{one.url}'"
    if API_KEY in one.dialect.security:
        return [told, f"curl -sS -H 'X-API-Key: {key}' {url}"]
    if BASIC in one.dialect.security:
        return [told, f"curl -sS -u '{key}:x' {url}"]
    if one.dialect.sign_in is None:
        return []
    asked = signing_in(one.dialect.sign_in, base, password)
    token = f'$({asked} | sed \'s/.*"{one.dialect.sign_in.token}":"\\([^"]*\\)".*/\\1/\')'
    return [f"Sign in as a client of {title} does:", asked, told, f'curl -sS -H "Authorization: Bearer {token}" {url}']


def signing_in(sign_in: SignIn, base: str, password: str) -> str:
    """The line that answers with a token."""
    who = {sign_in.login: LOGIN, sign_in.password: password}
    if sign_in.form is None:
        return f"curl -sS -H 'Content-Type: application/json' -d '{json.dumps(who)}' '{base}{sign_in.path}'"
    return f"curl -sS -d '{urlencode({**sign_in.form, **who})}' '{base}{sign_in.path}'"
