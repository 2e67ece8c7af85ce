"""How long somebody who gets a password wrong must wait, and when the door is shut to them.

Every attempt is counted as wrong before the password is looked at, so that guesses made side by side are no cheaper
than one after another; a right password wipes the count out. Times are seconds of a clock that never goes back.
"""

from __future__ import annotations

from dataclasses import dataclass

from gatebook.domain.rates import Rate

WINDOW_S = 300.0
WRONG_IN_WINDOW = 5
"""So many wrong passwords within the window are answered; the door is shut to the next."""
WRONG_IN_A_ROW = 25
"""So many without a right one between them, however slowly, and each further one shuts the door."""
FIRST_DELAY_S = 0.25
LONGEST_DELAY_S = 4.0
FIRST_LOCK_S = 300.0
LONGEST_LOCK_S = 4 * 3600.0
FROM_A_NETWORK = Rate(0.2, 100.0)
"""Wrong passwords of all names together: a hundred at once and one each five seconds, so that trying one password at
many names gains little, and a building full of people behind one address signs in on a Monday morning."""
FORGOTTEN_AFTER_S = 24 * 3600.0
"""So long after the last attempt, and after the lock, it is as if there had been none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What is remembered of one name tried from one network."""

    recent: tuple[float, ...] = ()
    """When the attempts of the last window were made, oldest first; at most WRONG_IN_WINDOW."""
    row: int = 0
    """Attempts since the last right password."""
    locks: int = 0
    """How often the door was shut since then."""
    shut_until: float = 0.0
    last: float = 0.0


NOTHING = Record()


@dataclass(frozen=True, slots=True)
class Admitted:
    """The attempt may be made, `after_s` seconds from now; `record` holds it already."""

    record: Record
    after_s: float


@dataclass(frozen=True, slots=True)
class Shut:
    """The attempt may not be made; the door opens in `for_s` seconds."""

    record: Record
    for_s: float


def attempted(record: Record, now: float) -> Admitted | Shut:
    """What becomes of an attempt made now.  One at a shut door changes nothing: a client that goes on is not punished.

    Never more than WRONG_IN_WINDOW are admitted within any WINDOW_S.
    """
    if now < record.shut_until:
        return Shut(record, record.shut_until - now)
    if now - max(record.last, record.shut_until) >= FORGOTTEN_AFTER_S:
        record = NOTHING
    recent = tuple(at for at in record.recent if now - at < WINDOW_S)
    tried_since = record.last >= record.shut_until
    if len(recent) >= WRONG_IN_WINDOW or (record.row >= WRONG_IN_A_ROW and tried_since):
        locked_s = lock_s(record.locks)
        shut = Record(
            recent=recent, row=record.row, locks=record.locks + 1, shut_until=now + locked_s, last=record.last
        )
        return Shut(shut, locked_s)
    made = Record(recent=(*recent, now), row=record.row + 1, locks=record.locks, shut_until=record.shut_until, last=now)
    return Admitted(made, delay_s(len(recent)))


def delay_s(wrong: int) -> float:
    """Seconds before the answer to an attempt that follows so many wrong ones: none, 0.25, 0.5, 1, 2, at most 4."""
    return 0.0 if wrong == 0 else min(LONGEST_DELAY_S, FIRST_DELAY_S * 2.0 ** (wrong - 1))


def lock_s(before: int) -> float:
    """Seconds for which the door is shut after it was shut `before` times: 300, doubling, at most 14,400."""
    return min(LONGEST_LOCK_S, FIRST_LOCK_S * 2.0 ** min(before, 20))


def most_guesses(networks: int, seconds: float) -> int:
    """No more guesses at one name than this are answered within so many seconds to somebody with so many networks.

    From each network WRONG_IN_A_ROW, and then one for each lock that fits into the time; and once more for each time
    that it can be forgotten in between.
    """
    locks, shut = 0, 0.0
    while shut + lock_s(locks) <= seconds:
        shut += lock_s(locks)
        locks += 1
    rows = 1 + int(seconds // FORGOTTEN_AFTER_S)
    return networks * rows * (WRONG_IN_A_ROW + locks + 1)
