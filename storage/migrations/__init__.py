"""The way from an older base to today's tables, step by step, on SQLite and PostgreSQL."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.database import Database
from storage.errors import Refused
from storage.tables import Base

HERE = Path(__file__).parent
LOCK = 0x52494E47  # of two programs that start at once, one migrates and the other waits
T = TypeVar("T")


def config(connection: Connection | None = None) -> Config:
    """Return what Alembic needs to know: where the steps are, and the base to walk them on."""
    made = Config()
    made.set_main_option("script_location", str(HERE))
    made.set_main_option("path_separator", "os")
    if connection is not None:
        made.attributes["connection"] = connection
    return made


def head() -> str | None:
    """Return the newest step there is."""
    return ScriptDirectory.from_config(config()).get_current_head()


async def upgrade(database: Database, to: str = "head") -> None:
    """Bring the base to the step `to`; raises Refused for one that a newer Ringbook made."""

    def walk(connection: Connection) -> None:
        try:
            command.upgrade(config(connection), to)
        except CommandError:
            raise Refused(
                "this database was made by a newer Ringbook; start that one, or restore a backup"
            ) from None

    await _walk(database, walk)


async def downgrade(database: Database, to: str) -> None:
    """Take the base back to the step `to`, or to "base"; what newer tables hold is lost."""
    await _walk(database, lambda connection: command.downgrade(config(connection), to))


async def current(database: Database) -> str | None:
    """Return the step the base is at; None for an empty one."""
    return await _look(
        database,
        lambda connection: MigrationContext.configure(connection).get_current_revision(),
    )


async def differences(database: Database) -> list[str]:
    """Return what of the base is not as the models say; empty where all is."""

    def compare(connection: Connection) -> list[str]:
        opts = {"compare_type": True, "include_name": _is_modelled}
        context = MigrationContext.configure(connection, opts=opts)
        return [_words(difference) for difference in compare_metadata(context, Base.metadata)]

    return await _look(database, compare)


def _is_modelled(name: str | None, _kind: str, _parents: object) -> bool:
    """Whether a model tells of it; the index of spoken words is made by hand on each engine."""
    return name is None or not name.startswith("transcript_index")


def _words(difference: Any) -> str:  # noqa: ANN401 - a tuple of whatever Alembic compares
    """Say one difference: what is to be done, and to what."""
    if isinstance(difference, list):  # several of one column
        return "; ".join(_words(part) for part in difference)
    names = (getattr(part, "name", part) for part in difference)
    return " ".join(str(name) for name in names if isinstance(name, str))


async def _look(database: Database, look: Callable[[Connection], T]) -> T:
    async with database.engine.connect() as connection:
        return await connection.run_sync(look)


async def _walk(database: Database, walk: Callable[[Connection], None]) -> None:
    if database.is_sqlite:
        async with _alone(database) as connection:
            await connection.run_sync(walk)
        return
    url = database.url.render_as_string(hide_password=False)
    async with Database(url, answer_within=None) as patient, _alone(patient) as connection:
        await connection.run_sync(walk)  # a step over a large table may take long


@asynccontextmanager
async def _alone(database: Database) -> AsyncIterator[AsyncConnection]:
    """Give one transaction that no other starter shares; SQLite begins every one as a writer.

    SQLite alters a table by copying it; the old one must go without taking its children along.
    """
    async with database.engine.connect() as connection:
        await _enforce_references(connection, database, enforce=False)
        try:
            async with connection.begin():
                if not database.is_sqlite:
                    await connection.execute(text(f"SELECT pg_advisory_xact_lock({LOCK})"))
                yield connection
                await _refuse_orphans(connection, database)
        finally:
            await _enforce_references(connection, database, enforce=True)


async def _enforce_references(
    connection: AsyncConnection, database: Database, *, enforce: bool
) -> None:
    def set_pragma(connection: Connection) -> None:
        cursor = connection.connection.cursor()  # the driver's: a transaction would undo it
        cursor.execute(f"PRAGMA foreign_keys={'ON' if enforce else 'OFF'}")
        cursor.close()

    if database.is_sqlite:
        await connection.run_sync(set_pragma)


async def _refuse_orphans(connection: AsyncConnection, database: Database) -> None:
    if not database.is_sqlite:
        return
    orphan = (await connection.execute(text("PRAGMA foreign_key_check"))).first()
    if orphan is not None:
        raise Refused(f"after the migration a row of {orphan[0]} would belong to nothing")
