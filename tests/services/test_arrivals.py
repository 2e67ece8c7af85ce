"""What is decided on a read: nothing opens on a tie, under the threshold, for a stale read, or beyond the level."""

from __future__ import annotations

from typing import TypeVar
from uuid import UUID

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gatebook.domain.gates import CameraSetting, Level, Passage, PlateHolder
from gatebook.domain.matching import LEVELS, Matcher
from gatebook.domain.times import Instant
from gatebook.services.arrivals import FRESH_NS, Action, DecisionTold, Gate, Offered, Read, ReadTold, judged, matched

NOW = Instant(1_780_000_000 * 10**9)
ID = UUID(int=1)
ALPHABET = "AO0DQ1I8B"
PLATES = st.text(ALPHABET, min_size=4, max_size=6)
SHARES = st.floats(0, 1)
OFFERS = st.lists(st.builds(Offered, PLATES, st.none() | SHARES), max_size=2)
TIMES = st.none() | st.integers(-100, 100).map(lambda s: Instant(NOW + s * 10**9))
ORDER = list(Level)
ALIKE = {"O": "0", "0": "O", "I": "1", "1": "I", "8": "B", "B": "8", "D": "O", "Q": "O"}
T = TypeVar("T")


def holders_of(plates: list[str], until: Instant | None, each: int = 1) -> list[PlateHolder]:
    """`each`: how many plates in a row one person carries."""
    return [
        PlateHolder(credential=ID, person=number // each + 1, plate=plate, valid_until=until)
        for number, plate in enumerate(plates)
    ]


def decided(
    plates: list[str], read: Read, setting: CameraSetting, until: Instant | None, locks: list[int], passes: list[int]
) -> tuple[DecisionTold, bool]:
    """The decision, and whether several plates tie."""
    matcher = Matcher(plates)
    match = matched(matcher, read)
    found = [] if match is None else [one for one in holders_of(plates, until, each=6) if one.plate in match.plates]
    passages = [Passage(person=person, device=lock) for person in passes for lock in locks]
    gate = Gate(setting=setting, locks=locks, holders=found, passages=passages)
    return judged(read, match, gate, NOW), match is not None and len(match.plates) > 1


def mostly(usual: T, others: st.SearchStrategy[T]) -> st.SearchStrategy[T]:
    """The usual value three times of four, so that what is decided hangs on one thing at a time."""
    return st.integers(0, 3).flatmap(lambda n: others if n == 0 else st.just(usual))


def misread(plate: str, way: str) -> str:
    """The plate read exactly, as one that looks alike, with one edit, or with a character too many that looks alike."""
    at = next((at for at, letter in enumerate(plate) if letter in ALIKE), None)
    match way:
        case "alike" if at is not None:
            return plate[:at] + ALIKE[plate[at]] + plate[at + 1 :]
        case "edit":
            return plate[:2] + "X" + plate[3:]
        case "longer":
            return plate + "0"
        case _:
            return plate


@settings(max_examples=500, deadline=None)
@example(
    plates=["AAOAA", "AA0AA"], way="edit", confidence=0.95, offers=[], threshold=0.8, level=Level.ONE_EDIT,
    enabled=True, ago_s=1, ahead=False, until=None, locks=[50], passes=[1],
)  # fmt: skip
@given(
    plates=st.lists(PLATES, unique=True, min_size=1, max_size=6),
    way=st.sampled_from(["exact", "alike", "edit", "longer"]), confidence=mostly(0.95, SHARES),
    offers=mostly([], OFFERS), threshold=mostly(0.8, SHARES), level=st.sampled_from(Level),
    enabled=mostly(True, st.booleans()), ago_s=mostly(1, st.integers(-90, 90)), ahead=mostly(False, st.booleans()),
    until=mostly(None, TIMES), locks=mostly([50], st.lists(st.integers(50, 52), unique=True, max_size=2)),
    passes=mostly([1, 2, 3, 4, 5, 6], st.lists(st.integers(1, 6), unique=True)),
)  # fmt: skip
def test_what_opens_is_beyond_doubt(
    plates: list[str], way: str, confidence: float, offers: list[Offered], threshold: float, level: Level,
    enabled: bool, ago_s: int, ahead: bool, until: Instant | None, locks: list[int], passes: list[int],
) -> None:  # fmt: skip
    text = misread(plates[0], way)
    told = ReadTold(plate=text, confidence=confidence, candidates=offers)
    read = Read(id=ID, occurred=Instant(NOW - ago_s * 10**9), ahead=ahead, told=told)
    setting = CameraSetting(device=1, threshold=threshold, level=level, enabled=enabled)

    found, tied = decided(plates, read, setting, until, locks, passes)

    if found.action is not Action.OPENED:
        return
    assert not tied
    assert confidence >= threshold
    assert enabled
    assert not ahead
    assert abs(ago_s) * 10**9 <= FRESH_NS
    assert until is None or until > NOW
    assert found.matched_plate in plates
    assert found.person in passes
    assert found.lock in locks
    assert ORDER.index({step.value: one for step, one in LEVELS.items()}[str(found.level)]) <= ORDER.index(level)
    if level is Level.EXACT:
        assert found.matched_plate in {text, *(one.plate for one in offers)}
        assert found.forgiven == []


def test_a_plate_that_is_only_near_is_told_and_opens_nothing() -> None:
    read = Read(id=ID, occurred=NOW, ahead=False, told=ReadTold(plate="A01BB", confidence=0.99))

    found, _tied = decided(["AO1BB"], read, CameraSetting(device=1), None, [50], [1])

    assert (found.action, found.near, found.matched_plate) == (Action.NO_MATCH, "AO1BB", None)


def test_the_same_read_opens_where_the_camera_allows_it_and_says_what_was_forgiven() -> None:
    read = Read(id=ID, occurred=NOW, ahead=False, told=ReadTold(plate="A01BB", confidence=0.99))

    found, _tied = decided(["AO1BB"], read, CameraSetting(device=1, level=Level.LOOK_ALIKE), None, [50], [1])

    assert (found.action, found.level) == (Action.OPENED, "look_alike")
    assert [(one.at, one.read, one.plate) for one in found.forgiven] == [(2, "0", "O")]


def test_two_people_with_one_plate_written_in_two_ways_are_a_tie() -> None:
    read = Read(id=ID, occurred=NOW, ahead=False, told=ReadTold(plate="AB1", confidence=0.99))
    match = matched(Matcher(["AB-1", "AB 1"]), read)
    gate = Gate(setting=CameraSetting(device=1), locks=[50], holders=holders_of(["AB-1", "AB 1"], None))

    assert judged(read, match, gate, NOW).action is Action.AMBIGUOUS


@pytest.mark.parametrize(
    ("plate", "confidence", "setting", "locks", "action", "lock"),
    [
        ("XX99XXX", 0.99, CameraSetting(device=1), [50, 51], Action.NO_MATCH, 50),
        ("A01BB", 0.99, CameraSetting(device=1), [50], Action.NO_MATCH, 50),
        ("AO1BB", 0.10, CameraSetting(device=1), [50], Action.LOW_CONFIDENCE, 50),
        ("XX99XXX", 0.99, CameraSetting(device=1), [], Action.NO_MATCH, None),
        ("AO1BB", 0.99, CameraSetting(device=1, enabled=False), [50], Action.NO_LINKED_LOCK, None),
    ],
    ids=["nobody", "nearly somebody", "dim", "a camera without a lock", "a camera that is off"],
)
def test_the_lock_of_the_camera_is_told_whether_or_not_anything_opens(
    plate: str, confidence: float, setting: CameraSetting, locks: list[int], action: Action, lock: int | None
) -> None:
    """SmartphoneKey "Get LPR event history", heading Responses: "Linked lock id, when known"."""
    read = Read(id=ID, occurred=NOW, ahead=False, told=ReadTold(plate=plate, confidence=confidence))

    found, _tied = decided(["AO1BB"], read, setting, None, locks, [1])

    assert (found.action, found.lock) == (action, lock)
