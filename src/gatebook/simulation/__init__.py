"""Made-up devices and events for demonstrations and measurements."""
