"""A connection to a database of books: it only reads, and waits for no answer too long."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from sqlalchemy.engine import URL, make_url
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

PATIENCE_SECONDS = 30.0


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[AsyncConnection]:
    """Connect to a database of books; whatever its driver raises is the caller's."""
    address, arguments = _settings(make_url(url))
    if address.get_backend_name() == "sqlite":
        path = str(address.database).removeprefix("file:")
        if not await asyncio.to_thread(Path(path).is_file):
            raise FileNotFoundError(f"there is no file {path}")
    engine = create_async_engine(address, connect_args=arguments)
    try:
        async with engine.connect() as connection:
            if address.get_backend_name() == "mysql":
                await _only_read(connection)
            yield connection
    finally:
        await engine.dispose()


def _settings(address: URL) -> tuple[URL, dict[str, Any]]:
    match address.get_backend_name():
        case "sqlite":
            read_only = f"sqlite+aiosqlite:///file:{address.database}?mode=ro&uri=true"
            return make_url(read_only), {"timeout": PATIENCE_SECONDS}
        case "mysql":
            return address, {"connect_timeout": int(PATIENCE_SECONDS), "charset": "utf8mb4"}
        case _:
            settings = {
                "timezone": "UTC",
                "default_transaction_read_only": "on",
                "statement_timeout": str(int(PATIENCE_SECONDS * 1000)),
            }
            return address, {"server_settings": settings, "timeout": PATIENCE_SECONDS}


async def _only_read(connection: AsyncConnection) -> None:
    """Say to MariaDB and MySQL, each in its words, what the others are told at the connecting."""
    is_mariadb = getattr(connection.dialect, "is_mariadb", False)
    limit = (
        f"max_statement_time = {PATIENCE_SECONDS:.0f}"
        if is_mariadb
        else f"max_execution_time = {PATIENCE_SECONDS * 1000:.0f}"
    )
    for words in ("TRANSACTION READ ONLY", "time_zone = '+00:00'", limit):
        await connection.exec_driver_sql(f"SET SESSION {words}")
    await connection.rollback()
