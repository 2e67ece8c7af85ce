"""The only floor that knows SQL."""

from __future__ import annotations

from pathlib import Path

from gatebook.domain.errors import BadInput
from gatebook.store.sqlite.shelves import Shelf, Writing
from gatebook.store.sqlite.store import SqliteStore
from gatebook.store.sqlite.transaction import Transaction

Store = SqliteStore
"""The store's type for the floors above; with a second engine this becomes a protocol."""


def open_store(
    url: str, *, queue_limit: int = 20_000, readers: int = 4, read_limit_s: float = 10.0, checkpoints: bool = True
) -> Store:
    """The store at this address, made if it is not there."""
    return SqliteStore(
        path_of(url), queue_limit=queue_limit, readers=readers, read_limit_s=read_limit_s, checkpoints=checkpoints
    )


def path_of(url: str) -> Path:
    """The file of `sqlite:///relative`, `sqlite:////absolute`, or a plain path.  Another scheme is BadInput."""
    scheme, separator, rest = url.partition("://")
    if separator and scheme != "sqlite":
        raise BadInput("store.url", f"{scheme} is not a store that is spoken here", "give sqlite:///path or a path")
    return Path(rest[1:] if separator else url)


__all__ = ["Shelf", "Store", "Transaction", "Writing", "open_store", "path_of"]
