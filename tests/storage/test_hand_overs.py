"""Who sent a call on, and with which words: kept with the call, also when two become one."""

from datetime import timedelta

import pytest

import storage.calls
from fixtures.calls import NOW, Stage, Teller, set_stage
from storage import hand_overs
from storage.database import Database
from storage.hand_overs import LONGEST_NOTE, Target, TargetKind

BEN = Target(kind=TargetKind.PHONE, value="102")


@pytest.fixture
async def stage(database: Database) -> Stage:
    return await set_stage(database)


async def test_a_note_is_kept_with_the_call_and_follows_it(
    database: Database, stage: Stage
) -> None:
    older, newer = Teller(stage.pbx, tag="1.1").ended(), Teller(stage.pbx, tag="2.1").ended()
    ann = stage.users[0]
    async with database.writing() as session:
        for call in (older, newer):
            await storage.calls.save(session, call, context=stage.context())
        for n, note in enumerate(("Wants a refund", "x" * 900)):
            now = NOW + timedelta(seconds=n)
            await hand_overs.add(session, newer.id, BEN, note, asked_first=False, by=ann, now=now)
    async with database.writing() as session:
        await storage.calls.join(session, older.id, newer.id)
    async with database.reading() as session:
        kept = await hand_overs.of_call(session, older.id)
        lately = await hand_overs.since(session, NOW - timedelta(hours=1))
        assert await hand_overs.since(session, NOW + timedelta(hours=1)) == []
    assert [len(row.note) for row, _name in kept] == [len("Wants a refund"), LONGEST_NOTE]
    assert {(row.user_id, row.target) for row in lately} == {(ann, "102")}
