"""What passes between the store and the services of webhooks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from gatebook.domain.access import Grant, PrincipalKind
from gatebook.domain.times import Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """Where events are sent; `filter` is the JSON of its conditions, as a rule has them."""

    id: UUID
    name: str
    url: str
    filter: str
    sends: str
    """`events`: all that pass the filter; `rules`: what rules send alone."""
    ordered: bool
    """One after another for each device."""
    format: str
    enabled: bool
    why: str = ""
    """Why Gatebook disabled it; empty where it did not."""
    author_kind: PrincipalKind
    author: UUID
    """With whose rights events are chosen and shown: those of whoever changed it last."""
    author_key: UUID | None
    reach: Grant
    """The author's grant when it was written: it never looks beyond."""
    revision: int = 1


class Health(NamedTuple):
    """How a webhook fares; `seq` is how far in the log it has come, `failures` are in a row."""

    seq: int
    succeeded: Instant | None
    failing_since: Instant | None
    failures: int
    error: str | None


class Delivery(NamedTuple):
    """One event for one webhook; `message` is the same whenever it is sent."""

    delivery: int
    org: int
    webhook: UUID
    message: str
    seq: int
    stream: int | None
    rule: UUID | None
    payload: str | None
    created: Instant
    due: Instant
    attempts: int
    state: str
    error: str | None
