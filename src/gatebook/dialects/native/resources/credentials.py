"""`/v1/credentials`: the cards, PINs, phones and plates of people."""

from __future__ import annotations

from collections.abc import Sequence

from gatebook.dialects.native.resources import shown, wanted
from gatebook.dialects.native.resources.entities import Resource, when
from gatebook.domain.access import Principal, Scope
from gatebook.domain.places import Credential
from gatebook.http.dialect import Operation
from gatebook.services import Services
from gatebook.services.forms import CredentialChange, NewCredential


def operations(services: Services) -> Sequence[Operation]:
    """Credentials."""
    room = services.entities.credentials
    credentials: Resource[Credential] = Resource(
        services=services, room=room, path="/v1/credentials", tag="credentials", shape=shown.Credential,
        page=shown.Credentials, shown=credentials_of, one="a credential, by UUID or integer",
        manages=(Scope.PEOPLE_MANAGE,),
    )  # fmt: skip

    async def add(who: Principal, form: NewCredential) -> tuple[Credential, None]:
        return await room.add(who, form), None

    return (
        credentials.adding(
            wanted.CredentialWanted, NewCredential, add, example='{"person":1,"method":"card","value":"004217"}'
        ),
        credentials.listing(),
        credentials.getting(),
        credentials.changing(wanted.CredentialChanged, CredentialChange, example='{"label":"spare"}'),
        credentials.removing(),
    )


async def credentials_of(_who: Principal, found: Sequence[Credential]) -> list[shown.Credential]:
    """Credentials on the wire."""
    return [
        shown.Credential(
            id=one.id, number=one.number, person=one.person, method=one.method, value=one.value, label=one.label,
            valid_from=when(one.valid_from), valid_until=when(one.valid_until),
        )
        for one in found
    ]  # fmt: skip
