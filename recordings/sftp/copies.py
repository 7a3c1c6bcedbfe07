"""Copies of files of another host, while they are on their way to the shelf."""

import hashlib
import os
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from recordings.sftp.reading import File, Folder, read, stamp
from recordings.verdicts import Look

PIECE = 256 * 1024  # bytes
OVERLAP = 64 * 1024  # bytes of the end that are held against the host's before more is fetched


class Changed(Exception):
    """The file is another one than was seen."""


@dataclass(slots=True)
class Copies:
    """A folder of ours, readable for its owner alone; nothing in it outlives the process."""

    root: Path
    _stamps: dict[PurePosixPath, tuple[int, int]] = field(default_factory=dict)  # of what is begun
    _whole: set[PurePosixPath] = field(default_factory=set)
    _is_ready: bool = False

    def of(self, look: Look) -> Path | None:
        """Return the whole copy of what was seen, None where there is none."""
        name = look.name
        if name is None or name not in self._whole or self._stamps[name] != _stamp(look):
            return None
        return self._path(name)

    def drop(self, name: PurePosixPath) -> None:
        """Forget what there is of a file."""
        self._whole.discard(name)
        if self._stamps.pop(name, None) is not None:
            self._path(name).unlink(missing_ok=True)

    async def fetch(self, folder: Folder, look: Look) -> None:
        """Fetch what was seen, going on where a cut left off.

        Raises Changed where it is another file now, asyncssh.Error, and OSError of our own disk.
        """
        name = look.name
        if name is None:
            return
        self._prepare()
        if self._stamps.get(name) != _stamp(look):
            self.drop(name)
        path = self._path(name)
        self._stamps[name] = _stamp(look)
        try:
            await self._copy(folder, look, name, path)
        except (Changed, OSError) as error:
            if not isinstance(error, (ConnectionError, TimeoutError)):
                self.drop(name)
            raise
        self._whole.add(name)

    async def _copy(self, folder: Folder, look: Look, name: PurePosixPath, path: Path) -> None:
        async with folder.client.open(folder.path(name), "rb", encoding=None) as file:
            if stamp(await file.stat()) != _stamp(look):
                raise Changed
            with _private(path) as copy:
                at = await _same_so_far(file, path, copy.tell())
                copy.truncate(at)
                while at < look.size:
                    piece = await read(file, at, min(PIECE, look.size - at))
                    if not piece:
                        raise Changed
                    copy.write(piece)
                    at += len(piece)
        if stamp(await folder.attrs(name)) != _stamp(look):
            raise Changed

    def _prepare(self) -> None:
        """Take away what another process left: after a loss of power it may not be what it was."""
        if self._is_ready:
            return
        self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
        for left in self.root.glob("*.copy"):
            left.unlink(missing_ok=True)
        self._is_ready = True

    def _path(self, name: PurePosixPath) -> Path:
        digest = hashlib.sha256(str(name).encode("utf-8", "surrogateescape")).hexdigest()
        return self.root / f"{digest[:32]}.copy"


async def _same_so_far(file: File, path: Path, size: int) -> int:
    """Return how much of a copy counts: all if its end is still the host's, else nothing."""
    start = max(0, size - OVERLAP)
    if not size:
        return 0
    with path.open("rb") as copy:
        copy.seek(start)
        ours = copy.read()
    return size if await read(file, start, len(ours)) == ours else 0


def _stamp(look: Look) -> tuple[int, int]:
    return look.size, look.changed


def _private(path: Path) -> BinaryIO:
    """Open a file of which only its owner may read, at its end."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
    return os.fdopen(os.open(path, flags, 0o600), "ab")
