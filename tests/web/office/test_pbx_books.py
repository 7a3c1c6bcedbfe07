"""Where a PBX's books lie: typed on its page, checked, kept; a database's address is a secret."""

from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import select

import storage.books
import storage.pbxs
from fixtures.calls import NOW
from storage.database import Database
from storage.pbxs import Pbx
from web.config import PbxSettings
from web.keys import SECRETS

URL = "postgresql+asyncpg://ringbook:hush@db/asterisk"
PBX = {
    "name": "Munich", "host": "pbx.lan", "port": "5038", "username": "ringbook",
    "secret": "amp111", "encoding": "cp1251", "region": "DE", "internal_digits": "4",
    "books_cel": "/mnt/pbx/cel-custom/Master.csv", "books_queue_log": "/mnt/pbx/queue_log",
    "books_cdr": "", "books_sql": URL, "books_cel_table": "log.cel",
    "books_zone": "Europe/Berlin",
}  # fmt: skip


@pytest.fixture
async def admin(sign_in):
    return await sign_in("administrator", login="root")


async def only(database: Database) -> Pbx:
    async with database.reading() as session:
        return (await session.scalars(select(Pbx))).one()


async def test_the_books_of_a_pbx_are_kept_and_their_address_never_shown(admin, app, database):
    page = (await admin.post("/administration/pbxs", PBX)).headers["Location"]
    row = await only(database)
    folder = storage.books.folder(row)
    assert folder.cel == Path("/mnt/pbx/cel-custom/Master.csv")
    assert (folder.queue_log, folder.cdr) == (Path("/mnt/pbx/queue_log"), None)
    tables = storage.books.tables(row, app[SECRETS])
    assert (tables.url, tables.cel, tables.cdr) == (URL, "log.cel", "cdr")
    assert str(tables.zone) == "Europe/Berlin"
    shown = await admin.get(page)
    assert "/mnt/pbx/queue_log" in shown
    assert "hush" not in shown
    await admin.post(page, PBX | {"secret": "", "books_sql": ""})
    assert (await only(database)).books_sql == row.books_sql
    await admin.post(page, PBX | {"books_sql": "", "books_sql_is_gone": "on"})
    assert (await only(database)).books_sql is None


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"books_cel": "Master.csv"}, "Write the whole path"),
        ({"books_queue_log": "/log/../etc/passwd"}, "Write the whole path"),
        ({"books_sql": "mysql://x@y/z"}, "The address must begin with postgresql+asyncpg"),
        ({"books_sql": "words"}, "not the address of a database"),
        ({"books_cdr_table": "cdr; drop"}, "cannot be used"),
        ({"books_zone": "Mars/Olympus"}, "No such time zone"),
    ],
)
async def test_books_that_cannot_be_are_refused(admin, wrong, sentence):
    response = await admin.post("/administration/pbxs", PBX | wrong)
    assert response.status == 422
    text = await response.text()
    assert sentence in text
    assert "hush" not in text


async def test_the_file_says_where_the_books_are_and_the_page_shows_it(admin, app, database):
    described = PbxSettings(
        name="File", secret=SecretStr("x"), books_cel=Path("/books/cel.csv"),
        books_sql=SecretStr(URL), books_cdr_table="records",
        books_zone="America/New_York",
    )  # fmt: skip
    for _ in range(2):
        async with database.writing() as session:
            await storage.pbxs.sync_from_file(session, [described], app[SECRETS], now=NOW)
    row = await only(database)
    assert storage.books.tables(row, app[SECRETS]).cdr == "records"
    page = await admin.get(f"/administration/pbxs/{row.id}")
    assert "/books/cel.csv" in page
    assert "stored, not shown" in page
    assert "America/New_York" in page
    bare = PbxSettings(name="File", secret=SecretStr("x"))
    async with database.writing() as session:
        await storage.pbxs.sync_from_file(session, [bare], app[SECRETS], now=NOW)
    row = await only(database)
    assert (row.books_cel, row.books_sql) == (None, None)
