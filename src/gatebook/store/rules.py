"""What passes between the store and the services of rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from gatebook.domain.access import Grant, PrincipalKind
from gatebook.domain.times import Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """A rule as it is kept; `body` is the JSON of what it waits for and does."""

    id: UUID
    name: str
    enabled: bool
    body: str
    author_kind: PrincipalKind
    author: UUID
    """With whose rights it acts: those of whoever changed it last."""
    author_key: UUID | None
    """The API key that bounded these rights."""
    reach: Grant
    """The author's grant when it was written: it never looks beyond."""
    since: int
    """It looks at events beyond this `seq`."""
    changed: Instant
    revision: int = 1


class Revision(NamedTuple):
    """One revision of a rule."""

    revision: int
    name: str
    enabled: bool
    body: str
    author_kind: str
    author: UUID
    changed: Instant


class Fired(NamedTuple):
    """A time at which a rule fired; `n` counts them for each rule.  `cause` is None where its event was removed."""

    n: int
    revision: int
    at: Instant
    fired: Instant
    group: str
    events: str
    done: str
    cause: UUID | None


class RefusedFiring(NamedTuple):
    """How often a rule was kept from firing for one reason."""

    revision: int
    why: str
    n: int
    first: Instant
    last: Instant


class Effect(NamedTuple):
    """Something to be done outside; `key` is the same whenever it is tried again."""

    effect: int
    org: int
    kind: str
    target: str
    seq: int
    payload: str
    key: bytes
    rule: UUID
    revision: int
    created: Instant
    due: Instant
    deadline: Instant | None
    attempts: int
    state: str
    error: str | None
