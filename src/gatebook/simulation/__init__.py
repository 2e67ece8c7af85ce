"""Made-up events that look like real ones: a fixed random seed and the same settings give the same bytes, always."""

from gatebook.simulation.happenings import Happening, happenings
from gatebook.simulation.settings import Settings
from gatebook.simulation.world import World, world_of

__all__ = ["Happening", "Settings", "World", "happenings", "world_of"]
