"""The base for work that nobody waits for: on a thread and an event loop of its own.

A commit of many calls is some milliseconds of Python, whatever the driver. On the loop that sends
pops, a pop would wait for it. Each has a thread of its own: one writes, others look things up, so
that none of them waits for the writing.
"""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from typing import TypeVar

import structlog
from sqlalchemy.engine import URL

from storage.database import Database, Guard

T = TypeVar("T")
log = structlog.get_logger(__name__)

CLOSE_SECONDS = 5.0


class Background:
    """Runs work with a `Database` of its own beside the caller's loop; begun by the first work."""

    def __init__(self, url: URL, *, guard: Guard | None = None) -> None:
        self.url = url.render_as_string(hide_password=False)
        self._guard = guard
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._database: Database | None = None

    async def run(self, work: Callable[[Database], Awaitable[T]]) -> T:
        """Return what `work` returns; cancelled together with the caller."""
        loop, database = self._opened()

        async def whole() -> T:
            return await work(database)

        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(whole(), loop))

    async def close(self) -> None:
        """Let go of the base and of the thread; work that is under way ends first or is cut."""
        loop, thread, self._loop = self._loop, self._thread, None
        if loop is None or thread is None:
            return
        ending = asyncio.run_coroutine_threadsafe(self._end(), loop)
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                await asyncio.wrap_future(ending)
        except TimeoutError:
            log.warning("background.cut")  # the base does not even answer that it is let go
        finally:
            loop.call_soon_threadsafe(loop.stop)
            await asyncio.to_thread(thread.join, CLOSE_SECONDS)

    async def _end(self) -> None:
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        if self._database is not None:
            await self._database.close()

    def _opened(self) -> tuple[asyncio.AbstractEventLoop, Database]:
        if self._loop is None or self._database is None:
            self._loop = loop = asyncio.new_event_loop()
            self._database = Database(self.url, guard=self._guard, may_wait=True)
            self._thread = threading.Thread(
                target=_serve, args=(loop,), name="background", daemon=True
            )
            self._thread.start()
        return self._loop, self._database


def _serve(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    try:
        loop.run_forever()
    finally:
        loop.close()
