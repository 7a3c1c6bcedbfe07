"""Renditions of recordings: made when one is shelved, else when somebody first wants to hear it."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeAlias
from uuid import UUID

import structlog

import storage.recordings
import storage.renditions
from recordings.audio import NotAudio
from recordings.rendering import Order, Renderer
from recordings.shelf import Shelf
from recordings.transcoding import UNREADABLE
from storage.aside import Aside, AsideLost
from storage.database import Database
from storage.errors import NotFound, StorageError
from storage.renditions import Made, Rendition, RenditionState
from storage.rules.withheld import Window, mark

BATCH = 100
LOOK = 0.1  # seconds between looks whether the process is there
FATAL = 2  # times that a file may bring it down
RETRY = 15.0  # seconds until the next try where our own side failed

log = structlog.get_logger(__name__)

Work: TypeAlias = Callable[[Order], Awaitable[Made]]


@dataclass(slots=True)
class Counts:
    """What came of recordings that had no rendition."""

    made: int = 0
    no_sound: int = 0
    failed: int = 0  # our own side


def in_thread(shelf: Shelf) -> Work:
    """Return work that is done in a thread of this process."""
    renderer = Renderer(shelf)

    async def work(order: Order) -> Made:
        return await asyncio.to_thread(renderer, order)

    return work


def in_process(aside: Aside) -> Work:
    """Return work that is done in a process of its own, which a file may bring down.

    A file over which it dies twice is no sound.
    """
    fatal: Counter[str] = Counter()

    async def work(order: Order) -> Made:
        aside.start()
        while not aside.is_ready:  # noqa: ASYNC110 - nobody is in a hurry
            await asyncio.sleep(LOOK)
        try:
            made: Made = await aside.ask(order)
        except AsideLost:
            fatal[order.shelf_key] += 1
            if fatal[order.shelf_key] >= FATAL:
                raise NotAudio(UNREADABLE) from None
            raise OSError("the process that decodes recordings died") from None
        return made

    return work


class Renditions:
    """Makes each rendition once, however many want it; the original goes unless it is kept."""

    def __init__(
        self, database: Database, shelf: Shelf, work: Work, *, keeps_originals: bool = True
    ) -> None:
        self._database = database
        self._shelf = shelf
        self._work = work
        self._keeps = keeps_originals
        self._making: dict[tuple[UUID, str], asyncio.Task[Rendition]] = {}
        self._fresh: asyncio.Queue[UUID] = asyncio.Queue()

    def expect(self, key: UUID) -> None:
        """A recording was shelved (after commit): make its rendition. Returns at once."""
        self._fresh.put_nowait(key)

    async def find(self, key: UUID, windows: tuple[Window, ...] = ()) -> Rendition | None:
        """Return the rendition with silence in `windows`, None where it is not made yet."""
        async with self._database.reading() as session:
            return await storage.renditions.find(session, key, mark(windows))

    async def get(
        self, key: UUID, windows: tuple[Window, ...] = (), *, patience: float
    ) -> Rendition | None:
        """Return the rendition with silence in `windows`, made now where there is none.

        Gives None where it is not ready in `patience` seconds; it is made all the same.
        Raises NotFound, OSError.
        """
        found = await self.find(key, windows)
        if found is not None:
            return found
        try:
            async with asyncio.timeout(patience):
                return await asyncio.shield(self._start(key, windows))
        except TimeoutError:
            return None

    async def run(self) -> None:
        """Make what is missing until cancelled: first of what was shelved before us."""
        await self.make_missing()
        while True:
            key = await self._fresh.get()
            if not await self._try(key):
                await asyncio.sleep(RETRY)
                self._fresh.put_nowait(key)

    async def make_missing(self) -> Counts:
        """Make the rendition of every recording that has none, the newest first."""
        counts, failing = Counts(), set[UUID]()
        while fresh := [key for key in await self._waiting() if key not in failing]:
            for key in fresh:
                if not await self._try(key):
                    failing.add(key)
                    continue
                row = await self.find(key)
                if row is None:
                    failing.add(key)  # it is gone, or fails in a way of ours
                elif row.state is RenditionState.READY:
                    counts.made += 1
                else:
                    counts.no_sound += 1
        counts.failed = len(failing)
        return counts

    async def close(self) -> None:
        """Let go of what is being made."""
        for task in tuple(self._making.values()):
            task.cancel()
        await asyncio.gather(*self._making.values(), return_exceptions=True)

    async def _waiting(self) -> list[UUID]:
        async with self._database.reading() as session:
            return list(await storage.renditions.waiting(session, limit=BATCH))

    async def _try(self, key: UUID) -> bool:
        """Make a recording's whole rendition; gives whether there is no more to be tried."""
        try:
            if await self.find(key) is None:
                await self._start(key, ())
        except OSError:
            return False
        except StorageError:
            return True  # it is gone
        except Exception:
            log.exception("rendition_failed", recording=str(key))
        return True

    def _start(self, key: UUID, windows: tuple[Window, ...]) -> asyncio.Task[Rendition]:
        name = (key, mark(windows))
        if name not in self._making:
            task = self._making[name] = asyncio.create_task(self._make(key, windows))
            task.add_done_callback(lambda done: self._over(name, done))
        return self._making[name]

    def _over(self, name: tuple[UUID, str], done: asyncio.Task[Rendition]) -> None:
        del self._making[name]
        if not done.cancelled() and (error := done.exception()):
            log.warning("rendition_not_made", recording=str(name[0]), error=str(error))

    async def _make(self, key: UUID, windows: tuple[Window, ...]) -> Rendition:
        async with self._database.reading() as session:
            recording = await storage.recordings.get(session, key)
        drops = not self._keeps and not windows
        order = Order(
            shelf_key=recording.shelf_key or "",
            media_type=recording.media_type or "",
            windows=windows,
            proven=drops,
        )
        try:
            made = await self._work(order)
        except NotAudio as error:
            async with self._database.writing() as session:
                return await storage.renditions.give_up(
                    session, key, mark(windows), str(error), now=datetime.now(UTC)
                )
        return await self._keep(key, mark(windows), made, drops=drops)

    async def _keep(self, key: UUID, name: str, made: Made, *, drops: bool) -> Rendition:
        try:
            return await self._store(key, name, made, drops=drops)
        except NotFound:  # it was deleted while this was made
            for shelf_key in (made.shelf_key, made.waveform_key):
                await self._shelf.delete(shelf_key)
            raise

    async def _store(self, key: UUID, name: str, made: Made, *, drops: bool) -> Rendition:
        goes: tuple[str, ...] = ()
        async with self._database.writing() as session:
            row = await storage.renditions.find(session, key, name)
            if row is not None:  # another process was quicker
                goes = made.shelf_key, made.waveform_key
            else:
                row = await storage.renditions.keep(session, key, name, made, now=datetime.now(UTC))
                if drops:
                    goes = (await storage.renditions.replace_original(session, key, row),)
        for shelf_key in goes:
            await self._shelf.delete(shelf_key)
        return row
