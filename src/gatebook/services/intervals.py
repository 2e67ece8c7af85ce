"""Work that is done again and again, and once more at the end."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

Work = Callable[[], Awaitable[None]]


async def every(pause_s: float, work: Work, last: Work | None = None) -> None:
    """Does it after each pause, until cancelled; then `last`, or the same once more."""
    try:
        while True:
            await asyncio.sleep(pause_s)
            await work()
    finally:
        await (last or work)()
