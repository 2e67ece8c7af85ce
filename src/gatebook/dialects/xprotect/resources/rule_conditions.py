"""Which events a rule or an alarm definition looks at: types and sources as clients name them, as our conditions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from uuid import UUID

from gatebook.dialects.xprotect.mapping import source_of
from gatebook.dialects.xprotect.resources.event_types import made_types
from gatebook.dialects.xprotect.resources.filters import guid
from gatebook.dialects.xprotect.resources.rule_shapes import ALL_CAMERAS, EXTERNAL_SOURCE
from gatebook.dialects.xprotect.resources.system_events import SYSTEM_EVENTS
from gatebook.dialects.xprotect.words.catalogue import BUILT_IN, OF_KIND
from gatebook.dialects.xprotect.words.groups_of_types import EXTERNAL, TYPE_GROUPS
from gatebook.dialects.xprotect.words.shapes import ItemPath
from gatebook.domain.access import Principal
from gatebook.domain.errors import BadInput, NotFound
from gatebook.domain.excerpts import excerpt
from gatebook.domain.kinds import Kind
from gatebook.domain.places import DeviceKind
from gatebook.services import Services
from gatebook.services.rule_forms import Conditions, When

ANY = (ALL_CAMERAS, EXTERNAL_SOURCE, str(UUID(int=0)))
"""What stands for any source that an event of the type can have."""
_PATH = re.compile(r"\s*([A-Za-z]+)\s*[\[/]\s*([0-9A-Fa-f-]{32,38})\s*\]?\s*")


async def types_of(services: Services, who: Principal, name: str, type_: UUID, group: UUID | None) -> Conditions:
    """Events of a type, or of any type of a group; BadInput names what is not known."""
    if type_ == OF_KIND[Kind.EVENT_TRIGGERED].id:
        return {"kind": Kind.EVENT_TRIGGERED.value}  # a user-defined event has a type of its own beside
    if type_ in BUILT_IN:
        return {"type": str(BUILT_IN[type_].kind.type)}
    made = {one.id: one for one in await made_types(services, who)}
    if type_ in made or type_ in SYSTEM_EVENTS:
        return {"type": str(type_)}
    if type_.int or group is None or not group.int:
        raise BadInput(name, f"{type_} is no event type", "give one that GET /eventTypes lists")
    if group not in TYPE_GROUPS:
        raise BadInput(name, f"{group} is no group of event types", "give one that GET /eventTypeGroups lists")
    kinds = [one for one in BUILT_IN.values() if one.group.id == group]
    if group == EXTERNAL.id:
        return {"kind": Kind.EVENT_TRIGGERED.value}
    own = [str(one.kind.type) for one in kinds]
    own += [str(one.id) for one in made.values() if OF_KIND[one.kind].group.id == group]
    if not own:
        raise BadInput(name, f"no event has a type of {TYPE_GROUPS[group].name}", "choose another group")
    return {"type": f"oneOf:({','.join(own)})"}


def paths_of(name: str, value: object) -> list[ItemPath]:
    """`cameras/{GUID}`, `Camera[GUID];…`, `{"type","id"}`, a bare GUID, or a list of such."""
    if value is None or value == "":
        return []
    if isinstance(value, list | tuple):
        return [path for one in value for path in paths_of(name, one)]
    if isinstance(value, dict):
        return [ItemPath(type=str(value.get("type", "")), id=str(guid(name, str(value.get("id", "")))))]
    texts = [text for text in str(value).split(";") if text.strip()]
    return [_path(name, text) for text in texts]


def _path(name: str, text: str) -> ItemPath:
    found = _PATH.fullmatch(text)
    if found is None:
        return ItemPath(type="", id=str(guid(name, text.strip(), " or a path such as cameras/{GUID}")))
    return ItemPath(type=found[1], id=str(guid(name, found[2])))


async def placed(services: Services, who: Principal, name: str, types: Conditions, sources: Sequence[ItemPath]) -> When:
    """Events of these types at these sources; without any, wherever they happen."""
    if not sources or any(one.id in ANY for one in sources):
        return types
    organisation = (await services.directory.organisation(who)).id
    devices: list[str] = []
    found: list[Conditions] = []
    for one in sources:
        if UUID(one.id) == organisation:
            found.append({**types, "device": "null"})
        elif one.type.lower() in ("site", "sites"):
            found.append({**types, "site": await _site(services, who, name, one)})
        else:
            devices.append(await _device(services, who, name, one))
    if devices:
        found.append({**types, "device": f"oneOf:({','.join(devices)})"})
    return found[0] if len(found) == 1 else found


async def _site(services: Services, who: Principal, name: str, path: ItemPath) -> str:
    try:
        return str((await services.directory.site(who, UUID(path.id))).id)
    except NotFound:
        raise _unknown(name, path) from None


async def _device(services: Services, who: Principal, name: str, path: ItemPath) -> str:
    try:
        device = await services.directory.device(who, UUID(path.id))
    except NotFound:
        raise _unknown(name, path) from None
    collection = source_of(device).partition("/")[0].lower()
    if device.removed or path.type.lower() not in ("", collection, collection.removesuffix("s")):
        raise _unknown(name, path)
    return str(device.id)


async def user_event(services: Services, who: Principal, name: str, text: str) -> UUID:
    """A user-defined event that the principal sees; BadInput names what is none."""
    path = _path(name, text)
    try:
        device = await services.directory.device(who, UUID(path.id))
    except NotFound:
        raise _unknown(name, path) from None
    if device.kind is not DeviceKind.EVENT or device.removed:
        raise _unknown(name, path)
    return device.id


def _unknown(name: str, path: ItemPath) -> BadInput:
    told = f"{path.type}/{path.id}" if path.type else path.id
    return BadInput(name, f"{excerpt(told)} is not there", "give a path or an id that GET lists")
