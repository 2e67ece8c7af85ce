"""Those who hear the same of a log in the same form share the hearing: it is filtered and encoded once for all.

Nothing is queued for anybody: what was told last lies in the circle, and each who listens keeps a place of their own.
Who falls so far behind that it is gone reads the log by themselves, and comes back.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Hashable, Iterator
from contextlib import contextmanager
from typing import Final, NamedTuple

from gatebook.domain.errors import GatebookError

PIECES: Final = 64
PIECES_BYTES: Final = 1024 * 1024
"""What a circle keeps of what it told; a single piece that is larger is left to each to read."""


class Piece(NamedTuple):
    """What `(after, upto]` of the log is to this circle, as it goes over the wire."""

    after: int
    upto: int
    text: bytes


class Circle:
    """All up to `at` has been told here; what was told beyond `floor` can still be had."""

    def __init__(self, at: int) -> None:
        """Nobody listens yet."""
        self.at = self.floor = at
        self.over = False
        """What was common to all may hold no longer: everybody goes on alone, and finds a new circle."""
        self._pieces: deque[Piece] = deque()
        self._size = 0
        self._news = asyncio.Event()
        self._led = False
        self.listeners = 0

    def next(self, after: int) -> Piece | None:
        """The first piece beyond `after` that is still kept; there may be more before it where `lost(after)`."""
        found = None
        for piece in reversed(self._pieces):
            if piece.upto <= after:
                break
            found = piece
        return found

    def lost(self, after: int) -> bool:
        """Whether something beyond `after` is kept no longer."""
        return after < self.floor

    async def wait(self, more: Callable[[int], Awaitable[tuple[int, bytes] | None]]) -> bool:
        """Until more was told, or nothing for a while; whoever comes first asks `more` on behalf of all.

        `more` is told the place, and gives where it ends and what it is to all; None ends the circle, and then this is
        False.
        """
        if self._led:
            await self._news.wait()
            return not self.over
        if self.over:
            return False
        self._led = True
        try:
            told = await more(self.at)
            if told is None:
                self.over = True
            else:
                self._keep(Piece(self.at, *told))
        except (GatebookError, OSError):
            self.over = True
            raise
        finally:  # also where this one goes away while it waits: another takes its place
            self._led = False
            news, self._news = self._news, asyncio.Event()
            news.set()
        return not self.over

    def _keep(self, piece: Piece) -> None:
        self.at = piece.upto
        if not piece.text:
            return
        self._pieces.append(piece)
        self._size += len(piece.text)
        while self._pieces and (len(self._pieces) > PIECES or self._size > PIECES_BYTES):
            gone = self._pieces.popleft()
            self._size -= len(gone.text)
            self.floor = gone.upto


class Circles:
    """The circles that somebody listens in."""

    def __init__(self) -> None:
        """None."""
        self._circles: dict[Hashable, Circle] = {}

    @contextmanager
    def joined(self, key: Hashable, at: int) -> Iterator[Circle | None]:
        """The circle of that key, begun at `at` where there is none; None for whom it is too far ahead."""
        circle = self._circles.get(key)
        if circle is None or circle.over:
            circle = self._circles[key] = Circle(at)
        if circle.lost(at):
            yield None
            return
        circle.listeners += 1
        try:
            yield circle
        finally:
            circle.listeners -= 1
            if not circle.listeners and self._circles.get(key) is circle:
                del self._circles[key]
