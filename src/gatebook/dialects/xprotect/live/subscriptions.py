"""What a client of the events socket subscribes to, and whether an event is for it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final
from uuid import UUID

import msgspec
from msgspec import Struct

from gatebook.domain.errors import BadInput
from gatebook.domain.excerpts import excerpt

ANY: Final = "*"
MOST_FILTERS: Final = 100
MOST_SUBSCRIPTIONS: Final = 100
"""Of one session."""


class FilterForm(Struct, frozen=True, kw_only=True, rename="camel"):
    """As it is sent; a list that is missing or null stands for any.  Source: mipsdk-samples-protocol 3f42081."""

    modifier: str = "include"
    resource_types: list[str] | None = None
    source_ids: list[str] | None = None
    event_types: list[str] | None = None


class Rule(Struct, frozen=True, kw_only=True):
    """One filter, in lower case; None is any."""

    include: bool
    resource_types: frozenset[str] | None = None
    source_ids: frozenset[str] | None = None
    event_types: frozenset[str] | None = None

    def meets(self, source: str, type: str) -> bool:
        """Whether an event of this source (`cameras/{id}`) and type is spoken of."""
        collection, _, id_ = source.lower().partition("/")
        return (
            (self.resource_types is None or collection in self.resource_types)
            and (self.source_ids is None or id_ in self.source_ids)
            and (self.event_types is None or type in self.event_types)
        )


class Subscription(Struct, frozen=True, kw_only=True):
    """What is included and not excluded, of what came in after `since`.

    Assumed: an exclusion outdoes every inclusion of the same subscription, in whichever order they stand.
    """

    id: str
    since: int
    """The log's newest seq when it was made."""
    rules: tuple[Rule, ...]

    def admits(self, source: str, type: str) -> bool:
        """Whether an event is for it; of what came in before, `since` decides."""
        met = [rule for rule in self.rules if rule.meets(source, type)]
        return bool(met) and all(rule.include for rule in met)


def rules_of(forms: Sequence[FilterForm] | None) -> tuple[Rule, ...]:
    """The filters; none: nothing is ever delivered.  BadInput names the member and what would be right."""
    forms = forms or ()
    if len(forms) > MOST_FILTERS:
        raise BadInput("filters", f"has more than {MOST_FILTERS} filters", "give fewer, or several subscriptions")
    return tuple(map(_rule, forms))


def _rule(form: FilterForm) -> Rule:
    if form.modifier.lower() not in ("include", "exclude"):
        raise BadInput("modifier", f"unknown word {excerpt(form.modifier)}", "expected include or exclude")
    return Rule(
        include=form.modifier.lower() == "include",
        resource_types=_listed(form.resource_types),
        source_ids=_listed(_ids("sourceIds", form.source_ids)),
        event_types=_listed(_ids("eventTypes", form.event_types)),
    )


def _listed(words: Iterable[str] | None) -> frozenset[str] | None:
    found = None if words is None else frozenset(word.lower() for word in words)
    return None if found is None or ANY in found else found


def _ids(name: str, words: list[str] | None) -> list[str] | None:
    """GUIDs, also as the end of a path."""
    return None if words is None else [word if word == ANY else _id(name, word) for word in words]


def _id(name: str, word: str) -> str:
    try:
        return str(UUID(word.rpartition("/")[2]))
    except ValueError as error:
        raise BadInput(name, f"{excerpt(word)} is no GUID", "expected GUIDs, or * for any") from error


def kept(subscriptions: Sequence[Subscription]) -> bytes:
    """As they are kept."""
    return msgspec.json.encode(subscriptions)


def read_kept(text: bytes) -> tuple[Subscription, ...]:
    """The same, read again."""
    return msgspec.json.decode(text, type=tuple[Subscription, ...])
