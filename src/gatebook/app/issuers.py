"""Under which names tokens are issued here, and which outside issuer is believed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from gatebook.app.settings import Oidc, Server, Settings
from gatebook.http.dialect import Dialect
from gatebook.services.egress import Egress
from gatebook.services.outside import Issuer

LOOPBACK = "http://127.0.0.1:8480"


@dataclass(frozen=True, slots=True, kw_only=True)
class Signs:
    """The names that stand in tokens."""

    base_url: str = LOOPBACK
    issuers: Mapping[str, str] = field(default_factory=dict)
    """Each dialect's path under it; where there is none, `/issuers/` and its name."""
    audiences: Mapping[str, bool] = field(default_factory=dict)
    """Each dialect that tokens are issued for, and whether the `sub` of a user's is a person."""
    renewable: frozenset[str] = frozenset()
    """Those of them whose clients renew tokens with refresh tokens."""


def signs_of(settings: Settings, spoken: Sequence[Dialect[Any]]) -> Signs:
    """As the settings have it, for these dialects."""
    return Signs(
        base_url=base_url_of(settings.server),
        issuers={dialect.name: dialect.issuer for dialect in spoken if dialect.issuer is not None},
        audiences={dialect.name: dialect.names_person for dialect in spoken},
        renewable=frozenset(dialect.name for dialect in spoken if dialect.renews),
    )


def base_url_of(settings: Server) -> str:
    """The address that clients use, as it is set; else the one that is listened on."""
    if settings.base_url is not None:
        return settings.base_url
    scheme = "http" if settings.tls_cert is None else "https"
    return f"{scheme}://{settings.host}:{settings.port}"


def issuer_of(settings: Oidc) -> Issuer | None:
    """The outside issuer, if one is set."""
    if settings.issuer is None or settings.audience is None:
        return None
    return Issuer(issuer=settings.issuer, audience=settings.audience, login_claim=settings.login_claim)


def egress_to(issuer: Issuer) -> Egress:
    """The way to that issuer, whose host may be private, since an administrator has named it."""
    return Egress(allow=[urlsplit(issuer.issuer).hostname or ""])
