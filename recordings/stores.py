"""Where the shelf's files lie: what it needs of such a place, and a local folder as one."""

import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

PART = ".part"  # what is being written


@dataclass(frozen=True, slots=True)
class Space:
    """Room on a disk, in bytes."""

    free: int
    total: int


@dataclass(frozen=True, slots=True)
class Kept:
    """A file of a store, by its name there."""

    name: str
    changed_at: datetime


class StoredFile(Protocol):
    """An open file of a store; every call blocks for a moment."""

    @property
    def size(self) -> int:
        """Bytes of the file."""

    def read(self, start: int, length: int) -> bytes:
        """Return up to `length` bytes from `start` on; fewer only where the file ends."""

    def close(self) -> None:
        """Let go of it."""


class Store(Protocol):
    """Keeps files under keys; every call blocks. Failures are OSErrors."""

    def write(self, key: str, pieces: Iterable[bytes]) -> None:
        """Keep a file: whole and safe from a loss of power, or not at all."""

    def open(self, key: str) -> StoredFile:
        """Open a file; raises FileNotFoundError."""

    def delete(self, key: str) -> None:
        """Delete a file; one that is not there is no error."""

    def listed(self) -> Iterator[Kept]:
        """Give every file, also what a kill left half written."""

    def space(self) -> Space | None:
        """Return the room that is left, None where the store does not say."""


class Folder:
    """A folder of this machine; no link in it is followed."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def write(self, key: str, pieces: Iterable[bytes]) -> None:
        """Keep a file beneath the folder, readable for its owner alone."""
        target = self.root / key
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(f"{target.name}{PART}")
        try:
            with os.fdopen(os.open(part, _FRESH, 0o600), "wb") as file:
                for piece in pieces:
                    file.write(piece)
                file.flush()
                os.fsync(file.fileno())
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)
        _sync(target.parent)

    def open(self, key: str) -> "FolderFile":
        """Open a file beneath the folder."""
        return FolderFile(os.open(self.root / key, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC))

    def delete(self, key: str) -> None:
        """Delete a file beneath the folder."""
        (self.root / key).unlink(missing_ok=True)

    def listed(self) -> Iterator[Kept]:
        """Give every file beneath the folder; links are not followed."""
        for folder, _folders, names in os.walk(self.root):
            for name in names:
                path = Path(folder) / name
                with suppress(FileNotFoundError):  # it went meanwhile
                    changed = datetime.fromtimestamp(path.lstat().st_mtime, UTC)
                    yield Kept(path.relative_to(self.root).as_posix(), changed)

    def space(self) -> Space:
        """Return the room on the folder's disk, also before the folder is there."""
        folder = next(each for each in (self.root, *self.root.absolute().parents) if each.exists())
        usage = shutil.disk_usage(folder)
        return Space(usage.free, usage.total)


class FolderFile:
    """An open file of a folder."""

    def __init__(self, number: int) -> None:
        self._file = os.fdopen(number, "rb", buffering=0)

    @property
    def size(self) -> int:
        """Bytes of the file now."""
        return os.fstat(self._file.fileno()).st_size

    def read(self, start: int, length: int) -> bytes:
        """Read a part, without a place in the file that readers would share."""
        return os.pread(self._file.fileno(), length, start)

    def close(self) -> None:
        """Close the file."""
        self._file.close()


_FRESH = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC


def _sync(folder: Path) -> None:
    number = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
