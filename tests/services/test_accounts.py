"""Accounts are made, changed and removed on record, and an organisation is never locked out of itself."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any

import pytest
from msgspec import UNSET

from gatebook.domain.access import EVERYTHING, Grant, Scope
from gatebook.domain.errors import (
    BadInput,
    Conflict,
    Forbidden,
    GatebookError,
    NotFound,
    PreconditionFailed,
    Unplaceable,
)
from gatebook.services.forms import (
    KeyChange,
    NewKey,
    NewService,
    NewUser,
    Reach,
    ServiceChange,
    UserChange,
)
from tests.services.offices import Office

READS = frozenset({Scope.EVENTS_READ})
ADMIN = frozenset({Scope.ADMIN})
PASSWORD = "correct horse battery"


def user(office: Office, login: str = "ada", **fields: object) -> Any:
    named: dict[str, Any] = {"login": login, "name": login.title(), "scopes": READS, **fields}
    return office.run(office.entities.users.add(office.root, NewUser(**named)))


def refusal(office: Office, work: Coroutine[Any, Any, object], error: type[GatebookError]) -> GatebookError:
    """The error, after which nothing has changed."""
    head, revision = office.head, office.store.pulse.access_revision()
    with pytest.raises(error) as raised:
        office.run(work)
    assert (office.head, office.store.pulse.access_revision()) == (head, revision)
    return raised.value


def test_a_user_is_found_by_number_id_and_login(office: Office) -> None:
    ada, bob = user(office), user(office, "bob", number=7)
    users = office.entities.users

    found = [office.run(users.get(office.root, ref)) for ref in (1, "1", ada.id, str(ada.id), "ADA")]

    assert found == [ada] * 5
    assert (ada.number, bob.number, user(office, "cy").number) == (1, 7, 8)


def test_a_list_goes_on_where_it_stopped(office: Office) -> None:
    made = [user(office, f"user{n}") for n in range(5)]
    users = office.entities.users

    first = office.run(users.list(office.root, limit=2))
    rest = office.run(users.list(office.root, after=users.place_of(first[-1]), limit=10))

    assert first + rest == made


def test_keys_are_listed_by_the_order_of_their_ids(office: Office) -> None:
    keys = office.entities.keys
    made = [office.run(keys.add(office.root, NewKey(name=f"k{n}", scopes=READS))).account for n in range(4)]

    everything = office.run(keys.list(office.root))
    rest = office.run(keys.list(office.root, after=made[1].id))

    assert everything[1:] == made  # the first is the administrator's
    assert rest == made[2:]


def test_every_change_stands_in_the_record_without_a_secret(office: Office) -> None:
    made = user(office, password=PASSWORD, purpose="patrol")
    users, root = office.entities.users, office.root

    office.run(users.change(root, "ada", UserChange(name="Ada L", disabled=True)))
    reset = office.run(users.reset_password(root, "ada"))
    office.run(users.remove(root, "ada"))

    added, changed, password, removed = office.records()
    assert {record["subject"] for record in office.records()} == {f"user/{made.id}"}
    assert {record["actor"] for record in office.records()} == {f"key/{root.id}"}
    assert added["details"]["act"] == "added"
    assert (added["details"]["login"], added["details"]["scopes"]) == ("ada", "events:read")
    assert (changed["details"]["name"], changed["details"]["name.before"]) == ("Ada L", "Ada")
    assert (changed["details"]["disabled"], changed["details"]["disabled.before"]) == (office.clock(), None)
    assert password["details"]["password"] == "changed"
    assert removed["details"] == {"act": "removed", "name": "Ada L"}
    assert not any(secret in str(office.records()) for secret in (PASSWORD, reset.secret, "argon2"))


def test_a_change_that_changes_nothing_is_not_told(office: Office) -> None:
    before = user(office)
    head = office.head

    after = office.run(office.entities.users.change(office.root, "ada", UserChange(name="Ada", scopes=READS)))

    assert (after, office.head) == (before, head)


def test_a_change_of_an_older_revision_is_refused(office: Office) -> None:
    user(office)
    users, root = office.entities.users, office.root
    changed = office.run(users.change(root, "ada", UserChange(name="Ada L"), expected=1))

    for work in (
        users.change(root, "ada", UserChange(name="Other"), expected=1),
        users.remove(root, "ada", expected=1),
        users.reset_password(root, "ada", expected=1),
    ):
        refusal(office, work, PreconditionFailed)

    assert changed.revision == 2
    assert office.run(users.get(root, "ada")) == changed


def test_what_is_taken_is_a_conflict_and_no_number_is_given_twice(office: Office) -> None:
    made = user(office)
    users, root = office.entities.users, office.root

    for form in (
        NewUser(login="ADA", name="x", scopes=READS),
        NewUser(login="x", name="x", scopes=READS, id=made.id),
        NewUser(login="x", name="x", scopes=READS, number=1),
    ):
        refusal(office, users.add(root, form), Conflict)
    office.run(users.remove(root, made.id))

    again = user(office)
    assert (again.number, again.login) == (2, "ada")
    with pytest.raises(NotFound, match=r"^no such user$"):
        office.run(users.get(root, made.id))


@pytest.mark.parametrize(
    ("fields", "error", "field"),
    [
        ({"login": ""}, BadInput, "login"),
        ({"login": "a b"}, BadInput, "login"),
        ({"login": "a:b"}, BadInput, "login"),
        ({"login": "x" * 201}, BadInput, "login"),
        ({"name": "  "}, BadInput, "name"),
        ({"password": "short"}, BadInput, "password"),
        ({"password": "I am AdaLovelace!", "login": "adalovelace"}, BadInput, "password"),
        ({"password": "x" * 1025}, BadInput, "password"),
        ({"purpose": " "}, BadInput, "purpose"),
        ({"number": 2**53}, BadInput, "number"),
        ({"person": 9}, Unplaceable, "person"),
        ({"grant": Reach(sites=("nowhere",))}, Unplaceable, "grant.sites"),
        ({"grant": Reach(devices=(4,))}, Unplaceable, "grant.devices"),
    ],
)
def test_a_user_that_cannot_be_is_refused_by_field(
    office: Office, fields: dict[str, Any], error: type[GatebookError], field: str
) -> None:
    named: dict[str, Any] = {"login": "ada", "name": "Ada", "scopes": READS, **fields}

    told = refusal(office, office.entities.users.add(office.root, NewUser(**named)), error)

    assert told.field == field  # type: ignore[attr-defined]


def test_a_grant_of_sites_and_devices_is_kept_by_number(office: Office) -> None:
    site, device = office.site("North"), office.device()

    made = user(office, grant=Reach(sites=("North", site.id), devices=(str(device.id), device.number)))

    narrow = Grant(sites=frozenset({site.number}), devices=frozenset({device.number}))
    assert office.run(office.entities.users.get(office.root, "ada")).grant == made.grant == narrow
    changed = office.run(office.entities.users.change(office.root, "ada", UserChange(grant=Reach(everything=True))))
    assert changed.grant == EVERYTHING


def test_a_person_is_bound_and_unbound(office: Office) -> None:
    person = office.person()
    user(office, person=person.id)
    users, root = office.entities.users, office.root

    unchanged = office.run(users.change(root, "ada", UserChange(name="A", person=UNSET)))
    unbound = office.run(users.change(root, "ada", UserChange(person=None)))

    assert (unchanged.person, unbound.person) == (person.number, None)


def test_a_secret_is_shown_once_and_renewed(office: Office) -> None:
    services, root = office.entities.services, office.root
    made = office.run(services.add(root, NewService(name="Exporter", scopes=READS, client_id="exporter")))

    renewed = office.run(services.renew_secret(root, "exporter", expected=1))

    assert made.secret not in repr(made)
    assert (len(made.secret), made.secret == renewed.secret) == (40, False)
    assert office.run(office.access.principal_of_service("exporter", renewed.secret)).id == made.account.id
    with pytest.raises(GatebookError):
        office.run(office.access.principal_of_service("exporter", made.secret))


def test_a_password_is_changed_by_who_knows_the_old_one(office: Office) -> None:
    user(office, password=PASSWORD, must_change=False)
    users = office.entities.users
    ada = office.run(office.access.sign_in("ada", PASSWORD))

    wrong = refusal(office, users.change_own_password(ada, "wrong", "another good one"), BadInput)
    same = refusal(office, users.change_own_password(ada, PASSWORD, PASSWORD), BadInput)
    weak = refusal(office, users.change_own_password(ada, PASSWORD, "short"), BadInput)
    nobody = refusal(office, users.change_own_password(office.root, PASSWORD, "another good one"), Forbidden)

    assert [one.field for one in (wrong, same, weak)] == ["old", "new", "new"]  # type: ignore[attr-defined]
    assert "only a user" in str(nobody)
    assert [one.signing_in for one in office.attempts] == [True, False, False, False]


def test_an_administrators_reset_has_to_be_changed(office: Office) -> None:
    user(office, password=PASSWORD, must_change=False)

    made = office.run(office.entities.users.reset_password(office.root, "ada"))
    principal = office.run(office.access.sign_in("ada", made.secret))

    assert principal.must_change_password
    with pytest.raises(GatebookError):
        office.run(office.access.sign_in("ada", PASSWORD))


def test_the_last_administrator_is_not_removed_narrowed_or_locked_out(office: Office) -> None:
    keys, root = office.entities.keys, office.root
    site = office.site()
    later = office.clock() + 1
    user(office, "expiring", scopes=ADMIN, password=PASSWORD, expires=later)
    user(office, "narrow", scopes=ADMIN, password=PASSWORD, grant=Reach(sites=(site.number,)))
    user(office, "wordless", scopes=ADMIN)

    for change in (
        KeyChange(revoked=True), KeyChange(scopes=READS), KeyChange(grant=Reach(sites=(site.number,))),
        KeyChange(expires=later),
    ):  # fmt: skip
        refusal(office, keys.change(root, root.id, change), Conflict)
    refusal(office, keys.remove(root, root.id), Conflict)
    user(office, "second", scopes=ADMIN, password=PASSWORD)
    office.run(keys.remove(root, root.id))

    refusal(office, office.entities.users.change(root, "second", UserChange(disabled=True)), Conflict)


def test_a_service_can_be_the_last_administrator(office: Office) -> None:
    services, root = office.entities.services, office.root
    made = office.run(services.add(root, NewService(name="S", scopes=ADMIN)))

    office.run(office.entities.keys.remove(root, root.id))

    refusal(office, services.change(root, made.account.id, ServiceChange(disabled=True)), Conflict)


def test_who_is_no_administrator_sees_and_changes_no_account(office: Office) -> None:
    everything_else = office.principal(*(scope for scope in Scope if scope is not Scope.ADMIN))
    users = office.entities.users
    user(office)

    for work in (
        users.list(everything_else),
        users.get(everything_else, "ada"),
        users.remove(everything_else, "ada"),
        users.add(everything_else, NewUser(login="x", name="x", scopes=READS)),
        office.entities.keys.list(everything_else),
        office.entities.services.add(everything_else, NewService(name="x", scopes=READS)),
    ):
        refusal(office, work, Forbidden)


def test_accounts_of_another_organisation_are_not_there(office: Office) -> None:
    made = user(office)
    stranger_org = office.store.write_now(lambda tx: tx.add_organisation(made.id, "Other", "UTC"))
    stranger = office.principal(Scope.ADMIN, org=stranger_org)

    for work in (
        office.entities.users.get(stranger, made.id),
        office.entities.users.remove(stranger, "ada"),
        office.entities.keys.change(stranger, office.root.id, KeyChange(revoked=True)),
    ):
        with pytest.raises(NotFound):
            office.run(work)
    assert office.run(office.entities.users.list(stranger)) == []
