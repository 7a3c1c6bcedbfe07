"""The PBX's books in a database: read whole calls of a period, read only, and say what is wrong."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

import storage.books
from fixtures.calls import NOW, after
from fixtures.evenings import STREAMS
from lab.books import cdr_rows, cel_rows
from pbx_bridge import books
from pbx_bridge.books import BookFolder, Books, Cel
from storage.books import BookTables, addresses
from storage.database import Database
from storage.pbxs import Pbx
from storage.secrets import SecretBox, new_key

CEL = ", ".join(f"{name} text" for name in storage.books.CEL_COLUMNS)
CDR = ", ".join(f"{name} text" for name in storage.books.CDR_COLUMNS).replace("end ", '"end" ')


def as_on_postgres(columns: str) -> str:
    for name in ("eventtime", "start", "answer", '"end"'):
        columns = columns.replace(f"{name} text", f"{name} timestamp")
    return columns.replace("duration text", "duration integer")


async def write(database: Database, table: str, **row: Any) -> None:
    names = ", ".join(f'"{name}"' for name in row)
    if not database.is_sqlite:
        row = {k: v.replace(tzinfo=None) if hasattr(v, "tzinfo") else v for k, v in row.items()}
    else:
        row = {
            k: str(v.replace(tzinfo=None)) if hasattr(v, "tzinfo") else v for k, v in row.items()
        }
    async with database.writing() as session:
        values = ", ".join(f":{name}" for name in row)
        await session.execute(text(f"INSERT INTO {table} ({names}) VALUES ({values})"), row)


async def keep_books(database: Database) -> BookTables:
    """Two calls: one of 60 seconds from NOW on, and one an hour later."""
    spell = str if database.is_sqlite else as_on_postgres
    async with database.writing() as session:
        await session.execute(text(f"CREATE TABLE cel ({spell(CEL)})"))
        await session.execute(text(f"CREATE TABLE cdr ({spell(CDR)})"))
    for linkedid, begin in (("1.0", 0), ("2.0", 3600)):
        for kind, seconds in (("CHAN_START", begin), ("CHAN_END", begin + 60)):
            await write(
                database, "cel", eventtype=kind, eventtime=after(seconds), uniqueid=linkedid,
                linkedid=linkedid, channame="PJSIP/trunk-1", cid_num="+442071234567", extra="",
            )  # fmt: skip
        await write(
            database, "cdr", clid='"Zoë" <1>', src="+442071234567", dst="4000",
            channel="PJSIP/trunk-1", start=after(begin), end=after(begin + 60),
            duration="60" if database.is_sqlite else 60, disposition="ANSWERED",
            uniqueid=linkedid, linkedid=linkedid,
        )  # fmt: skip
    return BookTables(url=database.url.render_as_string(hide_password=False))


async def read(tables: BookTables, since: float, until: float) -> Books:
    return await storage.books.read(tables, since=after(since), until=after(until))


async def test_the_calls_of_a_period_are_read_whole(database: Database) -> None:
    tables = await keep_books(database)
    books = await read(tables, 30, 90)
    assert books.troubles == ()
    assert [(row.type, row.at) for row in books.cels] == [
        ("CHAN_START", after(0)),
        ("CHAN_END", after(60)),
    ]
    [row] = books.cdrs
    assert (row.start, row.end, row.name, row.seconds) == (after(0), after(60), "Zoë", 60)
    assert (books.has_cel, books.has_cdr, books.has_queue_log) == (True, True, False)
    both = await read(tables, 0, 4000)
    assert (len(both.cels), len(both.cdrs)) == (4, 2)
    neither = await read(tables, 100, 3000)
    assert (neither.cels, neither.cdrs, neither.has_cel, neither.troubles) == ((), (), True, ())


async def test_a_table_that_is_not_there_is_said_and_the_other_is_read(database: Database) -> None:
    tables = await keep_books(database)
    other = BookTables(url=tables.url, cdr="records", cel="cel")
    books = await read(other, 0, 90)
    assert books.troubles == ("The database of books has no table records.",)
    assert (books.has_cel, books.has_cdr) == (True, False)
    assert books.cels


async def test_rows_that_say_no_time_are_counted(database: Database) -> None:
    tables = await keep_books(database)
    await write(database, "cel", eventtype="ANSWER", uniqueid="1.0", linkedid="1.0")
    books = await read(tables, 0, 90)
    assert books.troubles == ("1 rows of the table cel cannot be read.",)
    assert len(books.cels) == 2


async def test_a_database_that_does_not_answer_is_a_trouble(tmp_path) -> None:
    for url, why in (
        (f"sqlite+aiosqlite:///{tmp_path}/none.sqlite3", "there is no file"),
        ("postgresql+asyncpg://nobody@127.0.0.1:1/asterisk", ""),
    ):
        books = await read(BookTables(url=url), 0, 90)
        [trouble] = books.troubles
        assert trouble.startswith(f"The database of books cannot be read: {why}")
        assert (books.has_cel, books.cels) == (False, ())
    assert not list(tmp_path.iterdir())  # a file that was not there was not made


async def test_times_of_a_file_of_sqlite_may_be_seconds(sqlite_template, tmp_path) -> None:
    async with Database(f"sqlite+aiosqlite:///{tmp_path}/master.db") as database:
        async with database.writing() as session:
            await session.execute(text(f"CREATE TABLE cel ({CEL})"))
        for seconds in (0, 7200):
            await write(
                database, "cel", eventtype="CHAN_START",
                eventtime=str((NOW + timedelta(seconds=seconds)).timestamp()),
                uniqueid=f"{seconds}.0", linkedid=f"{seconds}.0", channame="PJSIP/1-1",
            )  # fmt: skip
        tables = BookTables(url=database.url.render_as_string(hide_password=False))
        books = await read(tables, -5, 60)
    assert [row.at for row in books.cels] == [NOW]


async def test_tables_tell_the_same_calls_as_the_files(database: Database) -> None:
    story = STREAMS / "blind_twice_asterisk_22"
    folder = BookFolder(cel=story.with_suffix(".cel.csv"), cdr=story.with_suffix(".cdr.csv"))
    since = datetime(2026, 11, 22, tzinfo=UTC)
    until = since + timedelta(days=1)
    files = books.read(folder, since=since, until=until)
    tables = await keep_books(database)
    async with database.writing() as session:
        await session.execute(text("DELETE FROM cel"))
        await session.execute(text("DELETE FROM cdr"))
    for row in cel_rows(folder.cel):
        at = datetime.fromtimestamp(float(row["eventtime"]), UTC)
        named = row | {"eventtime": at, "peer": row["bridgepeer"], "extra": row["eventextra"]}
        await write(database, "cel", **{name: named[name] for name in storage.books.CEL_COLUMNS})
    for row in cdr_rows(folder.cdr):
        times = {
            name: datetime.fromisoformat(row[name]).replace(tzinfo=UTC) if row[name] else None
            for name in ("start", "answer", "end")
        }
        counts = {n: row[n] if database.is_sqlite else int(row[n]) for n in ("duration",)}
        named = row | times | counts
        await write(database, "cdr", **{name: named[name] for name in storage.books.CDR_COLUMNS})
    found = await storage.books.read(tables, since=since, until=until)
    assert found.troubles == ()
    assert found.cels == files.cels
    assert books.tell(UUID(int=7), {}, found) == books.tell(UUID(int=7), {}, files)


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("postgresql+asyncpg://ringbook:x@db/asterisk", ""),
        ("sqlite+aiosqlite:////var/log/asterisk/master.db", ""),
        ("mysql+asyncmy://ringbook:x@db/asteriskcdrdb", ""),
        ("mysql://x@y/z", "must begin with"),
        ("postgresql+asyncpg://x@y", "names no database"),
        ("just words", "not the address of a database"),
    ],
)
def test_an_address_is_judged_in_a_sentence(url: str, says: str) -> None:
    trouble = storage.books.trouble_with(url)
    assert says in trouble
    assert bool(trouble) is bool(says)


def test_a_driver_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(addresses, "find_spec", lambda name: None)
    assert storage.books.trouble_with("mysql+asyncmy://ringbook:x@db/asteriskcdrdb") == (
        "Ringbook lacks the package asyncmy to read it: install ringbook[mysql] and start again."
    )


def test_a_file_is_preferred_to_a_table_of_the_same_book() -> None:
    row = Cel(type="ANSWER", at=NOW, uniqueid="1.0", linkedid="1.0", channel="PJSIP/1-1")
    files = Books(has_cel=True, troubles=("one",))
    base = Books(cels=(row,), has_cel=True, has_cdr=True, troubles=("two",))
    both = storage.books.merged(files, base)
    assert (both.cels, both.has_cdr, both.troubles) == ((), True, ("one", "two"))
    assert storage.books.merged(Books(), base).cels == (row,)


def test_where_the_books_are_is_a_secret_that_shows_nowhere() -> None:
    box = SecretBox([new_key()])
    url = "postgresql+asyncpg://ringbook:hush@db/asterisk"
    pbx = Pbx(
        books_sql=box.close(url), books_cel_table="log.cel", books_cdr="/books/Master.csv",
        books_zone="Europe/Berlin",
    )  # fmt: skip
    tables = storage.books.tables(pbx, box)
    assert tables is not None
    assert (tables.url, tables.cdr, tables.cel) == (url, "cdr", "log.cel")
    assert str(tables.zone) == "Europe/Berlin"
    assert "hush" not in repr(tables)
    assert storage.books.tables(Pbx(), box) is None
    assert str(storage.books.folder(pbx).cdr) == "/books/Master.csv"
    assert storage.books.folder(pbx).cel is None
