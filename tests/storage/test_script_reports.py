"""What came of a script, and what of it stands in a customer's history; on both engines."""

from datetime import timedelta

import pytest

import storage.histories
import storage.scripts
from fixtures.calls import NOW, Stage, add_customer, set_stage
from fixtures.scripts import ALWAYS, Filling, call_of, make
from storage.database import Database
from storage.histories import Sort
from storage.scripts import Period, ScriptVersion


@pytest.fixture
async def stage(database: Database) -> Stage:
    return await set_stage(database)


@pytest.fixture
async def filling(database: Database, stage: Stage) -> Filling:
    version = await make(database, stage)
    return Filling(database, stage, await call_of(database, stage), version.id)


async def test_a_report_counts_answers_ends_and_where_it_was_left(
    database: Database, stage: Stage, filling: Filling
) -> None:
    await filling.give("f1", "yes")
    for step in ("s1", "s3"):
        await filling.go_on(step)
    for n, answer in enumerate(("no", "no")):
        call = await call_of(database, stage, f"{n + 2}.1")
        one = Filling(database, stage, call, filling.version)
        await one.give("f1", answer)
        await one.go_on("s1")
    async with database.reading() as session:
        version = await session.get_one(ScriptVersion, filling.version)
        told = await storage.scripts.report(session, version, ALWAYS)
        rows = [row async for row in storage.scripts.rows(session, version.id, ALWAYS)]
        never = Period(NOW - timedelta(days=9), NOW - timedelta(days=8))
        nothing = await storage.scripts.report(session, version, never)
    assert (told.begun, told.finished, told.going_on, nothing.begun) == (3, 1, 0, 0)
    assert [(step.key, times) for step, times in told.left] == [("s2", 2)]
    assert [(step.key, times) for step, times in told.ends] == [("s3", 1)]
    assert told.fields[0].answers == (("yes", 1), ("no", 2))
    assert sorted(row.answers["f1"] for row in rows) == ["no", "no", "yes"]


async def test_what_was_answered_stands_in_the_customers_history(
    database: Database, stage: Stage
) -> None:
    version = await make(database, stage)
    zoe = await add_customer(database, "Zoe")
    call = await call_of(database, stage, customer_id=zoe)
    filling = Filling(database, stage, call, version.id)
    await filling.give("f1", "no")
    await filling.go_on("s1")
    await filling.give("f2", "came two days late")
    async with database.reading() as session:
        found = await storage.histories.found(session, zoe, text="two days", limit=9)
        none = await storage.histories.found(session, zoe, sort=Sort.NOTE, limit=9)
    [moment] = found.shown
    assert (moment.sort, moment.what.script) == (Sort.SCRIPT, "Survey")
    assert ("What went wrong?", "came two days late") in [one[:2] for one in moment.what.answers]
    assert not none.shown
