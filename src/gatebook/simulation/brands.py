"""The makers of the simulated devices: none is real, and each has its own way to report."""

from __future__ import annotations

from enum import StrEnum
from typing import Final, NamedTuple

from gatebook.domain.places import DeviceKind


class Form(StrEnum):
    """How a device writes what it reports; all of them are documented roads of the native API."""

    SINGLE = "json"
    """Each report by itself."""
    LINES = "ndjson"
    """What happened since it reported last, a line each."""
    CLOUD = "cloudevents"
    """CloudEvents, several in a batch."""
    READ = "plate-reads"
    """Number plates in the neutral form; all else by itself."""
    HOOK = "plate-recognizer"
    """Number plates as that reader's webhook sends them."""
    TRACKED = "frigate"
    """Number plates as that recorder publishes them."""


class Brand(NamedTuple):
    """A maker."""

    name: str
    form: Form


MAKERS: Final = (Brand("Aldmoor", Form.SINGLE), Brand("Brevik", Form.CLOUD), Brand("Corvane", Form.LINES))
"""Of doors, locks, readers, hubs and recorders."""
CAMERA_MAKERS: Final = (
    Brand("Dunmere", Form.READ),
    Brand("Ekholm", Form.HOOK),
    Brand("Fenmark", Form.TRACKED),
)


def brand_of(kind: DeviceKind, nth: int) -> Brand:
    """The maker of the device that is the nth of its kind, counted from 0: in turn."""
    makers = CAMERA_MAKERS if kind is DeviceKind.CAMERA else MAKERS
    return makers[nth % len(makers)]
