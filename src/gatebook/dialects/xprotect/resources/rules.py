"""`rules`: read into rules that fire like any other, and told as they were made.

Source: Configuration API OpenAPI 2025 R2, rules; for the members that are parameters MilestonePSTools, New-VmsRule.
Assumed: that over REST their names begin with a lower-case letter; any letter case is taken.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

import msgspec

from gatebook.dialects.xprotect.resources import profile_hours
from gatebook.dialects.xprotect.resources.filters import guid
from gatebook.dialects.xprotect.resources.portrayed import found
from gatebook.dialects.xprotect.resources.resource import Resource
from gatebook.dialects.xprotect.resources.rule_conditions import paths_of, placed, types_of, user_event
from gatebook.dialects.xprotect.resources.rule_shapes import Member, RuleForm, RuleItem
from gatebook.dialects.xprotect.resources.time_profiles import hours_in
from gatebook.dialects.xprotect.words.members import names_of
from gatebook.dialects.xprotect.words.shapes import placed as standing
from gatebook.dialects.xprotect.words.shapes import printed
from gatebook.domain.access import Principal
from gatebook.domain.errors import BadInput, NotFound
from gatebook.domain.excerpts import excerpt
from gatebook.domain.rules import Boundary
from gatebook.services import Services
from gatebook.services.rule_forms import Action, EventAction, NewRule, NoteAction, ScheduleForm, WebhookAction
from gatebook.services.rule_portrayals import Portrayed, Telling

NAME: Final = "rules"
Told = Mapping[str, object]
"""Members of a body, by lower-case names."""
NOTE, TRIGGER = "CreateLogEntry", "TriggerEventOnRemoteSite"
WEBHOOK: Final = "MIPAction:e4852d57-f44e-4514-950b-15ed63908266"
ACTIONS: Final = (NOTE, TRIGGER, WEBHOOK)
"""Source: Configuration API OpenAPI 2025 R2, startActions; for the webhook the action's id in the Webhooks add-on."""
FLAGS: Final = (
    "always", "withinTimeProfile", "outsideTimeProfile", "timeOfDayBetween", "daysOfWeek", "failoverActive",
    "failoverInactive",
)  # fmt: skip
FIELDS: Final = frozenset(RuleItem.__struct_encode_fields__) | {"relations", "displayName"}
MEMBERS: Final = names_of(RuleItem, RuleForm)


class Incomplete(BadInput):
    """Something is still to be said: `params` has what there is, and what is missing with no value."""

    params: Mapping[str, Member] = {}


def incomplete(params: Mapping[str, Member], *missing: str) -> Incomplete:
    """The refusal that asks for what is missing."""
    fault = Incomplete(missing[0], "Bad request: parameters missing", f"give {', '.join(missing)}")
    fault.params = {**params, **dict.fromkeys(missing, "")}
    return fault


async def every(services: Services, who: Principal, disabled: bool) -> Sequence[RuleItem]:
    """Those that were made here and that the principal sees; disabled ones where they are asked for."""
    found = await services.portrayals.list(who, NAME)
    return [item_of(one) for one in found if disabled or one.enabled]


async def one(services: Services, who: Principal, id: UUID) -> RuleItem:
    """The one of this id."""
    return item_of(await found(services, who, NAME, id))


def item_of(one: Portrayed) -> RuleItem:
    """A rule as clients read it."""
    told = msgspec.json.decode(one.portrayal.told, type=dict[str, Member])
    own: dict[str, object] = {name: told.pop(name) for name in list(told) if name in FIELDS}
    about = {**own, "id": str(one.portrayal.id), "name": one.portrayal.name, "displayName": one.portrayal.name}
    about |= {"enabled": one.enabled, "lastModified": printed(one.portrayal.modified)}
    about |= {"relations": standing(NAME, one.portrayal.id), "members": told}
    return msgspec.convert(about, RuleItem)


