"""What time it is; everything below is told."""

from __future__ import annotations

import time

from gatebook.domain.times import Instant


def now() -> Instant:
    """Of this machine's clock."""
    return Instant(time.time_ns())
