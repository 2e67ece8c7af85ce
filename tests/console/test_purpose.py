"""Where a purpose is demanded, a browser's search for somebody has one that is fixed on its user, or is not made."""

from __future__ import annotations

import asyncio

from gatebook.services.forms import OrganisationChange
from tests.console.places import Place

SEARCH = {"q": "person_name=contains:Bob"}


def test_a_search_for_somebody_needs_a_purpose_on_its_user_and_is_on_record(place: Place) -> None:
    change, house = OrganisationChange(purpose_required=True), place.house
    asyncio.run(house.services.entities.organisations.change(house.admin, house.org, change))
    place.promote("people:read")
    browser = place.signed_in()

    others = browser.get("/console/events")
    refused = browser.get("/console/events", params=SEARCH)
    house.client.patch(f"/v1/users/{place.ada}", json={"purpose": "front desk"})
    answered = browser.get("/console/events", params=SEARCH)

    assert (others.status_code, refused.status_code, answered.status_code) == (200, 403, 200)
    assert "ask an administrator" in refused.text
    found = house.get("/v1/audit", kind="record.searched").json()["items"]
    assert {item["purpose"] for item in found} == {"front desk"}
    assert all(item["filter"].startswith("person_name=contains:Bob") for item in found)
