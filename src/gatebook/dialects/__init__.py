"""One folder for each API that Gatebook speaks."""
