"""Reads what strace wrote of a server, and finds answers that left before their events were on disk."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

WRAPPER = (
    "strace", "-D", "-f", "-y", "--seccomp-bpf", "-s", "8300", "-o", "{}",
    "-e", "trace=read,recvfrom,recvmsg,write,writev,sendto,sendmsg,pwrite64,fsync,fdatasync",
)  # fmt: skip
RECEIVES = frozenset({"read", "recvfrom", "recvmsg"})
SENDS = frozenset({"write", "writev", "sendto", "sendmsg"})
SYNCS = frozenset({"fsync", "fdatasync"})
MARK = re.compile(r"mark-\d+-")
LINE = re.compile(r"^(\d+) +(.*)$")
CALL = re.compile(r"^(\w+)\((\d+)<([^>]*)>(.*)$", re.DOTALL)
RESUMED = re.compile(r"^<\.\.\. (\w+) resumed>(.*)$", re.DOTALL)
UNFINISHED = "<unfinished ...>"


def wrapper(trace: Path) -> tuple[str, ...]:
    """The command that runs another and traces it into the file; the process stays the other's."""
    return tuple(part.format(trace) for part in WRAPPER)


@dataclass(slots=True)
class Call:
    """One call of the system; `began` and `ended` are places in the trace."""

    name: str
    descriptor: str
    target: str
    rest: str
    began: int
    ended: int

    @property
    def is_log(self) -> bool:
        return self.target.endswith("-wal")


def calls(lines: Sequence[str]) -> Iterator[Call]:
    """Every call that ended, in the order in which they ended."""
    open_calls: dict[str, Call] = {}
    for place, line in enumerate(lines):
        whole = LINE.match(line)
        if whole is None:
            continue
        thread, text = whole.groups()
        resumed = RESUMED.match(text)
        if resumed is not None:
            call = open_calls.pop(thread, None)
            if call is not None:
                call.rest += resumed[2]
                call.ended = place
                yield call
            continue
        begun = CALL.match(text)
        if begun is None:
            continue
        call = Call(*begun.groups(), began=place, ended=place)
        if text.endswith(UNFINISHED):
            call.rest = call.rest.removesuffix(UNFINISHED)
            open_calls[thread] = call
        else:
            yield call


@dataclass(frozen=True, slots=True)
class Findings:
    """Marks of the requests that were answered with a 2xx, and of those whose answer left too early."""

    answered: set[str]
    early: set[str]


def judge(trace: str) -> Findings:
    """An answer is early unless a sync of the log began after its mark was written there, and ended before it left."""
    found = list(calls(trace.splitlines()))
    asked: dict[str, str] = {}
    written: dict[str, int] = {}
    synced: dict[str, int] = {}
    answered: dict[str, int] = {}
    for call in found:
        marks = set(MARK.findall(call.rest))
        if call.name in RECEIVES:
            for mark in marks:
                asked[call.descriptor] = mark
        elif call.name == "pwrite64" and call.is_log:
            for mark in marks:
                written.setdefault(mark, call.ended)
        elif call.name in SYNCS and call.is_log and call.rest.rstrip().endswith("= 0"):
            for mark, place in written.items():
                if mark not in synced and call.began > place:
                    synced[mark] = call.ended
        elif call.name in SENDS and "HTTP/1.1 2" in call.rest and call.descriptor in asked:
            answered[asked.pop(call.descriptor)] = call.began
    early = {mark for mark, place in answered.items() if mark not in synced or synced[mark] > place}
    return Findings(set(answered), early)
