"""A spool on another host: what the pickup asks for is looked at and copied behind its back."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import BinaryIO, TypeVar

import asyncssh

from recordings.sftp.links import AWAY, LOST, Login, as_os_error
from recordings.sftp.loops import Loop
from recordings.sftp.reading import File, Folder, HostReader, buffered, stamp
from recordings.sftp.work import Work
from recordings.sides import Sides
from recordings.sources import FolderAway, NotSeen
from recordings.spools import Entry
from recordings.stores import Space
from recordings.verdicts import Look

PATIENCE = 120.0  # seconds for what is asked and waited for
LONG = 900.0  # seconds for a listing of everything

T = TypeVar("T")


class SftpSpool:
    """A folder that is fetched over SFTP; a thread of its own does it. `close` it at the end.

    Copies lie in `copies` until the shelf has them.
    """

    def __init__(
        self, login: Login, copies: Path, *, sides: Sides | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self.login, self.sides = login, sides
        self._work = Work(login, copies, clock)
        self._loop = Loop(f"sftp {login.address.host}")

    @property
    def trouble(self) -> str:
        """Why there is no link now, a sentence."""
        return self._work.trouble

    def look(self, name: PurePosixPath) -> Look | None:
        """Give what was last seen of a file; raises NotSeen until it was looked at."""
        asked = self._work.asking.ask(name)
        self._begin()
        if self.trouble:
            raise FolderAway(self.trouble)
        return asked.answer()

    def holds(self, look: Look) -> bool:
        """Whether there is a copy of what was seen."""
        return self._work.copies.of(look) is not None

    def names(self) -> Iterator[PurePosixPath]:
        """Give the names of the last listing; raises NotSeen."""
        self._begin()
        names = self._work.asking.names()
        return (name for name in names if not name.name.startswith("."))

    def entries(self) -> list[Entry]:
        """Return all that lies there."""
        return self._do(lambda folder: folder.entries(), LONG)

    @contextmanager
    def opened(self, look: Look) -> Iterator[BinaryIO]:
        """Open the copy of what was seen; raises NotSeen while it is fetched."""
        copy = self._work.copies.of(look)
        if copy is None:
            self._work.asking.want(look)
            self._begin()
            raise NotSeen
        with copy.open("rb") as file:
            yield file

    @contextmanager
    def peeked(self, name: PurePosixPath) -> Iterator[BinaryIO]:
        """Open a file there."""

        async def opened(folder: Folder) -> tuple[File, int]:
            size, _ = stamp(await folder.attrs(name))
            return await folder.client.open(folder.path(name), "rb", encoding=None), size

        file, size = self._do(opened)
        try:
            yield buffered(HostReader(file, size, self._begin()))
        except asyncssh.SFTPError as error:
            raise as_os_error(error) from None
        finally:
            self._do(lambda _: file.close())

    def release(self, look: Look, *, clear: bool) -> None:
        """Let the copy go; with `clear` the file there goes a little later, if it is the same."""
        if look.name is not None:
            self._work.copies.drop(look.name)
            self._work.asking.forget(look.name)
        if clear:
            self._work.asking.clears.append(look)
            self._begin()

    def remove(self, name: PurePosixPath) -> None:
        """Delete a file there."""

        async def removed(folder: Folder) -> None:
            await folder.attrs(name)
            await folder.client.remove(folder.path(name))

        self._do(removed)

    def check(self) -> None:
        """Raise FolderAway where there is no link now."""
        self._do(lambda folder: folder.client.lstat(folder.root))

    def room(self) -> Space | None:
        """Return the room on its disk, as the host said it last."""
        return self._work.room

    def close(self) -> None:
        """Take down the link, and what was copied and not shelved; blocks for a moment."""
        self._loop.stop()
        for name in self._work.asking.all():
            self._work.copies.drop(name)

    def _begin(self) -> asyncio.AbstractEventLoop:
        loop = self._loop.start(self._work.run)
        loop.call_soon_threadsafe(self._work.wake.set)
        return loop

    def _do(self, job: Callable[[Folder], Awaitable[T]], patience: float = PATIENCE) -> T:
        """Do something over the link and wait for it; raises FolderAway, OSError."""
        self._begin()
        try:
            return self._loop.call(self._work.do(job), patience=patience)
        except LOST:
            raise FolderAway(AWAY) from None
        except asyncssh.SFTPError as error:
            raise as_os_error(error) from None
