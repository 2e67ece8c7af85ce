"""The directory is changed on record, nothing of history is lost, and a narrow grant changes only what it shows."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

import pytest

from gatebook.domain.access import EVERYTHING, Grant, Principal, Scope
from gatebook.domain.errors import BadInput, Conflict, Forbidden, GatebookError, NotFound, Unauthenticated, Unplaceable
from gatebook.domain.filters import EVERY
from gatebook.domain.kinds import Kind, Method
from gatebook.domain.places import DeviceKind
from gatebook.services.forms import (
    CredentialChange,
    DeviceChange,
    EventTypeChange,
    NewCredential,
    NewDevice,
    NewDeviceToken,
    NewEventType,
    NewOrganisation,
    NewPerson,
    NewSite,
    NewUser,
    OrganisationChange,
    PersonChange,
    SiteChange,
)
from gatebook.store.contract import Asked
from tests.services.offices import Office

READS = frozenset({Scope.EVENTS_READ})


def kinds_of(office: Office, stream: int) -> list[Kind]:
    asked = Asked(organisation=office.org, grant=EVERYTHING, filter=EVERY, records=True, descending=False)
    page = office.store.read_now(office.store.history.page, asked)
    return [event.kind for event in page.events if event.stream == stream]


def narrow(office: Office, *sites: int, devices: tuple[int, ...] = ()) -> Principal:
    """Manages the devices of these sites."""
    return office.principal(
        Scope.EVENTS_READ,
        Scope.EVENTS_WRITE,
        Scope.DEVICES_MANAGE,
        grant=Grant(sites=frozenset(sites), devices=frozenset(devices)),
    )


def test_a_device_is_renamed_and_moved_on_record(office: Office) -> None:
    north, south = office.site("North"), office.site("South")
    made = office.run(office.entities.devices.add(office.root, NewDevice(
        kind=DeviceKind.DOOR, name="Front", site="North", vendor_ids=("a", "a", "b"))))  # fmt: skip

    moved = office.run(office.entities.devices.change(
        office.root, "a", DeviceChange(name="Back", site=south.id, vendor_ids=("c",)), expected=1))  # fmt: skip

    added, changed = (record["details"] for record in office.records())
    assert (made.site, made.vendor_ids) == (north.number, ("a", "b"))
    assert office.run(office.entities.devices.get(office.root, "c")) == moved
    assert (moved.name, moved.site, moved.revision) == ("Back", south.number, 2)
    assert (added["act"], added["name"], added["vendor_ids"]) == ("added", "Front", "a b")
    assert (changed["name"], changed["name.before"], changed["site"], changed["site.before"]) == ("Back", "Front", 2, 1)
    with pytest.raises(NotFound):
        office.run(office.entities.devices.get(office.root, "a"))


def test_a_vendor_id_belongs_to_one_device(office: Office) -> None:
    office.run(office.entities.devices.add(office.root, NewDevice(
        kind=DeviceKind.DOOR, name="One", vendor_ids=("a",))))  # fmt: skip
    other = office.device("Two")

    with pytest.raises(Conflict, match="vendor id a"):
        office.run(office.entities.devices.change(office.root, other.id, DeviceChange(vendor_ids=("x", "a"))))

    assert office.run(office.entities.devices.get(office.root, other.id)).vendor_ids == ()


def test_a_decommissioned_device_says_so_in_its_own_stream_and_reports_no_more(office: Office) -> None:
    device = office.device()
    token = office.run(office.entities.device_tokens.add(office.root, NewDeviceToken(device=device.id, name="T")))

    office.run(office.entities.devices.remove(office.root, device.id))

    gone = office.run(office.entities.devices.get(office.root, device.id))
    assert (gone.removed, office.run(office.entities.devices.list(office.root))) == (True, [])
    assert kinds_of(office, device.stream) == [Kind.DEVICE_DECOMMISSIONED]
    assert office.records()[-1]["details"]["act"] == "removed"
    with pytest.raises(Unauthenticated):
        office.run(office.access.principal_of_device_token(token.secret))
    with pytest.raises(NotFound):
        office.run(office.entities.devices.remove(office.root, device.id))


def test_a_site_goes_only_when_nothing_ever_stood_there_that_counts(office: Office) -> None:
    site, sites = office.site("North"), office.entities.sites
    device = office.device(site=site.number)
    office.run(office.entities.devices.remove(office.root, device.id))

    with pytest.raises(Conflict, match="move them first"):
        office.run(sites.remove(office.root, "North"))
    office.run(office.entities.devices.change(office.root, device.id, DeviceChange(site=None)))
    office.run(sites.remove(office.root, "North"))

    assert office.run(sites.list(office.root)) == []
    assert office.run(sites.add(office.root, NewSite(name="North"))).number == 2  # grants of site 1 mean nothing now


def test_a_narrow_principal_changes_what_its_grant_shows_and_keeps_it_in_sight(office: Office) -> None:
    north, south = office.site("North"), office.site("South")
    inside, outside = office.device("in", north.number), office.device("out", south.number)
    devices, who = office.entities.devices, narrow(office, north.number)

    added = office.run(devices.add(who, NewDevice(kind=DeviceKind.DOOR, name="new", site="North")))
    office.run(devices.change(who, inside.id, DeviceChange(name="renamed")))
    office.run(office.entities.sites.change(who, "North", SiteChange(zone="Europe/London")))

    refused: list[tuple[object, type[GatebookError]]] = [
        (devices.change(who, outside.id, DeviceChange(name="x")), NotFound),
        (devices.remove(who, outside.id), NotFound),
        (devices.get(who, outside.id), NotFound),
        (devices.change(who, inside.id, DeviceChange(site="South")), Unplaceable),
        (devices.change(who, inside.id, DeviceChange(site=None)), Forbidden),
        (devices.add(who, NewDevice(kind=DeviceKind.DOOR, name="x")), Forbidden),
        (office.entities.sites.change(who, "South", SiteChange(name="x")), NotFound),
        (office.entities.sites.add(who, NewSite(name="x")), Forbidden),
        (office.entities.event_types.add(who, NewEventType(name="x")), Forbidden),
        (office.entities.device_tokens.add(who, NewDeviceToken(device=outside.id, name="x")), Unplaceable),
        (office.entities.people.add(who, NewPerson(name="x")), Forbidden),
    ]
    for work, error in refused:
        with pytest.raises(error):
            office.run(work)  # type: ignore[arg-type]
    assert [one.id for one in office.run(devices.list(who))] == [inside.id, added.id]
    assert [one.id for one in office.run(office.entities.sites.list(who))] == [north.id]


def test_a_person_who_goes_leaves_history_and_takes_credentials_along(office: Office) -> None:
    people, root = office.entities.people, office.root
    ada = office.run(people.add(root, NewPerson(name="Ada")))
    office.run(office.entities.credentials.add(root, NewCredential(person=ada.id, method=Method.CARD, value="1")))
    user = office.run(office.entities.users.add(root, NewUser(login="a", name="A", scopes=READS, person=1)))

    renamed = office.run(people.change(root, ada.id, PersonChange(name="Ada L")))
    office.run(people.remove(root, ada.id))

    assert office.run(people.get(root, ada.id)) == replace(renamed, removed=True, revision=3)
    assert (office.run(people.list(root)), office.run(office.entities.credentials.list(root))) == ([], [])
    assert office.run(office.entities.users.get(root, user.id)).person is None
    assert office.run(people.add(root, NewPerson(name="Bob"))).number == 2
    assert "Ada" not in str([one["details"] for one in office.records() if one["subject"].startswith("person")])


def test_a_credentials_value_is_shown_to_who_may_see_it(office: Office) -> None:
    office.person()
    credentials, root = office.entities.credentials, office.root
    for method, value in ((Method.CARD, "0042"), (Method.PIN, "1234"), (Method.PLATE, "b123 xy")):
        office.run(credentials.add(root, NewCredential(person=1, method=method, value=value)))

    def values(*scopes: Scope) -> list[str | None]:
        return [one.value for one in office.run(credentials.list(office.principal(*scopes)))]

    assert values(Scope.ADMIN) == ["0042", None, "B123 XY"]
    assert values(Scope.CREDENTIALS_READ) == ["0042", None, None]
    assert values(Scope.PEOPLE_MANAGE, Scope.PLATES_READ) == [None, None, "B123 XY"]
    assert not any(value in str(office.records()) for value in ("0042", "1234", "B123"))


def test_a_credential_belongs_to_one_person_and_ends_after_it_begins(office: Office) -> None:
    office.person()
    credentials, root, now = office.entities.credentials, office.root, office.clock()
    card = NewCredential(person=1, method=Method.CARD, value="0042", valid_from=now)
    office.run(credentials.add(root, card))

    with pytest.raises(Conflict):
        office.run(credentials.add(root, card))
    with pytest.raises(BadInput, match="valid_until"):
        office.run(credentials.change(root, 1, CredentialChange(valid_until=now)))
    changed = office.run(credentials.change(root, 1, CredentialChange(label="spare")))

    assert (changed.label, changed.value, changed.valid_until) == ("spare", "0042", None)


def test_an_event_type_that_goes_stays_for_history_and_takes_no_more(office: Office) -> None:
    types, root = office.entities.event_types, office.root
    drill = office.run(types.add(root, NewEventType(name="Fire drill", retention_days=0)))
    listed = office.store.write_now(lambda tx: tx.listed(office.org, drill.id))

    office.run(types.change(root, "Fire drill", EventTypeChange(retention_days=None)))
    listed_now = office.store.write_now(lambda tx: tx.listed(office.org, drill.id))
    office.run(types.remove(root, drill.id))

    assert (listed, listed_now) == (False, True)
    assert office.store.write_now(lambda tx: tx.listed(office.org, drill.id)) is None
    assert office.run(types.get(root, drill.id)).removed
    with pytest.raises(Conflict):
        office.run(types.add(root, NewEventType(name="x", id=Kind.DOOR_OPENED.type)))


def test_a_child_is_changed_by_its_own_alone(office: Office) -> None:
    organisations, root = office.entities.organisations, office.root
    founded = office.run(organisations.add(root, NewOrganisation(name="Child", zone="UTC")))
    child = founded.organisation.number
    own = office.run(office.access.principal_of_key(founded.key))

    with pytest.raises(Forbidden):
        office.run(organisations.change(root, child, OrganisationChange(name="x")))
    changed = office.run(organisations.change(own, child, OrganisationChange(purpose_required=True), expected=1))

    assert (changed.purpose_required, changed.revision, changed.parent) == (True, 2, office.org)
    assert [one.number for one in office.run(organisations.list(root))] == [office.org, child]
    assert [one.number for one in office.run(organisations.list(own))] == [child]
    assert office.records()[0]["subject"] == office.records(child)[0]["subject"] == f"organisation/{changed.id}"


def test_nobody_is_told_of_an_organisation_that_is_not_theirs(office: Office) -> None:
    other = office.store.write_now(lambda tx: tx.add_organisation(uuid4(), "Other", "UTC"))

    with pytest.raises(NotFound, match="no such organisation"):
        office.run(office.entities.organisations.get(office.root, other))
    with pytest.raises(NotFound, match="no such organisation"):
        office.run(office.entities.organisations.change(office.root, other, OrganisationChange(name="x")))
