"""Findings: one row per difference, however often it is found; mended, ignored, open again."""

from uuid import UUID

import pytest

import storage.findings
from fixtures.calls import Stage, after, audited, set_stage
from storage.database import Database
from storage.errors import NotFound
from storage.findings import Finding, FindingState, Found


@pytest.fixture
async def stage(database: Database) -> Stage:
    return await set_stage(database)


def found(linkedid: str = "1.0", *, said: str = "no call", seconds: float = 0) -> Found:
    return Found(
        kind="call_missing", call_id=None, linkedid=linkedid, at=after(seconds), said=said,
        books="a call of 9 s",
    )  # fmt: skip


async def note(database: Database, stage: Stage, *what: Found) -> list[Finding]:
    async with database.writing() as session:
        return list(await storage.findings.note(session, stage.pbx, what, at=after(300)))


async def listed(database: Database, state: FindingState | None = FindingState.OPEN) -> list[UUID]:
    async with database.reading() as session:
        return [row.id for row in await storage.findings.listed(session, state=state)]


async def test_the_same_difference_found_again_is_the_same_row(database, stage):
    first = await note(database, stage, found(), found(), found("2.0"))
    again = await note(database, stage, found("2.0"), found())
    assert {row.id for row in first} == {row.id for row in again}
    assert len(first) == 2
    assert len(await listed(database)) == 2


async def test_a_difference_that_is_mended_is_no_longer_open_until_it_is_found_again(
    database, stage
):
    [row] = await note(database, stage, found())
    async with database.writing() as session:
        assert await storage.findings.mended(session, [row.id], at=after(400)) == 1
        assert await storage.findings.mended(session, [row.id], at=after(500)) == 0
    assert await listed(database) == []
    assert await listed(database, FindingState.MENDED) == [row.id]
    await note(database, stage, found())
    assert await listed(database) == [row.id]


async def test_a_difference_that_a_person_left_stays_left(database, stage):
    [row] = await note(database, stage, found())
    async with database.writing() as session:
        await storage.findings.ignore(session, row.id, at=after(400), by=stage.users[0])
    await note(database, stage, found())
    assert await listed(database) == []
    assert await listed(database, None) == [row.id]
    [entry] = await audited(database, "finding.ignored")
    assert (entry.user_id, entry.key) == (stage.users[0], row.id)
    async with database.writing() as session:
        assert await storage.findings.mended(session, [row.id], at=after(500)) == 0
        with pytest.raises(NotFound):
            await storage.findings.ignore(session, stage.pbx, at=after(400), by=None)


async def test_open_differences_are_found_by_when_their_call_began(database, stage):
    rows = await note(database, stage, found("1.0"), found("2.0", seconds=60))
    async with database.reading() as session:
        early = await storage.findings.open_within(
            session, stage.pbx, since=after(0), until=after(60)
        )
        assert [row.id for row in early] == [rows[0].id]
        assert await storage.findings.count(session) == 2
        assert [r.id for r in await storage.findings.listed(session, limit=1)] == [rows[1].id]
        older = await storage.findings.listed(session, older_than=rows[1].id)
        assert [r.id for r in older] == [rows[0].id]


async def test_what_is_said_is_cut_to_what_the_table_holds(database, stage):
    [row] = await note(database, stage, found(said="x" * 1000))
    async with database.reading() as session:
        assert len((await storage.findings.get(session, row.id)).said) == 400
