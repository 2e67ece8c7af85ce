"""The web console: pages that are whole without scripts, and live with them."""

from gatebook.console.routes import dialect_of
from gatebook.console.shapes import shapes_of

__all__ = ["dialect_of", "shapes_of"]
