"""One collection of the configuration, described once: who is in it, what stands below it, and what may be changed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID

from msgspec import UNSET, Struct, UnsetType

from gatebook.dialects.xprotect.words.shapes import NO_ID, Item
from gatebook.domain.access import Principal
from gatebook.domain.errors import BadInput, NotFound
from gatebook.services import Services

ParentOf = Callable[[Item], str | None]
"""The id of the parent that an object of the collection stands below; None: below none."""


class Body(Struct, frozen=True, kw_only=True, rename="camel"):
    """What may be said of an object that is made or changed; more is ignored, since clients send objects back whole."""

    name: str | UnsetType = UNSET
    id: str | UnsetType | None = UNSET
    description: str | UnsetType | None = UNSET
    source_array: tuple[str, ...] | UnsetType | None = UNSET
    states: tuple[str, ...] | UnsetType | None = UNSET

    @property
    def given_name(self) -> str:
        """The name; BadInput where there is none."""
        if isinstance(self.name, UnsetType):
            raise BadInput("name", "is missing", "give one")
        return self.name

    @property
    def given_id(self) -> UUID | None:
        """The id that the client chose; None where it left that to us, as .NET does with a GUID of zeros."""
        if not self.id:
            return None
        try:
            return UUID(self.id) if self.id != NO_ID else None
        except ValueError as error:
            raise BadInput("id", f"got {self.id[:60]!r}", "give a GUID, or leave it out") from error


class Making(Protocol):
    """What a collection that clients may write to offers; each raises what forbids it."""

    settable: frozenset[str]
    """Names of the properties that may be given."""

    async def add(self, services: Services, who: Principal, body: Body) -> Item:
        """Makes one."""

    async def change(self, services: Services, who: Principal, id: UUID, body: Body) -> Item:
        """Changes what the body gives."""

    async def remove(self, services: Services, who: Principal, id: UUID) -> None:
        """Takes one away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """A collection under `/api/rest/v1`."""

    name: str
    """As it stands in the path: `cameras`."""
    single: str
    """One of it, as the path of a result names it: `camera`."""
    shape: type[Item]
    every: Callable[[Services, Principal, bool], Awaitable[Sequence[Item]]]
    """All that the principal sees; True: with those that are disabled."""
    one: Callable[[Services, Principal, UUID], Awaitable[Item]]
    """The one of this id; absent and hidden are NotFound alike."""
    children: Mapping[str, ParentOf] = field(default_factory=dict)
    """Collections below one of these."""
    making: Making | None = None
    settable: frozenset[str] = frozenset()
    """Names of the properties that may be given, where another module makes them."""

    @property
    def title(self) -> str:
        """For people: `Recording servers`."""
        spaced = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in self.name)
        return spaced[:1].upper() + spaced[1:]


def by_parent(kind: str) -> ParentOf:
    """The parent that `relations` name, where it is of this collection."""

    def parent_of(item: Item) -> str | None:
        parent = item.relations.parent
        return parent.id if not isinstance(parent, UnsetType) and parent.type == kind else None

    return parent_of


def absent() -> NotFound:
    """What is not there and what is hidden, in the same words."""
    return NotFound("the requested id does not exist")
