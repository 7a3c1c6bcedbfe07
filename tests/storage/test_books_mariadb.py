"""The books as FreePBX keeps them: MariaDB, its own columns, local times in whole seconds."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from itertools import groupby
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import make_url, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

import storage.books
from fixtures import mariadb
from fixtures.evenings import STREAMS
from lab.books import cdr_rows, cel_rows
from pbx_bridge import books
from pbx_bridge.books import BookFolder, Cdr, Recovered
from storage.books import BookTables
from storage.books.connections import connected

pytestmark = pytest.mark.mariadb

PBX = UUID(int=7)
BERLIN = ZoneInfo("Europe/Berlin")
SINCE = datetime(2026, 11, 22, tzinfo=UTC)
UNTIL = SINCE + timedelta(days=7)
STORIES = sorted(path.name.removesuffix(".cel.csv") for path in STREAMS.glob("*_22.cel.csv"))
CDR_WORDS = ("clid", "src", "dst", "dcontext", "channel", "dstchannel", "lastapp", "lastdata")
CEL_WORDS = (
    *("cid_name", "cid_num", "cid_ani", "cid_rdnis", "cid_dnid", "exten", "context", "channame"),
    *("src", "dst", "channel", "dstchannel", "appname", "appdata", "accountcode", "peer"),
)
CDR = (
    "calldate DATETIME NOT NULL DEFAULT '1000-01-01 00:00:00', "
    + "".join(f"{word} VARCHAR(80) NOT NULL DEFAULT '', " for word in CDR_WORDS)
    + "duration INT NOT NULL DEFAULT 0, billsec INT NOT NULL DEFAULT 0, "
    "disposition VARCHAR(45) NOT NULL DEFAULT '', amaflags INT NOT NULL DEFAULT 0, "
    "accountcode VARCHAR(20) NOT NULL DEFAULT '', uniqueid VARCHAR(32) NOT NULL DEFAULT '', "
    "userfield VARCHAR(255) NOT NULL DEFAULT '', did VARCHAR(50) NOT NULL DEFAULT '', "
    "recordingfile VARCHAR(255) NOT NULL DEFAULT '', linkedid VARCHAR(32) NOT NULL DEFAULT '', "
    "peeraccount VARCHAR(80) NOT NULL DEFAULT '', sequence INT NOT NULL DEFAULT 0, "
    "KEY calldate (calldate)"
)
CEL = (
    "id INT NOT NULL AUTO_INCREMENT, eventtype VARCHAR(30) NOT NULL, eventtime DATETIME NOT NULL, "
    + "".join(f"{word} VARCHAR(80) NOT NULL DEFAULT '', " for word in CEL_WORDS)
    + "amaflags INT NOT NULL DEFAULT 0, uniqueid VARCHAR(32) NOT NULL, "
    "linkedid VARCHAR(32) NOT NULL, userdeftype VARCHAR(255) NOT NULL DEFAULT '', "
    "eventextra VARCHAR(512) NOT NULL DEFAULT '', userfield VARCHAR(255) NOT NULL DEFAULT '', "
    "PRIMARY KEY (id), KEY linkedid_index (linkedid)"
)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with mariadb.running() as url:
        yield url


@pytest.fixture
async def base(address: str) -> AsyncIterator[AsyncConnection]:
    """Fresh tables as FreePBX makes them."""
    engine = create_async_engine(address)
    async with engine.connect() as connection:
        for table, columns in (("cdr", CDR), ("cel", CEL)):
            await connection.execute(text(f"DROP TABLE IF EXISTS {table}"))
            await connection.execute(text(f"CREATE TABLE {table} ({columns}) ENGINE=MyISAM"))
        yield connection
    await engine.dispose()


def local(at: datetime) -> datetime:
    return at.astimezone(BERLIN).replace(tzinfo=None, microsecond=0)


async def write(base: AsyncConnection, table: str, rows: list[dict[str, object]]) -> None:
    for row in rows:
        names, values = ", ".join(row), ", ".join(f":{name}" for name in row)
        await base.execute(text(f"INSERT INTO {table} ({names}) VALUES ({values})"), row)
    await base.commit()


async def keep(base: AsyncConnection, folder: BookFolder) -> None:
    """Write the files' rows as FreePBX would have."""
    await write(base, "cel", [
        {name: row[name] for name in ("eventtype", "uniqueid", "linkedid")}
        | {name: row[name] for name in CEL_WORDS if name in row}
        | {
            "eventtime": local(datetime.fromtimestamp(float(row["eventtime"]), UTC)),
            "peer": row["bridgepeer"], "eventextra": row["eventextra"],
        }
        for row in cel_rows(folder.cel)
    ])  # fmt: skip
    await write(base, "cdr", [
        {name: row[name] for name in (*CDR_WORDS, "uniqueid", "linkedid", "disposition")}
        | {
            "calldate": local(datetime.fromisoformat(row["start"]).replace(tzinfo=UTC)),
            "duration": int(row["duration"]), "billsec": int(row["billsec"]),
        }
        for row in cdr_rows(folder.cdr)
    ])  # fmt: skip


