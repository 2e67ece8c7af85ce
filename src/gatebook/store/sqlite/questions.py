"""The directory's questions by name, as readers ask them: each takes a snapshot's connection first."""

from __future__ import annotations

from gatebook.store.sqlite import directory, keeping, quarantine, record, tokens


class DirectoryQuestions:
    """What is known of organisations, sites, devices and people."""

    organisation = staticmethod(directory.organisation)
    organisations = staticmethod(directory.organisations)
    site = staticmethod(directory.site)
    sites = staticmethod(directory.sites)
    device = staticmethod(directory.device)
    device_of_stream = staticmethod(directory.device_of_stream)
    sites_of_devices = staticmethod(directory.sites_of_devices)
    devices_after = staticmethod(directory.devices_after)
    person = staticmethod(directory.person)


class QuarantineQuestions:
    """What waits for its place to be made known."""

    listed = staticmethod(quarantine.listed)
    one = staticmethod(quarantine.one)
    size = staticmethod(quarantine.size)


class TokenQuestions:
    """Signing keys and tokens."""

    signing_keys = staticmethod(tokens.signing_keys)
    is_revoked = staticmethod(tokens.is_revoked)
    refresh_token = staticmethod(tokens.refresh_token)
    issued_token = staticmethod(tokens.issued_token)
    held_after = staticmethod(tokens.held_after)


class RecordQuestions:
    """What is written down for the installation."""

    refusals = staticmethod(record.refusals)
    attempts = staticmethod(record.attempts)


class KeepingQuestions:
    """What is kept how long, and what is gone."""

    rules = staticmethod(keeping.rules)
    due = staticmethod(keeping.due)
    removed = staticmethod(keeping.removed)
