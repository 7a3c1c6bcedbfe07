"""What agents were for the queues, from when to when."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

import storage.presences
import storage.queues
from fixtures.calls import Stage, set_stage
from pbx_bridge.ids import uuid7
from pbx_bridge.presences import AgentState, Source
from storage.audit import AuditEntry
from storage.database import Database
from storage.errors import Refused
from storage.presences import Interval, PresenceRecord

NINE = datetime(2026, 11, 28, 9, tzinfo=UTC)


def interval(stage: Stage, minute: int, state: AgentState, **more: object) -> Interval:
    at = NINE + timedelta(minutes=minute)
    told = {"queue": None, "reason": "", "source": Source.DESK, **more}
    return Interval(
        id=uuid7(at), user_id=stage.users[0], pbx_id=stage.pbx, extension="101", state=state,
        began_at=at, **told,
    )  # fmt: skip


async def rows(database: Database, user: UUID, *, since: int, until: int) -> list[PresenceRecord]:
    async with database.reading() as session:
        return list(
            await storage.presences.of_user(
                session,
                user,
                since=NINE + timedelta(minutes=since),
                until=NINE + timedelta(minutes=until),
            )
        )


async def test_a_period_shows_what_lasted_in_it(database: Database) -> None:
    stage = await set_stage(database)
    free = interval(stage, 0, AgentState.AVAILABLE, source=None)
    lunch = interval(stage, 10, AgentState.PAUSED, reason="Lunch" * 99)
    queue = interval(stage, 10, AgentState.PAUSED, queue="sales", reason="Lunch")
    ends = {free.id: lunch.began_at}
    async with database.writing() as session:
        await storage.presences.write(session, [free, lunch], {})
        await storage.presences.write(session, [queue], ends)
    found = await rows(database, stage.users[0], since=0, until=60)
    assert [(r.state, r.queue, r.ended_at) for r in found] == [
        (AgentState.AVAILABLE, None, lunch.began_at),
        (AgentState.PAUSED, None, None),
        (AgentState.PAUSED, "sales", None),
    ]
    assert (found[0].source, found[1].source, len(found[1].reason)) == (None, Source.DESK, 200)
    assert [r.id for r in await rows(database, stage.users[0], since=10, until=60)] == [
        lunch.id,
        queue.id,
    ]
    assert [r.id for r in await rows(database, stage.users[0], since=0, until=10)] == [free.id]
    assert await rows(database, stage.users[1], since=0, until=60) == []


async def test_an_interval_may_begin_and_end_in_one_writing(database: Database) -> None:
    stage = await set_stage(database)
    ring = interval(stage, 0, AgentState.RINGING)
    async with database.writing() as session:
        await storage.presences.write(session, [ring], {ring.id: NINE + timedelta(seconds=5)})
        await storage.presences.write(session, [], {})
    [row] = await rows(database, stage.users[0], since=-1, until=1)
    assert row.ended_at == NINE + timedelta(seconds=5)


async def test_what_was_open_when_we_stopped_ends_when_the_pbx_was_heard_last(
    database: Database,
) -> None:
    stage = await set_stage(database)
    heard = NINE + timedelta(minutes=20)
    before, after = (interval(stage, minute, AgentState.AVAILABLE) for minute in (0, 30))
    async with database.writing() as session:
        await storage.presences.write(session, [before, after], {})
        await storage.presences.break_off(session, stage.pbx, at=heard)
    async with database.reading() as session:
        ends = dict(
            (await session.execute(select(PresenceRecord.id, PresenceRecord.ended_at))).all()
        )
    assert ends == {before.id: heard, after.id: after.began_at}


async def test_a_queue_says_how_long_its_agents_wrap_up(database: Database) -> None:
    stage = await set_stage(database)
    async with database.writing() as session:
        queue = await storage.queues.ensure(session, stage.pbx, "help")
        assert (queue.wrap_up_seconds, queue.wrap_up_pauses, queue.agents_log_in) == (
            0,
            False,
            False,
        )
        await storage.queues.arrange(
            session, queue.id, wrap_up_seconds=30, wrap_up_pauses=True, agents_log_in=True, by=None
        )
    async with database.reading() as session:
        again = await storage.queues.get(session, queue.id)
        assert (again.wrap_up_seconds, again.wrap_up_pauses, again.agents_log_in) == (
            30,
            True,
            True,
        )
        assert "queue.arranged" in set(await session.scalars(select(AuditEntry.action)))
    for seconds in (-1, 3601):
        with pytest.raises(Refused):
            async with database.writing() as session:
                await storage.queues.arrange(
                    session, queue.id, wrap_up_seconds=seconds, wrap_up_pauses=False,
                    agents_log_in=False, by=None,
                )  # fmt: skip


async def test_what_is_written_again_is_the_same(database: Database) -> None:
    stage = await set_stage(database)
    free = interval(stage, 0, AgentState.AVAILABLE)
    async with database.writing() as session:
        await storage.presences.write(session, [free], {})
    lunch = interval(stage, 10, AgentState.PAUSED)
    async with database.writing() as session:
        await storage.presences.write(session, [free, lunch], {free.id: lunch.began_at})
    found = await rows(database, stage.users[0], since=0, until=60)
    assert [(r.id, r.ended_at) for r in found] == [(free.id, lunch.began_at), (lunch.id, None)]
