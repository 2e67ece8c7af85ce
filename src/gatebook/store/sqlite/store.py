"""The embedded store: opens the file, brings it up to date, and joins the writer, the readers and the checkpoints."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

import apsw

from gatebook.store.contract import Outcome
from gatebook.store.migrate import migrate
from gatebook.store.sqlite.accounts import AccountQuestions
from gatebook.store.sqlite.alarm_sessions import AlarmSessionQuestions
from gatebook.store.sqlite.alarms import AlarmQuestions
from gatebook.store.sqlite.arrivals import ArrivalQuestions
from gatebook.store.sqlite.checkpoints import Checkpointer
from gatebook.store.sqlite.commands import CommandQuestions
from gatebook.store.sqlite.connection import named, open_writer
from gatebook.store.sqlite.entities import EntityQuestions
from gatebook.store.sqlite.erasing import ErasingQuestions
from gatebook.store.sqlite.event_sessions import EventSessionQuestions
from gatebook.store.sqlite.gates import GateQuestions
from gatebook.store.sqlite.glances import is_at_a_glance
from gatebook.store.sqlite.history import History
from gatebook.store.sqlite.known import Memory
from gatebook.store.sqlite.listeners import ListenerQuestions
from gatebook.store.sqlite.ntlm import NtlmQuestions
from gatebook.store.sqlite.portrayals import PortrayalQuestions
from gatebook.store.sqlite.pulse import Pulse
from gatebook.store.sqlite.questions import (
    DirectoryQuestions,
    KeepingQuestions,
    QuarantineQuestions,
    RecordQuestions,
    TokenQuestions,
)
from gatebook.store.sqlite.readers import Readers
from gatebook.store.sqlite.rules import RuleQuestions
from gatebook.store.sqlite.sessions import SessionQuestions
from gatebook.store.sqlite.states import StateQuestions
from gatebook.store.sqlite.tallies import LIMIT
from gatebook.store.sqlite.webhooks import WebhookQuestions
from gatebook.store.sqlite.writer import Place, Work, Writer

log = logging.getLogger(__name__)
T = TypeVar("T")
P = ParamSpec("P")


class SqliteStore:
    """One file.  Use it from one event loop, or with the `_now` methods from plain threads."""

    def __init__(
        self,
        path: Path,
        *,
        queue_limit: int = 20_000,
        readers: int = 4,
        read_limit_s: float = 10.0,
        checkpoints: bool = True,
        burst: int = LIMIT,
    ) -> None:
        """Opens the file, creating it if need be, and applies missing migrations; a newer file raises Broken.

        `burst`: events in a bucket beyond which finer tallies are kept.
        """
        self.path = path
        connection = open_writer(path)
        with named(path):
            self.applied = migrate(connection)
        self.history = History(Memory(), burst)
        self.directory = DirectoryQuestions()
        self.accounts = AccountQuestions()
        self.entities = EntityQuestions()
        self.quarantine = QuarantineQuestions()
        self.tokens = TokenQuestions()
        self.sessions = SessionQuestions()
        self.ntlm = NtlmQuestions()
        self.record = RecordQuestions()
        self.keeping = KeepingQuestions()
        self.erasing = ErasingQuestions()
        self.alarms = AlarmQuestions()
        self.rules = RuleQuestions()
        self.portrayals = PortrayalQuestions()
        self.alarm_sessions = AlarmSessionQuestions()
        self.webhooks = WebhookQuestions()
        self.gates = GateQuestions()
        self.commands = CommandQuestions()
        self.arrivals = ArrivalQuestions()
        self.event_sessions = EventSessionQuestions(self.history.memory, burst)
        self.listeners = ListenerQuestions()
        self.states = StateQuestions(self.history.memory)
        self.readers = Readers(path, threads=readers, limit_s=read_limit_s)
        self.pulse = Pulse(path)
        self._checkpointer = Checkpointer(open_writer(path)) if checkpoints else None
        if self._checkpointer is not None:
            connection.set_wal_hook(self._checkpointer.notice)
        self._bells: list[Callable[[], None]] = []
        self.writer = Writer(connection, path, queue_limit=queue_limit, on_commit=self._committed, burst=burst)
        self._connection = connection

    # -- writing -----------------------------------------------------------------------------------------------------

    async def append(self, org: int, place: Place, weight: int) -> list[Outcome]:
        """Appends the drafts that `place(transaction)` returns; back when they are on disk."""
        return await self.writer.append(org, place, weight)

    async def write(self, work: Work[T], weight: int = 1) -> T:
        """Runs one use case `work(transaction)`, all or nothing; back when it is on disk."""
        return await self.writer.write(work, weight)

    def write_now(self, work: Work[T], weight: int = 1) -> T:
        """The same, from a plain thread."""
        return self.submit(work, weight).result()

    def submit(self, work: Work[T], weight: int = 1) -> Future[T]:
        """The same, to be waited for later."""
        return self.writer.submit(work, weight)

    def ring_after_commit(self, bell: Callable[[], None]) -> None:
        """`bell` is called on the writer's thread after each commit; it must be quick and carry nothing."""
        self._bells.append(bell)

    def _committed(self) -> None:
        for bell in self._bells:
            bell()

    # -- reading -----------------------------------------------------------------------------------------------------

    async def read(
        self, question: Callable[Concatenate[apsw.Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """`question(connection, …)` in one snapshot on a reading thread, such as `store.history.page`.

        What is answered at a glance is answered here and now: see `glances`.
        """
        if is_at_a_glance(question):
            return self.readers.glance(lambda connection: question(connection, *args, **kwargs))
        return await self.readers.read(lambda connection: question(connection, *args, **kwargs))

    def read_now(self, question: Callable[Concatenate[apsw.Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The same, on the calling thread."""
        return self.readers.read_now(lambda connection: question(connection, *args, **kwargs))

    # -- old bytes ---------------------------------------------------------------------------------------------------

    async def rewrite(self) -> None:
        """Writes the whole file anew, without the unused space in which old bytes may lie; reports wait meanwhile.

        Needs room for the file twice over.
        """
        await asyncio.to_thread(self._rewrite)

    async def empty_log(self) -> None:
        """Moves the write-ahead log into the file and cuts it off, so that no page lies there as it was before.

        Where somebody reads an old snapshot for long, that is left to the next move, and the log says so.
        """
        await asyncio.to_thread(self._empty_log)

    def _rewrite(self) -> None:
        with named(self.path):
            connection = open_writer(self.path)
            try:
                connection.execute("VACUUM")
            finally:
                connection.close()
        self._empty_log()

    def _empty_log(self) -> None:
        connection = open_writer(self.path)
        try:
            connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
        except apsw.BusyError:
            log.warning("the write-ahead log keeps old bytes until the next move: somebody reads an old snapshot")
        finally:
            connection.close()

    # -- the end -----------------------------------------------------------------------------------------------------

    def close(self) -> None:
        """Commits what is waiting, moves the log into the file, and lets go of it."""
        self.writer.close()
        if self._checkpointer is not None:
            self._checkpointer.close()
        self.readers.close()
        self.pulse.close()
        self._connection.close()

    async def aclose(self) -> None:
        """`close`, without holding up the event loop."""
        await asyncio.to_thread(self.close)
