"""`/v1/keys`: API keys, each shown once."""

from __future__ import annotations

from collections.abc import Sequence

from gatebook.dialects.native.resources import shown, wanted
from gatebook.dialects.native.resources.entities import Resource, when
from gatebook.domain.access import Principal, Scope
from gatebook.domain.accounts import ApiKey
from gatebook.http.dialect import Operation
from gatebook.services import Services
from gatebook.services.forms import KeyChange, NewKey


def operations(services: Services) -> Sequence[Operation]:
    """API keys."""
    room = services.entities.keys
    keys: Resource[ApiKey] = Resource(
        services=services, room=room, path="/v1/keys", tag="keys", shape=shown.Key, page=shown.Keys, shown=keys_of,
        one="an API key, by UUID", reads=(Scope.ADMIN,), manages=(Scope.ADMIN,),
    )  # fmt: skip

    async def add(who: Principal, form: NewKey) -> tuple[ApiKey, str]:
        made = await room.add(who, form)
        return made.account, made.secret

    example = '{"name":"Gate tablet","scopes":["events:read"],"grant":{"sites":["North Gate"]}}'
    return (
        keys.adding(wanted.KeyWanted, NewKey, add, example=example, shape=shown.KeyWithSecret),
        keys.listing(),
        keys.getting(),
        keys.changing(wanted.KeyChanged, KeyChange, example='{"revoked":true}'),
        keys.removing(),
    )


async def keys_of(_who: Principal, found: Sequence[ApiKey]) -> list[shown.Key]:
    """API keys on the wire."""
    return [
        shown.Key(
            id=one.id, prefix=one.prefix, name=one.name, scopes=sorted(one.scopes), grant=shown.grant_of(one.grant),
            purpose=one.purpose, created=when(one.created) or "", expires=when(one.expires),
            revoked=when(one.revoked), last_used=when(one.last_used),
        )
        for one in found
    ]  # fmt: skip
