"""What passes between the store and what dialects tell of rules in their own words."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from gatebook.domain.times import Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Portrayal:
    """A rule, or hours that rules go by, as a dialect tells it."""

    collection: str
    id: UUID
    name: str
    told: str
    """JSON of its dialect."""
    hours: UUID | None = None
    """The portrayal whose hours its rules go by."""
    modified: Instant
    revision: int = 1
