"""What webhooks send: one event as the webhook's author sees it, as a body that is signed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from gatebook.domain.deliveries import JITTER, PAUSES_S, pause_ns
from gatebook.domain.events import Event
from gatebook.domain.places import Organisation
from gatebook.domain.times import Instant
from gatebook.services.views import View
from gatebook.store.contract import Page
from gatebook.store.webhooks import Webhook


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What a body is made of: one event as the webhook's author sees it."""

    id: str
    """The same whenever it is sent."""
    at: Instant
    """When this attempt is made."""
    event: Event
    page: Page
    view: View
    organisation: Organisation
    type_name: str | None
    """What the event's type is called, where it was made at run time."""
    base_url: str
    """The address that clients use."""
    webhook: Webhook
    secrets: tuple[str, ...]
    """The newest first; each signs."""
    rule: UUID | None = None
    payload: str | None = None
    """JSON: what the rule says beside."""


@dataclass(frozen=True, slots=True)
class Built:
    """A request: its body, and its headers, with those that sign it."""

    body: bytes
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """What a webhook may send, and what its receivers are used to: offered by a dialect, under a name."""

    build: Callable[[Message], Built]
    """Makes the body and signs it; called anew for each attempt."""
    pauses_s: Sequence[float] = PAUSES_S
    """Before the second attempt, the third, and so on."""
    jitter: float = JITTER
    final: frozenset[int] = frozenset()
    """Answers after which it is not tried again."""

    def pause_ns(self, attempts: int, status: int | None, chance: float) -> int | None:
        """How long to wait after so many attempts; None: no more."""
        return None if status in self.final else pause_ns(attempts, chance, self.pauses_s, self.jitter)
