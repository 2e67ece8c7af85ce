"""`timeProfiles`: hours that rules and alarm definitions go by; a change of them changes all of these."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

import msgspec

from gatebook.dialects.xprotect.resources.portrayed import found
from gatebook.dialects.xprotect.resources.profile_hours import schedule_of
from gatebook.dialects.xprotect.resources.resource import Resource
from gatebook.dialects.xprotect.resources.rule_shapes import Appointment, Recurrence, TimeProfileForm, TimeProfileItem
from gatebook.dialects.xprotect.words.members import names_of
from gatebook.dialects.xprotect.words.shapes import placed, printed
from gatebook.domain.access import Principal
from gatebook.domain.errors import BadInput, NotFound
from gatebook.http.wire import decode_json
from gatebook.services import Services
from gatebook.services.rule_forms import ScheduleForm
from gatebook.services.rule_portrayals import Portrayed, Telling

NAME: Final = "timeProfiles"
MEMBERS: Final = names_of(TimeProfileForm, Recurrence, Appointment)


async def every(services: Services, who: Principal, _disabled: bool) -> Sequence[TimeProfileItem]:
    """All of them, by id."""
    return [item_of(one) for one in await services.portrayals.list(who, NAME)]


async def one(services: Services, who: Principal, id: UUID) -> TimeProfileItem:
    """The one of this id."""
    return item_of(await found(services, who, NAME, id))


async def hours_in(services: Services, who: Principal, name: str, id: UUID) -> ScheduleForm:
    """The hours of a profile; BadInput, by the member's name, where there is no such."""
    try:
        profile = await services.portrayals.get(who, NAME, id)
    except NotFound:
        raise BadInput(name, f"{id} is no time profile", "give one that GET /timeProfiles lists") from None
    return schedule_in(form_of(profile))


def hours_of(telling: Telling) -> ScheduleForm:
    """The hours of what was read from a body."""
    return schedule_in(msgspec.json.decode(telling.told, type=TimeProfileForm))


def schedule_in(form: TimeProfileForm) -> ScheduleForm:
    """The hours of what was said of a profile."""
    return schedule_of(form.time_profile_appointment_recur, form.time_profile_appointment_root)


def form_of(one: Portrayed) -> TimeProfileForm:
    """What was said of it."""
    return msgspec.json.decode(one.portrayal.told, type=TimeProfileForm)


def item_of(one: Portrayed) -> TimeProfileItem:
    """A time profile as clients read it."""
    form, own = form_of(one), one.portrayal
    return TimeProfileItem(
        display_name=own.name, id=str(own.id), name=own.name, description=form.description,
        last_modified=printed(own.modified), time_profile_appointment_recur=form.time_profile_appointment_recur,
        time_profile_appointment_root=form.time_profile_appointment_root, relations=placed(NAME, own.id),
    )  # fmt: skip


async def telling_of(_services: Services, _who: Principal, given: Mapping[str, object], _id: UUID) -> Telling:
    """What the body says; BadInput names hours that cannot be kept."""
    said = {name: value for name, value in given.items() if value is not None}
    form = decode_json(msgspec.json.encode(said), TimeProfileForm)
    schedule_in(form)
    return Telling(collection=NAME, name=form.name, told=msgspec.json.encode(form).decode())


RESOURCE = Resource(
    name=NAME, single="timeProfile", shape=TimeProfileItem, every=every, one=one,
    settable=frozenset(TimeProfileForm.__struct_encode_fields__),
)  # fmt: skip
