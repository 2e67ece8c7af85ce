"""Pages by number: what stands in a query, and the headers of both of DoorFlow's conventions."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from msgspec import UNSET, UnsetType

from gatebook.domain.errors import BadInput
from gatebook.http import Request, Response
from gatebook.http.wire import json_reply

T = TypeVar("T")

_POSITIVE: Final = re.compile(r"0*([1-9][0-9]*)", re.ASCII)
_NUMBER: Final = re.compile(r"[0-9]{1,15}", re.ASCII)
PAGE_LIMIT: Final = 10**12
"""No log is longer; a page beyond it is empty all the same."""
NUMBERS_LIMIT: Final = 1_000

HEADERS: Final = {
    "X-Page": "The page",
    "X-Per-Page": "How many fit on a page",
    "X-Total-Results": "How many there are on all pages",
    "Total": "The same as X-Total-Results",
    "Per-Page": "The same as X-Per-Page",
}
"""Source: DoorFlow "Pagination", 2026-08-20, for those with X; openapi.yaml, every list, 2026-08-20, for the others."""


@dataclass(frozen=True, slots=True)
class Slice:
    """One page: its number from 1, and how many fit on it."""

    page: int
    size: int

    @property
    def offset(self) -> int:
        """How many come before it."""
        return (self.page - 1) * self.size

    def headers(self, total: int) -> dict[str, str]:
        """Both conventions."""
        told = {"X-Page": self.page, "X-Per-Page": self.size, "X-Total-Results": total}
        return {name: str(value) for name, value in {**told, "Total": total, "Per-Page": self.size}.items()}


def slice_of(page: str | UnsetType, size: str | UnsetType, *, default: int, most: int, name: str = "per_page") -> Slice:
    """The page that is asked for; `size` above `most` is taken as `most`.  BadInput names `page`, or `name`."""
    return Slice(positive("page", page, 1, PAGE_LIMIT), positive(name, size, default, most))


def positive(name: str, text: str | UnsetType, default: int, most: int) -> int:
    """A positive integer, at most `most`; BadInput for anything else."""
    if text is UNSET:
        return default
    match = _POSITIVE.fullmatch(str(text))
    if match is None:
        raise BadInput(name, f"got {str(text)[:60]!r}", "expected a positive integer such as 1")
    digits = match[1]
    return most if len(digits) > len(str(most)) else min(most, int(digits))


def listed(text: str | UnsetType) -> list[str]:
    """The words between the commas, without blanks; none for nothing."""
    said = "" if text is UNSET else str(text).strip()
    return [word.strip() for word in said.split(",")] if said else []


def numbers(name: str, text: str | UnsetType) -> list[int]:
    """Ids with commas between; BadInput for what is no number."""
    words = listed(text)
    for word in words:
        if not _NUMBER.fullmatch(word):
            raise BadInput(name, f"got {word[:60]!r}", "expected ids with commas between, such as 12,13")
    if len(words) > NUMBERS_LIMIT:
        raise BadInput(name, f"has {len(words)} ids", f"give at most {NUMBERS_LIMIT}")
    return [int(word) for word in words]


def flag(name: str, text: str | UnsetType) -> bool:
    """`true` or `1` as true, `false` or `0` as false, and false for nothing."""
    said = "" if text is UNSET else str(text).lower()
    if said not in ("", "true", "1", "false", "0"):
        raise BadInput(name, f"got {said[:60]!r}", "expected true or false")
    return said in ("true", "1")


def paged(found: Sequence[T], wanted: Slice, shown: Callable[[T], object]) -> Response:
    """One page of what was found, with its headers."""
    page = found[wanted.offset : wanted.offset + wanted.size]
    return json_reply([shown(one) for one in page], headers=wanted.headers(len(found)))


def number_in(request: Request) -> int | None:
    """The number in the path; None for what is none."""
    params: Mapping[str, str] = request.path_params
    return int(params["id"]) if _NUMBER.fullmatch(params["id"]) else None
