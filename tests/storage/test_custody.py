"""The chain of custody on both engines: one after another, and nothing of it can be changed."""

import asyncio
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

import storage.custody
from storage.database import Database
from storage.rules.custody import Act, Walk

ONE = UUID(int=1)
SHA = "a" * 64
CROWD = 24


async def add(database: Database, act: Act, recording: UUID = ONE) -> None:
    async with database.writing() as session:
        await storage.custody.append(
            session, act, recording_id=recording, call_id=None, sha256=SHA, by=None, key="k"
        )


async def walked(database: Database) -> Walk:
    walk = Walk()
    async with database.reading() as session:
        await storage.custody.stand_still(session)
        async for entry in storage.custody.entries(session):
            walk.feed(entry)
    walk.end()
    return walk


async def test_many_at_once_make_one_chain(database: Database, monkeypatch) -> None:
    monkeypatch.setattr(storage.custody, "BATCH", 5)
    await add(database, Act.STORED)
    await asyncio.gather(*(add(database, Act.PLAYED) for _ in range(CROWD)))
    walk = await walked(database)
    assert (walk.broken, walk.number) == (None, 1 + CROWD)


async def test_several_acts_of_one_transaction_follow_each_other(database: Database) -> None:
    async with database.writing() as session:
        for act in (Act.STORED, Act.PLAYED, Act.DELETED):
            await storage.custody.append(
                session, act, recording_id=ONE, call_id=ONE, sha256=SHA, by=ONE, key="ä"
            )
    walk = await walked(database)
    assert (walk.broken, walk.number, walk.kept) == (None, 3, {})
    async with database.reading() as session:
        acts = [row.act for row in await storage.custody.of_recording(session, ONE)]
    assert acts == ["stored", "played", "deleted"]


async def test_what_is_rolled_back_leaves_no_hole(database: Database) -> None:
    await add(database, Act.STORED)
    async with database.writing() as session:
        await storage.custody.append(
            session, Act.PLAYED, recording_id=ONE, call_id=None, sha256=SHA, by=None
        )
        await session.rollback()
    await add(database, Act.PLAYED)
    walk = await walked(database)
    assert (walk.broken, walk.number) == (None, 2)


@pytest.mark.bar(48)
@pytest.mark.parametrize("attempt", ["UPDATE custody SET act = 'x'", "DELETE FROM custody"])
async def test_nobody_changes_an_entry(database: Database, attempt: str, proof) -> None:
    await add(database, Act.STORED)
    with pytest.raises(DBAPIError, match="cannot be changed"):
        async with database.writing() as session:
            await session.execute(text(attempt))
    assert (await walked(database)).number == 1
    proof.tried(1, 0, of="tries to change the chain of custody")
