"""Milestone XProtect: the events of cameras and doors, in the words of its API gateway."""

from gatebook.dialects.xprotect.errors import Refusal, on_error
from gatebook.dialects.xprotect.mapping import KINDS, UNSPOKEN
from gatebook.dialects.xprotect.resources.events import shape_of, url_of
from gatebook.dialects.xprotect.resources.webhook_bodies import FORMATS
from gatebook.dialects.xprotect.routes import finish, operations, sockets
from gatebook.dialects.xprotect.tokens import principal_of
from gatebook.http.dialect import Dialect, SignIn
from gatebook.services import Services

DIALECT: Dialect[Services] = Dialect(
    name="xprotect",
    title="Milestone XProtect",
    version="v1",
    roots=("/api", "/idp"),
    operations=operations,
    sockets=sockets,
    on_error=on_error,
    error_shape=Refusal,
    principal_of=principal_of,
    fold_case=True,
    wrong_method=400,
    finish=finish,
    issuer="/IDP",
    description="What clients of Milestone XProtect ask of its API gateway: tokens, events, and what events happen at.",
    kinds=KINDS,
    unspoken=UNSPOKEN,
    shape_of=shape_of,
    url_of=url_of,
    formats=FORMATS,
    sign_in=SignIn(
        path="/idp/connect/token",
        login="username",
        password="password",
        token="access_token",
        form={"grant_type": "password", "client_id": "GrantValidatorClient"},
    ),
)
