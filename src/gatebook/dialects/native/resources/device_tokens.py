"""`/v1/device-tokens`: by which a device reports about itself, each shown once."""

from __future__ import annotations

from collections.abc import Sequence

from gatebook.dialects.native.resources import shown, wanted
from gatebook.dialects.native.resources.entities import Resource, when
from gatebook.domain.access import Principal, Scope
from gatebook.domain.accounts import DeviceToken
from gatebook.http.dialect import Operation
from gatebook.services import Services
from gatebook.services.forms import DeviceTokenChange, NewDeviceToken


def operations(services: Services) -> Sequence[Operation]:
    """Device tokens."""
    room = services.entities.device_tokens
    tokens: Resource[DeviceToken] = Resource(
        services=services, room=room, path="/v1/device-tokens", tag="device tokens", shape=shown.DeviceToken,
        page=shown.DeviceTokens, shown=tokens_of, one="a device token, by UUID",
        reads=(Scope.DEVICES_MANAGE,), manages=(Scope.DEVICES_MANAGE,),
    )  # fmt: skip

    async def add(who: Principal, form: NewDeviceToken) -> tuple[DeviceToken, str]:
        made = await room.add(who, form)
        return made.account, made.secret

    example = '{"device":"dev-1","name":"Front door"}'
    return (
        tokens.adding(
            wanted.DeviceTokenWanted, NewDeviceToken, add, example=example, shape=shown.DeviceTokenWithSecret
        ),
        tokens.listing(),
        tokens.getting(),
        tokens.changing(wanted.DeviceTokenChanged, DeviceTokenChange, example='{"revoked":true}'),
        tokens.removing(),
    )


async def tokens_of(_who: Principal, found: Sequence[DeviceToken]) -> list[shown.DeviceToken]:
    """Device tokens on the wire."""
    return [
        shown.DeviceToken(
            id=one.id, prefix=one.prefix, name=one.name, device=one.device, created=when(one.created) or "",
            expires=when(one.expires), revoked=when(one.revoked), last_used=when(one.last_used),
        )
        for one in found
    ]  # fmt: skip
