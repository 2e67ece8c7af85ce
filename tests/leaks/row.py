"""What a route asks of a caller, what it names, and how it answers one who may."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Row:
    """`ok`: statuses for a caller who may; others get 401 or 403, and for what they may not see `absent`."""

    needs: str = ""
    """Scopes, all of which are needed."""
    any: str = ""
    """Scopes, of which one is needed, joined by |."""
    whole: bool = False
    """True: a narrow grant is refused, or fails sooner for its body (`ok`)."""
    ok: tuple[int, ...] = (200,)
    absent: tuple[int, ...] = (404,)
    target: str = ""
    """What the path's parameter names: event, seq (an event's, within its organisation), device, lock, site, place (a
    site at which a device may be seen), person, person number, organisation; `mine`: something that only its own
    organisation has, of which no caller here has any."""
    body: object = None
    queries: tuple[str, ...] = ("",)
    public: bool = False
    figures: bool = False
    """True: the answer is full of measured figures, whose digits can be a device's number by chance."""


WATCHERS = "events:read|alarms:manage"
READERS = "events:read|events:write|devices:manage|devices:command|alarms:manage"
