"""Which plate a read means: the index answers as a slow look at every plate does, and forgives both ways alike."""

from __future__ import annotations

import time
from collections.abc import Sequence
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatebook.domain.gates import Level
from gatebook.domain.matching import Candidate, Match, Matcher, Step
from gatebook.domain.plates import (
    MOST_FORGIVEN,
    SHORTEST_EDITED,
    WEIGHTS,
    Forgiven,
    folded,
    forgiven,
    look_alike,
    normalise,
    one_edit,
)

ALPHABET = "AO0DQI1L8BS5Z2G6X"
PLATES = st.text(ALPHABET, min_size=3, max_size=8)
SHARES = st.floats(0, 1)
OFFERS = st.lists(st.tuples(PLATES, st.none() | SHARES).map(lambda pair: Candidate(*pair)), max_size=3)


def distance(one: str, other: str) -> int:
    """Levenshtein's, by the whole table."""
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        before, row = row, [i]
        for j, b in enumerate(other, 1):
            row.append(min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b)))
    return row[-1]


def oracle(
    plates: Sequence[str], read: str, confidence: float, offers: Sequence[Candidate]
) -> tuple[object, ...] | None:
    """The rule as it is written down, with no index."""
    if read in plates:
        return Step.EXACT, (read,), confidence
    known = [(one.plate, min(confidence, 1.0 if one.confidence is None else one.confidence)) for one in offers]
    known = [(plate, own) for plate, own in known if plate in plates]
    if known:
        most = max(own for _plate, own in known)
        return Step.CANDIDATE, tuple(sorted({plate for plate, own in known if own == most})), most
    weights: dict[str, int] = {}
    for plate in plates:
        pairs = [(a, b) for a, b in zip(read, plate, strict=False) if a != b]
        if len(plate) == len(read) and len(pairs) <= MOST_FORGIVEN and all(pair in WEIGHTS for pair in pairs):
            weights[plate] = sum(WEIGHTS[pair] for pair in pairs)
    if weights:
        least = min(weights.values())
        return Step.LOOK_ALIKE, tuple(sorted(p for p, own in weights.items() if own == least)), confidence
    near = [p for p in plates if min(len(p), len(read)) >= SHORTEST_EDITED and distance(p, read) == 1]
    return (Step.ONE_EDIT, tuple(sorted(near)), confidence) if near else None


def plain(found: Match | None) -> tuple[object, ...] | None:
    return None if found is None else (found.step, found.plates, found.confidence)


@settings(max_examples=400, deadline=None)
@given(st.sets(PLATES, max_size=12), PLATES, SHARES, OFFERS)
def test_the_index_answers_as_a_look_at_every_plate(
    plates: set[str], read: str, confidence: float, offers: list[Candidate]
) -> None:
    assert plain(Matcher(plates).match(read, confidence, offers)) == oracle(sorted(plates), read, confidence, offers)


@settings(max_examples=300, deadline=None)
@given(PLATES, st.data())
def test_a_plate_one_step_away_is_found_as_the_oracle_finds_it(plate: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(plate) - 1))
    other = data.draw(st.sampled_from(["", *ALPHABET]))
    read = plate[:at] + other + plate[at + 1 :]

    found = Matcher([plate]).match(read, 0.9)

    assert plain(found) == oracle([plate], read, 0.9, [])


@settings(max_examples=300, deadline=None)
@given(PLATES, PLATES)
def test_what_looks_alike_does_so_both_ways(one: str, other: str) -> None:
    assert look_alike(one, other) == look_alike(other, one)
    assert one_edit(one, other) == one_edit(other, one)
    assert one_edit(one, other) == (distance(one, other) == 1 and min(len(one), len(other)) >= SHORTEST_EDITED)


@settings(max_examples=300, deadline=None)
@given(PLATES, PLATES)
def test_what_was_forgiven_makes_the_plate_of_the_read(read: str, plate: str) -> None:
    if look_alike(read, plate) is None and not one_edit(read, plate):
        return

    told = forgiven(read, plate)

    rebuilt = list(read)
    for at, was, becomes in told:
        if not was:
            rebuilt.insert(at - 1, becomes)
        else:
            assert rebuilt[at - 1] == was
            rebuilt[at - 1] = becomes
    assert "".join(rebuilt) == plate


def test_pairs_weigh_the_same_whichever_was_read_and_fold_together() -> None:
    assert all(WEIGHTS[other, one] == weight for (one, other), weight in WEIGHTS.items())
    assert all(folded(one) == folded(other) for one, other in WEIGHTS)


def test_a_letter_and_its_digit_are_nearer_than_a_fainter_likeness() -> None:
    found = Matcher(["A0CDE", "ADCDE"]).match("AOCDE", 0.9)

    assert found is not None
    assert (found.step, found.plate, found.forgiven) == (Step.LOOK_ALIKE, "A0CDE", (Forgiven(2, "O", "0"),))


@pytest.mark.parametrize(
    ("plates", "read"),
    [(["AB8XX", "ABBXX"], "AB8XX"), (["AO1XX", "A0IXX"], "AOIXX"), (["AB12CX", "AB12CY"], "AB12CZ")],
)
def test_two_that_are_equally_near_are_neither(plates: list[str], read: str) -> None:
    found = Matcher(plates).match(read, 0.9)

    assert found is not None
    assert found.plate == (read if read in plates else None)


def test_levels_take_in_those_before_them() -> None:
    steps = {step: Match(step=step, plates=("A",), confidence=1.0) for step in Step}

    assert [step for step, one in steps.items() if one.allowed(Level.EXACT)] == [Step.EXACT, Step.CANDIDATE]
    assert not steps[Step.ONE_EDIT].allowed(Level.LOOK_ALIKE)
    assert all(one.allowed(Level.ONE_EDIT) for one in steps.values())


@pytest.mark.parametrize("text", ["ab-12 cde", "AB.12.CDE", "\uff41\uff4212cde", " AB12CDE\t"])
def test_spaces_dashes_dots_and_case_say_nothing(text: str) -> None:
    assert normalise(text) == "AB12CDE"


def test_thousands_of_plates_are_searched_in_no_time() -> None:
    random = Random(4)
    plates = ["".join(random.choices("ABCDEFGHJKLMNOPRSTUVWXYZ0123456789", k=7)) for _ in range(10_000)]
    matcher = Matcher(plates)
    reads = [plate[:3] + random.choice("XY7") + plate[4:] for plate in plates[:2_000]]

    begun = time.process_time()
    for read in reads:
        matcher.match(read, 0.9)
    each_s = (time.process_time() - begun) / len(reads)

    assert each_s < 0.001
