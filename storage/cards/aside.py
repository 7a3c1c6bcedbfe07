"""Cards read in a process of its own: the loop that pops goes on meanwhile."""

import asyncio
import contextlib
from collections.abc import Awaitable
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy.engine import URL

from storage.aside import Aside, AsideLost
from storage.cards.readers import CardsUnreadable, Make, PostgresReader, Reader, SqliteReader

T = TypeVar("T")


class AsideReader:
    """Reads from SQLite in a process of its own; on the thread while that is not there."""

    def __init__(self, meanwhile: SqliteReader, warm: Make[Any]) -> None:
        self.aside = Aside(partial(_Worker, meanwhile.path, warm), name="cards")
        self._meanwhile = meanwhile

    @property
    def is_beside(self) -> bool:
        """Whether the process is there; it is begun by the first question."""
        return self.aside.is_ready

    def run(self, make: Make[T], *given: object) -> Awaitable[T]:
        """Begin to read at once; raises CardsUnreadable where it is awaited."""
        self.aside.start()
        try:
            return self._or_on_thread(self.aside.ask(make, *given), make, *given)
        except AsideLost:
            return self._meanwhile.run(make, *given)

    async def _or_on_thread(self, answer: "asyncio.Future[T]", make: Make[T], *given: object) -> T:
        try:
            return await answer
        except AsideLost:
            return await self._meanwhile.run(make, *given)

    async def close(self) -> None:
        """End the process, then the thread."""
        await self.aside.close()
        await self._meanwhile.close()


class _Worker:
    """The work of the process; a base that cannot be read yet is no reason not to begin."""

    def __init__(self, path: Path, warm: Make[Any]) -> None:
        self._reader = SqliteReader(path)
        with contextlib.suppress(CardsUnreadable):
            self._reader.read(warm)

    def __call__(self, make: Make[Any], *given: object) -> object:
        return self._reader.read(make, *given)


def reader_of(url: URL, *, aside: bool, warm: Make[Any]) -> Reader:
    """Return the reader that suits the database; `aside` asks for a process, where that helps.

    `warm` is what it reads first there, so that no pop waits for statements to be compiled.
    """
    if url.get_backend_name() != "sqlite":
        return PostgresReader(url)
    thread = SqliteReader(Path(url.database or ""))
    return AsideReader(thread, warm) if aside else thread
