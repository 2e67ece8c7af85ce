"""`/console/events`: what happened, newest on top; a search, a histogram, and one event beside the list."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import groupby
from typing import Final
from uuid import UUID

from gatebook.console.drawings.histogram import Bar, Histogram, histogram
from gatebook.console.frame import page, session_of
from gatebook.console.pages.panel import panel
from gatebook.console.shapes import Shapes
from gatebook.console.view import Group, View, Wanted, group_of, view_of, wanted_of
from gatebook.console.words import Clocks, Row, clocks_of, rows_of
from gatebook.domain.access import Principal
from gatebook.domain.errors import BadInput, Forbidden
from gatebook.domain.filters import EVERY, During, Field, all_of
from gatebook.domain.kinds import Kind
from gatebook.domain.times import DAY_NS, SECOND_NS, Instant, rfc3339
from gatebook.http import Request, Response
from gatebook.http.cursors import Binding, Cursors, LogCursor
from gatebook.services import Services
from gatebook.services.counts import When
from gatebook.store.contract import Page, Total

GROUPS: Final = {
    Group.PASSAGE: "Passages",
    Group.OTHER: "All else",
    Group.DENIED: "Refused",
    Group.TROUBLE: "Trouble",
}
"""From the bottom of a bar to its top."""


def live_binding(who: Principal) -> Binding:
    """What the cursor of a page's feed is good for."""
    return Binding("console", who.organisation, principal=who.id)


def live_cursor(services: Services, who: Principal, seq: int) -> str:
    """Where the page's feed goes on, which says nothing to who reads it."""
    return Cursors(services.cursor_key).seal(LogCursor(seq), live_binding(who))


async def history_page(request: Request, services: Services, shapes: Shapes) -> Response:
    """The whole page."""
    session = session_of(request)
    who, view = session.principal, view_of(request)
    now = services.now()
    zone = await services.directory.zone(who)
    try:
        wanted = wanted_of(view, who, zone, now)
    except (BadInput, Forbidden) as error:  # said beside the box, in which the question still stands
        told = {"view": view, "groups": GROUPS, "fault": error.message}
        return page(request, "pages/refused.html", error.status, session=session, here="events", **told)
    found = await services.history.page(who, wanted.filter, limit=view.rows, offset=(view.page - 1) * view.rows)
    whole = await services.history.total(who) if view.q or view.show or wanted.bounded else found.total
    clocks = await clocks_of(services, who)
    made = datetime.fromtimestamp(now // SECOND_NS, UTC).astimezone(zone)
    return page(
        request,
        "pages/history.html",
        session=session,
        here="events",
        view=view,
        groups=GROUPS,
        days=days_of(rows_of(found, who, clocks)),
        foot=foot_of(view, found, whole),
        pages=neighbours(view, found),
        drawn=await drawn(services, who, view, wanted, now),
        panel=None if view.event is None else await panel(services, who, view, clocks, shapes),
        after=live_cursor(services, who, found.ceiling) if view.is_live else "",
        newest=None if found.events else await newest(services, who, clocks),
        as_of=rfc3339(now, 0),
        made=f"{made:%H:%M:%S}",
    )


async def panel_part(request: Request, services: Services, shapes: Shapes, id_: UUID) -> Response:
    """The panel alone, for a page that is there already."""
    session = session_of(request)
    view = view_of(request)
    clocks = await clocks_of(services, session.principal)
    found = await panel(services, session.principal, View(event=id_), clocks, shapes)
    return page(request, "parts/panel.html", session=session, panel=found, view=view)


async def chart_part(request: Request, services: Services) -> Response:
    """The histogram alone."""
    session = session_of(request)
    who, view, now = session.principal, view_of(request), services.now()
    wanted = wanted_of(view, who, await services.directory.zone(who), now)
    drawing = await drawn(services, who, view, wanted, now)
    return page(request, "parts/chart.html", session=session, drawn=drawing, view=view, groups=GROUPS)


async def newest(services: Services, who: Principal, clocks: Clocks) -> Row | None:
    """The newest event of all, for a page that has none to show; None where there is none."""
    found = await services.history.page(who, EVERY, limit=1, with_total=False)
    return next(iter(rows_of(found, who, clocks)), None)


def days_of(rows: Sequence[Row]) -> list[tuple[str, list[Row]]]:
    """The rows under their dates."""
    return [(day, list(found)) for day, found in groupby(rows, key=lambda row: row.day)]


def foot_of(view: View, found: Page, whole: Total | None) -> str:
    """How much there is, in words."""
    total = found.total
    if total is None:
        return f"{len(found.events):,} events"
    if view.page == 1 and not found.more:  # all of them are here, however far was counted
        total = Total(len(found.events), exact=True)
    least = "" if total.exact else "at least "
    if whole is None or whole.n == total.n:
        return f"{least}{total.n:,} event{'' if total.n == 1 else 's'}"
    return f"{least}{total.n:,} of {whole.n:,} events"


def neighbours(view: View, found: Page) -> dict[str, str]:
    """The pages beside this one."""
    links = {}
    if view.page > 1:
        links["Newer"] = view.address(page=view.page - 1, event=None)
    if found.more:
        links["Older"] = view.address(page=view.page + 1, event=None)
    return links


async def drawn(services: Services, who: Principal, view: View, wanted: Wanted, now: Instant) -> Histogram:
    """The histogram of what the page asks for, over its time."""
    zone = await services.directory.zone(who)
    length = wanted.window.until - wanted.window.since
    by: When = "hour" if length <= 10 * DAY_NS else "day" if length <= 800 * DAY_NS else "month"
    question = all_of(wanted.filter, During(Field.OCCURRED, wanted.window))
    counted = await services.counts.bars(who, question, by=(by, "kind"), zone=zone)
    tallies: dict[Instant, dict[str, int]] = {}
    for one in counted.counts:
        if one.window is not None and isinstance(one.value, Kind):
            bar = tallies.setdefault(one.window.since, {})
            group = group_of(one.value)
            bar[group] = bar.get(group, 0) + one.n
    bars = []
    for window in counted.bars:
        local = datetime.fromtimestamp(window.since // SECOND_NS, UTC).astimezone(zone)
        counts = tallies.get(window.since, {})
        since, until = rfc3339(window.since, 0), rfc3339(Instant(window.until - SECOND_NS), 0)
        said = f"{local:%a} {local.day} {local:%b}" + (f", {local:%H:%M}" if by == "hour" else "")
        midnight = by != "hour" or local.hour == 0
        bars.append(
            Bar(
                counts=counts,
                address=view.address(since=since, to=until),
                since=since,
                until=until,
                name=f"{said}: {named(counts)}",
                label=(f"{local.day} {local:%b}" if by != "month" else f"{local:%b %Y}") if midnight else "",
            )
        )
    return histogram(bars, list(GROUPS), scale=view.scale)


def named(counts: dict[str, int]) -> str:
    """What a bar counts, in words."""
    said = [f"{counts[group]:,} {GROUPS[group].lower()}" for group in GROUPS if counts.get(group)]
    return ", ".join(said) or "nothing"
