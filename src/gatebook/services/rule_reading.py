"""Reads a rule's form: its conditions into filters, its hours into a schedule, and the rights that it needs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import tzinfo
from typing import Final
from uuid import UUID

from gatebook.domain.access import Scope
from gatebook.domain.errors import BadInput
from gatebook.domain.filters import AnyOf, Field, Filter, fields_of
from gatebook.domain.grammar import parse_filter
from gatebook.domain.properties import PROPERTIES
from gatebook.domain.rules import GroupBy, Rule
from gatebook.domain.schedules import Hours, Schedule, date_of, hours_of, weekdays_of
from gatebook.domain.times import SECOND_NS
from gatebook.domain.windows import Pattern, Shape
from gatebook.services.rule_forms import Action, Between, Body, ScheduleForm, Weekly, When
from gatebook.services.views import NEEDS

ACTIONS: Final = {
    "alarm": Scope.ALARMS_MANAGE,
    "event": Scope.EVENTS_WRITE,
    "command": Scope.DEVICES_COMMAND,
    "webhook": Scope.ADMIN,
    "email": Scope.ADMIN,
    "note": Scope.ALARMS_MANAGE,
}
"""What each action needs; what leaves the house needs an administrator."""


def rule_of(body: Body, id: UUID, revision: int, zone: tzinfo) -> Rule:
    """The rule, ready to be evaluated; `zone` is for times without an offset.  BadInput names the field."""
    steps, pattern = ((), Pattern()) if by_clock(body) else steps_of(body, zone)
    for number, action in enumerate(body.actions):
        name_of(action, number)
    return Rule(
        id=id,
        revision=revision,
        steps=steps,
        pattern=pattern,
        schedule=None if body.schedule is None else schedule_of(body.schedule),
        by=body.by,
        quiet_ns=round(body.quiet_s * SECOND_NS),
        at=body.at,
        clear=clear_of(body, zone),
    )


def by_clock(body: Body) -> bool:
    """Whether it fires by the clock alone; BadInput for what would look at events besides."""
    if body.at is None:
        return False
    if body.schedule is None:
        raise BadInput("at", "is given without a schedule", "give the hours that begin and end")
    for name in ("when", "count", "sequence", "absence"):
        if getattr(body, name):
            raise BadInput(
                name, "is given beside at", f"a rule that fires by the clock looks at no event: leave {name} empty"
            )
    if body.by is not GroupBy.NOTHING or body.quiet_s:
        raise BadInput("by" if body.quiet_s == 0 else "quiet_s", "is given beside at", "leave it out")
    return True


def steps_of(body: Body, zone: tzinfo) -> tuple[tuple[Filter, ...], Pattern]:
    """The conditions of each step, and what they wait for."""
    first = filter_of(body.when, zone, "when")
    late = round(body.lateness_s * SECOND_NS)
    given = [name for name in ("count", "sequence", "absence") if getattr(body, name) is not None]
    if len(given) > 1:
        raise BadInput(given[1], f"is given beside {given[0]}", "give one of count, sequence and absence")
    if body.count is not None:
        within = round(body.count.within_s * SECOND_NS)
        return (first,), Pattern(shape=Shape.COUNT, times=body.count.times, within_ns=within, lateness_ns=late)
    if body.sequence is not None:
        then = [filter_of(one, zone, f"sequence.then[{n}]") for n, one in enumerate(body.sequence.then)]
        within = round(body.sequence.within_s * SECOND_NS)
        steps = (first, *then)
        return steps, Pattern(shape=Shape.SEQUENCE, steps=len(steps), within_ns=within, lateness_ns=late)
    if body.absence is not None:
        within = round(body.absence.within_s * SECOND_NS)
        absent = filter_of(body.absence.of, zone, "absence.of")
        return (first, absent), Pattern(shape=Shape.ABSENCE, steps=2, within_ns=within, lateness_ns=late)
    return (first,), Pattern()


def filter_of(when: When, zone: tzinfo, field: str) -> Filter:
    """One object of conditions, or any of several."""
    if isinstance(when, dict):
        return _conditions(when.items(), zone, field)
    return AnyOf(tuple(_conditions(one.items(), zone, f"{field}[{n}]") for n, one in enumerate(when)))


def clear_of(body: Body, zone: tzinfo) -> Filter | None:
    """What clears the alarms that the rule raises; one condition for all of them."""
    wanted = [filter_of(action.alarm.clear, zone, f"actions[{n}].alarm.clear")
              for n, action in enumerate(body.actions)
              if action.alarm is not None and action.alarm.clear is not None]  # fmt: skip
    return None if not wanted else wanted[0] if len(wanted) == 1 else AnyOf(tuple(wanted))


def needed(rule: Rule, actions: Iterable[Action]) -> frozenset[Scope]:
    """The scopes without which its author cannot have it act."""
    scopes = {Scope.EVENTS_READ} | {NEEDS[field] for field in looked_at(rule) if field in NEEDS}
    if rule.by is GroupBy.PERSON:
        scopes.add(Scope.PEOPLE_READ)
    return frozenset(scopes | {ACTIONS[name_of(action, 0)] for action in actions})


def looked_at(rule: Rule) -> frozenset[Field]:
    """The fields of events that it looks at."""
    wanted = [*rule.steps, *([] if rule.clear is None else [rule.clear])]
    return frozenset().union(*map(fields_of, wanted))


def name_of(action: Action, number: int) -> str:
    """What an action does, by the name of the one field that it has."""
    given = [name for name in ACTIONS if getattr(action, name) is not None]
    if len(given) != 1:
        raise BadInput(f"actions[{number}]", f"gives {len(given)} actions", f"give one of {', '.join(ACTIONS)}")
    return given[0]


def schedule_of(form: ScheduleForm) -> Schedule:
    """When the rule looks."""
    week: dict[int, tuple[Hours, ...]] = {}
    for number, one in enumerate(form.week):
        field = f"schedule.week[{number}]"
        for day in weekdays_of(one.days, f"{field}.days") or range(7):
            week[day] = (*week.get(day, ()), _hours(one, field))
    return Schedule(
        week=week,
        holidays=frozenset(date_of(text, "schedule.holidays") for text in form.holidays),
        on_holidays=_all_hours(form.on_holidays, "schedule.on_holidays"),
        exceptions={
            date_of(one.date, f"schedule.exceptions[{n}].date"): _all_hours(one.hours, f"schedule.exceptions[{n}]")
            for n, one in enumerate(form.exceptions)
        },
        outside=form.outside,
    )


def _all_hours(hours: Sequence[Between], field: str) -> tuple[Hours, ...]:
    return tuple(_hours(one, f"{field}[{n}]") for n, one in enumerate(hours))


def _hours(one: Between | Weekly, field: str) -> Hours:
    return hours_of(one.since, one.to, field)


def _conditions(pairs: Iterable[tuple[str, str]], zone: tzinfo, field: str) -> Filter:
    try:
        return parse_filter(pairs, PROPERTIES, zone)
    except BadInput as error:
        raise BadInput(f"{field}.{error.field}", error.fault, error.remedy) from error
