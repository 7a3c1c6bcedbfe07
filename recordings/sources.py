"""The PBX's recordings folder as it is here: opened beneath its root, no link is followed."""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from pbx_bridge.matching import msgid
from recordings.audio import NotAudio
from recordings.formats import read_audio
from recordings.naming import OUTSIDE, BadName
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
    """The recordings folder itself is not here."""


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
