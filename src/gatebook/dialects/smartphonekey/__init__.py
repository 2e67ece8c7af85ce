"""SmartphoneKey: the history of locks, in the words of its API."""

from gatebook.dialects.smartphonekey.errors import on_error
from gatebook.dialects.smartphonekey.mapping import KINDS, UNSPOKEN
from gatebook.dialects.smartphonekey.routes import operations, principal_of, shape_of, url_of
from gatebook.dialects.smartphonekey.schemas import Refusal
from gatebook.http.dialect import API_KEY, BEARER, Dialect
from gatebook.services import Services

DIALECT: Dialect[Services] = Dialect(
    name="smartphonekey",
    title="SmartphoneKey",
    roots=(
        "/locks",
        "/cameras",
        "/users",
        "/camera-roles",
        "/temp-keys",
        "/tenants",
        "/webhooks",
        "/api-keys",
        "/admin",
        "/openapi.json",
    ),
    operations=lambda services: operations(services, DIALECT),
    on_error=on_error,
    error_shape=Refusal,
    principal_of=principal_of,
    security=(BEARER, API_KEY),
    description="What clients of SmartphoneKey read from their locks.",
    names_person=True,
    kinds=KINDS,
    unspoken=UNSPOKEN,
    shape_of=shape_of,
    url_of=url_of,
)
