"""`sites`: the organisation, which is the management server, and the sites of its directory below it."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from gatebook.dialects.xprotect.resources.discovery import product_version
from gatebook.dialects.xprotect.resources.resource import Resource, by_parent
from gatebook.dialects.xprotect.words.shapes import SiteItem, at, placed
from gatebook.domain.access import Principal
from gatebook.domain.places import Organisation, Site
from gatebook.services import Services


async def every(services: Services, who: Principal, _disabled: bool) -> Sequence[SiteItem]:
    """The organisation first, then those that the grant names, by their numbers."""
    organisation = await services.directory.organisation(who)
    version = product_version(services)
    found = await services.directory.sites(who)
    return [own_of(organisation, version), *(site_of(site, organisation, version) for site in found)]


async def one(services: Services, who: Principal, id: UUID) -> SiteItem:
    """The organisation's own, or one of its sites."""
    organisation = await services.directory.organisation(who)
    if id == organisation.id:
        return own_of(organisation, product_version(services))
    return site_of(await services.directory.site(who, id), organisation, product_version(services))


def own_of(organisation: Organisation, version: str) -> SiteItem:
    """The organisation as clients read it: what has no device of its own happens here."""
    return SiteItem(
        display_name=organisation.name,
        id=str(organisation.id),
        name=organisation.name,
        time_zone=organisation.zone,
        version=version,
        relations=placed("sites", organisation.id),
    )


def site_of(site: Site, organisation: Organisation, version: str) -> SiteItem:
    """A site as clients read it."""
    return SiteItem(
        display_name=site.name,
        id=str(site.id),
        name=site.name,
        time_zone=site.zone,
        version=version,
        relations=placed("sites", site.id, at("sites", organisation.id)),
    )


RESOURCE = Resource(
    name="sites", single="site", shape=SiteItem, every=every, one=one,
    children={"sites": by_parent("sites"), "recordingServers": by_parent("sites")},
)  # fmt: skip
