"""The lease: one leader at a time, and nothing written by one who leads no more."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, InterfaceError

from fixtures import bases
from storage import leases, settings
from storage.database import Database
from storage.errors import NotLeader
from storage.leases import Leases

pytestmark = pytest.mark.postgres


@pytest.fixture
async def database(postgres_url: str, postgres_template: str) -> AsyncIterator[Database]:
    async with bases.fresh_postgres(postgres_url, postgres_template) as base:
        yield base


@pytest.fixture
async def nodes(database: Database) -> AsyncIterator[tuple[Leases, Leases]]:
    async with AsyncExitStack() as stack:
        one, two = [
            await stack.enter_async_context(Leases(database, name)) for name in ("one", "two")
        ]
        await one.ready()
        await two.ready()
        yield one, two


async def expire(database: Database) -> None:
    async with database.writing() as session:
        await session.execute(text("UPDATE leases SET expires_at = clock_timestamp()"))


async def write(database: Database, fence: int) -> None:
    async with database.writing() as session:
        await leases.hold(session, fence)
        await settings.put(session, "company_name", {"text": str(fence)}, by=None)


async def name(database: Database) -> str:
    async with database.reading() as session:
        return await settings.company_name(session)


async def test_of_all_who_ask_at_once_one_leads(database: Database) -> None:
    async with AsyncExitStack() as stack:
        nodes = [await stack.enter_async_context(Leases(database, f"node {n}")) for n in range(8)]
        await asyncio.gather(*(node.ready() for node in nodes))
        taken = await asyncio.gather(*(node.take() for node in nodes))
    assert [fence for fence in taken if fence is not None] == [1]


async def test_a_lease_that_ran_out_is_taken_with_the_next_fence(
    database: Database, nodes: tuple[Leases, Leases]
) -> None:
    one, two = nodes
    assert await one.take() == 1
    assert await two.take() is None
    await expire(database)
    assert await two.take() == 2
    assert await one.renew(1) is None
    assert await two.renew(2) is not None


async def test_who_leads_can_renew_what_ran_out_while_nobody_took_it(
    database: Database, nodes: tuple[Leases, Leases]
) -> None:
    one, two = nodes
    await one.take()
    await expire(database)
    assert await one.renew(1) is not None
    assert await two.take() is None


async def test_a_released_lease_is_free_at_once(nodes: tuple[Leases, Leases]) -> None:
    one, two = nodes
    await one.take()
    await one.release(1)
    assert await two.take() == 2
    await one.release(1)  # too late: another leads
    assert await two.renew(2) is not None


async def test_a_leader_knows_whether_somebody_waits(nodes: tuple[Leases, Leases]) -> None:
    one, two = nodes
    await one.take()
    async with one._engine.connect() as connection:
        await connection.execute(text("UPDATE leases SET asked_at = 'epoch'"))
    assert await one.renew(1) == leases.Renewed(has_rivals=False)
    await two.take()
    assert await one.renew(1) == leases.Renewed(has_rivals=True)


async def test_what_is_written_under_an_old_fence_is_refused(
    database: Database, nodes: tuple[Leases, Leases]
) -> None:
    one, two = nodes
    await one.take()
    await write(database, 1)
    await expire(database)
    await two.take()
    with pytest.raises(NotLeader):
        await write(database, 1)
    await write(database, 2)
    assert await name(database) == "2"


async def test_the_next_leader_waits_for_what_the_last_one_is_writing(
    database: Database, nodes: tuple[Leases, Leases]
) -> None:
    one, two = nodes
    await one.take()
    async with database.writing() as session:
        await leases.hold(session, 1)
        await settings.put(session, "company_name", {"text": "told"}, by=None)
        assert await one.renew(1) is not None  # a renewal waits for nobody
        await expire(database)
        taking = asyncio.create_task(two.take())
        done, _ = await asyncio.wait([taking], timeout=0.3)
        assert not done
    assert await taking == 2
    assert await name(database) == "told"


async def test_a_leader_that_froze_while_writing_keeps_nobody_waiting(
    database: Database, nodes: tuple[Leases, Leases], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = nodes
    await one.take()
    monkeypatch.setattr(leases, "IDLE_SECONDS", 0.3)
    writing = asyncio.create_task(_write_and_freeze(database))
    assert await _taken(two) == 2
    with pytest.raises((DBAPIError, InterfaceError)):
        await writing
    assert await name(database) == ""


async def _write_and_freeze(database: Database) -> None:
    async with database.writing() as session:
        await leases.hold(session, 1)
        await settings.put(session, "company_name", {"text": "frozen"}, by=None)
        await session.flush()
        await expire(database)
        await asyncio.sleep(1.0)


async def _taken(node: Leases) -> int:
    async with asyncio.timeout(20):
        while True:
            with contextlib.suppress(TimeoutError):
                if fence := await node.take():
                    return fence
            await asyncio.sleep(0.05)
