"""Which devices are on the line, and what goes over it: the newest line of a device is the one that is used."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID

from gatebook.domain.access import Principal


class Line(Protocol):
    """A way to one device; never waited for."""

    def put(self, message: object) -> bool:
        """Queues a message; False when the line has ended."""

    def end(self, code: int = 1000, reason: str = "") -> None:
        """Ends the line."""


@dataclass(eq=False, slots=True)
class Link:
    """A device that is on the line, and the commands that were sent over it."""

    principal: Principal
    device: int
    line: Line
    sent: set[UUID] = field(default_factory=set)


class Links:
    """Every device that is on the line in this process."""

    def __init__(self, ring: Callable[[], None]) -> None:
        """`ring` is called when a device comes, so that what waits for it is sent."""
        self._links: dict[tuple[int, int], list[Link]] = {}
        self._ring = ring

    @contextmanager
    def joined(self, principal: Principal, device: int, line: Line) -> Iterator[Link]:
        """The device is on the line for as long as the block runs."""
        link = Link(principal, device, line)
        place = (principal.organisation, device)
        self._links.setdefault(place, []).append(link)
        self._ring()
        try:
            yield link
        finally:
            self._links[place].remove(link)
            if not self._links[place]:
                del self._links[place]

    def of(self, organisation: int, device: int) -> Link | None:
        """The newest line of a device."""
        found = self._links.get((organisation, device))
        return found[-1] if found else None
