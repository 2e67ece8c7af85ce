"""What can be chosen about a simulation: how much, over what time, and how often what goes wrong."""

from __future__ import annotations

from dataclasses import dataclass

from gatebook.domain.errors import BadInput
from gatebook.domain.times import DAY_NS, HOUR_NS, Instant

START = Instant(1_735_689_600 * 1_000_000_000)
"""2025-01-01T00:00Z: where a simulation begins when nothing else is said."""

ZONES = ("Europe/London", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Adelaide", "UTC")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """A simulation is a pure function of these.  Shares are of all events unless said otherwise, 0 to 1."""

    seed: int = 1
    events: int = 50_000
    """Reports made in all, repeats included."""
    first: int = 0
    """The number of reports made before by the same seed: their keys are not used again."""
    start: Instant = START
    days: int = 90
    burst_share: float = 0.0
    """0: spread over the days by a daily curve (`uniform`); else this share falls into one hour in their middle."""
    burst_ns: int = HOUR_NS

    even: bool = False
    """Without days and nights: as much in every minute."""

    sites: int = 6
    devices: int = 200
    people: int = 1_000
    zones: tuple[str, ...] = ZONES
    """Of the sites, in turn."""

    denied: float = 0.04
    """Of all who ask to pass."""
    held: float = 0.01
    """Doors held open, of all passages through a door."""
    forced: float = 0.000_5
    """Doors forced, of all that happens at a door."""
    misread: float = 0.03
    """Of all number plates read."""
    unsure: float = 0.05
    """Of all number plates read: rightly, and with less confidence than opens a gate."""
    late: float = 0.02
    """Reported minutes to hours after they occurred, and so out of order."""
    lost: float = 0.02
    """Of all days of a device: it is cut off for a while, and tells afterwards what happened meanwhile."""
    ahead: float = 0.000_5
    """By clocks that run more than five minutes ahead."""
    drifting: float = 0.1
    """Of all devices: their clocks gain or lose up to three seconds a day, and are set right every week."""
    jammed: float = 0.02
    """Of all commands to open: the lock refuses."""
    repeated: float = 0.002
    """Sent again, word for word; only where reports have keys."""

    keys: bool = True
    """Whether reports carry the sender's own id."""
    persons: bool = True
    """Whether reports say who, and by which credential."""
    payload: bool = True
    """Whether reports carry some 60 bytes of `data`."""

    def __post_init__(self) -> None:
        """Raises BadInput naming what cannot be used."""
        for name in ("events", "days", "sites", "devices", "people", "burst_ns"):
            if getattr(self, name) < 1:
                raise BadInput(name, f"is {getattr(self, name)}", "give at least 1")
        for name in ("burst_share", "denied", "held", "forced", "misread", "unsure", "late", "lost",
                     "ahead", "drifting", "jammed", "repeated"):  # fmt: skip
            if not 0 <= getattr(self, name) <= 1:
                raise BadInput(name, f"is {getattr(self, name)}", "give a share from 0 to 1")
        if not self.zones:
            raise BadInput("zones", "names none", "give at least one time zone")
        if self.burst_ns > self.days * DAY_NS:
            raise BadInput("burst_ns", "is longer than the days", "give a shorter one")

    @property
    def span_ns(self) -> int:
        """From the first event to the last."""
        return self.days * DAY_NS
