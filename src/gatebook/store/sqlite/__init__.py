"""The embedded store: one file, one writer, many readers."""
