"""A disk in memory that loses what was not synced when its power is cut: a file system for the engine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import apsw

SECTOR = 512
MAIN = "/store.db"
LOG = "/store.db-wal"


class File:
    """What programs see of a file, and what of it is on the platter."""

    def __init__(self, content: bytes = b"") -> None:
        self.seen = bytearray(content)
        self.kept = bytes(content)
        self.since: list[tuple[int, bytes]] = []
        """Writes since the last sync, in order; a shortening is kept as such: (new length, nothing)."""

    def sync(self) -> None:
        self.kept, self.since = bytes(self.seen), []

    def left(self, random: Random | None) -> bytes:
        """What a power cut leaves: what was synced, and with `random` any of the sectors written since, in any order.

        An early sector may be lost and a later one be there: a disk writes in the order that it likes.
        """
        found = bytearray(self.kept)
        for offset, written in self.since if random else ():
            assert random is not None
            if not written:
                continue
            for start in range(0, len(written), SECTOR):
                if random.random() < 0.5:
                    put(found, offset + start, written[start : start + SECTOR])
        return bytes(found)


@dataclass
class Disk:
    """Files by path.  Power goes off at the write, sync or shortening number `cut_at`, before it is done."""

    files: dict[str, File] = field(default_factory=dict)
    cut_at: int | None = None
    steps: int = 0
    off: bool = False

    def step(self) -> None:
        """Counts one step; raises once the power is off."""
        self.steps += 1
        if self.steps == self.cut_at:
            self.off = True
        if self.off:
            raise apsw.IOError("the power is off")

    def leave(self, folder: Path, random: Random | None) -> Path:
        """Writes what is left to a real folder; the path of the store there."""
        folder.mkdir()
        for path, file in self.files.items():
            (folder / path.removeprefix("/")).write_bytes(file.left(random))
        return folder / MAIN.removeprefix("/")


def put(content: bytearray, offset: int, written: bytes) -> None:
    """Writes into the content, which grows with zeros if it is too short."""
    if len(content) < offset:
        content.extend(bytes(offset - len(content)))
    content[offset : offset + len(written)] = written


class Handle:
    """One opened file, as the engine uses it."""

    def __init__(self, disk: Disk, file: File) -> None:
        self.disk = disk
        self.file = file

    def xRead(self, amount: int, offset: int) -> bytes:
        return bytes(self.file.seen[offset : offset + amount])

    def xWrite(self, data: bytes, offset: int) -> None:
        self.disk.step()
        put(self.file.seen, offset, bytes(data))
        self.file.since.append((offset, bytes(data)))

    def xTruncate(self, size: int) -> None:
        self.disk.step()
        del self.file.seen[size:]
        self.file.since.append((size, b""))

    def xSync(self, _flags: int) -> None:
        self.disk.step()
        self.file.sync()

    def xFileSize(self) -> int:
        return len(self.file.seen)

    def xLock(self, _level: int) -> None:
        """Nobody else is here."""

    def xUnlock(self, _level: int) -> None:
        """Nobody else is here."""

    def xCheckReservedLock(self) -> bool:
        return False

    def xFileControl(self, _operation: int, _pointer: int) -> bool:
        return False

    def xSectorSize(self) -> int:
        return SECTOR

    def xDeviceCharacteristics(self) -> int:
        return 0

    def xClose(self) -> None:
        """The file stays."""


class FileSystem(apsw.VFS):
    """The engine's view of one disk; it has no shared memory, so one connection at a time."""

    def __init__(self, name: str, disk: Disk) -> None:
        super().__init__(name, base="")
        self.disk = disk

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> Handle:
        flags[1] = flags[0]
        path = name.filename() if isinstance(name, apsw.URIFilename) else name
        return Handle(self.disk, File() if path is None else self.disk.files.setdefault(path, File()))

    def xDelete(self, path: str, _sync: bool) -> None:
        if not self.disk.off:
            self.disk.files.pop(path, None)

    def xAccess(self, path: str, _flags: int) -> bool:
        return path in self.disk.files

    def xFullPathname(self, path: str) -> str:
        return path


@contextmanager
def mounted(disk: Disk, name: str = "power") -> Iterator[str]:
    """The disk as a file system of this name, for as long as the block runs."""
    system = FileSystem(name, disk)
    try:
        yield name
    finally:
        system.unregister()