def outline(told: tuple[Recovered, ...]) -> list[object]:
    """Return what of the calls does not depend on parts of seconds.

    A talk that another interrupted within one second is one.
    """
    calls = sorted((one.call for one in told), key=lambda call: call.legs[0].uniqueid)
    return [
        (
            *(call.state, call.result, call.number, {leg.uniqueid for leg in call.legs}),
            [key for key, _ in groupby((part.kind, part.queue) for part in call.segments)],
            [(offer.agent, offer.end) for offer in call.offers],
        )
        for call in calls
    ]


def folder(story: str) -> BookFolder:
    return BookFolder(cel=STREAMS / f"{story}.cel.csv", cdr=STREAMS / f"{story}.cdr.csv")


def times(row: Cdr) -> tuple[datetime, int, str]:
    return (row.start, row.seconds, row.dst_channel)


@pytest.mark.parametrize("story", STORIES)
async def test_the_tables_of_freepbx_tell_the_same_calls_as_the_files(address, base, story):
    files = folder(story)
    await keep(base, files)
    tables = BookTables(url=address, zone=BERLIN)
    found = await storage.books.read(tables, since=SINCE, until=UNTIL)
    assert found.troubles == ()
    expected = books.read(files, since=SINCE, until=UNTIL)
    assert len(found.cels) == len(expected.cels)
    assert outline(books.tell(PBX, {}, found)) == outline(books.tell(PBX, {}, expected))
    for ours, theirs in zip(*(sorted(b.cdrs, key=times) for b in (found, expected)), strict=True):
        assert abs(ours.end - theirs.end) <= timedelta(seconds=1)
        assert ours.seconds == theirs.seconds
        assert (ours.answer is None) == (theirs.answer is None) or not theirs.billsec


async def test_a_zone_that_does_not_fit_is_said_and_nothing_is_told_at_wrong_times(address, base):
    await keep(base, folder("blind_twice_asterisk_22"))
    found = await storage.books.read(BookTables(url=address), since=SINCE, until=UNTIL)
    assert (found.has_cel, found.has_cdr, found.cels, found.cdrs) == (False, False, (), ())
    assert found.troubles == tuple(
        f"The table {table} is not read: beside its uniqueids its times are UTC+1:00. "
        "Say in which time zone this PBX writes its database."
        for table in ("cel", "cdr")
    )


async def test_one_call_is_found_among_very_many(address, base):
    """Whatever stands before and after it, gaps in the numbers and rows out of order too."""
    begun = datetime(2026, 11, 20, tzinfo=UTC)
    row = dict.fromkeys(("channame",), "PJSIP/101-1")
    rows = [
        row | {
            "id": 7 * n + 1, "eventtype": "CHAN_START", "eventtime": local(at),
            "uniqueid": f"{int(at.timestamp())}.{n}", "linkedid": f"{int(at.timestamp())}.{n}",
        }
        for n in range(300)
        for at in [begun + timedelta(minutes=10 * (n ^ 1))]
    ]  # fmt: skip
    await write(base, "cel", rows)
    tables = BookTables(url=address, zone=BERLIN)
    for n in (0, 1, 150, 299):
        at = begun + timedelta(minutes=10 * (n ^ 1))
        found = await storage.books.read(tables, since=at, until=at + timedelta(minutes=5))
        assert [cel.uniqueid for cel in found.cels] == [f"{int(at.timestamp())}.{n}"]


async def test_its_database_is_only_read(address, base):
    async with connected(address) as connection:
        with pytest.raises(OperationalError, match="READ ONLY"):
            await connection.execute(text("INSERT INTO cdr (src) VALUES ('1')"))


async def test_times_that_are_moments_need_no_zone(address, base):
    await base.execute(text("ALTER TABLE cel MODIFY eventtime TIMESTAMP(6) NULL"))
    await base.execute(text("SET SESSION time_zone = '+03:00'"))
    at = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
    await write(base, "cel", [{
        "eventtype": "CHAN_START", "eventtime": (at + timedelta(hours=3)).replace(tzinfo=None),
        "uniqueid": f"{int(at.timestamp())}.1", "linkedid": "x", "channame": "PJSIP/101-1",
    }])  # fmt: skip
    found = await storage.books.read(
        BookTables(url=address, zone=BERLIN), since=at, until=at + timedelta(minutes=1)
    )
    assert [row.at for row in found.cels] == [at]


async def test_a_password_that_is_wrong_is_said_and_not_shown(address):
    wrong = make_url(address).set(password="hush-hush")
    tables = BookTables(url=wrong.render_as_string(hide_password=False))
    [trouble] = (await storage.books.read(tables, since=SINCE, until=UNTIL)).troubles
    assert trouble.startswith("The database of books cannot be read: ")
    assert "Access denied" in trouble
    assert "hush" not in trouble