async def telling_of(services: Services, who: Principal, given: Mapping[str, object], _id: UUID) -> Telling:
    """What the body says, and the rules that do it; BadInput, or Incomplete, names what cannot be done."""
    told = {name.lower(): value for name, value in given.items()}
    members = kept(given)
    name, enabled = text_of(told, "name") or "", truth(told, "enabled", default=True)
    if not name:
        raise incomplete(members, "name")
    start = word(told, "startRuleType", ("Event", "TimeInterval"), members)
    hours, schedule = await _hours(services, who, told)
    rules = []
    for prefix, rule_type in (("start", start), ("stop", _stop(told, start))):
        actions = await _actions(services, who, told, prefix, members)
        if rule_type == "None":
            if actions:
                raise BadInput("stopActions", "are given, and stopRuleType is None", "give Event or TimeInterval")
            continue
        own_name = name if prefix == "start" else f"{name[:190]} (stop)"
        if not actions and prefix == "start":
            raise incomplete(members, "startActions")
        form = NewRule(name=own_name, enabled=enabled, when={}, schedule=schedule, actions=tuple(actions))
        if rule_type == "TimeInterval":
            if schedule is None:
                raise BadInput("always", "has no beginning and no end", "give a time profile, times or days")
            boundary = Boundary.BEGIN if prefix == "start" else Boundary.END
            rules.append(msgspec.structs.replace(form, at=boundary))
        else:
            rules.append(msgspec.structs.replace(form, when=await _when(services, who, told, prefix, members)))
    return Telling(collection=NAME, name=name, told=msgspec.json.encode(members).decode(), rules=rules, hours=hours)


def _stop(told: Told, start: str) -> str:
    stop = word(told, "stopRuleType", ("None", "Event", "TimeInterval"), {}, default="None")
    if (stop == "TimeInterval") is not (start == "TimeInterval") and stop != "None":
        raise BadInput("stopRuleType", f"is {stop}, and startRuleType is {start}", "an interval ends as it begins")
    return "None" if stop == "TimeInterval" and not text_of(told, "stopActions") else stop


async def _when(
    services: Services, who: Principal, told: Told, prefix: str, members: Mapping[str, Member]
) -> dict[str, str] | list[dict[str, str]]:
    type_, sources = f"{prefix}EventType", f"{prefix}EventSources"
    text = text_of(told, type_)
    if not text:
        raise incomplete(members, type_)
    types = await types_of(services, who, type_, guid(type_, text), None)
    return await placed(services, who, sources, types, paths_of(sources, told.get(sources.lower())))


async def _hours(services: Services, who: Principal, told: Told) -> tuple[UUID | None, ScheduleForm | None]:
    """The conditions on time: one of them, or none."""
    for flag in ("failoverActive", "failoverInactive"):
        if truth(told, flag):
            raise BadInput(flag, "is not spoken here", "leave it false")
    given = [flag for flag in FLAGS[1:5] if truth(told, flag)]
    if len(given) > 1:
        raise BadInput(given[1], f"is given beside {given[0]}", "give one condition on time")
    if not given:
        return None, None
    match given[0]:
        case "timeOfDayBetween":
            start, end = (told.get(f"timeofdaybetween.{one}") for one in ("starttime", "endtime"))
            return None, profile_hours.between(start, end)
        case "daysOfWeek":
            return None, profile_hours.on_days(told.get("daysofweek.days"))
    name = f"{given[0]}.TimeProfile"
    paths = paths_of(name, told.get(name.lower()))
    if len(paths) != 1:
        raise BadInput(name, "is not one time profile", "give one such as timeProfiles/{GUID}")
    schedule = await hours_in(services, who, name, UUID(paths[0].id))
    outside = given[0] == "outsideTimeProfile"
    return UUID(paths[0].id), msgspec.structs.replace(schedule, outside=outside)


async def _actions(
    services: Services, who: Principal, told: Told, prefix: str, members: Mapping[str, Member]
) -> list[Action]:
    named = f"{prefix}Actions"
    known = {one.lower(): one for one in ACTIONS}
    made = []
    for text in (part.strip() for part in (text_of(told, named) or "").split(";")):
        action = known.get(text.lower())
        if text and action is None:
            told_ones = ", ".join(ACTIONS)
            raise BadInput(named, f"{excerpt(text)} is not spoken here", f"expected some of {told_ones}")
        if action is not None:
            made.append(await _action(services, who, action, _parameters(told, f"{prefix}.{action}."), named, members))
    return made


