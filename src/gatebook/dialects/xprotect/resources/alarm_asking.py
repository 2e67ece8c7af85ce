"""Which alarms a query asks for: filters, order and page, over alarms as they are told."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from gatebook.dialects.xprotect.resources.alarm_shapes import Alarm
from gatebook.dialects.xprotect.resources.comparing import Comparison, comparison
from gatebook.dialects.xprotect.resources.events import LAST_PAGE, ignore
from gatebook.dialects.xprotect.schemas import DEFAULT_SIZE, LARGEST
from gatebook.domain.errors import BadInput
from gatebook.domain.excerpts import excerpt
from gatebook.domain.terms import MOST_TERMS
from gatebook.http import Request
from gatebook.http.queries import pairs_of, raw_query

PROPERTIES: Final = {
    name.lower(): name
    for name in (
        "id", "localId", "name", "message", "source", "time", "lastUpdatedTime", "state", "state.name", "priority",
        "priority.name", "category", "category.name", "assignedTo.displayName", "reasonForClosing", "state.level",
        "priority.level",
    )
}  # fmt: skip
BESIDE: Final = {name.lower(): name for name in ("page", "size", "orderBy", "include")}


@dataclass(slots=True)
class Asked:
    """What stands in the query."""

    comparisons: list[Comparison] = field(default_factory=list)
    beside: dict[str, str] = field(default_factory=dict)
    spelled_page: str = "page"
    """As the client wrote it."""

    def admits(self, alarm: Alarm) -> bool:
        """Whether an alarm passes all filters."""
        told = told_of(alarm)
        return all(each.admits(told) for each in self.comparisons)

    @property
    def page(self) -> int:
        """From 0."""
        return self._whole("page", 0, 0, LAST_PAGE)

    @property
    def size(self) -> int:
        """As many as fit on a page."""
        return self._whole("size", DEFAULT_SIZE, 1, LARGEST)

    @property
    def with_data(self) -> bool:
        """BadInput for another word than `data`."""
        words = {word.strip().lower() for word in self.beside.get("include", "").split(",")} - {""}
        if words - {"data"}:
            raise BadInput("include", f"unknown word {excerpt(min(words - {'data'}))}", "expected data")
        return bool(words)

    @property
    def newest_first(self) -> bool:
        """The oldest first, unless `desc:'time'` is asked for."""
        way, _, target = self.beside.get("orderBy", "asc:'time'").strip().partition(":")
        if way.strip().lower() not in ("asc", "desc") or target.strip().strip("'").lower() != "time":
            raise BadInput("orderBy", f"got {excerpt(self.beside['orderBy'])}", "expected asc:'time' or desc:'time'")
        return way.strip().lower() == "desc"

    def _whole(self, name: str, default: int, least: int, most: int) -> int:
        text = self.beside.get(name)
        if text is None:
            return default
        if text.isascii() and text.isdigit() and len(text) <= 19 and least <= int(text) <= most:
            return int(text)
        raise BadInput(name, f"got {excerpt(text)}", f"expected an integer from {least} to {most}")


def read_asked(request: Request) -> Asked:
    """The query; names in any letter case, what is not known is left out and listed in `Gatebook-Ignored`."""
    asked, ignored = Asked(), []
    for name, value in pairs_of(raw_query(request)):
        lowered = name.lower()
        if lowered in PROPERTIES:
            if len(asked.comparisons) == MOST_TERMS:
                raise BadInput(PROPERTIES[lowered], f"is one of more than {MOST_TERMS} conditions", "ask for fewer")
            asked.comparisons.append(comparison(PROPERTIES[lowered], value))
        elif lowered in BESIDE:
            if BESIDE[lowered] in asked.beside:
                raise BadInput(BESIDE[lowered], "is given twice", "give it once")
            asked.beside[BESIDE[lowered]] = value
            asked.spelled_page = name if lowered == "page" else asked.spelled_page
        else:
            ignored.append(name)
    ignore(request, ignored)
    return asked


def told_of(alarm: Alarm) -> dict[str, object]:
    """What filters compare: a state, priority or category by its id or its name, a source by its path or its id."""
    held = alarm.assigned_to
    return {
        "id": alarm.id, "localId": alarm.local_id, "name": alarm.name, "message": alarm.message or "",
        "source": (alarm.source, alarm.source.rpartition("/")[2]), "time": alarm.time,
        "lastUpdatedTime": alarm.last_updated_time, "state": (alarm.state.id, alarm.state.name),
        "state.name": alarm.state.name, "priority": (alarm.priority.id, alarm.priority.name),
        "priority.name": alarm.priority.name, "category": (alarm.category.id, alarm.category.name),
        "category.name": alarm.category.name, "assignedTo.displayName": "" if held is None else held.display_name,
        "reasonForClosing": alarm.reason_for_closing or "", "state.level": alarm.state.level,
        "priority.level": alarm.priority.level,
    }  # fmt: skip
