"""What sites, devices and people of a simulation are called: names that one could meet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from gatebook.domain.places import DeviceKind

SITES: Final = ("Harbour House", "Mill Lane Depot", "Castle Court", "North Quay", "Orchard Works", "Station Road")
DEVICES: Final[dict[DeviceKind, Sequence[str]]] = {
    DeviceKind.DOOR: (
        "Front entrance", "Goods gate", "Staff entrance", "Stairwell A", "Stairwell B", "First floor", "Second floor",
        "Canteen", "Plant room", "Loading bay", "Fire exit north", "Fire exit south", "Roof hatch", "Archive",
    ),
    DeviceKind.LOCK: ("Car park barrier", "Server room", "Cash office", "Medicine store", "Meeting room", "Workshop"),
    DeviceKind.READER: ("Lift lobby", "Turnstile 1", "Turnstile 2", "Reception desk", "Bicycle shed"),
    DeviceKind.CAMERA: ("Car park camera", "Yard camera", "Lobby camera", "Goods gate camera"),
    DeviceKind.HUB: ("Ground floor hub", "Upper floors hub", "Annexe hub"),
    DeviceKind.RECORDER: ("Video recorder", "Spare recorder"),
}  # fmt: skip
FIRST: Final = ("Ada", "Ben", "Chloe", "Dev", "Elif", "Femi", "Grace", "Hugo", "Ines", "Jun", "Kofi", "Lena", "Maya",
                "Noor", "Otto", "Priya", "Quinn", "Rosa", "Sven", "Uma", "Wen", "Zoë")  # fmt: skip
LAST: Final = ("Abbott", "Bauer", "Castro", "Dubois", "Eriksen", "Fofana", "García", "Haddad", "Ito", "Jensen", "Khan",
               "Lund", "Okafor", "Patel", "Rossi", "Tanaka")  # fmt: skip


def nth(names: Sequence[str], number: int) -> str:
    """The name of this number, counted from 0; where they run out they come again with a number: `Archive 2`."""
    round_, at = divmod(number, len(names))
    return names[at] if not round_ else f"{names[at]} {round_ + 1}"
