"""From a path to its operation: static text by one lookup, parameters by a tree of segments.

Static text wins over a part of a segment, that over a whole segment, that over `{name:rest}`; so no order of writing
matters.  A path of n segments costs at most a few lookups for each.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from gatebook.http.dialect import PARAMETER

T = TypeVar("T")

GUID = re.compile(r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\Z")


@dataclass(slots=True)
class _Node(Generic[T]):
    """What may follow a beginning of a path; `here` and `rest` are by method."""

    static: dict[str, _Node[T]] = field(default_factory=dict)
    parts: list[tuple[re.Pattern[str], _Node[T]]] = field(default_factory=list)
    whole: _Node[T] | None = None
    here: dict[str, T] = field(default_factory=dict)
    rest: dict[str, T] = field(default_factory=dict)


class Router(Generic[T]):
    """Targets by method and path; parameters come back as a tuple of their values, in order."""

    def __init__(self, *, fold_case: bool = False) -> None:
        self._fold = fold_case
        self._fixed: dict[str, dict[str, T]] = {}
        self._tree: _Node[T] = _Node()

    def add(self, method: str, path: str, target: T) -> None:
        """Serve `method path` by `target`; raises ValueError where that is taken already."""
        if not path.startswith("/") or (path != "/" and path.endswith("/")):
            raise ValueError(f"{path}: a path begins with a slash and does not end in one")
        node = self._tree
        segments = path.split("/")[1:]
        by_method = node.rest
        for at, segment in enumerate(segments):
            parameter = PARAMETER.fullmatch(segment)
            if parameter and parameter[2]:
                if at != len(segments) - 1:
                    raise ValueError(f"{path}: {segment} may only come last")
                by_method = node.rest
                break
            node = self._child(node, segment)
            by_method = node.here
        if method in by_method:
            raise ValueError(f"{method} {path}: served already")
        by_method[method] = target
        if "{" not in path:
            self._fixed[self._key(path)] = node.here

    def find(self, method: str, path: str, segments: Sequence[str]) -> tuple[T, tuple[str, ...]] | None:
        """The target of a path (given whole and as its segments) and the values of its parameters."""
        fixed = self._fixed.get(path.lower() if self._fold else path)
        if fixed is not None and method in fixed:
            return fixed[method], ()
        found = self._seek(self._tree, segments, 0, (), method)
        if found is None or not self._fold:
            return found
        return found[0], tuple(value.lower() if GUID.match(value) else value for value in found[1])

    def methods(self, segments: Sequence[str]) -> tuple[str, ...]:
        """All methods that any pattern serves at this path, in alphabetical order; none: no such path."""
        return tuple(sorted({method for leaf in self._leaves(self._tree, segments, 0) for method in leaf}))

    def reach(self, segments: Sequence[str]) -> int:
        """How many segments of a path lead on; fewer than all: the next one is where it leaves what is served."""
        return self._reach(self._tree, segments, 0)

    def _reach(self, node: _Node[T], segments: Sequence[str], at: int) -> int:
        if at == len(segments) or not segments[at]:
            return at
        segment = segments[at]
        ways = [node.static.get(self._key(segment)), node.whole]
        ways += [part for pattern, part in node.parts if pattern.fullmatch(segment)]
        return max((self._reach(way, segments, at + 1) for way in ways if way is not None), default=at)

    def _key(self, text: str) -> str:
        return text.lower() if self._fold else text

    def _child(self, node: _Node[T], segment: str) -> _Node[T]:
        if "{" not in segment:
            return node.static.setdefault(self._key(segment), _Node())
        if PARAMETER.fullmatch(segment):
            node.whole = node.whole or _Node()
            return node.whole
        pattern = self._pattern(segment)
        for known, child in node.parts:
            if known == pattern:
                return child
        child = _Node[T]()
        node.parts.append((pattern, child))
        node.parts.sort(key=lambda part: -len(part[0].pattern))
        return child

    def _pattern(self, segment: str) -> re.Pattern[str]:
        """A segment such as `{id}.json`; one parameter cannot be empty, and takes as much as it can."""
        pieces = PARAMETER.split(segment)[::3]
        return re.compile("(.+)".join(re.escape(piece) for piece in pieces), re.IGNORECASE if self._fold else 0)

    def _seek(
        self, node: _Node[T], segments: Sequence[str], at: int, values: tuple[str, ...], method: str
    ) -> tuple[T, tuple[str, ...]] | None:
        if at == len(segments):
            target = node.here.get(method)
            return None if target is None else (target, values)
        segment = segments[at]
        child = node.static.get(segment.lower() if self._fold else segment)
        if child is not None and (found := self._seek(child, segments, at + 1, values, method)):
            return found
        if not segment:
            return None
        for pattern, part in node.parts:
            if (match := pattern.fullmatch(segment)) and (
                found := self._seek(part, segments, at + 1, (*values, *match.groups()), method)
            ):
                return found
        if node.whole is not None and (found := self._seek(node.whole, segments, at + 1, (*values, segment), method)):
            return found
        target = node.rest.get(method)
        return None if target is None else (target, (*values, "/".join(segments[at:])))

    def _leaves(self, node: _Node[T], segments: Sequence[str], at: int) -> Iterator[dict[str, T]]:
        if at == len(segments):
            yield node.here
            return
        segment = segments[at]
        if child := node.static.get(self._key(segment)):
            yield from self._leaves(child, segments, at + 1)
        if not segment:
            return
        for pattern, part in node.parts:
            if pattern.fullmatch(segment):
                yield from self._leaves(part, segments, at + 1)
        if node.whole is not None:
            yield from self._leaves(node.whole, segments, at + 1)
        yield node.rest
