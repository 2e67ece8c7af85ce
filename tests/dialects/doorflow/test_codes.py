"""Codes and classes: every code can be reported and reads back as itself, every class has at most one code."""

from __future__ import annotations

from itertools import product
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatebook.dialects.doorflow.mapping import ACTIVITY, ALLOWED, CODES, STATUS, code_of, coded
from gatebook.domain.admits import admits_class
from gatebook.domain.events import EventClass
from gatebook.domain.kinds import Kind, Method, Reason
from tests.dialects.doorflow.asking import codes, listed
from tests.houses import House

CLASSES = [EventClass(*parts) for parts in product(Kind, (None, *Method), (None, *Reason))]
PRINTED = {
    1: "Channel started",
    2: "Channel stopped",
    3: "Channel contact lost",
    10: "Admitted (Card/fob)",
    11: "Admitted (PIN)",
    12: "Admitted (Manual)",
    13: "Admitted (Request Exit)",
    14: "Admitted (Auxiliary)",
    20: "Rejected (Unauthorised card/fob)",
    21: "Rejected (Out of hours)",
    22: "Rejected (Lock down)",
    23: "Rejected (Tamper)",
    24: "Rejected (Unauthorised PIN)",
    28: "Rejected (Passback detected)",
    30: "Request exit button pressed",
    31: "Channel state normal",
    32: "Channel state forced-open",
    33: "Channel state extended-open",
    40: "Automatic unlock shift started",
    41: "Automatic unlock shift ended",
    90: "Tamper detected",
    100: "Channel sync started",
    101: "Channel sync not required",
    105: "Channel sync completed",
    106: "Channel sync failed",
    107: "Channel sync timing out",
}
"""As the vendor's page has them."""


def test_the_printed_codes_have_their_printed_meaning() -> None:
    """DoorFlow "Events", heading Event code reference."""
    assert {number: CODES[number].label for number in PRINTED} == PRINTED
    assert {number for number in PRINTED if 10 <= number < 100} == ACTIVITY & set(PRINTED)
    assert set(CODES) <= ALLOWED
    assert set(CODES) >= ACTIVITY | STATUS


@pytest.mark.parametrize("number", CODES)
def test_a_code_can_be_reported_and_reads_back_as_itself(house: House, number: int) -> None:
    """DoorFlow "Events", heading Event code reference; openapi.yaml, Event.event_code."""
    door, code = house.device(), CODES[number]
    house.report(door, code.kind.value, method=code.method, reason=code.reason)

    (item,) = listed(house, channels=door.number, event_codes=number)

    assert (item["event_code"], item["event_label"]) == (number, code.label)
    assert codes(house, channels=door.number, event_codes=",".join(str(one) for one in CODES if one != number)) == []


@settings(deadline=None)
@given(wanted=st.frozensets(st.sampled_from(sorted(ALLOWED))))
def test_a_filter_on_codes_admits_exactly_the_classes_of_these_codes(wanted: frozenset[int]) -> None:
    """DoorFlow openapi.yaml, listEvents, event_codes."""
    admitted = {one for one in CLASSES if admits_class(coded(wanted), one)}

    assert admitted == {one for one in CLASSES if code_of(one.kind, one.method, one.reason) in wanted}


def test_every_admission_and_every_rejection_has_a_code() -> None:
    """DoorFlow "Events", heading Activity events: both are what the list is for."""
    found = {one: code_of(one.kind, one.method, one.reason) for one in CLASSES}

    for one, number in found.items():
        if one.kind is Kind.ACCESS_GRANTED:
            assert number in {*range(10, 19), 70}
        elif one.kind is Kind.ACCESS_DENIED:
            assert number in {*range(20, 30), *range(71, 74)}
        else:
            assert number is None or CODES[number].kind is one.kind


def test_a_type_of_its_own_does_not_change_the_code() -> None:
    """DoorFlow "Events", heading Event code reference."""
    made = EventClass(Kind.DOOR_FORCED, None, None, UUID(int=7), False)

    assert admits_class(coded(frozenset({32})), made)
