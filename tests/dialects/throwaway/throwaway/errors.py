"""How the throwaway dialect says no."""

from gatebook.domain.errors import GatebookError
from gatebook.http import Request, Response
from gatebook.http.wire import json_reply

from .schemas import Refusal


def on_error(_request: Request, error: GatebookError) -> Response:
    """One shape for all."""
    told = error.message if error.status != 500 else "out of order"
    return json_reply(Refusal(told, error.status), error.status)
