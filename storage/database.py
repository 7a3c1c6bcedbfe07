"""Engine, sessions and the base of all tables, on SQLite or PostgreSQL by one URL."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, ClassVar, Self, TypeAlias
from uuid import UUID

from sqlalchemy import JSON, DateTime, Enum, MetaData, Uuid, event
from sqlalchemy.engine import Dialect, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator

from storage.near import DRIVER, NearConnection

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
BUSY_SECONDS = 10
TURN_SECONDS = 60.0  # for a place to write on SQLite; a transaction takes milliseconds
OPEN_SECONDS = 10.0  # for a connection to PostgreSQL
ANSWER_SECONDS = 300.0  # for a statement: a network may swallow it and end nothing
Session: TypeAlias = AsyncSession  # for those who may not import SQLAlchemy
Guard: TypeAlias = Callable[[AsyncSession], Awaitable[None]]
_WORDS = Enum(  # an enumeration is stored as its word, so that a new one needs no migration
    StrEnum, native_enum=False, length=24, values_callable=lambda words: [w.value for w in words]
)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware datetime, stored in UTC; a naive one is a mistake and raises."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a time without a zone cannot be stored: {value}")
        at = value.astimezone(UTC)
        return at.replace(tzinfo=None) if dialect.name == "sqlite" else at

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        del dialect
        return value.replace(tzinfo=UTC) if value and value.tzinfo is None else value


class Base(DeclarativeBase):
    """Base of every table: constraint names, UTC times, our own keys."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: UtcDateTime,
        UUID: Uuid,
        StrEnum: _WORDS,
        dict[str, Any]: JSON,
        list[str]: JSON,
    }


def _without_nul(
    _connection: object, _cursor: object, statement: str, parameters: Any,  # noqa: ANN401
    _context: object, executemany: bool,  # noqa: FBT001
) -> tuple[str, Any]:  # fmt: skip
    """Write U+FFFD for NUL, which PostgreSQL has in no text: what is sent with one is no error."""
    rows = parameters if executemany else (parameters,)
    if any(isinstance(value, str) and "\0" in value for row in rows for value in row):
        told = [tuple(_replaced(value) for value in row) for row in rows]
        return statement, told if executemany else told[0]
    return statement, parameters


def _replaced(value: object) -> object:
    return value.replace("\0", "\N{REPLACEMENT CHARACTER}") if isinstance(value, str) else value


class Database:
    """The two ways into the base: `reading()` for pages, `writing()` for one transaction.

    `may_wait` is for a thread that nobody else needs: SQLite then answers where it is asked.
    PostgreSQL is given `answer_within` seconds for a statement; None is for ever.
    """

    def __init__(
        self,
        url: str,
        *,
        guard: Guard | None = None,
        may_wait: bool = False,
        answer_within: float | None = ANSWER_SECONDS,
    ) -> None:
        self.url = make_url(url)
        self._answer_within = answer_within
        self._is_near = may_wait
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.guard = guard  # asked at the begin of every write
        self._write: AsyncEngine = self._engine()
        self._read: AsyncEngine = self._engine() if self.is_sqlite else self._write
        self._turn = asyncio.Lock()  # of those who write on SQLite, one after the other
        self._writer: asyncio.Task[Any] | None = None
        if self.is_sqlite:
            self._prepare_sqlite()

    def _engine(self) -> AsyncEngine:
        if self.is_sqlite and self._is_near:
            arguments = {"timeout": BUSY_SECONDS, "factory": NearConnection}
            return create_async_engine(self.url.set(drivername=DRIVER), connect_args=arguments)
        if self.is_sqlite:
            return create_async_engine(self.url, connect_args={"timeout": BUSY_SECONDS})
        arguments = {"timeout": OPEN_SECONDS, "command_timeout": self._answer_within}
        engine = create_async_engine(
            self.url, pool_size=10, pool_pre_ping=True, connect_args=arguments
        )
        event.listen(engine.sync_engine, "before_cursor_execute", _without_nul, retval=True)
        return engine

    def _prepare_sqlite(self) -> None:
        """Apply what SQLite needs to lose no update: a write transaction is one from its start."""

        def settings(connection: DBAPIConnection, _record: object) -> None:
            # the driver must not open transactions on its own
            connection.isolation_level = None
            cursor = connection.cursor()
            for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
                cursor.execute(f"PRAGMA {pragma}")
            cursor.close()

        for engine in (self._write, self._read):
            event.listen(engine.sync_engine, "connect", settings)
        event.listen(
            self._write.sync_engine, "begin", lambda c: c.exec_driver_sql("BEGIN IMMEDIATE")
        )
        event.listen(self._read.sync_engine, "begin", lambda c: c.exec_driver_sql("BEGIN"))

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """Give a session to read with; what is written in it is rolled back."""
        async with AsyncSession(self._read, expire_on_commit=False, autoflush=False) as session:
            yield session

    @asynccontextmanager
    async def _alone(self) -> AsyncIterator[None]:
        """Hold the one place there is for writing on SQLite, in the order of asking.

        SQLite itself lets those who wait try again and again: of a crowd some never get it.
        """
        if not self.is_sqlite:
            yield
            return
        if self._writer is asyncio.current_task():
            raise RuntimeError("a transaction inside a transaction would wait for itself")
        try:
            async with asyncio.timeout(TURN_SECONDS):
                await self._turn.acquire()
        except TimeoutError as error:
            raise OperationalError("BEGIN IMMEDIATE", None, error) from error
        self._writer = asyncio.current_task()
        try:
            yield
        finally:
            self._writer = None
            self._turn.release()

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncSession]:
        """Give a session that commits when the block ends well, and rolls back when it raises.

        Raises NotLeader where a guard is set and this node may not write.
        """
        async with (
            self._alone(),
            AsyncSession(self._write, expire_on_commit=False) as session,
            session.begin(),
        ):
            if self.guard is not None:
                await self.guard(session)
            yield session

    @property
    def engine(self) -> AsyncEngine:
        """The engine that writes: for migrations and health checks."""
        return self._write

    async def create_all(self) -> None:
        """Create every table that is missing, without migrations: for tests only."""
        async with self._write.begin() as connection:
            await connection.run_sync(Base.metadata.create_all)

    async def close(self) -> None:
        """Let go of every connection."""
        await self._write.dispose()
        await self._read.dispose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()
