"""One module for each system that Gatebook sends events to."""
