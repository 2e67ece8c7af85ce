"""How long one client may take over one message: a single timer for many, since nearly all are gone at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import TracebackType

SEND_TIMEOUT_S = 30.0


class Watch:
    """Wraps each sending in `with watch:`; `late` is called once, for the first that takes longer than `limit_s`."""

    def __init__(self, late: Callable[[], None], limit_s: float = SEND_TIMEOUT_S) -> None:
        self._late = late
        self._limit_s = limit_s
        self._clock = asyncio.get_running_loop().time
        self._since: float | None = None
        self._timer: asyncio.TimerHandle | None = None

    def __enter__(self) -> None:
        """A message is being sent."""
        self._since = self._clock()
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self._limit_s, self._look)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """It is gone, one way or the other."""
        self._since = None

    def close(self) -> None:
        """Nothing more is sent."""
        if self._timer is not None:
            self._timer.cancel()

    def _look(self) -> None:
        self._timer = None
        if self._since is None:
            return
        left = self._since + self._limit_s - self._clock()
        if left > 0:
            self._timer = asyncio.get_running_loop().call_later(left, self._look)
        else:
            self._late()
