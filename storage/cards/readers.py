"""The pop's own way into the base, past the pages' engine: one connection that is kept for it."""

import asyncio
import contextlib
import sqlite3
import threading
from collections.abc import Awaitable, Callable, Generator, Mapping, Sequence
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Protocol, TypeVar, cast

from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.postgresql import asyncpg as asyncpg_dialect
from sqlalchemy.engine import URL

from storage.cards.queries import Query
from storage.cards.statements import Row, Statement
from storage.errors import StorageError

T = TypeVar("T")
Build = Callable[[], Query]
Question = tuple[Build, Mapping[str, Any]]
Reading = Generator[Question, list[Row], T]  # asks one statement after the other, returns a T
Make = Callable[..., Reading[T]]  # a function of a module

BUSY_MILLISECONDS = 250
OPEN_SECONDS = 3.0
QUERY_SECONDS = 3.0


class CardsUnreadable(StorageError):
    """The base did not answer the pop's question."""


class Reader(Protocol):
    """Runs a reading as one unit."""

    @property
    def is_beside(self) -> bool:
        """Whether it reads while the caller's loop goes on, taking no turns from it."""

    def run(self, make: Make[T], *given: object) -> Awaitable[T]:
        """Begin to read at once; what is awaited is what the reading returns.

        Raises CardsUnreadable where it is awaited.
        """

    async def close(self) -> None:
        """Let go of the connection."""


class SqliteReader:
    """One connection on one thread of its own: a whole card costs one hop."""

    is_beside = False

    def __init__(self, path: Path) -> None:
        self.path = path
        self._asked: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._connection: sqlite3.Connection | None = None
        self._statements: dict[Build, Statement] = {}
        self._dialect = sqlite.dialect()

    def run(self, make: Make[T], *given: object) -> Awaitable[T]:
        """Begin to read at once; raises CardsUnreadable where it is awaited."""
        return self._in_thread(partial(self.read, make, *given))

    async def close(self) -> None:
        """Let go of the connection and the thread."""
        thread, self._thread = self._thread, None
        if thread is not None:
            self._asked.put(self._shut)
            self._asked.put(None)
            await asyncio.to_thread(thread.join)

    def _in_thread(self, work: Callable[[], T]) -> "asyncio.Future[T]":
        """Do the work on our thread: fewer steps than an executor's, and a pop waits for each."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[T] = loop.create_future()

        def tell(result: T | None, error: BaseException | None) -> None:
            if answer.done():
                return  # nobody waits any more
            if error is not None:
                answer.set_exception(error)
            else:
                answer.set_result(cast("T", result))

        def do() -> None:
            try:
                outcome: tuple[T | None, BaseException | None] = work(), None
            except BaseException as error:  # noqa: BLE001 - it is raised where it was asked
                outcome = None, error
            with contextlib.suppress(RuntimeError):  # the loop is gone, and so is who asked
                loop.call_soon_threadsafe(tell, *outcome)

        if self._thread is None:
            self._thread = threading.Thread(target=self._serve, name="cards", daemon=True)
            self._thread.start()
        self._asked.put(do)
        return answer

    def _serve(self) -> None:
        while (do := self._asked.get()) is not None:
            do()

    def read(self, make: Make[T], *given: object) -> T:
        """Read here and now, on one thread only; raises CardsUnreadable."""
        reading = make(*given)
        answer: list[Row] | None = None
        try:
            connection = self._open()
            while True:
                build, values = next(reading) if answer is None else reading.send(answer)
                statement = self._statements.get(build) or self._prepare(build)
                cursor = connection.execute(statement.text, statement.arguments(**values))
                answer = statement.read(cursor.fetchall())
        except StopIteration as end:
            value: T = end.value
            return value
        except sqlite3.Error as error:
            raise CardsUnreadable(f"the base was not read: {error}") from error

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            connection = sqlite3.connect(self.path, isolation_level=None)
            connection.execute(f"PRAGMA busy_timeout={BUSY_MILLISECONDS}")
            connection.execute("PRAGMA query_only=ON")
            self._connection = connection
        return self._connection

    def _prepare(self, build: Build) -> Statement:
        statement = self._statements[build] = Statement(build(), self._dialect)
        return statement

    def _shut(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class PostgresReader:
    """One connection without transactions; it is opened again when it was lost."""

    is_beside = False

    def __init__(self, url: URL) -> None:
        plain = url.set(drivername="postgresql")
        self._dsn = plain.render_as_string(hide_password=False)
        self._connection: Any = None  # asyncpg is there only where PostgreSQL is used
        self._turn = asyncio.Lock()
        self._statements: dict[Build, Statement] = {}
        self._dialect = asyncpg_dialect.dialect()  # type: ignore[no-untyped-call]  # has no types

    def run(self, make: Make[T], *given: object) -> Awaitable[T]:
        """Begin to read at once; raises CardsUnreadable where it is awaited."""
        return asyncio.ensure_future(self._run(make(*given)))

    async def _run(self, reading: Reading[T]) -> T:
        import asyncpg

        async with self._turn:
            try:
                return await self._read(reading)
            except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                await self._drop()
                raise CardsUnreadable(f"the base was not read: {error}") from error

    async def close(self) -> None:
        """Let go of the connection."""
        async with self._turn:
            await self._drop()

    async def _read(self, reading: Reading[T]) -> T:
        if self._connection is None or self._connection.is_closed():
            import asyncpg

            self._connection = await asyncpg.connect(self._dsn, timeout=OPEN_SECONDS)
        answer: list[Row] | None = None
        try:
            while True:
                build, given = next(reading) if answer is None else reading.send(answer)
                answer = await self._ask(build, given)
        except StopIteration as end:
            value: T = end.value
            return value

    async def _ask(self, build: Build, given: Mapping[str, Any]) -> list[Row]:
        statement = self._statements.get(build)
        if statement is None:
            statement = self._statements[build] = Statement(build(), self._dialect)
        arguments = statement.arguments(**given)
        rows: Sequence[Sequence[Any]] = await self._connection.fetch(
            statement.text, *arguments, timeout=QUERY_SECONDS
        )
        return statement.read(rows)

    async def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.terminate()
