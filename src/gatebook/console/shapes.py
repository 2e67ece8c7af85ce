"""One event in the words of every dialect that is spoken here, as each one's own clients get it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from gatebook.domain.access import Principal
from gatebook.domain.errors import Refused
from gatebook.domain.events import Event
from gatebook.http.dialect import Dialect
from gatebook.http.mount import Place
from gatebook.services import Services


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """How one dialect tells of an event; `json` is empty where it does not, and `why` says so."""

    name: str
    title: str
    url: str
    json: str
    why: str


Shapes = Callable[[Services, Principal, Event], Awaitable[Sequence[Shape]]]


def shapes_of(spoken: Sequence[Dialect[Any]], places: Mapping[str, Place]) -> Shapes:
    """The shapes in these dialects, in their order."""

    async def shapes(services: Services, who: Principal, event: Event) -> Sequence[Shape]:
        return [await _shape(dialect, places, services, who, event) for dialect in spoken if dialect.shape_of]

    return shapes


async def _shape(
    dialect: Dialect[Any], places: Mapping[str, Place], services: Services, who: Principal, event: Event
) -> Shape:
    shape, url = None, None
    try:
        if dialect.shape_of is not None:
            shape = await dialect.shape_of(services, who, event)
        if shape is not None and dialect.url_of is not None:
            url = await dialect.url_of(services, who, event)
    except Refused:  # this reader may see the event, and not what that dialect would say of it
        shape = None
    if shape is None:
        why = f"{dialect.title} has no word for this event here."
        return Shape(name=dialect.name, title=dialect.title, url="", json="", why=why)
    place = places.get(dialect.name)
    text = msgspec.json.format(msgspec.json.encode(shape), indent=2).decode()
    prefix = place.prefix if place is not None else ""
    return Shape(name=dialect.name, title=dialect.title, url=f"{prefix}{url}" if url else "", json=text, why="")
