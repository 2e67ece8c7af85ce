"""A grant and a choice of streams as the fewest numbers that say the same: this is how rights enter every query."""

from __future__ import annotations

from gatebook.domain.access import Grant
from gatebook.store.contract import ALL, Chosen
from gatebook.store.sqlite.known import Known

GRANTS_LIMIT = 256
"""Grants of which it is remembered what they show, in each organisation."""


def granted(grant: Grant, known: Known) -> Chosen:
    """The streams that a grant shows; a narrow one shows devices alone, never the organisation's own stream."""
    if grant.everything:
        return ALL
    found = known.grants.get(grant)
    if found is None:
        if len(known.grants) >= GRANTS_LIMIT:
            known.grants.clear()
        found = known.grants[grant] = _streams_of(grant, known)
    return found


def _streams_of(grant: Grant, known: Known) -> Chosen:
    shown: set[int] = set()
    for site in grant.sites:
        shown |= known.members.get(known.site_streams.get(site, 0), frozenset())
    shown |= {known.device_streams[device] for device in grant.devices if device in known.device_streams}
    return Chosen(frozenset(shown), but=False)


def fewest(streams: Chosen, among: frozenset[int]) -> Chosen:
    """The same streams, listed or left out, whichever names fewer; `among` holds at least all that there can be."""
    if streams.but or len(streams.ids) * 2 < len(among):
        return streams
    others = Chosen(among - streams.ids, but=True)
    return others if len(others.ids) < len(streams.ids) else streams


def counted(streams: Chosen, known: Known) -> Chosen:
    """The tally streams for the same choice: a site of which every device is listed stands for them."""
    if len(streams.ids) < 2:
        return streams
    left = set(streams.ids)
    for site, devices in known.members.items():
        if len(devices) > 1 and devices <= left:
            left -= devices
            left.add(site)
    return Chosen(frozenset(left), but=streams.but)
