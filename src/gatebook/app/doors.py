"""What the settings say of the doors: rates, origins, where the server itself may call, and who guards sign-ins."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from gatebook.app.settings import Cors as CorsSettings
from gatebook.app.settings import Egress as EgressSettings
from gatebook.app.settings import Limits as LimitSettings
from gatebook.app.settings import Server
from gatebook.domain.errors import BadInput
from gatebook.domain.rates import Rate
from gatebook.http.cors import Cors
from gatebook.http.dialect import Dialect
from gatebook.http.limits import Limiter, Limits
from gatebook.services.access import Attempt
from gatebook.services.attempts import Attempts
from gatebook.services.egress import Egress


def limiter_of(settings: LimitSettings) -> Limiter:
    """The limiter of the whole server."""
    return Limiter(
        Limits(
            principal=Rate(settings.principal_per_s, settings.principal_burst),
            address=Rate(settings.address_per_s, settings.address_burst),
            request_s=settings.request_timeout_s,
            streams=settings.streams,
            address_streams=settings.address_streams,
        )
    )


def origins_of(settings: Server) -> tuple[str, ...]:
    """Of pages that may open sockets: those that are set, and that of the base URL."""
    if settings.base_url is None:
        return settings.allowed_origins
    url = urlsplit(settings.base_url)
    return (*settings.allowed_origins, f"{url.scheme}://{url.netloc}")


def cors_of(settings: CorsSettings, spoken: Sequence[Dialect[Any]]) -> Cors:
    """Which pages of others may read answers; BadInput for a dialect that is not served."""
    names = [dialect.name for dialect in spoken]
    if unknown := next((name for name in settings.dialects if name not in names), None):
        raise BadInput("cors.dialects", f"{unknown} is not served", f"expected some of {', '.join(names)}")
    return Cors(
        dialects=frozenset(settings.dialects),
        origins=settings.allow_origins,
        headers=settings.allow_headers,
        methods=tuple(name.upper() for name in settings.allow_methods),
    )


def egress_of(settings: EgressSettings) -> Egress:
    """The one way out."""
    return Egress(allow=settings.allow, timeout_s=settings.timeout_s, limit_bytes=settings.max_answer_bytes)


class Doorkeeper:
    """Stands at the sign-in with a password: counts what is wrong, forgets it when it is right."""

    def __init__(self, attempts: Attempts) -> None:
        self._attempts = attempts

    async def before(self, login: str, address: str) -> None:
        """May wait for some seconds; LockedOut where too many passwords were wrong."""
        await self._attempts.attempt(login, address)

    async def after(self, attempt: Attempt) -> None:
        """The attempt has ended; one that failed was counted when it began."""
        if attempt.principal is not None:
            self._attempts.succeeded(attempt.login, attempt.address)
