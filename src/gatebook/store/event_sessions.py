"""What a store keeps of lists that are polled for what has changed in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from gatebook.domain.admits import Place
from gatebook.domain.events import EventClass
from gatebook.domain.times import Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class EventSession:
    """A stored question, and how far its answer was told."""

    number: int
    id: UUID
    organisation: int
    holder: str
    question: bytes
    """As the client sent it."""
    used: Instant
    looked: int
    """The seq up to which the log was looked through."""
    basis: bytes | None
    """What the set was worked out on beside the log; None: not yet."""
    size: int
    untold: int
    turn: int


class Member(NamedTuple):
    """An event of the set, in the order of history."""

    occurred: Instant
    seq: int
    id: UUID
    told: bool = False


class Basis(NamedTuple):
    """What an answer rests on now, and the head of the log in the same snapshot."""

    digest: bytes
    head: int


class Sortable(NamedTuple):
    """What additions may be sorted by."""

    stream: int
    event_class: EventClass
    tag: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sorted:
    """By seq what additions may be sorted by, and by stream where they happened."""

    events: Mapping[int, Sortable]
    places: Mapping[int, Place]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a poll makes of a session; nothing of it holds where another poll was quicker."""

    left: Sequence[Member] = ()
    entered: Sequence[Member] = ()
    told: Sequence[Member] = ()
    """Members from before that are told now."""
    looked: int
    basis: bytes
    size: int
    untold: int
