"""What was made in these words, by its id."""

from __future__ import annotations

from uuid import UUID

from gatebook.dialects.xprotect.resources.resource import absent
from gatebook.domain.access import Principal
from gatebook.domain.errors import NotFound
from gatebook.services import Services
from gatebook.services.rule_portrayals import Portrayed


async def found(services: Services, who: Principal, collection: str, id: UUID) -> Portrayed:
    """One of a collection; absent and hidden are NotFound in the gateway's words."""
    try:
        return await services.portrayals.get(who, collection, id)
    except NotFound:
        raise absent() from None
