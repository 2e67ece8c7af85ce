"""How fast somebody may go on: a bucket that fills steadily and is emptied by what things cost.

A bucket is one number, the moment at which it will be full again (the virtual scheduling algorithm of the generic cell
rate algorithm, ITU-T I.371 annex A). So a hundred thousand of them are cheap, a cost can be charged after the event,
and nothing has to be refilled; the libraries for this count hits in windows or need a server of their own.
"""

from __future__ import annotations

from dataclasses import dataclass

FULL = 0.0
"""A bucket that nothing was taken from, or not for long enough."""


@dataclass(frozen=True, slots=True)
class Rate:
    """What a bucket lets through: `per_s` units a second for ever, and `burst` at once when it is full."""

    per_s: float
    burst: float


def wait_s(bucket: float, rate: Rate, now: float) -> float:
    """Seconds until something may be taken; 0.0: now.  A bucket in debt waits until the debt is paid.

    What is taken may cost more than there is: it is let through, and the next one waits for it.
    """
    return max(0.0, bucket - now - rate.burst / rate.per_s)


def taken(bucket: float, rate: Rate, now: float, cost: float) -> float:
    """The bucket after `cost` units were taken, whether there was room or not."""
    return max(bucket, now) + cost / rate.per_s
