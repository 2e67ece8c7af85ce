"""Objects as they are embedded, described and wrapped in an answer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

from msgspec import inspect

from gatebook.dialects.xprotect.resources.comparing import DATES
from gatebook.dialects.xprotect.resources.listing import Wanted, told_of
from gatebook.dialects.xprotect.resources.resource import Resource
from gatebook.dialects.xprotect.words.shapes import Item
from gatebook.domain.access import Principal
from gatebook.services import Services

Told = dict[str, object]
Names = Mapping[str, Resource]
"""Collections by their lower-case names."""
_KINDS: Final[Mapping[type[inspect.Type], str]] = {
    inspect.BoolType: "bool", inspect.IntType: "int", inspect.StrType: "string", inspect.VarTupleType: "array",
    inspect.StructType: "path", inspect.UnionType: "int",
}  # fmt: skip


async def embedded(
    services: Services, who: Principal, one: Resource, items: Sequence[Item], wanted: Wanted, names: Names
) -> list[Told]:
    """The objects, with the collections below them that are asked for, and those below these."""
    told = [told_of(item) for item in items]
    asked = {name.lower() for name in wanted.children}
    for name, parent_of in one.children.items():
        if name.lower() not in asked or name == one.name:
            continue
        child = names[name.lower()]
        found = await child.every(services, who, wanted.disabled)
        below = defaultdict[str | None, list[Told]](list)
        for own, inner in zip(found, await embedded(services, who, child, found, wanted, names), strict=True):
            below[parent_of(own)].append(inner)
        for item, each in zip(items, told, strict=True):
            each[name] = below[item.relations.self_.id]
    return told


def wrapped(one: Resource, name: str, told: object, wanted: Wanted, names: Names) -> Told:
    """The answer: `data` or `array`, and what the flags ask for beside it."""
    answer: Told = {} if "noData" in wanted.flags else {name: told}
    if "tasks" in wanted.flags:
        answer["tasks"] = []
    if "resources" in wanted.flags:
        answer["resources"] = [{"type": child, "displayName": names[child.lower()].title} for child in one.children]
    if "definitions" in wanted.flags:
        answer["definitions"] = definitions(one)
    return answer


def definitions(one: Resource) -> Told:
    """What each property holds and whether it can be set.  Source: Configuration API, "definitions", 2026-11-21."""
    info = inspect.type_info(one.shape)
    assert isinstance(info, inspect.StructType)
    settable = one.settable if one.making is None else one.making.settable
    return {
        field.encode_name: {
            "canSet": "true" if field.encode_name in settable else "false",
            "valueType": "dateTime" if field.encode_name in DATES else _KINDS[type(field.type)],
        }
        for field in info.fields
        if field.encode_name not in ("relations", "members")
    }
