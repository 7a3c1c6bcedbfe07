"""The PBX's own books: where they lie as files, and those that it keeps in a database.

A database is only read: its transactions are read only where the engine knows the word, a question
that takes too long is given up, and nothing is asked for but the columns named below.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import (
    Column,
    ColumnElement,
    DateTime,
    Float,
    MetaData,
    String,
    Table,
    and_,
    cast,
    inspect,
    or_,
    select,
)
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from pbx_bridge.books import BookFolder, Books, Cdr, Cel, cdr_of, cel_of
from storage.pbxs import Pbx
from storage.secrets import SecretBox

Row = TypeVar("Row", Cel, Cdr)

DRIVERS = ("postgresql+asyncpg", "sqlite+aiosqlite")
PATIENCE_SECONDS = 30.0
AT_ONCE = 400  # linkedids in one question
CEL_COLUMNS = (
    *("eventtype", "eventtime", "cid_name", "cid_num", "exten", "context", "channame"),
    *("appname", "appdata", "uniqueid", "linkedid", "peer", "extra"),
)
CDR_COLUMNS = (
    *("clid", "src", "dst", "dcontext", "channel", "dstchannel", "lastapp", "lastdata"),
    *("start", "answer", "end", "duration", "billsec", "disposition", "uniqueid", "linkedid"),
)
TIMES = {"eventtime", "start", "answer", "end"}
BEFORE, AFTER = "1990", "9999"  # as texts: years, and no seconds since 1970
A_YEAR = 10_000.0  # below it, a number is the year of a text


@dataclass(frozen=True, slots=True, kw_only=True)
class BookTables:
    """Where a PBX keeps its books in a database."""

    url: str
    cdr: str = "cdr"
    cel: str = "cel"

    def __repr__(self) -> str:
        """Leave the password out."""
        return f"BookTables({make_url(self.url).render_as_string()})"


def folder(pbx: Pbx) -> BookFolder:
    """Return where the PBX's books are as files."""
    return BookFolder(
        cdr=_path(pbx.books_cdr), cel=_path(pbx.books_cel), queue_log=_path(pbx.books_queue_log)
    )


def tables(pbx: Pbx, secrets: SecretBox) -> BookTables | None:
    """Return where they are in a database; Refused where its address cannot be decrypted."""
    if not pbx.books_sql:
        return None
    return BookTables(
        url=secrets.open(pbx.books_sql),
        cdr=pbx.books_cdr_table or "cdr",
        cel=pbx.books_cel_table or "cel",
    )


def trouble_with(url: str) -> str:
    """Return a sentence where this is no address of a database that we can read, else ""."""
    try:
        address = make_url(url)
    except ArgumentError:
        return f"This is not the address of a database. One begins with {' or '.join(DRIVERS)}."
    if address.drivername not in DRIVERS:
        return f"The address must begin with {' or '.join(DRIVERS)}."
    return "" if address.database else "The address names no database."


async def read(tables: BookTables, *, since: datetime, until: datetime) -> Books:
    """Return what the tables say of the calls that touched a period, also before and after it.

    A database that does not answer, or not in time, is one of the troubles.
    """
    troubles: list[str] = []
    try:
        async with asyncio.timeout(PATIENCE_SECONDS), _connected(make_url(tables.url)) as base:
            cel = _Shelf(base, tables.cel, CEL_COLUMNS, ("eventtime", "eventtime"), troubles)
            cels = await cel.rows(cel_of, since, until)
            cdr = _Shelf(base, tables.cdr, CDR_COLUMNS, ("start", "end"), troubles)
            cdrs = await cdr.rows(cdr_of, since, until)
    except Exception as error:  # noqa: BLE001 - each driver has its own kinds of trouble
        return Books(troubles=(*troubles, f"The database of books cannot be read: {_why(error)}."))
    return Books(
        cels=tuple(sorted(cels or (), key=lambda row: row.at)),
        cdrs=tuple(sorted(cdrs or (), key=lambda row: row.start)),
        troubles=tuple(troubles),
        has_cel=cels is not None,
        has_cdr=cdrs is not None,
    )


def merged(files: Books, base: Books) -> Books:
    """Return both as one: where there is a file of a book, its table is not needed."""
    return replace(
        files,
        cels=files.cels if files.has_cel else base.cels,
        cdrs=files.cdrs if files.has_cdr else base.cdrs,
        troubles=(*files.troubles, *base.troubles),
        has_cel=files.has_cel or base.has_cel,
        has_cdr=files.has_cdr or base.has_cdr,
    )


