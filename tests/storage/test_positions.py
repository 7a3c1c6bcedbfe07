"""How far the journal is stored stands beside what is stored, and never without it."""

from dataclasses import replace
from uuid import UUID, uuid4

import pytest

import storage.positions
from fixtures.calls import NOW, after, set_stage
from storage.database import Database
from storage.pbxs import Pbx
from storage.positions import Position

BEYOND_32_BITS = 1 << 40


def at(pbx: UUID, n: int = 7) -> Position:
    return Position(pbx_id=pbx, journal=uuid4(), n=n, heard_at=NOW, first=n - 2, first_at=NOW)


async def put(database: Database, *positions: Position) -> None:
    async with database.writing() as session:
        await storage.positions.put(session, positions)


async def of(database: Database, pbx: UUID) -> Position | None:
    async with database.reading() as session:
        return await storage.positions.of(session, pbx)


async def test_nothing_is_known_of_a_pbx_that_was_never_heard(database: Database) -> None:
    stage = await set_stage(database)
    await put(database)
    assert await of(database, stage.pbx) is None


async def test_the_last_position_counts(database: Database) -> None:
    stage = await set_stage(database)
    first = at(stage.pbx, BEYOND_32_BITS)
    later = replace(first, n=first.n + 5, heard_at=after(3), first=first.n + 6, first_at=after(3))
    await put(database, first)
    await put(database, later)
    assert await of(database, stage.pbx) == later


async def test_each_pbx_has_its_own(database: Database) -> None:
    here = at((await set_stage(database)).pbx)
    async with database.writing() as session:
        there = replace(here, pbx_id=uuid4(), heard_at=after(1))
        facts = {"host": "h", "username": "u", "secret": "", "created_at": NOW}
        session.add(Pbx(id=there.pbx_id, name="there", **facts))
        await session.flush()
        await storage.positions.put(session, [here, there])
    async with database.reading() as session:
        assert await storage.positions.listed(session) == [there, here]


async def test_what_is_rolled_back_is_no_position(database: Database) -> None:
    here = at((await set_stage(database)).pbx)

    async def fail() -> None:
        async with database.writing() as session:
            await storage.positions.put(session, [here])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert await of(database, here.pbx_id) is None
