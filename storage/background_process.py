"""The base for work that nobody waits for, in a process of its own where the base can have one."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, TypeAlias, TypeVar

from storage.aside import Aside
from storage.background import Background
from storage.database import Database

T = TypeVar("T")


class BackgroundProcess:
    """Runs work as a `Background` does, taking no turns from the caller's loop.

    Work and what it returns cross to the process: a function of a module with its arguments
    (`functools.partial`). Until the process is there, and while it is gone, the thread does it.
    """

    def __init__(self, meanwhile: Background) -> None:
        self.aside = Aside(partial(_Worker, meanwhile.url), name="storing")
        self._meanwhile = meanwhile

    @property
    def is_ready(self) -> bool:
        """Whether the process is there; it is begun by the first work."""
        self.aside.start()
        return self.aside.is_ready

    async def run(self, work: Callable[[Database], Awaitable[T]]) -> T:
        """Return what `work` returns.

        Raises AsideLost where the process died meanwhile: whether it was done is not known.
        """
        if not self.is_ready:
            return await self._meanwhile.run(work)
        answer: T = await self.aside.ask(work)
        return answer

    async def close(self) -> None:
        """End the process, then the thread."""
        await self.aside.close()
        await self._meanwhile.close()


AnyBackground: TypeAlias = Background | BackgroundProcess


def background_of(database: Database, *, aside: bool) -> AnyBackground:
    """Return what writes in this base; `aside` asks for a process where the base can have one.

    On PostgreSQL the guard of who leads is asked in each transaction, and it lives here.
    """
    thread = Background(database.url, guard=database.guard)
    return BackgroundProcess(thread) if aside and database.is_sqlite else thread


class _Worker:
    """The work of the process."""

    def __init__(self, url: str) -> None:
        self._runner = asyncio.Runner()
        self._database = Database(url, may_wait=True)

    def __call__(self, work: Callable[[Database], Awaitable[Any]]) -> object:
        return self._runner.run(_awaited(work(self._database)))


async def _awaited(work: Awaitable[Any]) -> object:
    return await work
