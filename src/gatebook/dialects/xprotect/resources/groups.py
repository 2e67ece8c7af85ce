"""`eventTypeGroups`: where event types stand; all are built in."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from gatebook.dialects.xprotect.resources.resource import Resource, absent, by_parent
from gatebook.dialects.xprotect.words.groups_of_types import ANALYTICS, EXTERNAL, TYPE_GROUPS, TypeGroup
from gatebook.dialects.xprotect.words.shapes import EventTypeGroupItem, placed
from gatebook.domain.access import Principal
from gatebook.services import Services


async def every(_services: Services, _who: Principal, _disabled: bool) -> Sequence[EventTypeGroupItem]:
    """All of them."""
    return [group_of(group) for group in TYPE_GROUPS.values()]


async def one(_services: Services, _who: Principal, id: UUID) -> EventTypeGroupItem:
    """The one of this id."""
    if id not in TYPE_GROUPS:
        raise absent()
    return group_of(TYPE_GROUPS[id])


def group_of(group: TypeGroup) -> EventTypeGroupItem:
    """A group as clients read it."""
    return EventTypeGroupItem(display_name=group.name, relations=placed("eventTypeGroups", group.id))


RESOURCE = Resource(
    name="eventTypeGroups", single="eventTypeGroup", shape=EventTypeGroupItem, every=every, one=one,
    children={
        "eventTypes": by_parent("eventTypeGroups"),
        "userDefinedEvents": lambda _item: str(EXTERNAL.id),
        "analyticsEvents": lambda _item: str(ANALYTICS.id),
    },
)  # fmt: skip
