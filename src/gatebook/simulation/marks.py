"""What is odd about a report: marks that the simulation sets when it makes one, and that no report carries."""

from __future__ import annotations

from enum import IntFlag


class Mark(IntFlag):
    """A report may have several."""

    LATE = 1
    """Told minutes to hours after it happened."""
    LOST = 2
    """Happened while the device was cut off, and told when it was back."""
    AHEAD = 4
    """By a clock that runs more than five minutes ahead."""
    AGAIN = 8
    """The same report once more."""
    MISREAD = 16
    """A number plate that was read wrongly."""
    UNSURE = 32
    """A number plate that was read rightly, with less confidence than opens a gate."""
