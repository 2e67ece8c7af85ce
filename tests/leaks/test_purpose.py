"""A vendor's client cannot say what it searches for: a purpose that is demanded is fixed on its key, or 403."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.leaks.town import Town

PATH = "/user/{person}/log?start=0&end=4000000000"


@pytest.fixture
def demanding(town: Town) -> Iterator[None]:
    """Beta wants to know the purpose of each search for somebody, while the test runs."""
    write, org = town.app.store.write_now, town.beta.number
    sql = f"UPDATE organisations SET purpose_required = :on WHERE org = {org}"
    write(lambda tx: tx.connection.execute(sql, {"on": 1}))
    yield
    write(lambda tx: tx.connection.execute(sql, {"on": 0}))


def searched(town: Town) -> list[tuple[str, str | None]]:
    items = town.request(town.callers["another's admin"], "GET", "/v1/audit?kind=record.searched").json()["items"]
    return [(item["client"]["route"], item["purpose"]) for item in items]


@pytest.mark.usefixtures("demanding")
def test_a_vendors_search_without_one_is_the_vendors_403_and_with_a_fixed_one_is_on_record(town: Town) -> None:
    caller = town.callers["another organisation"]
    path = PATH.format(person=town.beta.people[0].id)
    before = searched(town)

    refused = town.request(caller, "GET", path)
    unrecorded = searched(town)
    fixed = "UPDATE api_keys SET purpose = 'visitor desk' WHERE name = 'key another organisation'"
    town.app.store.write_now(lambda tx: tx.connection.execute(fixed))
    answered = town.request(caller, "GET", path)

    assert (refused.status_code, unrecorded) == (403, before)
    assert answered.status_code == 200
    assert searched(town)[0] == ("GET /user/{id}/log", "visitor desk")


@pytest.mark.usefixtures("demanding")
def test_the_native_answer_names_the_header(town: Town) -> None:
    answer = town.request(town.callers["another's admin"], "GET", "/v1/events?person=17")

    assert (answer.status_code, answer.json()["field"]) == (400, "X-Purpose")
