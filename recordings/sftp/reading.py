"""What is done over a link: seeing files, listing, reading; no symbolic link is followed."""

import asyncio
import io
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import BinaryIO, TypeAlias, cast

import asyncssh
from asyncssh import SFTPAttrs

from recordings.audio import NotAudio
from recordings.formats import read_audio
from recordings.naming import OUTSIDE, BadName
from recordings.readers import Reader
from recordings.sftp.links import GONE, NO_FOLDER, Client
from recordings.sources import FolderAway, NotSeen
from recordings.spools import MOST_FILES, Entry
from recordings.stores import Space
from recordings.verdicts import Look

File: TypeAlias = asyncssh.SFTPClientFile
BUFFER = 32 * 1024  # bytes that are read ahead of a head
DEEPEST = 32  # folders beneath folders
FOLDER, FILE = asyncssh.FILEXFER_TYPE_DIRECTORY, asyncssh.FILEXFER_TYPE_REGULAR
STALLED = 60.0  # seconds that one piece may take
OF_THE_FILE = (*GONE, asyncssh.SFTPPermissionDenied, asyncssh.SFTPFailure)  # the link is well
SECOND = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder on a host, as `linked` sees it: every path beneath it is held against its own."""

    client: Client
    root: bytes  # as the host itself writes it, all links resolved

    @classmethod
    async def find(cls, client: Client, path: PurePosixPath) -> "Folder":
        """Find the folder; raises FolderAway."""
        try:
            root = await client.realpath(os.fsencode(path))
            attrs = await client.stat(root)
        except asyncssh.SFTPError:
            raise FolderAway(NO_FOLDER) from None
        if attrs.type != FOLDER or not isinstance(root, bytes):
            raise FolderAway(NO_FOLDER)
        return cls(client, root)

    def path(self, name: PurePosixPath) -> bytes:
        """Return where a file beneath the folder lies."""
        return os.path.join(self.root, os.fsencode(name))  # noqa: PTH118 - of another host, in bytes

    async def attrs(self, name: PurePosixPath) -> SFTPAttrs:
        """Return what is known of a plain file; raises BadName, asyncssh.SFTPError."""
        folder, path = self.path(name.parent), self.path(name)
        if name.parent.parts and await self.client.realpath(folder) != folder:
            raise BadName(OUTSIDE)
        attrs = await self.client.lstat(path)
        if attrs.type != FILE:
            raise BadName(OUTSIDE)
        return attrs

    async def look(self, name: PurePosixPath, last: Look | None, at: float) -> Look | None:
        """See a file at the time `at`; its head is read again only where it is not as in `last`.

        Raises NotSeen where it changes just now, BadName, asyncssh.SFTPError.
        """
        try:
            attrs = await self.attrs(name)
        except GONE:
            return None
        size, changed = stamp(attrs)
        if last is not None and (last.size, last.changed) == (size, changed):
            return Look(size, changed, name, last.audio, last.problem, seen=at)
        async with self.client.open(self.path(name), "rb", encoding=None) as file:
            if stamp(await file.stat()) != (size, changed):
                raise NotSeen
            try:
                opened = buffered(HostReader(file, size, asyncio.get_running_loop()))
                audio = await asyncio.to_thread(read_audio, opened, name, size)
            except NotAudio as error:
                return Look(size, changed, name, problem=str(error), seen=at)
        return Look(size, changed, name, audio=audio, seen=at)

    async def room(self) -> Space | None:
        """Return the room on its disk; None where the host does not say."""
        try:
            disk = await self.client.statvfs(self.root)
        except (asyncssh.SFTPOpUnsupported, *OF_THE_FILE):
            return None
        return Space(
            (disk.bavail or 0) * (disk.frsize or 0), (disk.blocks or 0) * (disk.frsize or 0)
        )

    async def entries(self) -> list[Entry]:
        """Return all that lies beneath the folder."""
        return [entry async for entry in self._beneath(PurePosixPath(), DEEPEST)]

    async def _beneath(self, folder: PurePosixPath, deep: int) -> AsyncIterator[Entry]:
        given, inner = 0, []
        async for one in self.client.scandir(self.path(folder)):
            name = name_of(one)
            if name in {".", ".."}:
                continue
            if one.attrs.type == FOLDER:
                inner.append(folder / name)
                continue
            given += 1
            size, changed = stamp(one.attrs)
            when = datetime.fromtimestamp(changed / SECOND, UTC)
            yield Entry(folder / name, size, when, one.attrs.type == FILE)
        for one_folder in inner if deep else ():
            async for entry in self._beneath(one_folder, deep - 1):
                if given >= MOST_FILES:
                    return
                given += 1
                yield entry


def name_of(one: asyncssh.SFTPName) -> str:
    """Return the name of an entry; bytes that are no UTF-8 stay what they are."""
    return os.fsdecode(one.filename)


def stamp(attrs: SFTPAttrs) -> tuple[int, int]:
    """Return size and time of last change, in nanoseconds; most hosts say whole seconds."""
    return attrs.size or 0, (attrs.mtime or 0) * SECOND + (attrs.mtime_ns or 0)


async def read(file: File, start: int, length: int) -> bytes:
    """Return a piece, shorter only where the file ends; raises TimeoutError, asyncssh.SFTPError."""
    async with asyncio.timeout(STALLED):
        piece: bytes = await file.read(length, start)
    return piece


class HostReader(Reader):
    """A file on a host, for a thread that may block; the loop of the link does the reading."""

    def __init__(self, file: File, size: int, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(size)
        self._file, self._loop = file, loop

    def piece(self, start: int, length: int) -> bytes:
        """Return what lies there; raises TimeoutError, asyncssh.SFTPError."""
        reading = read(self._file, start, length)
        return asyncio.run_coroutine_threadsafe(reading, self._loop).result(STALLED)


def buffered(reader: HostReader) -> BinaryIO:
    """Return a reader that reads ahead."""
    return cast("BinaryIO", io.BufferedReader(reader, BUFFER))
