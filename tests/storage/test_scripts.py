"""Scripts: kept in versions, filled in a call by whoever has it, counted; on both engines."""

import pytest
from sqlalchemy import select

import storage.calls
import storage.histories
import storage.queues
import storage.scripts
import storage.users
from fixtures.calls import NOW, Stage, set_stage
from fixtures.scripts import OUTLINE, Filling, call_of, make
from storage.audit import AuditEntry
from storage.database import Database
from storage.errors import NotFound
from storage.queues import Queue
from storage.rules.scripts import Outline, Step, from_data
from storage.scripts import (
    AnsweredMeanwhile,
    AnswerRefused,
    Script,
    ScriptRun,
    ScriptVersion,
    StepUnfinished,
)


@pytest.fixture
async def stage(database: Database) -> Stage:
    return await set_stage(database)


@pytest.fixture
async def filling(database: Database, stage: Stage) -> Filling:
    version = await make(database, stage)
    return Filling(database, stage, await call_of(database, stage), version.id)


async def test_a_change_is_another_version_and_a_call_keeps_the_one_it_began_with(
    database: Database, stage: Stage, filling: Filling
) -> None:
    await filling.give("f1", "no")
    first = filling.version
    async with database.writing() as session:
        key = (await session.get_one(ScriptVersion, first)).script_id
        other = Outline((Step(key="s1", title="Short", say="Hello"),))
        script = await storage.scripts.save(
            session, key, "Survey", other, version=2, by=None, now=NOW
        )
        second = await storage.scripts.publish(
            session, key, version=script.version, by=None, now=NOW
        )
        again = await storage.scripts.publish(
            session, key, version=script.version, by=None, now=NOW
        )
    assert (second.number, again.id) == (2, second.id)
    assert (await filling.offered()).version.id == first
    later = Filling(database, stage, await call_of(database, stage, "2.1"), second.id)
    assert (await later.offered()).outline == other
    async with database.writing() as session:
        await storage.scripts.withdraw(session, key, by=None)
    assert (await filling.offered()).version.id == first
    async with database.reading() as session:
        assert not await storage.scripts.offered(
            session, later.call.id, pbx_id=stage.pbx, queue="sales"
        )
        assert from_data((await session.get_one(ScriptVersion, first)).outline) == OUTLINE


async def test_the_next_agent_goes_on_with_the_answers_and_sees_who_gave_them(
    stage: Stage, filling: Filling
) -> None:
    await filling.give("f1", "no")
    await filling.go_on("s1")
    await filling.go_on("s1")  # a second click
    await filling.give("f2", "late", by=1)
    found = await filling.offered()
    given = {key: (row.answer, found.names[row.user_id]) for key, row in found.answers.items()}
    async with filling.database.reading() as session:
        ann, ben = [await storage.users.get(session, key) for key in stage.users[:2]]
    assert given == {"f1": ("no", ann.name), "f2": ("late", ben.name)}
    assert (found.stand.at, found.stand.ended) == ("s2", False)
    assert (await filling.offered(queue="support")).run is not None  # sent on to another queue


async def test_two_who_answer_the_same_question_are_told(filling: Filling) -> None:
    await filling.give("f1", "no")
    with pytest.raises(AnsweredMeanwhile) as raised:
        await filling.give("f1", "yes", by=1)
    assert (raised.value.answer, raised.value.version) == ("no", 1)
    await filling.give("f1", "no", by=1)  # the same answer is no quarrel
    await filling.give("f1", "yes", by=1, seen=1)
    assert (await filling.offered()).answers["f1"].version == 2


async def test_an_earlier_answer_that_changes_drops_the_later_ones_until_it_changes_back(
    filling: Filling,
) -> None:
    await filling.give("f1", "no")
    await filling.go_on("s1")
    await filling.give("f2", "late")
    await filling.go_on("s2")
    await filling.go_on("s3")
    assert (await filling.offered()).stand.ended
    await filling.give("f1", "yes", seen=1)
    found = await filling.offered()
    assert found.stand.ended  # it ends there by the shorter way too
    assert {key: row.counts for key, row in found.answers.items()} == {"f1": True, "f2": False}
    await filling.give("f1", "no", seen=2)
    assert (await filling.offered()).answers["f2"].counts


async def test_what_is_needed_is_asked_for_and_what_is_no_answer_is_refused(
    filling: Filling,
) -> None:
    with pytest.raises(StepUnfinished) as raised:
        await filling.go_on("s1")
    assert [field.key for field in raised.value.fields] == ["f1"]
    with pytest.raises(AnswerRefused):
        await filling.give("f1", "perhaps")
    with pytest.raises(NotFound):
        await filling.give("f9", "x")


async def test_answers_follow_a_call_that_becomes_another(
    database: Database, stage: Stage, filling: Filling
) -> None:
    other = Filling(database, stage, await call_of(database, stage, "2.1"), filling.version)
    await filling.give("f1", "yes")
    other.minutes = 5
    await other.give("f1", "no")
    await other.go_on("s1")
    await other.give("f2", "late")
    async with database.writing() as session:
        await storage.calls.join(session, filling.call.id, other.call.id)
    found = await filling.offered()
    assert found.said() == {"f1": "no", "f2": "late"}
    async with database.reading() as session:
        assert len((await session.scalars(select(ScriptRun))).all()) == 1


async def test_a_queue_has_one_script_and_every_deed_has_its_audit_row(
    database: Database, stage: Stage
) -> None:
    first = await make(database, stage)
    second = await make(database, stage, name="Another")
    async with database.reading() as session:
        lines = {line.script.name: line.queues for line in await storage.scripts.listed(session)}
        assert list((await storage.scripts.queues_of(session)).values()) == [second.script_id]
        actions = set(await session.scalars(select(AuditEntry.action)))
        queue = (await session.scalars(select(Queue).where(Queue.name == "sales"))).one()
        assert await session.get(Script, first.script_id)
    assert lines == {"Another": (queue.label,), "Survey": ()}
    assert actions >= {f"script.{w}" for w in ("created", "changed", "assigned", "published")}
