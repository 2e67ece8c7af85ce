"""What a store is, whoever's engine it stands on: the values that pass between the store and the services."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from gatebook.domain.access import Grant
from gatebook.domain.admits import Place
from gatebook.domain.events import Event, EventClass
from gatebook.domain.filters import EVERY, Filter
from gatebook.domain.kinds import Kind
from gatebook.domain.places import Person
from gatebook.domain.times import ALWAYS, Instant, Window

Ref = int | UUID | str
"""How a client names something: its integer, its UUID, or (devices) a vendor's id, (sites) the name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningKeyRow:
    """A key that signs tokens; `sealed` holds its private half, encrypted."""

    kid: str
    alg: str
    sealed: bytes = field(repr=False)
    public: str
    created: Instant
    retired: Instant | None = None
    ends: Instant | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshRow:
    """A refresh token, without the token.  `holder` is the principal's kind/uuid."""

    family: UUID
    organisation: int
    holder: str
    audience: str
    scopes: str
    expires: Instant | None = None
    used: Instant | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionRule:
    """Events of these kinds (None: all) and this type (None: all) are kept for so many days after they occurred."""

    id: UUID
    name: str
    kinds: frozenset[Kind] | None
    type: UUID | None
    days: int
    revision: int = 1


class Due(NamedTuple):
    """How many events a rule would remove, and from when to when they occurred."""

    n: int
    oldest: Instant | None
    newest: Instant | None


class Span(NamedTuple):
    """A range of numbers, both ends in it; `by_seq`: the event that says they are gone."""

    first: int
    last: int
    by_seq: int = 0


class Refused(NamedTuple):
    """Equal refusals of one minute, of nobody known."""

    minute: Instant
    address: str
    route: str
    status: int
    n: int


class Appended(NamedTuple):
    """Where a draft stands now; `repeat` when it stood there already under the same key."""

    seq: int
    id: UUID
    version: int
    occurred: Instant
    received: Instant
    repeat: bool = False


class KeyConflict(NamedTuple):
    """The key was used before for something else, which stands at `seq`."""

    seq: int


Outcome = Appended | KeyConflict


class Position(NamedTuple):
    """A place in history: order is by `occurred`, ties by `seq`."""

    occurred: Instant
    seq: int


@dataclass(frozen=True, slots=True)
class Chosen:
    """Some of a set of small integers: those listed, or (`but`) all but those listed."""

    ids: frozenset[int] = frozenset()
    but: bool = True

    @property
    def is_all(self) -> bool:
        """True when nothing is left out."""
        return self.but and not self.ids

    @property
    def is_none(self) -> bool:
        """True when nothing is chosen."""
        return not self.but and not self.ids

    def holds(self, number: int) -> bool:
        """True when the number is chosen."""
        return (number in self.ids) is not self.but

    def meet(self, other: Chosen) -> Chosen:
        """What both choose."""
        match self.but, other.but:
            case True, True:
                return Chosen(self.ids | other.ids, True)
            case True, False:
                return Chosen(other.ids - self.ids, False)
            case False, True:
                return Chosen(self.ids - other.ids, False)
            case _:
                return Chosen(self.ids & other.ids, False)


ALL = Chosen()


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What can be counted from tallies alone: streams, classes and a window, in one organisation.

    `streams` are the streams that events belong to.  `counted` names the same set by as few tally streams as
    possible (a whole site by its roll-up).
    """

    organisation: int
    streams: Chosen = ALL
    counted: Chosen = ALL
    classes: Chosen = ALL
    window: Window = ALWAYS


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question to history.  The grant is part of it: what it does not show is in no item, total or page.

    `after` is a place in the order of reading to go on from, `ceiling` the seq beyond which nothing enters.
    """

    organisation: int
    grant: Grant
    filter: Filter = EVERY
    records: bool = False
    """Whether the record of who looked is shown."""
    unlisted: bool = True
    """Whether events are shown that a vendor's retention of zero days hides."""
    descending: bool = True
    limit: int = 50
    offset: int = 0
    after: Position | None = None
    ceiling: int | None = None
    with_total: bool = True


class ShownStreams(NamedTuple):
    """The streams that a grant shows, as the SQL takes them, and the directory's state in which they were found."""

    streams: Chosen
    freshness: tuple[int, int]


class Total(NamedTuple):
    """How many there are; not `exact`: at least so many."""

    n: int
    exact: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page of history, taken in one snapshot.

    `ceiling` is the organisation's head then.  `more`: there are events after this page in its direction.
    `reached`: how far the search got, where it was stopped at its budget before the page was full.
    """

    events: Sequence[Event]
    ceiling: int
    places: Mapping[int, Place] = field(default_factory=dict)
    """By stream: what the directory says of the devices."""
    people: Mapping[int, Person] = field(default_factory=dict)
    """By number: the people met on this page."""
    freshness: tuple[int, int] = (0, 0)
    """The directory's state in the page's snapshot."""
    total: Total | None = None
    more: bool = False
    has_unlisted: bool = False
    """Whether the organisation has any class of events that vendors' lists leave out; shown to nobody as such."""
    reached: Position | None = None


class Group(StrEnum):
    """What is counted apart within one bar of a histogram."""

    NOTHING = "nothing"
    CLASS = "class"
    STREAM = "stream"


class Bar(NamedTuple):
    """How many events of one group (a class or a stream; 0: all together) lie in the bar of this number, from 0."""

    bucket: int
    group: int
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Bars:
    """A histogram taken in one snapshot, with what its groups are; not `exact`: at least so many."""

    counted: Sequence[Bar]
    exact: bool = True
    classes: Mapping[int, EventClass]
    places: Mapping[int, Place]
    """By stream: what the directory says of the devices."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Follow:
    """How far a follower has come."""

    name: str
    seq: int
    head: int
    parked: int = 0

    @property
    def lag(self) -> int:
        """How many events it is behind."""
        return self.head - self.seq


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Something that a check of the store found: where, what, and what would help."""

    check: str
    where: str
    what: str
    remedy: str


class Held(NamedTuple):
    """A report to be kept in quarantine."""

    device: str | None
    reason: str
    report: bytes
    key: str | None
    received: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarantined:
    """A quarantined report: what came, why it could not be placed, how often."""

    id: UUID
    device: str | None
    reason: str
    report: bytes = field(repr=False)
    key: str | None
    received: Instant
    times: int
