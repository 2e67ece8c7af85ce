"""DoorFlow: the history of channels, in the words of its API."""

from gatebook.dialects.doorflow.errors import on_error
from gatebook.dialects.doorflow.mapping import KINDS, UNSPOKEN
from gatebook.dialects.doorflow.resources.events import shape_of, url_of
from gatebook.dialects.doorflow.routes import operations
from gatebook.dialects.doorflow.schemas import Refusal
from gatebook.dialects.doorflow.tokens import SECURITY, principal_of
from gatebook.http.dialect import Dialect
from gatebook.services import Services

DIALECT: Dialect[Services] = Dialect(
    name="doorflow",
    title="DoorFlow",
    version="3",
    roots=("/api/3", "/oauth"),
    operations=operations,
    on_error=on_error,
    error_shape=Refusal,
    principal_of=principal_of,
    security=SECURITY,
    description="What clients of DoorFlow read of their channels, and how their tokens are renewed.",
    names_person=True,
    renews=True,
    kinds=KINDS,
    unspoken=UNSPOKEN,
    shape_of=shape_of,
    url_of=url_of,
)
