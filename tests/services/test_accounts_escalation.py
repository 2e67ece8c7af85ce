"""Whatever is tried, nobody gives, keeps alive or takes over more than they hold."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatebook.domain.access import Grant, Principal, Scope
from gatebook.domain.accounts import ApiKey, User
from gatebook.domain.errors import Forbidden, GatebookError, NotFound, Unplaceable
from gatebook.services.forms import KeyChange, NewDeviceToken, NewKey, NewService, NewUser, Reach, UserChange
from tests.services.offices import Office, office_in

SITES, DEVICES = 3, 6
"""Device n stands at site n % 4, where 0 is nowhere."""
SCOPES = (Scope.ADMIN, Scope.EVENTS_READ, Scope.EVENTS_WRITE, Scope.DEVICES_MANAGE)

narrow_reaches = st.builds(
    lambda sites, devices: Reach(sites=tuple(sorted(sites)), devices=tuple(sorted(devices))),
    st.sets(st.integers(1, SITES), max_size=2),
    st.sets(st.integers(1, DEVICES), max_size=2),
)
reaches = st.one_of(narrow_reaches, st.just(Reach(everything=True)))
scopes = st.frozensets(st.sampled_from(SCOPES), min_size=1)
acts = st.lists(
    st.tuples(
        st.sampled_from(["user", "service", "key", "token", "change user", "change key", "reset", "remove"]),
        st.integers(0, 7),
        scopes,
        reaches,
    ),
    min_size=3,
    max_size=8,
)


def pairs_of(scopes: frozenset[Scope], grant: Grant) -> set[tuple[Scope, int]]:
    """Every (scope, device) that somebody may, one by one; the oracle knows nothing of grants being compared."""
    held = set(SCOPES) if Scope.ADMIN in scopes else set(scopes)
    seen = {
        device
        for device in range(1, DEVICES + 1)
        if grant.everything or device in grant.devices or (device % 4 in grant.sites and device % 4 != 0)
    }
    rights = {(scope, device) for scope in held for device in seen}
    if grant.everything:
        rights |= {(scope, 0) for scope in held}  # what is yet to come
    return rights | {(scope, -site) for scope in held for site in (grant.sites or set())}


def rights_of(holder: Principal | User | ApiKey) -> set[tuple[Scope, int]]:
    grant = holder.grant
    if grant.everything:
        grant = Grant(everything=True, sites=frozenset(range(1, SITES + 1)))
    return pairs_of(holder.scopes, grant)


def furnish(office: Office) -> None:
    sites = [office.site(f"site {n}").number for n in range(1, SITES + 1)]
    assert sites == [1, 2, 3]
    for n in range(1, DEVICES + 1):
        assert office.device(f"door {n}", site=n % 4 or None).number == n


def attempt(office: Office, actor: Principal, act: tuple[str, int, frozenset[Scope], Reach], nth: int) -> None:
    """One thing that an administrator may try; a refusal is fine."""
    what, index, scopes, reach = act
    entities = office.entities
    users = office.run(entities.users.list(office.root))
    keys = office.run(entities.keys.list(office.root))
    user, key = (some[index % len(some)] if some else None for some in (users, keys))
    tries: dict[str, Any] = {
        "user": lambda: entities.users.add(actor, NewUser(login=f"u{nth}", name="u", scopes=scopes, grant=reach)),
        "service": lambda: entities.services.add(actor, NewService(name="s", scopes=scopes)),
        "key": lambda: entities.keys.add(actor, NewKey(name="k", scopes=scopes, grant=reach)),
        "token": lambda: entities.device_tokens.add(actor, NewDeviceToken(device=index or 1, name="t")),
        "change user": lambda: entities.users.change(actor, user.id, UserChange(scopes=scopes, grant=reach)),
        "change key": lambda: entities.keys.change(actor, key.id, KeyChange(scopes=scopes, grant=reach)),
        "reset": lambda: entities.users.reset_password(actor, user.id),
        "remove": lambda: entities.keys.remove(actor, key.id),
    }
    if (what in ("change user", "reset") and user is None) or (what in ("change key", "remove") and key is None):
        return
    try:
        office.run(tries[what]())
    except GatebookError:
        return


@settings(max_examples=60, deadline=None)
@given(
    actor_scopes=st.sampled_from([{Scope.ADMIN}, {Scope.ADMIN}, {Scope.DEVICES_MANAGE}, set(SCOPES[1:])]),
    actor_reach=narrow_reaches,
    acts=acts,
)
def test_no_sequence_of_acts_gives_more_than_the_actor_holds(
    actor_scopes: set[Scope], actor_reach: Reach, acts: list[tuple[str, int, frozenset[Scope], Reach]]
) -> None:
    with tempfile.TemporaryDirectory() as folder, office_in(Path(folder)) as office:
        furnish(office)
        grant = Grant(
            sites=frozenset(int(ref) for ref in actor_reach.sites if isinstance(ref, int)),
            devices=frozenset(int(ref) for ref in actor_reach.devices if isinstance(ref, int)),
        )
        actor = office.principal(*actor_scopes, grant=grant)
        boss = NewUser(login="boss", name="b", scopes=frozenset(SCOPES), password="correct horse battery")
        guard = NewUser(login="guard", name="g", scopes=frozenset({Scope.EVENTS_READ}), grant=Reach(sites=(1,)))
        for form in (boss, guard):
            office.run(office.entities.users.add(office.root, form))
        before = state(office)
        held = rights_of(actor)

        for nth, act in enumerate(acts):
            attempt(office, actor, act, nth)

        for id_, (rights, revision) in state(office).items():
            was, untouched = before.get(id_, (set(), 0))
            if revision != untouched:
                assert rights | was <= held, "an account that the actor touched holds or held more than the actor"
        for id_, (rights, _) in before.items():
            if id_ not in state(office):
                assert rights <= held, "an account that the actor removed held more than the actor"


def state(office: Office) -> dict[object, tuple[set[tuple[Scope, int]], int]]:
    entities, root = office.entities, office.root
    accounts = [
        *office.run(entities.users.list(root)),
        *office.run(entities.services.list(root)),
        *office.run(entities.keys.list(root)),
        *office.run(entities.device_tokens.list(root)),
    ]
    return {account.id: (rights_of(account), account.revision) for account in accounts}  # type: ignore[arg-type]


@pytest.fixture
def narrow(office: Office) -> Principal:
    """An administrator of site 1."""
    furnish(office)
    return office.principal(Scope.ADMIN, grant=Grant(sites=frozenset({1})))


def test_an_administrator_of_one_site_administers_that_site(office: Office, narrow: Principal) -> None:
    inside = Reach(sites=(1,), devices=(1, 5))

    made = office.run(office.entities.users.add(narrow, NewUser(
        login="guard", name="Guard", scopes=frozenset({Scope.ADMIN}), grant=inside)))  # fmt: skip

    assert [one.id for one in office.run(office.entities.users.list(narrow))] == [made.id]


@pytest.mark.parametrize(
    ("scopes", "reach", "error"),
    [
        (frozenset({Scope.EVENTS_READ}), Reach(everything=True), Forbidden),
        (frozenset({Scope.EVENTS_READ}), Reach(sites=(1, 2)), Unplaceable),
        (frozenset({Scope.EVENTS_READ}), Reach(devices=(2,)), Unplaceable),
    ],
)
def test_it_gives_nothing_beyond_it(
    office: Office, narrow: Principal, scopes: frozenset[Scope], reach: Reach, error: type[GatebookError]
) -> None:
    with pytest.raises(error):
        office.run(office.entities.keys.add(narrow, NewKey(name="k", scopes=scopes, grant=reach)))


def test_a_hidden_device_and_none_are_refused_in_the_same_words(office: Office, narrow: Principal) -> None:
    told = []
    for device in (2, 99):
        with pytest.raises(Unplaceable) as refusal:
            office.run(office.entities.keys.add(narrow, NewKey(
                name="k", scopes=frozenset({Scope.EVENTS_READ}), grant=Reach(devices=(device,)))))  # fmt: skip
        told.append(str(refusal.value).replace(str(device), "N"))

    assert told[0] == told[1]


def test_accounts_beyond_it_are_not_there(office: Office, narrow: Principal) -> None:
    boss = NewUser(login="boss", name="Boss", scopes=frozenset({Scope.ADMIN}))
    made = office.run(office.entities.users.add(office.root, boss))

    for ref in (made.id, made.number, "boss", "nobody"):
        for work in (
            office.entities.users.get(narrow, ref),
            office.entities.users.reset_password(narrow, ref),
            office.entities.users.change(narrow, ref, UserChange(login="mine")),
            office.entities.users.remove(narrow, ref),
        ):
            with pytest.raises(NotFound, match=r"^no such user$"):
                office.run(work)
    assert office.run(office.entities.users.list(narrow)) == []
