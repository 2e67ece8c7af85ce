"""`/v1/sites`: made known, listed, looked up, changed, and removed when nothing stands there."""

from __future__ import annotations

from collections.abc import Sequence

from gatebook.dialects.native.resources import shown, wanted
from gatebook.dialects.native.resources.entities import Resource
from gatebook.domain.access import Principal, Scope
from gatebook.domain.places import Site
from gatebook.http.dialect import Operation
from gatebook.services import Services
from gatebook.services.forms import NewSite, SiteChange


def operations(services: Services) -> Sequence[Operation]:
    """Sites."""
    room = services.entities.sites
    sites: Resource[Site] = Resource(
        services=services, room=room, path="/v1/sites", tag="sites", shape=shown.Site, page=shown.Sites,
        shown=sites_of, one="a site, by UUID, integer or name", manages=(Scope.DEVICES_MANAGE,),
    )  # fmt: skip

    async def add(who: Principal, form: NewSite) -> tuple[Site, None]:
        return await room.add(who, form), None

    return (
        sites.adding(wanted.SiteWanted, NewSite, add, example='{"name":"North Gate","zone":"Europe/London"}'),
        sites.listing(),
        sites.getting(),
        sites.changing(wanted.SiteChanged, SiteChange, example='{"name":"South Gate"}'),
        sites.removing("Only where no device stands, not even a decommissioned one; else 409."),
    )


async def sites_of(_who: Principal, found: Sequence[Site]) -> list[shown.Site]:
    """Sites on the wire."""
    return [shown.Site(id=one.id, number=one.number, name=one.name, zone=one.zone) for one in found]
