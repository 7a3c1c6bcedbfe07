"""A base that is killed while it writes: nothing is lost that was said to be stored."""

import asyncio
import contextlib
import random
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest
from aiohttp import ClientSession
from sqlalchemy import select

from fixtures import bases, postgres
from fixtures.nodes import Node
from fixtures.pairs import Pair, pair
from storage import migrations
from storage.calls import CallRecord
from storage.database import Database
from storage.leases import LEASE_SECONDS

RING = 0.3


@contextlib.asynccontextmanager
async def traffic(office: Pair, kept: list[str]) -> AsyncIterator[None]:
    """People call and write while the block runs; then everything comes to its end."""
    tasks = [
        asyncio.create_task(office.keep_calling(every=0.25, ring=RING)),
        asyncio.create_task(office.keep_writing(kept)),
    ]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    await office.over()


async def check_everything_is_there(office: Pair, kept: list[str]) -> None:
    assert kept
    assert await office.faults() == []
    names = await office.customers()
    assert sorted(names) == sorted(set(names))
    assert set(kept) - set(names) == set()


@pytest.fixture
def server():
    with postgres.server() as made:
        yield made


@pytest.mark.postgres
@pytest.mark.bar(32)
@pytest.mark.parametrize("crashes", [5, pytest.param(100, marks=pytest.mark.prove)])
@pytest.mark.timeout(1500)
async def test_a_postgresql_that_is_killed_at_random_loses_nothing(
    server: postgres.Server, tmp_path: Path, http: ClientSession, proof, crashes: int
) -> None:
    rng, kept = random.Random(32), []
    async with (
        bases.migrated_postgres(server.url) as database,
        pair(database, tmp_path, http, ["one"]) as office,
    ):
        async with traffic(office, kept):
            for _ in range(crashes):
                await asyncio.sleep(0.3 + rng.random())
                await asyncio.to_thread(server.crash)
                await asyncio.sleep(rng.random())
                await asyncio.to_thread(server.start)
                await office.nodes[0].until(http, "ok")
            await asyncio.sleep(1)
        await check_everything_is_there(office, kept)
    proof.tried(crashes, of="crashes of PostgreSQL under load", seed=32)
    proof.tried(len(kept), of="writes that were said to be stored")


@pytest.mark.postgres
@pytest.mark.parametrize("names", [["one"], ["one", "two"]], ids=["alone", "two nodes"])
async def test_cards_are_shown_while_the_base_is_away(
    server: postgres.Server, tmp_path: Path, http: ClientSession, names: list[str]
) -> None:
    async with (
        bases.migrated_postgres(server.url) as database,
        pair(database, tmp_path, http, names) as office,
    ):
        ann = office.desks["ann"]
        leader = (await office.leader())[0] if len(names) > 1 else office.nodes[0]
        sight = await ann.on(leader.live)
        await asyncio.to_thread(server.crash)
        await asyncio.sleep(LEASE_SECONDS + 2)  # it cannot be renewed, and nobody can take it
        number = office.call(ring=2)
        await sight.until(lambda s: number in ann.numbers)
        await office.over()
        await asyncio.to_thread(server.start)
        assert await office.faults() == []
        await ann.until(lambda d: d.waiting() == office.answered_by("ann"))


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    (tmp_path / "data").mkdir()
    async with Database(f"sqlite+aiosqlite:///{tmp_path}/data/ringbook.sqlite3") as base:
        await migrations.upgrade(base)
        yield base


@pytest.mark.bar(37)
@pytest.mark.parametrize("kills", [3, pytest.param(200, marks=pytest.mark.prove)])
@pytest.mark.timeout(3000)
async def test_a_node_on_sqlite_that_is_killed_while_it_writes_loses_nothing(
    database: Database, tmp_path: Path, http: ClientSession, proof, kills: int
) -> None:
    rng, kept = random.Random(37), []
    seen: dict[UUID, int] = {}
    async with pair(database, tmp_path, http, ["one"]) as office:
        [node] = office.nodes
        for _ in range(kills):
            async with traffic(office, kept):
                reading = asyncio.create_task(_keep_reading(database, seen))
                await asyncio.sleep(0.5 + rng.random())
                reading.cancel()
                node.kill()
                await node.gone()
            check_whole(database)
            await node.start()
            await node.until(http, "ok")
        assert set(kept) - set(await office.customers()) == set()
        stored = await _calls(database)
        log = node.log
    assert kept
    assert seen
    assert {key for key, revision in seen.items() if stored.get(key, -1) < revision} == set()
    assert "database is locked" not in log
    proof.tried(kills, of="kills while SQLite was written", seed=37)
    proof.tried(len(kept), of="writes that were said to be stored")


async def _keep_reading(database: Database, seen: dict[UUID, int]) -> None:
    while True:
        seen |= await _calls(database)
        await asyncio.sleep(0.05)


async def _calls(database: Database) -> dict[UUID, int]:
    async with database.reading() as session:
        rows = await session.execute(select(CallRecord.id, CallRecord.revision))
        return {row.id: row.revision for row in rows}


def check_whole(database: Database) -> None:
    with contextlib.closing(sqlite3.connect(str(database.url.database))) as base:
        assert base.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert base.execute("PRAGMA foreign_key_check").fetchall() == []
        half = "SELECT count(*) FROM calls c JOIN {} p ON p.call_id = c.id WHERE {}"
        for part in ("legs", "segments", "offers"):
            query = half.format(part, "c.ended_at IS NOT NULL AND p.ended_at IS NULL")
            assert base.execute(query).fetchone() == (0,), part
        twice = "SELECT number FROM calls GROUP BY number HAVING count(*) > 1"
        assert base.execute(twice).fetchall() == []


async def test_a_second_process_on_the_same_file_is_refused(
    database: Database, tmp_path: Path, http: ClientSession
) -> None:
    async with pair(database, tmp_path, http, ["one"]) as office:
        [first] = office.nodes
        second = Node("two", first.settings, tmp_path)
        await second.start()
        assert second.process is not None
        assert await second.process.wait() == 1
        assert "another Ringbook already serves" in second.log
        assert await first.state(http) == "ok"
