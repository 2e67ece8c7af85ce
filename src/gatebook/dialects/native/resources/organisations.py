"""`/v1/organisations`: one's own, and its children."""

from __future__ import annotations

from collections.abc import Sequence

from gatebook.dialects.native.resources import shown, wanted
from gatebook.dialects.native.resources.entities import Resource
from gatebook.domain.access import Principal, Scope
from gatebook.domain.places import Organisation
from gatebook.http.dialect import Operation
from gatebook.services import Services
from gatebook.services.forms import NewOrganisation, OrganisationChange


def operations(services: Services) -> Sequence[Operation]:
    """Organisations; none is ever removed, since its log would go with it."""
    room = services.entities.organisations
    organisations: Resource[Organisation] = Resource(
        services=services, room=room, path="/v1/organisations", tag="organisations", shape=shown.Organisation,
        page=shown.Organisations, shown=organisations_of, one="an organisation, by UUID or integer",
        manages=(Scope.ADMIN,),
    )  # fmt: skip

    async def add(who: Principal, form: NewOrganisation) -> tuple[Organisation, str]:
        founded = await room.add(who, form)
        return founded.organisation, founded.key

    example = '{"name":"Acme North","zone":"Europe/London"}'
    return (
        organisations.adding(
            wanted.OrganisationWanted, NewOrganisation, add, example=example, shape=shown.FoundedOrganisation
        ),
        organisations.listing(),
        organisations.getting(),
        organisations.changing(wanted.OrganisationChanged, OrganisationChange, example='{"purpose_required":true}'),
        organisations.removing(
            "By administrators of its parent, and only while nothing was ever reported to it; its number is never given"
            " again."
        ),
    )


async def organisations_of(_who: Principal, found: Sequence[Organisation]) -> list[shown.Organisation]:
    """Organisations on the wire."""
    return [
        shown.Organisation(
            id=one.id, number=one.number, name=one.name, zone=one.zone, parent=one.parent,
            purpose_required=one.purpose_required,
        )
        for one in found
    ]  # fmt: skip
