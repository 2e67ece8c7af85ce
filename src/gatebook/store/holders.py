"""What a store keeps of tokens that were issued and of browsers' sessions: whose they are, and never their secrets."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from gatebook.domain.times import Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedRow:
    """A token that was issued, without the token."""

    jti: UUID
    organisation: int
    kind: str
    """Of its holder."""
    holder: UUID
    audience: str
    issued: Instant
    ends: Instant
    sign_in: UUID | None = None
    """What other tokens came of, too; they end together."""
    name: str = ""
    """Of its holder, in a list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRow:
    """A browser's session, without its secret."""

    id: UUID
    organisation: int
    user: UUID
    created: Instant
    seen: Instant
    address: str
    agent: str
