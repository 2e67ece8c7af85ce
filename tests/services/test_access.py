"""Credentials become principals, and end with the next change of rights."""

from __future__ import annotations

import statistics
import time
from pathlib import Path

import pytest

from gatebook.domain.access import Grant, Principal, PrincipalKind, Scope
from gatebook.domain.errors import Unauthenticated
from gatebook.domain.times import DAY_NS, Instant
from gatebook.services.access import WRONG, Access
from gatebook.services.forms import (
    DeviceTokenChange,
    KeyChange,
    NewDeviceToken,
    NewKey,
    NewService,
    NewUser,
    Reach,
    ServiceChange,
    UserChange,
)
from gatebook.services.passwords import Passwords
from tests.services.offices import Office, office_in

READS = frozenset({Scope.EVENTS_READ})
PASSWORD = "correct horse battery"


def add_user(office: Office, **fields: object) -> None:
    named = {"login": "ada", "name": "Ada", "scopes": READS, "password": PASSWORD, "must_change": False, **fields}
    office.run(office.entities.users.add(office.root, NewUser(**named)))  # type: ignore[arg-type]


def sign_in(office: Office, login: str = "ada", password: str = PASSWORD) -> Principal:
    return office.run(office.access.sign_in(login, password, address="192.0.2.7"))


def refused(office: Office, login: str, password: str) -> str:
    with pytest.raises(Unauthenticated) as refusal:
        sign_in(office, login, password)
    return str(refusal.value)


def test_a_user_signs_in_by_name_and_password_in_any_letter_case_of_the_name(office: Office) -> None:
    person, site = office.person(), office.site()
    add_user(office, person=person.number, purpose="patrol", grant=Reach(sites=(site.number,)))

    principal = sign_in(office, "ADA")

    assert (principal.kind, principal.name, principal.person) == (PrincipalKind.USER, "Ada", person.number)
    assert (principal.scopes, principal.grant) == (READS, Grant(sites=frozenset({site.number})))
    assert principal.purpose == "patrol"
    assert office.run(office.access.principal_of_user(principal.id)) == principal
    assert office.run(office.access.holder(principal.kind, principal.id)) == principal


def test_every_failure_to_sign_in_has_the_same_words(office: Office) -> None:
    add_user(office)
    add_user(office, login="off", name="Off")
    add_user(office, login="outside", password=None)
    add_user(office, login="gone", expires=Instant(office.clock() + DAY_NS))
    office.run(office.entities.users.change(office.root, "off", UserChange(disabled=True)))
    office.clock.pass_days(2)

    told = {
        refused(office, login, password)
        for login, password in (
            ("nobody", PASSWORD), ("ada", "wrong"), ("off", PASSWORD), ("outside", PASSWORD), ("outside", ""),
            ("gone", PASSWORD), ("", ""), ("ada", "x" * 100_000),
        )
    }  # fmt: skip

    assert told == {WRONG}


def test_an_unknown_name_takes_as_long_as_a_wrong_password(tmp_path: Path) -> None:
    passwords = Passwords(passes=2, memory_kib=16_384)
    with office_in(tmp_path, passwords) as office:
        add_user(office)
        office.run(passwords.check("", None))  # the first check makes the hash that stands for nobody's
        took: dict[str, list[float]] = {"ada": [], "nobody": []}

        for _ in range(9):
            for login, times in took.items():
                begun = time.perf_counter()
                refused(office, login, "wrong")
                times.append(time.perf_counter() - begun)

    known, unknown = (statistics.median(times) for times in took.values())
    assert unknown == pytest.approx(known, rel=0.5)


def test_who_stands_at_the_door_may_refuse_and_learns_how_it_ended(office: Office) -> None:
    add_user(office)
    seen: list[tuple[str, str]] = []

    async def before(login: str, address: str) -> None:
        seen.append((login, address))
        if login == "mallory":
            raise Unauthenticated("wait a minute")

    office.access._before = before
    assert refused(office, "ada", "wrong") == WRONG
    principal = sign_in(office)
    assert refused(office, "mallory", "x") == "wait a minute"

    assert seen == [("ada", "192.0.2.7"), ("ada", "192.0.2.7"), ("mallory", "192.0.2.7")]
    assert [(one.login, one.principal) for one in office.attempts] == [("ada", None), ("ada", principal)]


