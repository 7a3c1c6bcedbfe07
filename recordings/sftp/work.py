"""What the thread of a spool on another host does: hold a link, look, copy, list, clear."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path, PurePosixPath
from typing import TypeVar

import asyncssh
import structlog

from recordings.naming import BadName
from recordings.sftp.asking import RECENT, Asking
from recordings.sftp.copies import Changed, Copies
from recordings.sftp.links import AWAY, CHANGED, LOST, Login, linked
from recordings.sftp.reading import OF_THE_FILE, Folder, stamp
from recordings.sources import FolderAway
from recordings.stores import Space
from recordings.verdicts import Look

EVERY = 0.5  # seconds between looks
SOON = 0.1  # seconds until a wish for a copy is seen
LISTED = 30.0  # seconds that a listing counts
ROOM = 60.0  # seconds between questions for the room on the disk there
IDLE = 60.0  # seconds without a question until the link is closed
SLOW = 120.0  # seconds that a look may take
RETRIES = (1.0, 2.0, 5.0, 10.0, 30.0)  # seconds until the next try, the last again and again
LASTED = 10.0  # seconds: a link that was cut after them was a good one
LOOKS = 16  # at once

T = TypeVar("T")
log = structlog.get_logger(__name__)


class Work:
    """Runs on a loop of its own; `trouble` says why there is no link, "" where there is none."""

    def __init__(self, login: Login, copies: Path, clock: Callable[[], float]) -> None:
        self.trouble = ""
        self.room: Space | None = None
        self.asking, self.copies = Asking(), Copies(copies)
        self.wake = asyncio.Event()
        self._login, self._clock = login, clock
        self._folder: Folder | None = None
        self._turned = asyncio.Event()  # the link came, or cannot be made
        self._jobs = 0
        self._used = 0.0

    async def do(self, job: Callable[[Folder], Awaitable[T]]) -> T:
        """Do something over the link as soon as there is one; raises FolderAway."""
        self._jobs += 1
        self.wake.set()
        try:
            while (folder := self._folder) is None:
                if self.trouble:
                    raise FolderAway(self.trouble)
                await self._turned.wait()
            return await job(folder)
        finally:
            self._jobs -= 1
            self._used = time.monotonic()

    async def run(self) -> None:
        """Hold a link while somebody asks; try again where there is none."""
        tries, began = 0, 0.0
        while True:
            while not self._is_asked():
                self.wake.clear()
                await self.wake.wait()
            try:
                began = time.monotonic()
                async with self._link() as folder:
                    await self._serve(folder)
            except (asyncssh.Error, OSError) as error:
                cut = not isinstance(error, FolderAway)
                tries = 0 if cut and began + LASTED < time.monotonic() else tries
                if not cut or tries:
                    await self._pause(error, tries)
                tries += 1  # a link that was cut is made again at once
            except Exception as error:
                log.exception("spool_failed")
                await self._pause(error, tries)
                tries += 1

    def _is_asked(self) -> bool:
        was_asked = bool(self.trouble) and self._used + RECENT > time.monotonic()
        return self._jobs > 0 or was_asked or self.asking.is_asked()

    async def _pause(self, error: Exception, tries: int) -> None:
        trouble = str(error) if isinstance(error, FolderAway) else AWAY
        if trouble != self.trouble:
            door = self._login.address.door
            if trouble == CHANGED:
                log.error("spool_host_key_changed", host=door)
            else:
                log.warning("spool_host_away", host=door, why=trouble)
        self.trouble = trouble
        self._turn()
        await asyncio.sleep(RETRIES[min(tries, len(RETRIES) - 1)])

    @asynccontextmanager
    async def _link(self) -> AsyncIterator[Folder]:
        async with linked(self._login) as client:
            self._folder = folder = await Folder.find(client, self._login.address.folder)
            if self.trouble:
                log.info("spool_host_back", host=self._login.address.door)
            self.trouble = ""
            self._turn()
            try:
                yield folder
            finally:
                self._folder = None
                self.asking.unsee()

    def _turn(self) -> None:
        self._turned.set()
        self._turned = asyncio.Event()

    async def _serve(self, folder: Folder) -> None:
        """Answer until nobody asks any more; raises what a lost link raises."""
        works = (_watch, self._look, self._copy, self._list, self._clear, self._ask_room)
        tasks = [asyncio.create_task(work(folder)) for work in works]
        self._used = time.monotonic()
        try:
            while self._is_asked() or self._used + IDLE > time.monotonic():
                done, _ = await asyncio.wait(
                    tasks, timeout=EVERY, return_when=asyncio.FIRST_COMPLETED
                )
                for task in done:
                    task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _look(self, folder: Folder) -> None:
        turns = asyncio.Semaphore(LOOKS)
        while True:
            self.asking.tidy(self.copies)
            await asyncio.gather(*(self._see(name, folder, turns) for name in self.asking.due()))
            await asyncio.sleep(EVERY)

    async def _copy(self, folder: Folder) -> None:
        while True:
            if (look := self.asking.next_wanted(self.copies)) is None:
                await asyncio.sleep(SOON)
                continue
            failed = False
            try:
                await self.copies.fetch(folder, look)
            except (Changed, BadName, *OF_THE_FILE):
                pass  # the next look tells what it is now
            except LOST:
                raise
            except OSError as error:
                failed = True
                log.warning("spool_not_copied", why=str(error))
            self.asking.fetched(look, failed=failed)

    async def _list(self, folder: Folder) -> None:
        while True:
            if self.asking.lacks_names(LISTED):
                began, entries = time.monotonic(), []
                with suppress(*OF_THE_FILE):  # a folder went meanwhile
                    entries = await folder.entries()
                names = [entry.name for entry in entries if entry.regular]
                self.asking.listed(names, took=time.monotonic() - began)
            await asyncio.sleep(EVERY)

    async def _clear(self, folder: Folder) -> None:
        while True:
            while self.asking.clears:
                look = self.asking.clears[0]
                try:
                    await _remove(folder, look)
                except (BadName, *OF_THE_FILE) as error:
                    log.warning("spool_not_cleared", file=str(look.name), error=str(error))
                self.asking.clears.popleft()
            await asyncio.sleep(EVERY)

    async def _ask_room(self, folder: Folder) -> None:
        while True:
            self.room = await folder.room()
            await asyncio.sleep(ROOM)

    async def _see(self, name: PurePosixPath, folder: Folder, turns: asyncio.Semaphore) -> None:
        async with turns, asyncio.timeout(SLOW):
            await self.asking.see(name, folder, self._clock)


async def _watch(folder: Folder) -> None:
    """Notice that the link is lost, also while nobody uses it."""
    await folder.client.wait_closed()
    raise ConnectionResetError


async def _remove(folder: Folder, look: Look) -> None:
    """Delete a file, if it is still the one that was seen."""
    if look.name is None:
        return
    if stamp(await folder.attrs(look.name)) == (look.size, look.changed):
        await folder.client.remove(folder.path(look.name))
