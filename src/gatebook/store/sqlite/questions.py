"""The directory's questions by name, as readers ask them: each takes a snapshot's connection first."""

from __future__ import annotations

from gatebook.store.sqlite import directory, quarantine, tokens


class DirectoryQuestions:
    """What is known of organisations, sites, devices and people."""

    organisation = staticmethod(directory.organisation)
    organisations = staticmethod(directory.organisations)
    site = staticmethod(directory.site)
    sites = staticmethod(directory.sites)
    device = staticmethod(directory.device)
    device_of_stream = staticmethod(directory.device_of_stream)
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