def test_a_user_who_must_change_the_password_holds_nothing_until_then(office: Office) -> None:
    add_user(office, must_change=True, scopes=frozenset({Scope.ADMIN}))

    before = sign_in(office)
    office.run(office.entities.users.change_own_password(before, PASSWORD, "another good one"))
    after = sign_in(office, password="another good one")

    assert (before.must_change_password, before.scopes) == (True, frozenset())
    assert (after.must_change_password, after.scopes) == (False, {Scope.ADMIN})


def test_a_changed_password_ends_what_was_begun_before(office: Office) -> None:
    add_user(office)
    principal, begun = sign_in(office), office.clock()
    office.clock.pass_days(1)

    office.run(office.entities.users.change_own_password(principal, PASSWORD, "another good one"))

    with pytest.raises(Unauthenticated):
        office.run(office.access.principal_of_user(principal.id, since=begun))
    assert office.run(office.access.principal_of_user(principal.id, since=office.clock())).id == principal.id
    assert refused(office, "ada", PASSWORD) == WRONG


def test_an_old_hash_is_renewed_at_sign_in(office: Office) -> None:
    add_user(office)
    costly = Access(office.store, now=office.clock, passwords=Passwords(passes=2, memory_kib=128))
    before = office.store.read_now(office.store.accounts.users.anywhere, "login", "ada")

    office.run(costly.sign_in("ada", PASSWORD))

    after = office.store.read_now(office.store.accounts.users.anywhere, "login", "ada")
    assert before
    assert after
    assert ("t=1" in (before.password or ""), "m=128,t=2" in (after.password or "")) == (True, True)
    assert after.revision == before.revision
    assert sign_in(office).id == after.id


@pytest.mark.parametrize("kind", list(PrincipalKind))
def test_what_is_taken_away_ends_with_the_next_request(office: Office, kind: PrincipalKind) -> None:
    entities, root = office.entities, office.root
    device = office.device()
    user = office.run(entities.users.add(root, NewUser(login="u", name="U", scopes=READS)))
    service = office.run(entities.services.add(root, NewService(name="S", scopes=READS)))
    key = office.run(entities.keys.add(root, NewKey(name="K", scopes=READS)))
    token = office.run(entities.device_tokens.add(root, NewDeviceToken(device=device.number, name="T")))

    async def ask() -> Principal:
        match kind:
            case PrincipalKind.USER:
                return await office.access.principal_of_user(user.id)
            case PrincipalKind.SERVICE:
                return await office.access.principal_of_service(service.account.client_id, service.secret)
            case PrincipalKind.KEY:
                return await office.access.principal_of_key(key.secret)
            case PrincipalKind.DEVICE:
                return await office.access.principal_of_device_token(token.secret)

    async def take_away() -> None:
        await entities.users.change(root, user.id, UserChange(disabled=True))
        await entities.services.change(root, service.account.id, ServiceChange(disabled=True))
        await entities.keys.change(root, key.account.id, KeyChange(revoked=True))
        await entities.device_tokens.change(root, token.account.id, DeviceTokenChange(revoked=True))

    held = office.run(ask())
    office.run(take_away())

    assert held.kind is kind
    with pytest.raises(Unauthenticated):
        office.run(ask())
    with pytest.raises(Unauthenticated):
        office.run(office.access.holder(kind, held.id))


def test_another_process_is_heard_at_once(office: Office, tmp_path: Path) -> None:
    made = office.run(office.entities.keys.add(office.root, NewKey(name="K", scopes=READS)))
    office.run(office.access.principal_of_key(made.secret))

    with office_in(tmp_path) as beside:
        beside.run(beside.entities.keys.remove(office.root, made.account.id))

    with pytest.raises(Unauthenticated):
        office.run(office.access.principal_of_key(made.secret))


def test_a_device_token_reports_for_its_device_alone(office: Office) -> None:
    device = office.device()
    made = office.run(office.entities.device_tokens.add(office.root, NewDeviceToken(device=device.id, name="T")))

    principal = office.run(office.access.principal_of_device_token(made.secret))

    assert principal.scopes == {Scope.EVENTS_WRITE}
    assert principal.grant == Grant(devices=frozenset({device.number}))


@pytest.mark.parametrize("secret", ["", "x", "0" * 40, "ä" * 40, "\0"])
def test_what_nobody_holds_is_refused(office: Office, secret: str) -> None:
    made = office.run(office.entities.services.add(office.root, NewService(name="S", scopes=READS)))

    for asked in (
        office.access.principal_of_key(secret),
        office.access.principal_of_device_token(secret),
        office.access.principal_of_service(secret, secret),
        office.access.principal_of_service(made.account.client_id, secret),
    ):
        with pytest.raises(Unauthenticated):
            office.run(asked)
