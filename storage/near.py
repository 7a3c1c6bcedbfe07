"""SQLite for a thread that may wait: SQLAlchemy's async sessions, and no thread behind each.

aiosqlite takes every statement to a thread and back, 0.3 ms of switching for 0.01 ms of work. On a
thread that nobody else needs a statement may as well run where it stands.
"""

import sqlite3
from typing import Any, Self

from sqlalchemy import AsyncAdaptedQueuePool, Pool
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine import URL
from sqlalchemy.util import await_only

DRIVER = "sqlite+near"


class _Cursor(sqlite3.Cursor):
    """What an async session asks of a cursor beside the usual."""

    server_side = False

    def execute(self, *given: Any) -> Self:  # noqa: ANN401 - as sqlite3 has it
        """Execute at once, in the guise of something awaited: async sessions insist on it."""
        super().execute(*given)
        await_only(_nothing())
        return self

    def executemany(self, *given: Any) -> Self:  # noqa: ANN401 - as sqlite3 has it
        """As execute."""
        super().executemany(*given)
        await_only(_nothing())
        return self

    async def _async_soft_close(self) -> None:
        """Nothing is open elsewhere."""


async def _nothing() -> None:
    """Over before it began."""


class NearConnection(sqlite3.Connection):
    """A connection whose cursors an async session takes."""

    def cursor(self, factory: Any = _Cursor) -> Any:  # noqa: ANN401 - as sqlite3 has it
        """Return a cursor."""
        return super().cursor(factory)


class NearDialect(SQLiteDialect_pysqlite):
    """pysqlite for async engines: what it does, it does at once."""

    driver = "near"
    is_async = True
    supports_statement_cache = True

    @classmethod
    def get_pool_class(cls, url: URL) -> type[Pool]:
        """Return a pool that async engines take."""
        del url
        return AsyncAdaptedQueuePool


registry.register("sqlite.near", __name__, "NearDialect")
