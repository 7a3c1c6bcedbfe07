"""Opening the base at start: reachable, ours alone where it must be, and at today's tables."""

import fcntl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, OperationalError

from storage import migrations
from storage.database import BUSY_SECONDS, Database
from storage.errors import DatabaseAbsent, DatabaseBusy

DRIVERS = ("sqlite+aiosqlite", "postgresql+asyncpg")


@asynccontextmanager
async def opened(url: str, *, alone: bool = False, migrate: bool = True) -> AsyncIterator[Database]:
    """Give the base, reachable and migrated; `alone` takes the lock that serve and bridge need.

    Raises DatabaseAbsent, DatabaseBusy or Refused with a sentence that says what to do.
    """
    address = _address(url)
    with _held(address, alone=alone):
        async with _database(address) as database:
            await reach(database)
            if migrate:
                await _migrate(database)
            yield database


async def reach(database: Database) -> None:
    """Ask the base for nothing; raises DatabaseAbsent where it does not answer."""
    try:
        async with database.engine.connect() as connection:
            await connection.execute(text("SELECT count(*) FROM (SELECT 1) AS one"))
            if database.is_sqlite:  # an empty file and a text file both open; reading tells
                await connection.execute(text("SELECT count(*) FROM sqlite_master"))
    except Exception as error:  # noqa: BLE001 - each driver has its own kinds for "not there"
        if _is_locked(error):
            raise _busy(database.url) from None
        raise DatabaseAbsent(
            f"the database {_shown(database.url)} cannot be reached: {_cause(error)}"
        ) from None


async def _migrate(database: Database) -> None:
    try:
        await migrations.upgrade(database)
    except OperationalError as error:
        if _is_locked(error):
            raise _busy(database.url) from None
        raise DatabaseAbsent(
            f"the tables of {_shown(database.url)} cannot be brought up to date: {_cause(error)}"
        ) from None


def _address(url: str) -> URL:
    try:
        address = make_url(url)
    except ArgumentError:
        raise DatabaseAbsent("RINGBOOK_DATABASE_URL is not the address of a database") from None
    if address.drivername not in DRIVERS:
        raise DatabaseAbsent(
            f"RINGBOOK_DATABASE_URL begins with {address.drivername}; "
            f"Ringbook knows {' and '.join(DRIVERS)}"
        )
    return address


def _database(address: URL) -> Database:
    if (file := _file(address)) is not None:
        _make_folder(file.parent)
    try:
        return Database(address.render_as_string(hide_password=False))
    except (ImportError, NoSuchModuleError) as error:
        raise DatabaseAbsent(f"a part for this database is not installed: {error}") from None


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise DatabaseAbsent(f"the folder {folder} cannot be made: {error.strerror}") from None


@contextmanager
def _held(address: URL, *, alone: bool) -> Iterator[None]:
    """Keep every other serve and bridge away from the SQLite base while the block runs."""
    file = _file(address)
    if not alone or file is None:
        yield
        return
    _make_folder(file.parent)
    path = file.with_name(file.name + ".lock")
    try:
        held = path.open("a")
    except OSError as error:
        raise DatabaseAbsent(f"the lock {path} cannot be made: {error.strerror}") from None
    with held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise DatabaseBusy(
                f"another Ringbook already serves {file}; stop it, or give this one its own "
                "RINGBOOK_DATA_DIR"
            ) from None
        yield


def _file(address: URL) -> Path | None:
    """Return the file of a SQLite base; None for PostgreSQL and for one in memory."""
    if address.get_backend_name() != "sqlite" or address.database in {None, "", ":memory:"}:
        return None
    return Path(str(address.database)).absolute()


def _is_locked(error: BaseException) -> bool:
    return "database is locked" in str(error)


def _busy(address: URL) -> DatabaseBusy:
    return DatabaseBusy(
        f"the database {_shown(address)} has been locked by another program for more than "
        f"{BUSY_SECONDS} seconds; close what holds it (a backup, a database browser) and try again"
    )


def _shown(address: URL) -> str:
    return address.render_as_string(hide_password=True)


def _cause(error: BaseException) -> str:
    """Return what the driver said, on one line, without the statement."""
    said = str(getattr(error, "orig", None) or error) or type(error).__name__
    return " ".join(said.split())[:200]
