"""Rows as a page shows them: the reader's clock, what happened in words, and only what the reader may see."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

from gatebook.domain.access import Principal
from gatebook.domain.admits import Place, plate_of
from gatebook.domain.events import Event
from gatebook.domain.filters import PLATE_KINDS, PLATE_METHOD
from gatebook.domain.sentences import METHODS, deed_of, weight_of
from gatebook.domain.times import MINUTE_NS, SECOND_NS, rfc3339, with_offset
from gatebook.services import Services
from gatebook.services.views import View, view_of
from gatebook.store.contract import Page

LATE_NS = MINUTE_NS
"""A report is called late from here on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One event in the table."""

    id: str
    day: str
    """The site's date, such as `Friday 29 May 2026`."""
    clock: str
    """The site's time to the second."""
    offset: str
    """How far the site's clock is from UTC, where it is another than the organisation's; else empty."""
    exact: str
    """With milliseconds and the offset."""
    utc: str
    device: str
    site: str
    what: str
    who: str
    how: str
    plate: str
    weight: str
    note: str
    """`late 3 min`, `clock ahead`, or nothing."""
    mark: str
    """What the mark says to who cannot see it."""


class Clocks:
    """Which clock an event is told by: its site's, else the organisation's."""

    def __init__(self, local: tzinfo, zones: Mapping[int, str]) -> None:
        """`zones`: IANA names by number of site."""
        self._local = local
        self._zones = {number: ZoneInfo(name) for number, name in zones.items()}

    def of(self, place: Place | None) -> tzinfo:
        """The zone of a place."""
        if place is None or place.site is None:
            return self._local
        return self._zones.get(place.site, self._local)

    def is_local(self, zone: tzinfo, moment: datetime) -> bool:
        """Whether that clock shows the same at this moment as the organisation's."""
        return zone is self._local or moment.utcoffset() == moment.astimezone(self._local).utcoffset()


async def clocks_of(services: Services, who: Principal) -> Clocks:
    """The clocks of every site that a row may name."""
    local = await services.directory.zone(who)
    devices = await services.directory.devices(who, limit=10_000) if not who.grant.everything else ()
    sites = {site.number: site.zone for site in await services.directory.sites(who)}
    if devices:
        sites |= {number: site.zone for number, site in (await services.directory.sites_of(who, devices)).items()}
    return Clocks(local, sites)


def rows_of(page: Page, who: Principal, clocks: Clocks) -> Sequence[Row]:
    """The page's events as rows."""
    view = view_of(who)
    return [row_of(event, page, view, clocks) for event in page.events]


def row_of(event: Event, page: Page, view: View, clocks: Clocks) -> Row:
    """One event as its reader may see it."""
    place = page.places.get(event.stream)
    zone = clocks.of(place)
    seconds = event.occurred // SECOND_NS
    local = datetime.fromtimestamp(seconds, UTC).astimezone(zone)
    person = name_of(event, page) if view.people else None
    weight = weight_of(event)
    return Row(
        id=str(event.id),
        day=f"{local:%A} {local.day} {local:%B %Y}",
        clock=f"{local:%H:%M:%S}",
        offset="" if clocks.is_local(zone, local) else rfc_offset(local),
        exact=with_offset(event.occurred, zone, 3),
        utc=rfc3339(event.occurred),
        device="" if place is None or place.device_name is None else place.device_name,
        site="" if place is None or place.site_name is None else place.site_name,
        what=deed_of(event),
        who=person or "",
        how="" if event.method is None else METHODS[event.method].removeprefix("by "),
        plate=(plate_of(event) or "") if is_plate(event) and view.plates else "",
        weight=weight.value,
        note=note_of(event),
        mark={"denied": "refused: ", "trouble": "trouble: ", "alarm": "alarm: "}.get(weight.value, ""),
    )


def is_plate(event: Event) -> bool:
    """Whether it tells of a car by its plate."""
    return event.kind in PLATE_KINDS or event.method is PLATE_METHOD


def rfc_offset(moment: datetime) -> str:
    """`+05:45`."""
    text = f"{moment:%z}"
    return f"{text[:3]}:{text[3:5]}"


def name_of(event: Event, page: Page) -> str | None:
    """The person's name as it was shown that day, else as it is now."""
    if event.person_name is not None:
        return event.person_name
    known = None if event.person is None else page.people.get(event.person)
    return None if known is None else known.name


def note_of(event: Event) -> str:
    """What is odd about its time."""
    if event.reported is not None:
        return f"clock ahead by {span(event.reported - event.received)}"
    late = event.received - event.occurred
    return f"late {span(late)}" if late >= LATE_NS else ""


def span(ns: int) -> str:
    """A length of time in its largest unit: `3 min`, `2 h`, `4 d`."""
    seconds = ns // SECOND_NS
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"
