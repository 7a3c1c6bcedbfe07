"""Opening the base at start: each thing that can be wrong is one sentence."""

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text

from fixtures.postgres import free_port
from storage import database as base
from storage import migrations, startup
from storage.database import Database
from storage.errors import DatabaseAbsent, DatabaseBusy

SERVE = """
import asyncio, sys
from storage import startup

async def main():
    async with startup.opened(sys.argv[1], alone=True):
        print("open", flush=True)
        sys.stdin.readline()

asyncio.run(main())
"""


def url_of(path: Path) -> str:
    return f"sqlite+aiosqlite:///{path}"


@contextmanager
def serving(path: Path) -> Iterator["subprocess.Popen[str]"]:
    """A process that serves the base until it reads a line."""
    command = [sys.executable, "-c", SERVE, url_of(path)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "open\n"
        yield process


async def test_a_base_that_is_not_there_is_made_with_its_folder(tmp_path: Path) -> None:
    path = tmp_path / "new" / "ringbook.sqlite3"
    async with startup.opened(url_of(path), alone=True) as database:
        assert await migrations.current(database) == migrations.head()
    assert path.is_file()


async def test_a_second_process_on_one_sqlite_base_is_turned_away(tmp_path: Path) -> None:
    path = tmp_path / "ringbook.sqlite3"
    with serving(path) as first:
        assert first.stdin is not None
        with pytest.raises(DatabaseBusy, match=r"another Ringbook already serves .*sqlite3; stop"):
            async with startup.opened(url_of(path), alone=True):
                pass
        async with startup.opened(url_of(path)) as database:  # a command works beside it
            assert await migrations.current(database) == migrations.head()
        first.stdin.write("\n")
        first.stdin.flush()
        assert first.wait(timeout=20) == 0
    async with startup.opened(url_of(path), alone=True):
        pass


async def test_the_lock_of_a_killed_process_does_not_stay(tmp_path: Path) -> None:
    path = tmp_path / "ringbook.sqlite3"
    with serving(path) as first:
        first.kill()
    async with startup.opened(url_of(path), alone=True) as database:
        assert await migrations.current(database) == migrations.head()


async def test_a_base_locked_by_another_program_is_named_after_a_while(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(base, "BUSY_SECONDS", 0.05)
    path = tmp_path / "ringbook.sqlite3"
    browser = sqlite3.connect(path, isolation_level=None)
    browser.execute("PRAGMA journal_mode=WAL")
    browser.execute("BEGIN IMMEDIATE")
    with pytest.raises(DatabaseBusy, match="locked by another program"):
        async with startup.opened(url_of(path)):
            pass
    browser.execute("ROLLBACK")
    browser.close()
    async with startup.opened(url_of(path)) as database:
        assert await migrations.differences(database) == []


async def test_a_file_that_is_no_base_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "letter.txt"
    path.write_text("Dear Sir or Madam, " * 100)
    with pytest.raises(DatabaseAbsent, match="not a database"):
        async with startup.opened(url_of(path)):
            pass
    assert path.read_text().startswith("Dear Sir")


async def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DatabaseAbsent, match="file cannot be made"):
        async with startup.opened(url_of(tmp_path / "file" / "ringbook.sqlite3")):
            pass


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        pytest.param("", "not the address of a database", id="empty"),
        pytest.param("ringbook", "not the address of a database", id="a word"),
        pytest.param("mysql://u:hunter2@h/d", "begins with mysql;", id="another engine"),
        pytest.param("sqlite:///x.db", "begins with sqlite;", id="a driver that blocks"),
    ],
)
async def test_an_address_that_is_none_is_refused(url: str, sentence: str) -> None:
    with pytest.raises(DatabaseAbsent, match=sentence) as refused:
        async with startup.opened(url):
            pass
    assert "hunter2" not in str(refused.value)


async def test_a_server_that_does_not_answer_is_named_without_its_password() -> None:
    url = f"postgresql+asyncpg://ringbook:hunter2@127.0.0.1:{free_port()}/ringbook"
    with pytest.raises(
        DatabaseAbsent, match=r"ringbook:\*\*\*@127.0.0.1.* cannot be reached"
    ) as no:
        async with startup.opened(url):
            pass
    assert "hunter2" not in str(no.value)


@pytest.mark.postgres
async def test_a_database_that_the_server_lacks_is_named(postgres_url: str) -> None:
    with pytest.raises(DatabaseAbsent, match='database "nowhere" does not exist'):
        async with startup.opened(postgres_url.replace("/postgres", "/nowhere")):
            pass


async def test_a_base_that_goes_away_is_noticed(tmp_path: Path) -> None:
    async with Database(url_of(tmp_path / "a" / "ringbook.sqlite3")) as database:
        with pytest.raises(DatabaseAbsent, match="cannot be reached"):
            await startup.reach(database)
        (tmp_path / "a").mkdir()
        await startup.reach(database)
        async with database.reading() as session:
            assert await session.scalar(text("SELECT 1")) == 1
