"""`stateGroups`: the built-in ones, and those that clients made."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from gatebook.dialects.xprotect.resources.resource import Body, Resource
from gatebook.dialects.xprotect.words.groups_of_types import STATE_GROUPS, States
from gatebook.dialects.xprotect.words.shapes import StateGroupItem, placed, printed
from gatebook.domain.access import Principal
from gatebook.domain.errors import Conflict, Forbidden
from gatebook.domain.places import StateGroup
from gatebook.services import Services
from gatebook.services.forms import NewStateGroup, StateGroupChange

BATCH = 1_000


async def every(services: Services, who: Principal, _disabled: bool) -> Sequence[StateGroupItem]:
    """The built-in ones, then those that were made, by id."""
    found: list[StateGroup] = []
    while True:
        after = found[-1].id if found else None
        batch = await services.entities.state_groups.list(who, after=after, limit=BATCH)
        found += batch
        if len(batch) < BATCH:
            return [*map(built_in, STATE_GROUPS.values()), *map(made_of, found)]


async def one(services: Services, who: Principal, id: UUID) -> StateGroupItem:
    """The one of this id."""
    if id in STATE_GROUPS:
        return built_in(STATE_GROUPS[id])
    return made_of(await services.entities.state_groups.get(who, id))


def built_in(one: States) -> StateGroupItem:
    """A built-in group as clients read it."""
    return StateGroupItem(
        display_name=one.name, id=str(one.id), name=one.name, states=one.states,
        relations=placed("stateGroups", one.id),
    )  # fmt: skip


def made_of(one: StateGroup) -> StateGroupItem:
    """A group that was made, as clients read it."""
    return StateGroupItem(
        display_name=one.name, id=str(one.id), name=one.name, last_modified=printed(one.modified), states=one.states,
        relations=placed("stateGroups", one.id),
    )  # fmt: skip


class Writing:
    """Those that were made can be changed; the built-in ones cannot."""

    settable = frozenset({"name", "states"})

    async def add(self, services: Services, who: Principal, body: Body) -> StateGroupItem:
        """Makes one."""
        if body.given_id in STATE_GROUPS:
            raise Conflict("a built-in group of states has this id; choose another")
        form = NewStateGroup(name=body.given_name, states=body.states or (), id=body.given_id)
        return made_of(await services.entities.state_groups.add(who, form))

    async def change(self, services: Services, who: Principal, id: UUID, body: Body) -> StateGroupItem:
        """Changes name and states, as far as they are given."""
        refuse_built_in(id)
        form = StateGroupChange(name=body.name, states=() if body.states is None else body.states)
        await services.entities.state_groups.change(who, id, form)
        return await one(services, who, id)

    async def remove(self, services: Services, who: Principal, id: UUID) -> None:
        """Takes one away that no event type uses."""
        refuse_built_in(id)
        await services.entities.state_groups.remove(who, id)


def refuse_built_in(id: UUID) -> None:
    """Forbidden for a group that every system has."""
    if id in STATE_GROUPS:
        raise Forbidden("a built-in group of states stays as it is; make one of your own")


RESOURCE = Resource(
    name="stateGroups", single="stateGroup", shape=StateGroupItem, every=every, one=one, making=Writing()
)
