"""Events as they go over the wire to those who follow the log: worked out once for all who see the same of them."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Final

import msgspec

from gatebook.dialects.native.mapping import wire_of
from gatebook.dialects.native.resources.asking import Asked
from gatebook.dialects.native.resources.events import live_binding
from gatebook.http.cursors import Cursors, LogCursor
from gatebook.http.streams import ServerEvent
from gatebook.services.views import View
from gatebook.store.contract import Page

KEPT: Final = 256
"""Batches of which the encoded form is kept, so that many subscribers cost one encoding and one sealing."""
KEPT_BYTES: Final = 32_768
"""A longer one is not kept: what is kept stays within some megabytes, whatever the events hold."""


class Telling:
    """Pages as bytes, each made once for all who asked the same question and may see the same of its answer."""

    def __init__(self, cursors: Cursors) -> None:
        """`cursors` seals the places in the log."""
        self.cursors = cursors
        self._kept: dict[Hashable, bytes] = {}

    def server_events(self, page: Page, asked: Asked, view: View) -> bytes:
        """As server-sent events."""
        key = ("sse", *_key(page, asked, view))
        return self._kept.get(key) or self._keep(key, self._server_events(page, asked, view, False))

    def past_events(self, page: Page, asked: Asked, view: View) -> bytes:
        """A page of history, oldest first: the last one alone has a place to come back to."""
        return self._server_events(page, asked, view, True)

    def frame(self, page: Page, asked: Asked, view: View) -> bytes:
        """As one message of a socket, with the place where the page ends."""
        key = ("frame", *_key(page, asked, view))
        return self._kept.get(key) or self._keep(key, self._frame(page, asked, view))

    def place(self, seq: int, asked: Asked) -> str:
        """A cursor to what comes after `seq`."""
        return self.cursors.seal(LogCursor(seq), live_binding(asked))

    def _server_events(self, page: Page, asked: Asked, view: View, past: bool) -> bytes:
        told = []
        for event in page.events:
            text = msgspec.json.encode(wire_of(event, page, view))
            text = text.replace(b"\r", b" ").replace(b"\n", b" ")  # `data` is kept as it was sent, line ends too
            last = event is page.events[-1]
            seq = page.ceiling if past else event.seq
            told.append(ServerEvent(text, event.kind.value, self.place(seq, asked) if last or not past else ""))
        return b"".join([one.encoded() for one in told])

    def _frame(self, page: Page, asked: Asked, view: View) -> bytes:
        events = b",".join([msgspec.json.encode(wire_of(event, page, view)) for event in page.events])
        return b'{"type":"events","events":[%b],"cursor":"%b"}' % (events, self.place(page.ceiling, asked).encode())

    def _keep(self, key: Hashable, text: bytes) -> bytes:
        if len(text) <= KEPT_BYTES:
            if len(self._kept) >= KEPT:
                self._kept.clear()
            self._kept[key] = text
        return text


def _key(page: Page, asked: Asked, view: View) -> tuple[Hashable, ...]:
    """Names change with the directory, whose state is part of it; the filter is what the cursor is good for."""
    seqs = tuple([event.seq for event in page.events])
    return (asked.reader.organisation, asked.said, view, page.freshness, page.ceiling, seqs)
