"""How Doordeck says no: a code and a sentence."""

from __future__ import annotations

from gatebook.dialects.doordeck.schemas import Refusal
from gatebook.domain.errors import GatebookError
from gatebook.http import Request, Response
from gatebook.http.wire import json_reply


def on_error(request: Request, error: GatebookError) -> Response:
    """Any error in the vendor's form; one of status 500 tells the request's id and nothing else."""
    message = error.message
    if error.status == 500:
        message = f"Something failed here; the server's log has it under {request.scope.get('gatebook.request_id')}"
    return json_reply(Refusal(code=error.status, message=message), error.status)
