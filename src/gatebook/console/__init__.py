"""The web console: pages made on the server, which work before any script has run."""

from gatebook.console.routes import DIALECT

__all__ = ["DIALECT"]
