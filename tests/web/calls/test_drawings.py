"""The drawing shows who rang and talked when, within its edges, however odd the times are."""

from dataclasses import replace

import pytest

import storage.calls
from fixtures.calls import Stage, Teller, after, set_stage
from storage.database import Database
from web.calls.drawings import LANE_HEIGHT, draw


@pytest.fixture
async def stage(database: Database) -> Stage:
    return await set_stage(database)


async def drawn(database: Database, stage: Stage, call, now: float = 0):
    async with database.writing() as session:
        await storage.calls.save(session, call, context=stage.context())
    async with database.reading() as session:
        return draw(await storage.calls.get(session, call.id), now=after(now))


async def test_each_phone_has_its_lane(database: Database, stage: Stage) -> None:
    drawing = await drawn(database, stage, Teller(stage.pbx).ended(seconds=100))
    assert sorted(lane.label for lane in drawing.lanes) == [
        "", "Ann · 101", "Bob · 102", "Cyd · 103",
    ]  # fmt: skip
    assert [lane.top for lane in drawing.lanes] == [n * LANE_HEIGHT for n in range(4)]
    other, bob = drawing.lanes[0], next(x for x in drawing.lanes if "Bob" in x.label)
    assert [(bar.kind, bar.left, bar.width, bar.note) for bar in other.bars] == [
        ("queue", 1.0, 8.0, "Sales line"), ("talk", 9.0, 91.0, ""),
    ]  # fmt: skip
    assert [(bar.kind, bar.tone, bar.seconds) for bar in bob.bars] == [
        ("offer", "ring", 7.0), ("talk", "good", 91.0),
    ]  # fmt: skip
    assert drawing.ticks[0] == (0.0, 0)
    assert len(drawing.ticks) <= 9


async def test_a_call_in_progress_reaches_to_now(database: Database, stage: Stage) -> None:
    drawing = await drawn(database, stage, Teller(stage.pbx).ringing(), now=50)
    waits = drawing.lanes[0].bars[0]
    assert (waits.left, waits.width, waits.seconds) == (2.0, 98.0, 49.0)


@pytest.mark.parametrize("ended", [0, -30, 1, 90000])
async def test_no_bar_leaves_the_drawing(database: Database, stage: Stage, ended: int) -> None:
    call = replace(Teller(stage.pbx).ended(), ended_at=after(ended))
    drawing = await drawn(database, stage, call)
    for lane in drawing.lanes:
        for bar in lane.bars:
            assert 0 <= bar.left <= 100
            assert 0 < bar.width <= 100
            assert bar.left + bar.width <= 100.001
            assert bar.seconds >= 0
    assert all(0 <= left <= 100 for left, _seconds in drawing.ticks)
    assert len(drawing.ticks) <= 9


async def test_a_phone_without_a_user_shows_as_its_extension(
    database: Database, stage: Stage
) -> None:
    nobody = replace(stage, users=())
    drawing = await drawn(database, nobody, Teller(stage.pbx, rings=1).ended("101"))
    assert [lane.label for lane in drawing.lanes] == ["", "101"]
