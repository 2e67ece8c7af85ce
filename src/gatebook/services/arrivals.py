"""From reads of plates to what is decided on them: one arrival, one deciding row, at most one opening.

Pure but for the transaction that it is given: everything that it knows lies in the store, so that a stop in between
changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from uuid import UUID

import msgspec

from gatebook.domain.gates import CameraSetting, Passage, PlateHolder
from gatebook.domain.matching import Candidate, Match, Matcher
from gatebook.domain.plates import normalise
from gatebook.domain.times import Instant

SECOND_NS: Final = 10**9
FRESH_NS: Final = 30 * SECOND_NS
"""Only a read that is not older opens, nor one from a clock that is further ahead."""
GAP_NS: Final = 30 * SECOND_NS
"""Reads of one plate without a vehicle's id are one arrival when they are not further apart."""
DECIDED_AFTER_NS: Final = 10 * SECOND_NS
"""When nothing opens, an arrival is decided so long after its first read came in."""


class Action(StrEnum):
    """What was done on a read."""

    OPENED = "opened"
    NO_MATCH = "no_match"
    LOW_CONFIDENCE = "low_confidence"
    AMBIGUOUS = "ambiguous"
    NO_LINKED_LOCK = "no_linked_lock"
    NOT_AUTHORISED = "not_authorised"
    REPEAT_READ = "repeat_read"
    OPEN_FAILED = "open_failed"


class Offered(msgspec.Struct, frozen=True, omit_defaults=True):
    """A reader's other way to read a plate."""

    plate: str
    confidence: float | None = None


class ReadTold(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The data of a `plate.read`."""

    plate: str
    confidence: float
    candidates: list[Offered] = []
    vehicle: str | None = None
    """The reader's id of the vehicle: the same for all reads of one passing."""
    source: str | None = None
    """Which form the read came in."""
    region: str | None = None


class ForgivenTold(msgspec.Struct, frozen=True):
    """A character that was read, and the one that the plate has there, counted from 1."""

    at: int
    read: str
    plate: str


class DecisionTold(msgspec.Struct, frozen=True, kw_only=True):
    """The data of a `plate.decided`."""

    plate: str
    """As read, in upper case."""
    normalised: str
    confidence: float
    action: Action
    matched_plate: str | None = None
    person: int | None = None
    lock: int | None = None
    """The lock that opens, or else the first that the camera is linked to."""
    level: str | None = None
    """How the plate was found: exact, candidate, look_alike or one_edit."""
    forgiven: list[ForgivenTold] = []
    near: str | None = None
    """The plate that was nearly read, where the camera does not open for that."""
    tied: list[str] = []
    read: str
    """The id of the read."""
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """One read as it is judged."""

    id: UUID
    occurred: Instant
    ahead: bool
    """True where its clock was so far ahead that its time is not its own."""
    told: ReadTold

    @property
    def plate(self) -> str:
        """Normalised."""
        return normalise(self.told.plate)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """What stands behind a camera, for one plate: its holders and where they may pass, by lock in order."""

    setting: CameraSetting
    locks: Sequence[int]
    holders: Sequence[PlateHolder] = ()
    passages: Sequence[Passage] = ()


def read_of(id: UUID, occurred: Instant, ahead: bool, data: bytes | None) -> Read | None:
    """A read in the log; None for one whose data tell no plate."""
    if data is None:
        return None
    try:
        told = msgspec.json.decode(data, type=ReadTold)
    except msgspec.DecodeError:
        return None
    found = Read(id=id, occurred=occurred, ahead=ahead, told=told)
    return found if found.plate and 0 <= told.confidence <= 1 else None


def matched(matcher: Matcher, read: Read) -> Match | None:
    """What a read means."""
    told = read.told
    offered = [Candidate(one.plate, one.confidence) for one in told.candidates]
    return matcher.match(told.plate, told.confidence, offered)


def fresh(read: Read, now: Instant) -> bool:
    """Whether a read may open: neither old, nor from the future."""
    return not read.ahead and abs(now - read.occurred) <= FRESH_NS


def judged(read: Read, match: Match | None, gate: Gate, now: Instant) -> DecisionTold:
    """What is to be done on a read, if it were the only one; `opened` where it may open now."""
    told = read.told
    plain = DecisionTold(
        plate=told.plate.upper(), normalised=read.plate, confidence=told.confidence, action=Action.NO_MATCH,
        lock=next(iter(gate.locks), None), read=str(read.id),
    )  # fmt: skip
    if match is None:
        return plain
    if not match.allowed(gate.setting.level):
        return replace_told(plain, near=match.plate, tied=list(match.plates) if match.plate is None else [])
    holders = {holder.person: holder for holder in gate.holders}
    if match.plate is None or len(holders) > 1:
        return replace_told(plain, action=Action.AMBIGUOUS, tied=list(match.plates))
    if not holders:  # withdrawn between the look into the index and now
        return plain
    [holder] = holders.values()
    found = replace_told(
        plain, matched_plate=match.plate, person=holder.person, level=match.step.value,
        forgiven=[ForgivenTold(*one) for one in match.forgiven],
    )  # fmt: skip
    return _opening(read, match, holder, gate, found, now)


def _opening(
    read: Read, match: Match, holder: PlateHolder, gate: Gate, found: DecisionTold, now: Instant
) -> DecisionTold:
    if match.confidence < gate.setting.threshold:
        return replace_told(found, action=Action.LOW_CONFIDENCE)
    if not gate.setting.enabled:
        return replace_told(found, action=Action.NO_LINKED_LOCK, lock=None, reason="the camera is switched off")
    if not gate.locks:
        return replace_told(found, action=Action.NO_LINKED_LOCK)
    allowed = {one.device for one in gate.passages if one.person == holder.person and one.holds(now)}
    locks = [lock for lock in gate.locks if lock in allowed]
    if not locks or not holder.holds(now):
        return replace_told(found, action=Action.NOT_AUTHORISED)
    if not fresh(read, now):
        return replace_told(found, action=Action.OPEN_FAILED, lock=locks[0], reason="the read came too late")
    return replace_told(found, action=Action.OPENED, lock=locks[0])


def replace_told(told: DecisionTold, **fields: object) -> DecisionTold:
    """The same, but for these fields."""
    return msgspec.structs.replace(told, **fields)
