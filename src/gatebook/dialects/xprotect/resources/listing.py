"""What stands in the query of a configuration request, and the wrapper of its answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote

import msgspec
from msgspec import Struct

from gatebook.dialects.xprotect.resources.comparing import Comparison, Told, comparison
from gatebook.domain.errors import BadInput
from gatebook.http import Request
from gatebook.http.queries import pairs_of, raw_query

FLAGS: Final = ("disabled", "resources", "tasks", "noData", "definitions")
"""Source: Configuration API, "Query parameters", 2026-11-21."""
LARGEST: Final = 10_000
"""Source: TCS-NetMon, which asks for size=10000 of a real server."""
DEFAULT_SIZE: Final = 100
"""Assumed: of a page that is asked for without a size; without `page` and `size` the answer is whole."""
PAGE_LIMIT: Final = 10**9
_FLAGS: Final = {name.lower(): name for name in FLAGS}
_KNOWN: Final = {"page": "page", "size": "size", "includechildren": "includeChildren", "language": "language",
                 "task": "task"}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is asked for."""

    flags: frozenset[str] = frozenset()
    """Of `FLAGS`, those that are set."""
    children: tuple[str, ...] = ()
    """Names of collections to be embedded, as they were written."""
    task: str | None = None
    page: int | None = None
    size: int | None = None
    comparisons: tuple[Comparison, ...] = ()

    def admits(self, told: Told) -> bool:
        """Whether an object passes all filters."""
        return all(each.admits(told) for each in self.comparisons)

    @property
    def disabled(self) -> bool:
        """Whether what is disabled is listed, too."""
        return "disabled" in self.flags

    def picked(self, items: Sequence[Struct]) -> Sequence[int]:
        """The indices of those that pass the filters, and of these the page."""
        found: Sequence[int] = range(len(items))
        if self.comparisons:
            found = [at for at, item in enumerate(items) if self.admits(told_of(item))]
        if self.page is None and self.size is None:
            return found
        size = self.size or DEFAULT_SIZE
        start = (self.page or 0) * size
        return found[start : start + size]


@dataclass(slots=True)
class _Reading:
    """A query that is being read."""

    names: Mapping[str, str]
    """Properties of the shape by their lower-case names."""
    told: dict[str, str] = field(default_factory=dict)
    flags: set[str] = field(default_factory=set)
    comparisons: list[Comparison] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)

    def take(self, name: str, value: str) -> None:
        lowered = name.lower()
        if lowered in _FLAGS and value.lower() in ("", "true", "false"):
            if value.lower() != "false":
                self.flags.add(_FLAGS[lowered])
        elif lowered in _KNOWN:
            self.told[_KNOWN[lowered]] = value
        elif lowered in self.names:
            self.comparisons.append(comparison(self.names[lowered], value))
        else:
            self.ignored.append(name)


def read_wanted(request: Request, shape: type[Struct]) -> Wanted:
    """The query; BadInput names the parameter.  Names are known in any letter case, others are ignored and listed."""
    reading = _Reading({name.lower(): name for name in shape.__struct_encode_fields__})
    for name, value in pairs_of(raw_query(request)):
        reading.take(name, value)
    if reading.ignored:
        request.scope["gatebook.ignored"] = ", ".join(quote(name[:60], safe="") for name in reading.ignored[:20])
    return Wanted(
        flags=frozenset(reading.flags),
        children=tuple(word.strip() for word in reading.told.get("includeChildren", "").split(",") if word.strip()),
        task=reading.told.get("task"),
        page=_number("page", reading.told, 0, PAGE_LIMIT),
        size=_number("size", reading.told, 1, LARGEST),
        comparisons=tuple(reading.comparisons),
    )


def _number(name: str, told: Mapping[str, str], least: int, most: int) -> int | None:
    text = told.get(name)
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 12 and least <= int(text) <= most):
        raise BadInput(name, f"got {text[:60]!r}", f"expected an integer from {least} to {most}")
    return int(text)


def told_of(item: Struct) -> dict[str, object]:
    """An object as it goes over the wire; where it stands comes last, as in what was recorded."""
    told: dict[str, object] = msgspec.to_builtins(item)
    if isinstance(members := told.pop("members", None), dict):
        told |= members  # a rule's parameters stand beside its other members
    if "relations" in told:
        told["relations"] = told.pop("relations")
    return told
