"""One event beside the list: its sentence, its facts, what came before and after, what led to it, and its shapes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from gatebook.console.shapes import Shape, Shapes
from gatebook.console.view import EVENTS, View
from gatebook.console.words import Clocks, Row, is_plate, name_of, row_of, rows_of
from gatebook.domain.access import Principal
from gatebook.domain.errors import NotFound
from gatebook.domain.events import Event
from gatebook.domain.filters import Field, one_of
from gatebook.domain.sentences import sentence_of
from gatebook.domain.times import rfc3339
from gatebook.services import Services
from gatebook.services.views import View as Sight
from gatebook.services.views import hides_data
from gatebook.services.views import view_of as sight_of
from gatebook.store.contract import Page, Position

BESIDE: Final = 3
"""Events just before and just after."""
CAUSES: Final = 8
DATA_BYTES: Final = 16_384
"""More is not shown as a tree; each API's own JSON below has it whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One event beside the list."""

    row: Row
    sentence: str
    facts: Sequence[tuple[str, str]]
    around: Sequence[tuple[Row, bool]]
    """What came just after and before at the same device, newest first; True is the event itself."""
    person: str | None
    theirs: str
    """The address of all that the same person did."""
    data: Any
    """What the report said beside, decoded."""
    causes: Sequence[tuple[Row, str]]
    shapes: Sequence[Shape]
    address: str


async def panel(services: Services, who: Principal, view: View, clocks: Clocks, shapes: Shapes) -> Panel | None:
    """The event that the address names; None where it is absent or hidden."""
    assert view.event is not None
    try:
        found = await services.history.event(who, view.event)
    except NotFound:
        return None
    [event] = found.events
    sight = sight_of(who)
    row = row_of(event, found, sight, clocks)
    person = name_of(event, found) if sight.people else None
    return Panel(
        row=row,
        sentence=sentence_of(event, who=person, where=row.device or None),
        facts=facts_of(event, found, row, sight.credentials or bool(row.plate)),
        around=await around(services, who, event, found, clocks),
        person=person,
        theirs=theirs(event, found, sight),
        data=data_of(event, bool(row.plate) or is_plate(event), sight),
        causes=await causes(services, who, event, clocks),
        shapes=await shapes(services, who, event),
        address=f"{EVENTS}?event={event.id}",
    )


def facts_of(event: Event, found: Page, row: Row, shows_credential: bool) -> Sequence[tuple[str, str]]:
    """What is known of it, as a list."""
    facts = [
        ("Kind", event.kind.value),
        ("Occurred", row.exact),
        ("In UTC", row.utc),
        ("Received", rfc3339(event.received)),
        ("Device's own clock", "" if event.reported is None else rfc3339(event.reported)),
        ("Device", row.device),
        ("Site", row.site),
        ("Who", row.who),
        ("How", row.how),
        ("Plate", row.plate),
        ("Credential", event.credential or "" if shows_credential else ""),
        ("Tag", event.tag or ""),
        ("Message", event.message or ""),
        ("Listed", "" if event.listed else "no: its type is kept for 0 days"),
        ("Erased", "its personal parts were erased" if event.erased else ""),
        ("Id", str(event.id)),
    ]
    return [(name, text) for name, text in facts if text]


def data_of(event: Event, plate: bool, sight: Sight) -> Any:
    """What the report said beside, to be shown as a tree; None where there is nothing, or too much to read."""
    if event.data is None or len(event.data) > DATA_BYTES or hides_data(event.kind, plate, sight):
        return None
    try:
        return msgspec.json.decode(event.data)
    except msgspec.DecodeError:  # a number beyond what can be held: the API's own JSON shows it as it was sent
        return None


async def around(
    services: Services, who: Principal, event: Event, found: Page, clocks: Clocks
) -> Sequence[tuple[Row, bool]]:
    """What came just after and before at the same device."""
    place = found.places.get(event.stream)
    if place is None or place.device is None:
        return ()
    here, at = one_of(Field.DEVICE, [place.device]), Position(event.occurred, event.seq)

    async def beside(descending: bool) -> Page:
        return await services.history.page(who, here, limit=BESIDE, after=at, descending=descending, with_total=False)

    later, earlier = await beside(False), await beside(True)
    after = [(row, False) for row in reversed(rows_of(later, who, clocks))]
    before = [(row, False) for row in rows_of(earlier, who, clocks)]
    return [*after, (row_of(event, found, sight_of(who), clocks), True), *before]


def theirs(event: Event, found: Page, sight: Sight) -> str:
    """Where the same person's events are listed, for who may look for people; empty where there is nobody.

    A link and no list: whoever follows somebody does so on purpose, and it is on record.
    """
    person = None if event.person is None else found.people.get(event.person)
    return View(q=f"person={person.id}").address() if person is not None and sight.people else ""


async def causes(services: Services, who: Principal, event: Event, clocks: Clocks) -> Sequence[tuple[Row, str]]:
    """What led to it, the nearest first, as far as the reader may see."""
    chain: list[tuple[Row, str]] = []
    while event.cause is not None and len(chain) < CAUSES:
        try:
            found = await services.history.event(who, event.cause)
        except NotFound:
            break
        [event] = found.events
        chain.append((row_of(event, found, sight_of(who), clocks), f"{EVENTS}?event={event.id}"))
    return chain
