"""Runs what goes on in the background as long as the server runs; what fails is logged, told, and started again."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager

log = logging.getLogger(__name__)

FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 30.0
SETTLED_S = 60.0
"""So long after its last failure a task counts as running again; longer than any pause between two tries."""

Work = Callable[[], Awaitable[None]]


class Tasks:
    """Runs each work for as long as the server runs."""

    def __init__(self, works: Mapping[str, Work], *, clock: Callable[[], float] = time.monotonic) -> None:
        """`works` by name; none is meant to end by itself.  `clock` counts seconds."""
        self._works = works
        self._clock = clock
        self._failed: dict[str, float] = {}

    def states(self) -> dict[str, bool]:
        """By name, whether it runs and has not failed of late."""
        now = self._clock()
        return {name: now - self._failed.get(name, now - SETTLED_S) >= SETTLED_S for name in self._works}

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """All of them run inside; on leaving each is cancelled and waited for."""
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._keep(name, work), name=name) for name, work in self._works.items()]
            try:
                yield
            finally:
                for task in tasks:
                    task.cancel()

    async def _keep(self, name: str, work: Work) -> None:
        pause = FIRST_PAUSE_S
        while True:
            begun = self._clock()
            try:
                await work()
                log.error("%s ended, and is started again in %g s", name, pause)
            except Exception:  # a fault here must neither pass in silence nor take the server down
                log.exception("%s failed, and is started again in %g s", name, pause)
            self._failed[name] = self._clock()
            if self._failed[name] - begun > SETTLED_S:
                pause = FIRST_PAUSE_S
            await asyncio.sleep(pause)
            pause = min(LONGEST_PAUSE_S, pause * 2)
