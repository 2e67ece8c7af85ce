"""Doordeck: the audit trails of locks and users, and the directory around them, in the words of its cloud API."""

from gatebook.dialects.doordeck.errors import on_error
from gatebook.dialects.doordeck.mapping import KINDS, UNSPOKEN
from gatebook.dialects.doordeck.routes import operations, shape_of, url_of
from gatebook.dialects.doordeck.schemas import Refusal
from gatebook.dialects.doordeck.tokens import principal_of
from gatebook.http.dialect import Dialect, SignIn
from gatebook.services import Services

DIALECT: Dialect[Services] = Dialect(
    name="doordeck",
    title="Doordeck",
    roots=("/device", "/user", "/site", "/tile", "/auth", "/account", "/time", "/platform"),
    operations=operations,
    on_error=on_error,
    error_shape=Refusal,
    principal_of=principal_of,
    description="What clients of Doordeck read: audit trails of locks and users, locks, sites, and who may use them.",
    kinds=KINDS,
    unspoken=UNSPOKEN,
    names_person=True,
    shape_of=shape_of,
    url_of=url_of,
    sign_in=SignIn(path="/auth/token", login="email", password="password", token="authToken"),
)
