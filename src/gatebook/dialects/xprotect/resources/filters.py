"""What `property=operator:value` asks of events: Gatebook's grammar over the properties of an XProtect event."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from gatebook.dialects.xprotect.mapping import UNIT_NS, source_of
from gatebook.dialects.xprotect.words.catalogue import BUILT_IN, kind_of
from gatebook.domain.access import Principal
from gatebook.domain.comparisons import equal, matches, ordered
from gatebook.domain.errors import BadInput, NotFound
from gatebook.domain.excerpts import excerpt
from gatebook.domain.filters import NONE, AnyOf, Condition, Field, Filter, Not, Operator, all_of, one_of
from gatebook.domain.grammar import filter_of, read_terms
from gatebook.domain.places import DeviceKind, Organisation
from gatebook.domain.properties import EQUALITY, TEXTUAL, Property, Spec, ValueKind
from gatebook.domain.terms import MOST_TERMS, Term
from gatebook.services import Services

SEVEN: Final = EQUALITY | {Operator.LT, Operator.GT, Operator.STARTS_WITH, Operator.CONTAINS}
"""Source: Events REST API, "Filters", Available filter operators, 2026-11-21."""


def _property(field: Field, kind: ValueKind, longest: int = 255, *, nullable: bool = False) -> Property:
    return Property(field=field, kind=kind, operators=SEVEN, longest=longest, nullable=nullable)


SPEC: Final[Spec] = {
    "time": _property(Field.OCCURRED, ValueKind.TIME),
    "source.id": _property(Field.DEVICE, ValueKind.REF),
    "source.name": _property(Field.DEVICE_NAME, ValueKind.TEXT),
    "type": _property(Field.TYPE, ValueKind.UUID),
    "tag": _property(Field.TAG, ValueKind.TEXT, nullable=True),
    "id": _property(Field.ID, ValueKind.UUID),
    "localId": _property(Field.SEQ, ValueKind.INT),
}
"""By the name on the wire.  Source: Events REST API, "List past stored events", 2026-11-21, for the first three; the
others, and operators beyond the documented ones of a property, are our own."""
NAMES: Final = {name.lower(): name for name in SPEC}

NOWHERE: Final = Condition(Field.DEVICE, Operator.EQUALS, (None,))
"""What happened at no device: its source is the organisation."""
_OWN: Final = one_of(Field.TYPE, [one.kind.type for one in BUILT_IN.values()])
_OF_AN_ID: Final = re.compile(r"[0-9a-f-]*", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks, and in which organisation."""

    services: Services
    who: Principal
    organisation: Organisation

    async def filter_of(self, pairs: Iterable[tuple[str, str]]) -> Filter:
        """All conditions together, at most `MOST_TERMS`; names as in `SPEC`.  BadInput names the property."""
        found: list[Filter] = []
        for name, text in pairs:
            for term in read_terms(text, name):
                if len(found) == MOST_TERMS:
                    raise BadInput(name, f"is one of more than {MOST_TERMS} conditions", "ask for fewer at a time")
                found.append(await self.condition(name, term))
        return all_of(*found)

    async def condition(self, name: str, term: Term) -> Filter:
        """What one term means for a property of `SPEC`, or for `source`, the path alone."""
        operator = term.operator or Operator.EQUALS
        if operator not in SEVEN:
            words = ", ".join(known.value for known in Operator if known in SEVEN)
            raise BadInput(name, f"does not take {operator.value}", f"expected one of {words}")
        told = Term(operator, term.values)
        match name:
            case "source" | "source.id":
                texts = [value.text for value in term.values]
                return await self._source(operator, texts, whole=name == "source")
            case "source.name":
                return self._named(filter_of(name, told, SPEC), operator, [value.text for value in term.values])
            case "type":
                return _type(operator, [value.text for value in term.values])
            case "time":
                return filter_of(name, told, SPEC, ZoneInfo(self.organisation.zone), UNIT_NS)
        return filter_of(name, told, SPEC)

    def _named(self, devices: Filter, operator: Operator, texts: list[str]) -> Filter:
        """By name: devices as the grammar has it, and the organisation, which is a source too."""
        passes = any(compared(operator, self.organisation.name, text, Field.DEVICE_NAME) for text in texts)
        somewhere = all_of(devices, Not(NOWHERE))
        return AnyOf((somewhere, NOWHERE)) if passes else somewhere

    async def _source(self, operator: Operator, texts: list[str], *, whole: bool) -> Filter:
        """By id or by path.  Beyond equality, what may be a part of an id is compared with ids, all else with paths;
        with `whole`, everything with paths."""
        if operator in EQUALITY:
            either = AnyOf(tuple([await self._at(text) for text in texts]))
            return Not(either) if operator is Operator.NOT_EQUALS else either
        (text,) = texts
        own = f"sites/{self.organisation.id}"
        if not whole and _OF_AN_ID.fullmatch(text):
            devices = Condition(Field.DEVICE, operator, (text,))
            own = str(self.organisation.id)
        else:
            every = await self.services.directory.every_device(self.who, *DeviceKind, removed=True)
            picked = [one.number for one in every if compared(operator, source_of(one), text, Field.DEVICE)]
            devices = one_of(Field.DEVICE, picked)
        return AnyOf((devices, NOWHERE)) if compared(operator, own, text, Field.DEVICE) else devices

    async def _at(self, text: str) -> Filter:
        """What comes from the source of this id or path; nothing, where nothing the reader sees is called so."""
        collection, slash, last = text.strip("/").rpartition("/")
        id = guid("source.id", last, " or a path such as cameras/{GUID}")
        path = f"{collection.lower()}/{id}"
        if id == self.organisation.id and path in (f"/{id}", f"sites/{id}"):
            return NOWHERE
        if not slash:
            return Condition(Field.DEVICE, Operator.EQUALS, (id,))
        try:
            device = await self.services.directory.device(self.who, id)
        except NotFound:
            return NONE
        known = source_of(device).lower() == path
        return Condition(Field.DEVICE, Operator.EQUALS, (id,)) if known else NONE


def _type(operator: Operator, texts: list[str]) -> Filter:
    """By the ids on the wire, which of built-in types are not always our own; those are understood as well."""
    if operator in EQUALITY:
        either = one_of(Field.TYPE, [_own_id(guid("type", text)) for text in texts])
        return Not(either) if operator is Operator.NOT_EQUALS else either
    (text,) = texts
    picked = [one.kind.type for one in BUILT_IN.values() if compared(operator, str(one.id), text, Field.TYPE)]
    made = all_of(Condition(Field.TYPE, operator, (text,)), Not(_OWN))
    return AnyOf((one_of(Field.TYPE, picked), made))


def _own_id(id: UUID) -> UUID:
    kind = kind_of(id)
    return id if kind is None else kind.type


def compared(operator: Operator, actual: str, text: str, field: Field) -> bool:
    """What a condition on this field says of a text, as the log would."""
    if operator in TEXTUAL:
        return matches(operator, actual, text, field)
    if operator in EQUALITY:
        return equal(actual, text, field) is not (operator is Operator.NOT_EQUALS)
    return ordered(operator, actual, text, field)


def guid(name: str, text: str, beside: str = "") -> UUID:
    """The GUID, in any of its forms; BadInput names what it stands for."""
    try:
        return UUID(text)
    except ValueError as error:
        raise BadInput(
            name, f"{excerpt(text)} is no GUID", f"expected 8-4-4-4-12 hexadecimal digits{beside}"
        ) from error
