"""A question to history in numbers: its filter and its grant are streams, classes and conditions by now."""

from __future__ import annotations

from dataclasses import dataclass, field

from gatebook.domain.events import EventClass
from gatebook.domain.times import Instant, Window
from gatebook.store.contract import Position, Selection
from gatebook.store.sqlite.reading import Clauses
from gatebook.store.sqlite.tallies import LIMIT


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """An index to go by."""

    query: str
    bindings: tuple[object, ...]
    """What is looked up, as a list to bind; none where the conditions alone find it."""
    occurred: str = "p.occurred"
    seq: str = "p.seq"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked of the store, its filter already resolved to numbers within the same snapshot."""

    selection: Selection
    members: dict[int, frozenset[int]]
    classes: dict[int, EventClass]
    conditions: Clauses = field(default_factory=Clauses)
    """What no tally knows, over the aliases `e` and `p`."""
    named: Named | None = None
    descending: bool = True
    limit: int = 50
    offset: int = 0
    after: Position | None = None
    ceiling: int | None = None
    with_total: bool = True
    burst: int = LIMIT
    """Events in a bucket beyond which it has finer rows."""

    @property
    def is_countable(self) -> bool:
        """True when tallies alone answer it."""
        return self.named is None and not self.conditions.words

    @property
    def window(self) -> Window:
        """The selection's window, as far as it lies beyond `after`."""
        window = self.selection.window
        if self.after is None:
            return window
        if self.descending:
            return Window(window.since, Instant(min(window.until, self.after.occurred + 1)))
        return Window(Instant(max(window.since, self.after.occurred)), window.until)
