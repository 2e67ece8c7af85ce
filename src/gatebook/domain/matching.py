"""Which registered plate a read means: exact, then the reader's candidates, then look-alikes, then one edit.

The first of these steps that finds anything decides; where it finds two plates that are equally near, the read means
neither.  The index holds thousands of plates and is asked in some microseconds; it knows nobody, only plates.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple

from gatebook.domain.gates import Level
from gatebook.domain.plates import SHORTEST_EDITED, Forgiven, folded, forgiven, look_alike, normalise, one_edit


class Step(StrEnum):
    """How a plate was found."""

    EXACT = "exact"
    CANDIDATE = "candidate"
    """The reader itself offers the plate as another way to read it."""
    LOOK_ALIKE = "look_alike"
    ONE_EDIT = "one_edit"


LEVELS: Final = {
    Step.EXACT: Level.EXACT,
    Step.CANDIDATE: Level.EXACT,
    Step.LOOK_ALIKE: Level.LOOK_ALIKE,
    Step.ONE_EDIT: Level.ONE_EDIT,
}
_ORDER: Final = tuple(Level)


class Candidate(NamedTuple):
    """Another way to read the plate, with the reader's confidence in it where it tells one."""

    plate: str
    confidence: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """What the read means.  `plates` are normalised: one, or those that tie, in order."""

    step: Step
    plates: tuple[str, ...]
    confidence: float
    """Of the read, or the lesser one of the candidate that was taken."""
    forgiven: tuple[Forgiven, ...] = ()

    @property
    def plate(self) -> str | None:
        """The one plate; None where several are equally near."""
        return self.plates[0] if len(self.plates) == 1 else None

    def allowed(self, level: Level) -> bool:
        """Whether a camera of this level opens for it."""
        return _ORDER.index(LEVELS[self.step]) <= _ORDER.index(level)


class Matcher:
    """An index of registered plates; made once, asked by many, never changed."""

    def __init__(self, plates: Iterable[str]) -> None:
        """`plates` however they are written; those that are empty once normalised are left out."""
        self._plates = {plate for plate in map(normalise, plates) if plate}
        alike: defaultdict[str, list[str]] = defaultdict(list)
        near: defaultdict[str, list[str]] = defaultdict(list)
        for plate in sorted(self._plates):
            alike[folded(plate)].append(plate)
            if len(plate) >= SHORTEST_EDITED:
                for key in _shortened(plate):
                    near[key].append(plate)
        self._alike, self._near = dict(alike), dict(near)

    def __len__(self) -> int:
        return len(self._plates)

    def match(self, read: str, confidence: float, candidates: Sequence[Candidate] = ()) -> Match | None:
        """What a read means; None where nothing is near."""
        text = normalise(read)
        if text in self._plates:
            return Match(step=Step.EXACT, plates=(text,), confidence=confidence)
        found = self._offered(confidence, candidates) or self._looking_alike(text, confidence)
        return found or self._edited(text, confidence)

    def _offered(self, confidence: float, candidates: Sequence[Candidate]) -> Match | None:
        """The candidate of the most confidence; one without is as good as the read."""
        best: dict[str, float] = {}
        for one in candidates:
            plate = normalise(one.plate)
            if plate in self._plates:
                own = confidence if one.confidence is None else min(confidence, one.confidence)
                best[plate] = max(own, best.get(plate, 0.0))
        if not best:
            return None
        most = max(best.values())
        plates = tuple(sorted(plate for plate, own in best.items() if own == most))
        return Match(step=Step.CANDIDATE, plates=plates, confidence=most)

    def _looking_alike(self, text: str, confidence: float) -> Match | None:
        """The plates for which the least must be forgiven."""
        weights = {plate: look_alike(text, plate) for plate in self._alike.get(folded(text), ())}
        known = {plate: weight for plate, weight in weights.items() if weight is not None}
        if not known:
            return None
        least = min(known.values())
        return _found(Step.LOOK_ALIKE, text, [plate for plate, own in known.items() if own == least], confidence)

    def _edited(self, text: str, confidence: float) -> Match | None:
        if len(text) < SHORTEST_EDITED:
            return None
        near = {plate for key in _shortened(text) for plate in self._near.get(key, ())}
        return _found(Step.ONE_EDIT, text, sorted(plate for plate in near if one_edit(text, plate)), confidence)


def _found(step: Step, text: str, plates: Sequence[str], confidence: float) -> Match | None:
    if not plates:
        return None
    told = forgiven(text, plates[0]) if len(plates) == 1 else ()
    return Match(step=step, plates=tuple(plates), confidence=confidence, forgiven=told)


def _shortened(plate: str) -> set[str]:
    """The plate, and each way to leave one character out: two that are one edit apart share one of these."""
    return {plate, *(plate[:at] + plate[at + 1 :] for at in range(len(plate)))}
