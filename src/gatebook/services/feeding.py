"""Packed batches from a process of its own, so that whoever writes them has the interpreter to itself."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing import get_context, resource_tracker
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import ParamSpec

from gatebook.domain.errors import Broken

P = ParamSpec("P")
END = b""
"""Comes after the last batch: without it, the work was cut short."""


@contextmanager
def fed(what: str, pack: Callable[P, Iterable[bytes]], *args: P.args, **kwargs: P.kwargs) -> Iterator[Iterator[bytes]]:
    """What `pack(*args)` yields there, in order; Broken where the process ends before its time.

    `pack` is a function of a module, and its arguments can be pickled; no batch is empty.
    """
    context = get_context("spawn")
    receiving, sending = context.Pipe(duplex=False)
    process = context.Process(target=_feed, args=(sending, pack, args, kwargs), daemon=True)
    _start(process)
    sending.close()

    def batches() -> Iterator[bytes]:
        try:
            while (batch := receiving.recv_bytes()) != END:
                yield batch
        except EOFError as error:
            process.join()
            raise Broken(f"{what} ended early, with exit code {process.exitcode}; run it again") from error

    try:
        yield batches()
    finally:
        receiving.close()
        process.terminate()
        process.join()


def _start(process: BaseProcess) -> None:
    """Starts it deaf to Ctrl-C from its first moment: that is for whoever began this, and ends it."""
    resource_tracker.ensure_running()  # which, were it started by the process, would let the signal through again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        process.start()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _feed(
    sending: Connection, pack: Callable[..., Iterable[bytes]], args: tuple[object, ...], kwargs: dict[str, object]
) -> None:
    with suppress(BrokenPipeError):  # whoever began this is gone
        for batch in pack(*args, **kwargs):
            sending.send_bytes(batch)
        sending.send_bytes(END)
