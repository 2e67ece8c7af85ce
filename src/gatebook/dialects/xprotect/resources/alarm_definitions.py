"""`alarmDefinitions`: read into rules that raise alarms, and told as they were made.

Source: Configuration API OpenAPI 2025 R2, alarmDefinitions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

import msgspec

from gatebook.dialects.xprotect.resources import alarm_shapes
from gatebook.dialects.xprotect.resources.alarm_telling import picked
from gatebook.dialects.xprotect.resources.filters import guid
from gatebook.dialects.xprotect.resources.portrayed import found
from gatebook.dialects.xprotect.resources.profile_hours import length_s
from gatebook.dialects.xprotect.resources.resource import Resource
from gatebook.dialects.xprotect.resources.rule_conditions import paths_of, placed, types_of, user_event
from gatebook.dialects.xprotect.resources.rule_shapes import AlarmDefinitionForm, AlarmDefinitionItem
from gatebook.dialects.xprotect.resources.rules import incomplete, text_of, truth, word
from gatebook.dialects.xprotect.resources.time_profiles import hours_in
from gatebook.dialects.xprotect.words.members import names_of
from gatebook.dialects.xprotect.words.shapes import NO_ID, ItemPath, printed
from gatebook.dialects.xprotect.words.shapes import placed as standing
from gatebook.domain.access import Principal
from gatebook.domain.alarms import Priority
from gatebook.domain.errors import BadInput
from gatebook.services import Services
from gatebook.services.rule_forms import Action, AlarmAction, Conditions, EventAction, NewRule, ScheduleForm
from gatebook.services.rule_portrayals import Portrayed, Telling

NAME: Final = "alarmDefinitions"
Told = Mapping[str, object]
MEMBERS: Final = names_of(AlarmDefinitionItem, AlarmDefinitionForm)
PATHS: Final = (
    "sourceList", "enableEventList", "disableEventList", "managementTimeoutEventList", "relatedCameraList",
    "triggerEventlist",
)  # fmt: skip
AS_GIVEN: Final = ("description", "mapType", "relatedMap", "owner", "managementTimeoutTime")
MOST_EVENTS: Final = 6
"""That one definition triggers: a rule does eight things."""


async def every(services: Services, who: Principal, disabled: bool) -> Sequence[AlarmDefinitionItem]:
    """Those that were made here and that the principal sees; disabled ones where they are asked for."""
    return [item_of(one) for one in await services.portrayals.list(who, NAME) if disabled or one.enabled]


async def one(services: Services, who: Principal, id: UUID) -> AlarmDefinitionItem:
    """The one of this id."""
    return item_of(await found(services, who, NAME, id))


def item_of(one: Portrayed) -> AlarmDefinitionItem:
    """An alarm definition as clients read it."""
    own = one.portrayal
    told = msgspec.json.decode(own.told, type=dict[str, object])
    about = {**told, "id": str(own.id), "name": own.name, "displayName": own.name, "enabled": one.enabled}
    about |= {"lastModified": printed(own.modified), "relations": standing(NAME, own.id)}
    return msgspec.convert(about, AlarmDefinitionItem)


async def telling_of(services: Services, who: Principal, given: Mapping[str, object], id: UUID) -> Telling:
    """What the body says, and the rules that do it; BadInput names what cannot be done.

    Where events are to be triggered when nobody takes the alarm in time, a second rule waits for its escalation.
    """
    told = {name.lower(): value for name, value in given.items()}
    name = text_of(told, "name") or ""
    if not name:
        raise incomplete({}, "name")
    group, type_ = (_guid(told, member) for member in ("eventTypeGroup", "eventType"))
    if not group.int and not type_.int:
        raise incomplete({"name": name}, "eventTypeGroup", "eventType")
    paths = {member: paths_of(member, told.get(member.lower())) for member in PATHS}
    types = await types_of(services, who, "eventType" if type_.int else "eventTypeGroup", type_, group)
    hours, schedule = await _hours(services, who, told)
    priority = picked("priority", text_of(told, "priority") or None, alarm_shapes.PRIORITIES) or Priority.MEDIUM
    category = await category_of(services, who, text_of(told, "category") or NO_ID)
    if truth(told, "autoClose"):
        raise BadInput("autoClose", "is not spoken here: which event closes is not recorded", "leave it false")
    limit_s = length_s("managementTimeoutTime", text_of(told, "managementTimeoutTime") or "00:01:00")
    overdue = await _triggers(services, who, "managementTimeoutEventList", paths)
    alarm = AlarmAction(
        name=name, priority=priority, category=category, message=text_of(told, "description") or None,
        escalate_after_s=limit_s if overdue else None,
    )  # fmt: skip
    rule = NewRule(
        name=name, enabled=truth(told, "enabled", default=True),
        when=await placed(services, who, "sourceList", types, paths["sourceList"]), schedule=schedule,
        actions=(Action(alarm=alarm), *await _triggers(services, who, "triggerEventlist", paths)),
    )  # fmt: skip
    rules = [rule]
    if overdue:
        late: Conditions = {"kind": "alarm.changed", "data.act": "escalated", "data.rule": str(id)}
        not_taken = f"{name[:180]} (not taken)"
        rules.append(msgspec.structs.replace(rule, name=not_taken, when=late, schedule=None, actions=overdue))
    kept = {member: value for member in AS_GIVEN if (value := text_of(told, member))}
    about = {
        **kept, "eventTypeGroup": str(group), "eventType": str(type_), "enableRule": "0" if hours is None else "1",
        "timeProfile": ItemPath(type="timeProfiles", id=NO_ID if hours is None else str(hours)),
        "priority": alarm_shapes.PRIORITIES[priority].id, "category": alarm_shapes.category_of(category).id,
        "assignableToAdmins": truth(told, "assignableToAdmins"), **paths,
    }  # fmt: skip
    return Telling(collection=NAME, name=name, told=msgspec.json.encode(about).decode(), rules=rules, hours=hours)


async def _hours(services: Services, who: Principal, told: Told) -> tuple[UUID | None, ScheduleForm | None]:
    when = word(told, "enableRule", ("0", "1", "2", "Always", "TimeProfile", "EventTriggered"), {}, default="0")
    if when in ("0", "Always"):
        return None, None
    if when in ("2", "EventTriggered"):
        raise BadInput("enableRule", "EventTriggered is not spoken here", "expected 0 (Always) or 1 (TimeProfile)")
    paths = paths_of("timeProfile", told.get("timeprofile"))
    if len(paths) != 1:
        raise BadInput("timeProfile", "is not one time profile", "give one such as timeProfiles/{GUID}")
    id_ = UUID(paths[0].id)
    return id_, await hours_in(services, who, "timeProfile", id_)


async def _triggers(
    services: Services, who: Principal, member: str, paths: Mapping[str, Sequence[ItemPath]]
) -> tuple[Action, ...]:
    """The user-defined events that are triggered."""
    if len(paths[member]) > MOST_EVENTS:
        raise BadInput(member, f"has {len(paths[member])} events", f"give at most {MOST_EVENTS}")
    ids = [
        await user_event(services, who, member, f"{one.type or 'userDefinedEvents'}/{one.id}") for one in paths[member]
    ]
    return tuple(Action(event=EventAction(type=id_, device=str(id_))) for id_ in ids)


async def category_of(services: Services, who: Principal, text: str) -> str:
    """A category by its id, or by its name; BadInput for an id that no category has."""
    if text == NO_ID:
        return ""
    known = {alarm_shapes.category_of(one).id: one for one in await services.alarms.categories(who)}
    try:
        id_ = str(UUID(text.strip("{}")))
    except ValueError:
        return text[:200]
    if id_ not in known:
        raise BadInput("category", f"{id_} is no category", "give one that GET /alarmCategories lists, or a name")
    return known[id_]


def _guid(told: Told, member: str) -> UUID:
    text = text_of(told, member)
    return guid(member, text) if text else UUID(int=0)


RESOURCE = Resource(
    name=NAME, single="alarmDefinition", shape=AlarmDefinitionItem, every=every, one=one,
    settable=frozenset(AlarmDefinitionItem.__struct_encode_fields__) - {"id", "displayName", "lastModified"},
)  # fmt: skip