@asynccontextmanager
async def _connected(address: URL) -> AsyncIterator[AsyncConnection]:
    if address.get_backend_name() == "sqlite":
        path = str(address.database)
        if not await asyncio.to_thread(Path(path).is_file):
            raise FileNotFoundError(f"there is no file {path}")
        address = make_url(f"sqlite+aiosqlite:///file:{path}?mode=ro&uri=true")
        arguments: dict[str, Any] = {"timeout": PATIENCE_SECONDS}
    else:
        settings = {
            "timezone": "UTC",
            "default_transaction_read_only": "on",
            "statement_timeout": str(int(PATIENCE_SECONDS * 1000)),
        }
        arguments = {"server_settings": settings, "timeout": PATIENCE_SECONDS}
    engine = create_async_engine(address, connect_args=arguments)
    try:
        async with engine.connect() as connection:
            yield connection
    finally:
        await engine.dispose()


class _Shelf:
    """One table of books; `span` are the columns that say when a row begins and ends."""

    def __init__(
        self,
        base: AsyncConnection,
        name: str,
        columns: Sequence[str],
        span: tuple[str, str],
        troubles: list[str],
    ) -> None:
        schema, _, bare = name.rpartition(".")
        self._base = base
        self._is_sqlite = base.dialect.name == "sqlite"
        kind = String() if self._is_sqlite else DateTime()
        made = (Column(word, kind if word in TIMES else String()) for word in columns)
        self._table = Table(bare, MetaData(), *made, schema=schema or None)
        self._first, self._last = (self._table.c[name] for name in span)
        self._troubles = troubles

    async def rows(
        self, parse: Callable[[Mapping[str, str]], Row | None], since: datetime, until: datetime
    ) -> list[Row] | None:
        """Return every row of the calls that touched the period; None where there is no table."""
        table = self._table
        if not await self._base.run_sync(
            lambda sync: inspect(sync).has_table(table.name, table.schema)
        ):
            self._troubles.append(f"The database of books has no table {table.fullname}.")
            return None
        linkedid = table.c.linkedid
        touches = self._from(self._last, since) & self._to(self._first, until)
        linkedids = (await self._base.scalars(select(linkedid).where(touches).distinct())).all()
        found: list[Row | None] = []
        for start in range(0, len(linkedids), AT_ONCE):
            some = linkedid.in_(linkedids[start : start + AT_ONCE])
            result = await self._base.execute(select(table).where(some))
            found += [parse(_texts(row)) for row in result.mappings()]
        if bad := found.count(None):
            self._troubles.append(f"{bad} rows of the table {table.fullname} cannot be read.")
        return [row for row in found if row is not None]

    def _from(self, column: Column[Any], at: datetime) -> ColumnElement[bool]:
        naive = at.astimezone(UTC).replace(tzinfo=None)
        if not self._is_sqlite:
            return column >= naive
        return or_(and_(column >= str(naive), column < AFTER), _epoch(column) >= at.timestamp())

    def _to(self, column: Column[Any], at: datetime) -> ColumnElement[bool]:
        naive = at.astimezone(UTC).replace(tzinfo=None)
        if not self._is_sqlite:
            return column <= naive
        return or_(
            and_(column <= str(naive), column > BEFORE),
            and_(_epoch(column) <= at.timestamp(), _epoch(column) > A_YEAR),
        )


def _epoch(column: Column[Any]) -> ColumnElement[float]:
    """SQLite's tables hold text: a time as it is written, or seconds since 1970."""
    return cast(column, Float)


def _texts(row: Mapping[Any, object]) -> dict[str, str]:
    """Return the row as its columns would stand in a file."""
    return {str(name): "" if value is None else str(value) for name, value in row.items()}


def _path(written: str | None) -> Path | None:
    return Path(written) if written else None


def _why(error: Exception) -> str:
    """Return what the driver said, on one line, without the statement."""
    if isinstance(error, TimeoutError):
        return f"it did not answer in {PATIENCE_SECONDS:.0f} seconds"
    said = str(getattr(error, "orig", None) or error) or type(error).__name__
    return " ".join(said.split())[:150].rstrip(".")
