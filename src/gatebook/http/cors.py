"""Answers that pages of other origins may read, and sockets that they may open: off unless configured.

Answers are never given for the browser's own credentials, and no socket of a dialect takes a cookie.

Source: Fetch standard, "CORS protocol"; `Access-Control-Allow-Credentials` is never sent.
"""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

AGE_S = 600
"""How long a browser may remember what it was told beforehand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cors:
    """For whom: each of the three lists may hold `*`, which is all."""

    dialects: frozenset[str] = frozenset()
    origins: tuple[str, ...] = ("*",)
    headers: tuple[str, ...] = ("*",)
    methods: tuple[str, ...] = ("*",)

    def allow(self, dialect: str, request: Request, response: Response) -> None:
        """Add what the page's browser looks for; to a question beforehand, also what may be sent."""
        if dialect not in self.dialects:
            return
        if "*" not in self.origins:
            response.headers.add_vary_header("Origin")
        origin = request.headers.get("origin")
        if origin is None or not ("*" in self.origins or origin in self.origins):
            return
        response.headers["Access-Control-Allow-Origin"] = "*" if "*" in self.origins else origin
        wanted = request.headers.get("access-control-request-method")
        if request.scope["method"] == "OPTIONS" and wanted is not None:
            self._beforehand(request, response)
        else:
            response.headers["Access-Control-Expose-Headers"] = "*"

    def admitted(self, dialect: str) -> tuple[str, ...]:
        """The origins of pages that may open this dialect's sockets."""
        return self.origins if dialect in self.dialects else ()

    def _beforehand(self, request: Request, response: Response) -> None:
        """`*` does not let `Authorization` through, so that the names asked for are repeated instead."""
        asked = request.headers.get("access-control-request-headers", "")
        headers = asked if "*" in self.headers else ", ".join(self.headers)
        methods = response.headers.get("allow", "") if "*" in self.methods else ", ".join(self.methods)
        response.headers["Access-Control-Allow-Methods"] = methods
        response.headers["Access-Control-Max-Age"] = str(AGE_S)
        if headers:
            response.headers["Access-Control-Allow-Headers"] = headers
            response.headers.add_vary_header("Access-Control-Request-Headers")


OFF = Cors()