async def _action(
    services: Services, who: Principal, action: str, parameters: Mapping[str, str], named: str,
    members: Mapping[str, Member],
) -> Action:  # fmt: skip
    prefix = f"{named.removesuffix('Actions')}.{action}"
    given = next((value for value in parameters.values() if value.strip()), None)
    if action == NOTE:
        return Action(note=NoteAction(text=(parameters.get("text") or text_of(members, "name") or "rule")[:4_096]))
    if action == TRIGGER:
        if given is None:
            raise incomplete(members, f"{prefix}.Event")
        guids = [value for value in parameters.values() if value.strip()]
        id_ = await user_event(services, who, f"{prefix}.Event", guids[-1])
        return Action(event=EventAction(type=id_, device=str(id_)))
    return Action(webhook=WebhookAction(webhook=await _webhook(services, who, f"{prefix}.Webhook", given, members)))


async def _webhook(
    services: Services, who: Principal, name: str, given: str | None, members: Mapping[str, Member]
) -> UUID:
    """The webhook of this id or name; where none is named and there is but one of the format, that one."""
    if given is not None:
        try:
            return (await services.webhooks.get(who, given.strip())).id
        except NotFound:
            raise BadInput(name, f"{excerpt(given)} is no webhook", "give the id or the name of one") from None
    own = [one for one in await services.webhooks.list(who, limit=1_000) if one.format == "xprotect"]
    if len(own) != 1:
        raise incomplete(members, name)
    return own[0].id


def _parameters(told: Told, prefix: str) -> Mapping[str, str]:
    start = prefix.lower()
    return {name.removeprefix(start): str(value or "") for name, value in told.items() if name.startswith(start)}


def kept(given: Mapping[str, object]) -> dict[str, Member]:
    """What is told again: the members that say something, as they were given, their first letter in lower case."""
    found: dict[str, Member] = {}
    for name, value in given.items():
        if name in ("id", "name", "displayName", "relations", "lastModified", "enabled", "state", "path"):
            continue
        spelled = MEMBERS.get(name.lower(), name[:1].lower() + name[1:])
        if spelled in FLAGS:
            found[spelled] = truth({spelled.lower(): value}, spelled)
        elif isinstance(value, str | int | float | bool):
            found[spelled] = value if isinstance(value, str) else str(value)
        elif isinstance(value, list | tuple | dict):
            found[spelled] = ";".join(f"{path.type}/{path.id}".lstrip("/") for path in paths_of(spelled, value))
    if not any(found.get(flag) for flag in FLAGS[1:]):
        found["always"] = True
    return {**found, "startRuleType": found.get("startRuleType") or "", "startActions": found.get("startActions") or ""}


def text_of(told: Told, name: str) -> str | None:
    """A member that is text; None where it is not there."""
    value = told.get(name.lower(), told.get(name))
    return None if value is None else str(value).strip()


def truth(told: Told, name: str, *, default: bool = False) -> bool:
    """A boolean, or `"True"`.  Source: the vendor's sample RestfulCommunication sends text."""
    value = told.get(name.lower())
    if value is None or value == "":
        return default
    if isinstance(value, bool):
        return value
    if str(value).strip().lower() in ("true", "false"):
        return str(value).strip().lower() == "true"
    raise BadInput(name, f"{excerpt(str(value))} is neither true nor false", "give true or false")


def word(told: Told, name: str, words: Sequence[str], members: Mapping[str, Member], default: str | None = None) -> str:
    """One of the words, in any letter case; BadInput names another."""
    text = text_of(told, name) or default
    if not text:
        raise incomplete(members, name)
    found = next((one for one in words if one.lower() == text.lower()), None)
    if found is None:
        raise BadInput(name, f"{excerpt(text)} is not spoken here", f"expected one of {', '.join(words)}")
    return found


RESOURCE = Resource(
    name=NAME, single="rule", shape=RuleItem, every=every, one=one,
    settable=FIELDS - {"id", "displayName", "lastModified", "relations"},
)  # fmt: skip
