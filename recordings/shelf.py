"""The audio files on disk, under names of ours; no path leaves its root."""

import asyncio
import hashlib
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from recordings.naming import BadName, is_shelf_key

BLOCK = 256 * 1024


class NotStored(OSError):
    """The disk gave back something else than it was given."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A file that is safely on the shelf."""

    size: int  # bytes
    sha256: str


class ShelfFile:
    """An open file of the shelf; every read happens in a thread."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.size = os.fstat(file.fileno()).st_size

    async def pieces(self, start: int, length: int) -> AsyncIterator[bytes]:
        """Give `length` bytes from `start` on, in pieces of bounded size; fewer where it ends."""
        end = start + length
        while start < end:
            piece = await asyncio.to_thread(
                os.pread, self._file.fileno(), min(BLOCK, end - start), start
            )
            if not piece:
                return
            start += len(piece)
            yield piece


class Shelf:
    """A folder of recordings, each known by its key."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def put(self, source: BinaryIO, key: str) -> Stored:
        """Copy `source` to the shelf: whole and on the disk, or not at all. Blocks: use a thread.

        Raises OSError where the disk is full or lies.
        """
        target = self._path(key)
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_suffix(".part")
        try:
            stored = _copy(source, part)
            if _hash(part) != stored.sha256:
                raise NotStored(f"{key} was not stored as it was read")
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)
        _sync_folder(target.parent)
        return stored

    @asynccontextmanager
    async def open(self, key: str) -> AsyncIterator[ShelfFile]:
        """Open a file of the shelf; raises FileNotFoundError."""
        file = await asyncio.to_thread(self._open, key)
        try:
            yield ShelfFile(file)
        finally:
            file.close()

    async def size(self, key: str) -> int:
        """Bytes of a file of the shelf; raises FileNotFoundError."""
        return (await asyncio.to_thread(self._path(key).stat)).st_size

    async def delete(self, key: str) -> None:
        """Take a file off the shelf; one that is not there is no error."""
        await asyncio.to_thread(self._path(key).unlink, missing_ok=True)

    def free_share(self) -> float:
        """Part of the shelf's disk that is free, 0 to 1; blocks for a moment."""
        folder = next(each for each in (self.root, *self.root.absolute().parents) if each.exists())
        usage = shutil.disk_usage(folder)
        return usage.free / usage.total

    def _open(self, key: str) -> BinaryIO:
        number = os.open(self._path(key), os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        return os.fdopen(number, "rb", buffering=0)

    def _path(self, key: str) -> Path:
        if not is_shelf_key(key):
            raise BadName(f"{key!r} is no key of the shelf")
        return self.root / key


def _copy(source: BinaryIO, part: Path) -> Stored:
    digest = hashlib.sha256()
    size = 0
    with part.open("wb") as target:
        while block := source.read(BLOCK):
            digest.update(block)
            target.write(block)
            size += len(block)
        target.flush()
        os.fsync(target.fileno())
    return Stored(size, digest.hexdigest())


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync_folder(folder: Path) -> None:
    number = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
