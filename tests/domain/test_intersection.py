"""Two credentials at once: whatever is done with them, each of them alone would have allowed."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from gatebook.domain.access import EVERYTHING, Grant, Principal, PrincipalKind, Scope, intersection

DEVICES, SITES = range(1, 7), range(1, 4)
PLACES = st.fixed_dictionaries({device: st.none() | st.sampled_from(SITES) for device in DEVICES})
GRANTS = st.just(EVERYTHING) | st.builds(
    Grant,
    sites=st.frozensets(st.sampled_from(SITES)),
    devices=st.frozensets(st.sampled_from(DEVICES)),
)


def principal(scopes: frozenset[Scope], grant: Grant, organisation: int = 1) -> Principal:
    return Principal(
        organisation=organisation, kind=PrincipalKind.USER, id=UUID(int=7), name="x", scopes=scopes, grant=grant
    )


PRINCIPALS = st.builds(principal, st.frozensets(st.sampled_from(list(Scope))), GRANTS)


@given(PRINCIPALS, PRINCIPALS, PLACES)
def test_both_together_may_and_see_what_each_alone_may_and_sees(
    first: Principal, second: Principal, places: dict[int, int | None]
) -> None:
    both = intersection(first, second, places)

    assert both is not None
    for scope in Scope:
        alone = [scope in one.scopes or "admin" in one.scopes for one in (first, second)]
        assert both.may(scope) is all(alone)
    for device, site in places.items():
        alone = [
            one.grant == EVERYTHING or device in one.grant.devices or site in one.grant.sites - {None}
            for one in (first, second)
        ]
        assert both.grant.shows(device, site) is all(alone)


@given(PRINCIPALS, PRINCIPALS, PLACES)
def test_the_order_of_two_credentials_gives_nobody_more(
    first: Principal, second: Principal, places: dict[int, int | None]
) -> None:
    there, back = intersection(first, second, places), intersection(second, first, places)

    assert there is not None
    assert back is not None
    assert (there.scopes, there.grant) == (back.scopes, back.grant)


@given(PRINCIPALS, PRINCIPALS)
def test_credentials_of_two_organisations_are_nothing_together(first: Principal, second: Principal) -> None:
    assert intersection(first, replace(second, organisation=2), {}) is None


@given(PRINCIPALS, PRINCIPALS, PLACES)
def test_it_stays_who_the_first_one_is(first: Principal, second: Principal, places: dict[int, int | None]) -> None:
    both = intersection(first, replace(second, id=UUID(int=8), kind=PrincipalKind.KEY), places)

    assert both is not None
    assert (both.id, both.kind) == (first.id, first.kind)
