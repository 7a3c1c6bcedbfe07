"""The PBX's recordings folder as it is here: opened beneath its root, no link is followed."""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import BinaryIO
from uuid import UUID

from pbx_bridge.matching import msgid
from recordings.audio import NotAudio
from recordings.formats import read_audio
from recordings.naming import OUTSIDE, BadName
from recordings.sides import Sides
from recordings.spools import Entry, Folders, Spool, names_beneath
from recordings.stores import Folder, Space
from recordings.verdicts import Look

INSIDE = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC
LINKS = {errno.ELOOP, errno.ENOTDIR}  # what O_NOFOLLOW answers to a link
NO_FOLDER = msgid("Ringbook is not told where this PBX keeps its recordings.")
FOLDER_AWAY = msgid(
    "This PBX's recordings folder is not here now, and is waited for. Is it still mounted?"
)
NOT_ALLOWED = msgid("Ringbook may not read the file: give its user the right to.")
UNREADABLE = msgid("The file cannot be read from its disk.")


class FolderAway(OSError):
    """The recordings folder itself is not here; the message is a sentence that says why."""


class NotSeen(Exception):
    """Nobody knows yet: the file is being looked for or fetched."""


@dataclass(frozen=True, slots=True)
class LocalSpool:
    """A folder of this machine, or one that is mounted."""

    root: Path
    sides: Sides | None = None

    @property
    def trouble(self) -> str:
        """Nothing is known before it is looked at."""
        return ""

    def look(self, name: PurePosixPath) -> Look | None:
        """See a file as it is now."""
        return look_at(self.root, name)

    def holds(self, look: Look) -> bool:
        """Whether it is a copy: never."""
        del look
        return False

    def names(self) -> Iterator[PurePosixPath]:
        """Give the names of files in it."""
        return names_beneath(self.root)

    def entries(self) -> list[Entry]:
        """Return all that lies in it."""
        found = []
        for name in names_beneath(self.root, hidden=True):
            try:
                state = os.lstat(self.root / name)
            except OSError:  # renamed since it was listed: the next scan sees it
                continue
            changed = datetime.fromtimestamp(state.st_mtime, UTC)
            found.append(Entry(name, state.st_size, changed, stat.S_ISREG(state.st_mode)))
        return found

    def opened(self, look: Look) -> AbstractContextManager[BinaryIO]:
        """Open the file that was seen."""
        return open_beneath(self.root, look.name or PurePosixPath())

    def peeked(self, name: PurePosixPath) -> AbstractContextManager[BinaryIO]:
        """Open a file."""
        return open_beneath(self.root, name)

    def release(self, look: Look, *, clear: bool) -> None:
        """Delete the file, if it may go and is still the one that was seen."""
        if clear and look.name is not None and look_at(self.root, look.name) == look:
            remove_beneath(self.root, look.name)

    def remove(self, name: PurePosixPath) -> None:
        """Delete a file."""
        remove_beneath(self.root, name)

    def check(self) -> None:
        """Raise FolderAway where it is not mounted."""
        if not self.root.is_dir():
            raise FolderAway(FOLDER_AWAY)

    def room(self) -> Space | None:
        """Return the room on its disk."""
        return Folder(self.root).space() if self.root.is_dir() else None


def troubles(folders: Folders) -> dict[UUID, str]:
    """Why nothing can be fetched from a PBX's folder now: a sentence for each of which one is."""
    spools = {pbx_id: spool_at(here) for pbx_id, (_, here) in folders.items()}
    return {pbx_id: spool.trouble for pbx_id, spool in spools.items() if spool.trouble}


def spool_at(here: Path | Spool) -> Spool:
    """Return what lies there, as a spool."""
    return LocalSpool(here) if isinstance(here, Path) else here


@contextmanager
def _folder_of(root: Path, name: PurePosixPath) -> Iterator[int]:
    """Open the folder that holds `name` beneath `root`, through no link."""
    folder = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for part in name.parts[:-1]:
            inner = os.open(part, INSIDE | os.O_DIRECTORY, dir_fd=folder)
            os.close(folder)
            folder = inner
        yield folder
    except OSError as error:
        if error.errno in LINKS:
            raise BadName(OUTSIDE) from None
        raise
    finally:
        os.close(folder)


@contextmanager
def open_beneath(root: Path, name: PurePosixPath) -> Iterator[BinaryIO]:
    """Open the regular file `name` beneath `root`; raises OSError, BadName where it is none."""
    with _folder_of(root, name) as folder:
        # without O_NONBLOCK, a pipe put there would hold us for ever
        number = os.open(name.name, INSIDE | os.O_NONBLOCK, dir_fd=folder)
    if not stat.S_ISREG(os.fstat(number).st_mode):
        os.close(number)
        raise BadName(OUTSIDE)
    with os.fdopen(number, "rb") as file:
        yield file


def remove_beneath(root: Path, name: PurePosixPath) -> None:
    """Delete the file `name` beneath `root`; raises OSError, BadName."""
    with _folder_of(root, name) as folder:
        os.unlink(name.name, dir_fd=folder)


def look_at(root: Path, name: PurePosixPath) -> Look | None:
    """See the file as it is now, or None where there is none.

    Raises BadName, PermissionError, and FolderAway where there is no folder to look into.
    """
    try:
        with open_beneath(root, name) as file:
            state = os.fstat(file.fileno())
            size, changed = state.st_size, state.st_mtime_ns
            try:
                return Look(size, changed, name, audio=read_audio(file, name, size))
            except NotAudio as error:
                return Look(size, changed, name, problem=str(error))
    except FileNotFoundError:
        if not root.is_dir():
            raise FolderAway(FOLDER_AWAY) from None
        return None
