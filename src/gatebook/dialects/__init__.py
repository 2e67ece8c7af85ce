"""The dialects: one folder each, strangers to one another, listed here and nowhere else."""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import entry_points
from typing import Any

from gatebook.http.dialect import Dialect

BUILT_IN: tuple[str, ...] = ("native", "smartphonekey", "doorflow", "doordeck", "xprotect")

ENTRY_POINTS = "gatebook.dialects"
"""The group under which a package of others offers a dialect; it is loaded only when it is named."""


def load(names: tuple[str, ...] = BUILT_IN) -> list[Dialect[Any]]:
    """The named dialects, in that order; an unknown name or a broken folder is an ImportError at start.

    `Any`, since a dialect of others may be content with less than all services.
    """
    return [_load(name) for name in names]


def _load(name: str) -> Dialect[Any]:
    if name in BUILT_IN:
        found = import_module(f"{__name__}.{name}").DIALECT
    else:
        offers = [offer for offer in entry_points(group=ENTRY_POINTS) if offer.name == name]
        if len(offers) != 1:
            raise ImportError(f"{name}: no dialect of this name; built in are {', '.join(BUILT_IN)}")
        found = offers[0].load()
    if not isinstance(found, Dialect) or found.name != name:
        raise ImportError(f"{name}: what was found is no dialect of this name")
    return found
