"""What commands that ask the log share: conditions, a window of time, and what a search is for."""

from __future__ import annotations

from datetime import tzinfo
from typing import Annotated
from uuid import UUID

import typer

from gatebook.domain.errors import BadInput
from gatebook.domain.filters import During, Field, Filter, all_of
from gatebook.domain.grammar import parse_filter
from gatebook.domain.properties import PROPERTIES
from gatebook.domain.times import ALWAYS, parse_bound, window_of

LONGEST_LIST = 10_000

Where = Annotated[
    list[str] | None,
    typer.Option(metavar="PROPERTY=CONDITION", help="As in the native API: kind=access.denied; may be repeated."),
]
Since = Annotated[str | None, typer.Option("--from", help="Not before this time.")]
Until = Annotated[str | None, typer.Option("--to", help="Not after this time.")]
Limit = Annotated[int, typer.Option(min=1, max=LONGEST_LIST, help="At most so many.")]
OldestFirst = Annotated[bool, typer.Option("--oldest-first", help="Begin with the oldest.")]
Purpose = Annotated[
    str | None, typer.Option(help="What it is for, into the record; needed where the organisation demands it.")
]


def filter_of(where: list[str] | None, zone: tzinfo) -> Filter:
    """All conditions together, in the grammar of the native API."""
    pairs = []
    for text in where or ():
        name, equals, condition = text.partition("=")
        if not equals:
            raise BadInput("--where", f"{text!r} has no =", "write property=condition, such as kind=door.forced")
        pairs.append((name, condition))
    return parse_filter(pairs, PROPERTIES, zone)


def during(since: str | None, until: str | None, zone: tzinfo) -> Filter:
    """When they occurred; both bounds include every instant that prints as they do."""
    first = None if since is None else parse_bound(since, zone, "--from")
    last = None if until is None else parse_bound(until, zone, "--to")
    window = window_of(first, last)
    if window.is_empty:
        raise BadInput("--from", "is after --to", "give the earlier time as --from")
    return all_of() if window == ALWAYS else During(Field.OCCURRED, window)


def asked_of(where: list[str] | None, since: str | None, until: str | None, zone: tzinfo) -> Filter:
    """Both together."""
    return all_of(filter_of(where, zone), during(since, until, zone))


def ref_of(text: str) -> int | UUID:
    """A place in the log, or an id."""
    if text.isascii() and text.isdecimal() and len(text) < 19:
        return int(text)
    try:
        return UUID(text)
    except ValueError as error:
        raise BadInput("EVENT", f"got {text[:60]!r}", "give its seq or its UUID") from error
