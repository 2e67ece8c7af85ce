"""`/console/alarms`: what needs somebody, the most urgent first, and the forms by which it is worked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from gatebook.console.frame import go, page, posted, session_of
from gatebook.console.pages.history import live_cursor
from gatebook.console.pages.operation import operation
from gatebook.console.view import whole
from gatebook.console.words import span
from gatebook.domain.access import Principal, Scope
from gatebook.domain.alarms import NEXT, Act, AlarmState, Assignee, CloseReason
from gatebook.domain.errors import BadInput, NotFound
from gatebook.domain.times import SECOND_NS, Instant, rfc3339, with_offset
from gatebook.http import Request, Response
from gatebook.http.dialect import Operation
from gatebook.http.wire import pairs_of, raw_query
from gatebook.services import Services
from gatebook.services.alarms import AlarmsAsked, ShownAlarm
from gatebook.services.raising import StepTold

ALARMS: Final = "/console/alarms"
ROWS: Final = 100
OPEN: Final = frozenset({AlarmState.NEW, AlarmState.IN_PROGRESS, AlarmState.ON_HOLD})
STATES: Final = {
    AlarmState.NEW: "New",
    AlarmState.IN_PROGRESS: "In progress",
    AlarmState.ON_HOLD: "On hold",
    AlarmState.CLOSED: "Closed",
}
DEEDS: Final = {
    AlarmState.IN_PROGRESS: "Go on",
    AlarmState.ON_HOLD: "Put on hold",
    AlarmState.CLOSED: "Close",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmRow:
    """One alarm in the list."""

    id: str
    number: int
    name: str
    message: str
    state: str
    priority: str
    letter: str
    device: str
    site: str
    since: str
    exact: str
    age: str
    count: int
    holder: str
    note: str
    moves: Sequence[tuple[str, str]]
    """State and button of what may follow."""


def operations(services: Services) -> Sequence[Operation]:
    """The list, one alarm, and what its forms do."""

    async def listed(request: Request) -> Response:
        session = session_of(request)
        told = dict(pairs_of(raw_query(request)))
        state, number = told.get("state", "open"), whole("page", told.get("page"), 1, 10**6)
        if state not in ("open", *AlarmState):
            raise BadInput("state", f"got {state[:40]!r}", f"expected open or one of {', '.join(AlarmState)}")
        wanted = OPEN if state == "open" else frozenset({AlarmState(state)})
        order = "newest" if state == AlarmState.CLOSED else "urgency"
        asked = AlarmsAsked(states=wanted, order=order, limit=ROWS + 1, offset=(number - 1) * ROWS)
        found = await services.alarms.list(session.principal, asked)
        counts: dict[str, int] = {}
        for (one, _priority), n in (await services.alarms.counted(session.principal)).items():
            counts[one] = counts.get(one, 0) + n
        zone, now = await services.directory.zone(session.principal), services.now()
        return page(
            request,
            "pages/alarms.html",
            session=session,
            here="alarms",
            rows=[row_of(one, zone, now) for one in found[:ROWS]],
            states=STATES,
            counts=counts,
            state=state,
            number=number,
            more=len(found) > ROWS,
            may=session.principal.may(Scope.ALARMS_MANAGE),
            after=await live_after(services, session.principal),
        )

    async def one(request: Request) -> Response:
        session = session_of(request)
        found, steps = await services.alarms.steps(session.principal, id_of(request))
        zone, now = await services.directory.zone(session.principal), services.now()
        told = [
            (with_offset(step.received, zone, 0), msgspec.json.decode(step.data or b"{}", type=StepTold), step.message)
            for step in steps
        ]
        return page(
            request,
            "pages/alarm.html",
            session=session,
            here="alarms",
            row=row_of(found, zone, now),
            alarm=found.alarm,
            cause=found.cause_id,
            steps=told,
            reasons=list(CloseReason),
            may=session.principal.may(Scope.ALARMS_MANAGE),
        )

    async def acted(request: Request) -> Response:
        fields, session = (await posted(request)).fields, session_of(request)
        act = act_of(fields, session.principal)
        expected = whole("revision", fields.get("revision"), 0, 10**9) or None
        await services.alarms.act(session.principal, id_of(request), act, expected=expected)
        back = fields.get("back", "")
        return go(ALARMS if back == "list" else f"{ALARMS}/{request.path_params['id']}")

    return (
        operation("GET", ALARMS, listed, "Alarms, the most urgent first", cost=4.0),
        operation("GET", f"{ALARMS}/{{id}}", one, "One alarm and all that was done with it"),
        operation("POST", f"{ALARMS}/{{id}}", acted, "Take it, comment on it, put it on hold, close it"),
    )


async def live_after(services: Services, who: Principal) -> str:
    """Where the page's feed begins; nothing for who may not read events."""
    return live_cursor(services, who, await services.history.head(who)) if who.may(Scope.EVENTS_READ) else ""


def id_of(request: Request) -> UUID:
    """The alarm that the path names."""
    try:
        return UUID(request.path_params["id"])
    except ValueError as error:
        raise NotFound("no such alarm") from error


def act_of(fields: dict[str, str], who: Principal) -> Act:
    """What a form asks for."""
    try:
        state = AlarmState(fields["state"]) if fields.get("state") else None
        closing = state is AlarmState.CLOSED
        reason = CloseReason(fields["reason"]) if closing and fields.get("reason") else None
    except ValueError as error:
        raise BadInput("state or reason", "is not known here", f"give one of {', '.join(AlarmState)}") from error
    taker = Assignee(id=who.id, name=who.name) if fields.get("take") else None
    return Act(state=state, reason=reason, assignee=taker, comment=fields.get("comment", "").strip() or None)


def row_of(found: ShownAlarm, local: ZoneInfo, now: Instant) -> AlarmRow:
    """An alarm as its row shows it, by the clock of its site."""
    alarm = found.alarm
    zone = local if found.zone is None else ZoneInfo(found.zone)
    told = datetime.fromtimestamp(alarm.raised // SECOND_NS, UTC).astimezone(zone)
    notes = []
    if alarm.needs_clearing and alarm.is_open:
        notes.append("cleared" if alarm.cleared is not None else "not cleared yet")
    if alarm.escalated is not None:
        notes.append("was not taken in time")
    return AlarmRow(
        id=str(alarm.id),
        number=alarm.number,
        name=alarm.name,
        message=alarm.message or "",
        state=STATES[alarm.state],
        priority=alarm.priority.value,
        letter=alarm.priority.letter,
        device=found.device_name or "",
        site=found.site_name or "",
        since=f"{told.day} {told:%b %H:%M:%S}",
        exact=rfc3339(alarm.raised),
        age=span(now - alarm.raised),
        count=alarm.count,
        holder="" if alarm.assignee is None else alarm.assignee.name,
        note=", ".join(notes),
        moves=[(state.value, DEEDS[state]) for state in AlarmState if state in NEXT[alarm.state]],
    )
