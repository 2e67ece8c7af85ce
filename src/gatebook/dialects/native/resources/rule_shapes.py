"""What goes over the wire of rules; what a rule itself looks like is `services.rule_forms`."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from gatebook.dialects.native.resources.wanted import Wanted
from gatebook.dialects.native.schemas import Time
from gatebook.domain.rules import Boundary, GroupBy
from gatebook.services.rule_forms import (
    AbsenceForm,
    Actions,
    Body,
    CountForm,
    NewRule,
    ScheduleForm,
    SequenceForm,
    When,
)


class AuthorShown(Struct, frozen=True, kw_only=True):
    """With whose rights a rule acts."""

    kind: str
    id: UUID


class RuleShown(Struct, frozen=True, kw_only=True):
    """A rule."""

    id: UUID
    revision: int
    name: str
    enabled: bool
    author: AuthorShown
    changed: str
    when: When
    schedule: ScheduleForm | None
    at: Boundary | None
    count: CountForm | None
    sequence: SequenceForm | None
    absence: AbsenceForm | None
    by: GroupBy
    quiet_s: float
    lateness_s: float
    actions: Actions


class RulesShown(Struct, frozen=True, kw_only=True):
    """Rules by id."""

    items: list[RuleShown]
    next: str | None


class RevisionShown(Struct, frozen=True, kw_only=True):
    """A rule as it was."""

    revision: int
    name: str
    enabled: bool
    changed: str
    author: AuthorShown
    rule: Body


class RevisionsShown(Struct, frozen=True, kw_only=True):
    """Every revision, the first one first."""

    items: list[RevisionShown]


class LogWanted(Struct, frozen=True, kw_only=True):
    """`before` is the `next` of the page before."""

    limit: Annotated[int, Meta(ge=1, le=1_000)] = 100
    before: Annotated[int, Meta(ge=1, le=2**62)] = 2**62


class FiredShown(Struct, frozen=True, kw_only=True):
    """A time at which it fired: `at` by when its events occurred, `fired` by the clock."""

    n: int
    revision: int
    at: str
    fired: str
    group: str
    cause: UUID | None
    """The id of the event that completed it; null where that was removed."""
    events: int
    done: list[str]


class RefusedShown(Struct, frozen=True, kw_only=True):
    """Why it was kept from firing, and how often."""

    revision: int
    why: str
    times: int
    first: str
    last: str


class EffectShown(Struct, frozen=True, kw_only=True):
    """Something done outside; `id` is the same whenever it is tried again."""

    id: str
    kind: str
    target: str
    state: str
    attempts: int
    created: str
    due: str
    deadline: str | None
    error: str | None


class LogShown(Struct, frozen=True, kw_only=True):
    """What a rule did and why it did not, newest first."""

    fired: list[FiredShown]
    refused: list[RefusedShown]
    effects: list[EffectShown]
    next: int | None


class TrialWanted(Wanted, frozen=True, kw_only=True):
    """A draft, and the time in which to try it; without `since` the last seven days."""

    rule: NewRule
    since: Time | None = None
    until: Time | None = None
    limit: Annotated[int, Meta(ge=0, le=1_000)] = 100
    """Firings to be told; all are counted."""


class TriedEvent(Struct, frozen=True, kw_only=True):
    """One of the events that led to it."""

    id: UUID
    kind: str
    occurred: str
    device: UUID | None
    device_name: str | None


class TriedShown(Struct, frozen=True, kw_only=True):
    """When it would have fired, and the events that led to it, in order."""

    at: str
    group: str
    events: list[TriedEvent]


class TrialShown(Struct, frozen=True, kw_only=True):
    """What came of it.  `whole` is false where the time was up before all of `of` events had been looked at."""

    fired: int
    quiet: int
    matched: int
    looked: int
    of: int
    whole: bool
    took_s: float
    firings: list[TriedShown]
