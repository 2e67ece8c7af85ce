"""What a change of an account or of the directory looks like in the record: its fields, before and after."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import fields
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

from gatebook.domain.access import Grant, Principal
from gatebook.domain.kinds import Kind
from gatebook.domain.times import Instant
from gatebook.services.records import record_of, write
from gatebook.store import Transaction

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Told = str | int | None

UNTOLD = frozenset({"id", "organisation", "revision", "last_used", "created", "stream", "prefix", "modified"})
"""Fields that say nothing about a change."""
SECRET = frozenset({"password", "hash", "value"})
"""Fields of which the record tells that they changed, and never what they are."""


class Entity(Protocol):
    """What every account and every entity of the directory has."""

    @property
    def id(self) -> UUID:
        """Its UUID."""

    @property
    def revision(self) -> int:
        """Rises with every change of it, from 1."""


def tell(
    transaction: Transaction,
    principal: Principal,
    subject: str,
    details: dict[str, Told],
    now: Instant,
    *,
    organisation: int | None = None,
) -> None:
    """Writes `record.changed` in the transaction of what it tells of."""
    record = record_of(principal, subject=subject, details=details)
    write(transaction, organisation or principal.organisation, Kind.RECORD_CHANGED, record, now)


def added(value: DataclassInstance, secret: Collection[str] = ()) -> dict[str, Told]:
    """Every field that is set."""
    told: dict[str, Told] = {"act": "added"}
    for name, after in _values(value, secret).items():
        if after not in (None, "", False):
            told[name] = after
    return told


def changed(before: DataclassInstance, after: DataclassInstance, secret: Collection[str] = ()) -> dict[str, Told]:
    """Every field that is another now: what it is, and as `<field>.before` what it was; `{}` where none is."""
    told: dict[str, Told] = {}
    for field in fields(before):
        was, became = getattr(before, field.name), getattr(after, field.name)
        if was == became or field.name in UNTOLD:
            continue
        if field.name in SECRET or field.name in secret:
            told[field.name] = "changed"
        else:
            told[field.name], told[f"{field.name}.before"] = _told(became), _told(was)
    return {"act": "changed", **told} if told else {}


def removed(value: DataclassInstance, secret: Collection[str] = ()) -> dict[str, Told]:
    """What it was called."""
    name = getattr(value, "name", None)
    return {"act": "removed"} if name is None or "name" in secret else {"act": "removed", "name": name}


def _values(value: DataclassInstance, secret: Collection[str]) -> dict[str, Told]:
    hidden = UNTOLD | SECRET | frozenset(secret)
    return {field.name: _told(getattr(value, field.name)) for field in fields(value) if field.name not in hidden}


def _told(value: object) -> Told:
    match value:
        case None | int():
            return value
        case Grant(everything=True):
            return "everything"
        case Grant(sites=sites, devices=devices):
            named = [f"site/{number}" for number in sorted(sites)] + [f"device/{number}" for number in sorted(devices)]
            return " ".join(named)
        case frozenset() | tuple():
            return " ".join(sorted(map(str, value)))
        case _:
            return str(value)
