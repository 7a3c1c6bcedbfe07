"""Silences of recordings are kept with the call, and who asked for them."""

from dataclasses import replace
from uuid import UUID

import pytest

import storage.calls
from fixtures.calls import NOW, Stage, Teller, after, set_stage
from pbx_bridge.call import Call, PauseEnd, RecordingPause
from pbx_bridge.ids import uuid7
from storage import recording_pauses
from storage.database import Database
from storage.recording_pauses import Cause, Outcome, What, Window, Wish
from web.journey.stored import call_of

ONE, TWO = UUID(int=1), UUID(int=2)


@pytest.fixture
async def stage(database: Database) -> Stage:
    return await set_stage(database)


def paused(call: Call, *pauses: RecordingPause) -> Call:
    recording = replace(call.recordings[0], started_at=after(10), pauses=pauses)
    return replace(call, recordings=(recording,), revision=call.revision + 1)


async def windows(database: Database, call: Call) -> list[Window]:
    async with database.reading() as session:
        story = await storage.calls.get(session, call.id)
        found = await recording_pauses.windows(session, story.recordings)
    return found.get(call.recordings[0].id, [])


async def test_windows_are_seconds_of_the_recording_with_who_asked(
    database: Database, stage: Stage
) -> None:
    told = Teller(stage.pbx).ended()
    first = RecordingPause(id=ONE, started_at=after(20), ended_at=after(32.5), end=PauseEnd.RESUMED)
    second = RecordingPause(id=TWO, started_at=after(40))
    async with database.writing() as session:
        for call in (told, paused(told, first), paused(told, first, second)):
            await storage.calls.save(session, call, context=stage.context())
        asked = Wish(
            id=uuid7(NOW), call_id=told.id, what=What.PAUSE, cause=Cause.HAND,
            user_id=stage.users[1], asked_at=NOW, outcome=Outcome.UNCONFIRMED,
        )  # fmt: skip
        await recording_pauses.keep(session, asked, told.id)
        await recording_pauses.keep(
            session, replace(asked, outcome=Outcome.CONFIRMED, pauses=(ONE,)), told.id
        )
        ended = replace(
            asked,
            id=uuid7(NOW),
            what=What.RESUME,
            asked_at=after(9),
            cause=Cause.LIMIT,
            user_id=None,
            pauses=(ONE,),
        )
        await recording_pauses.keep(session, ended, told.id)
    known, other = await windows(database, told)
    assert (known.start, known.stop, known.end) == (10.0, 22.5, PauseEnd.RESUMED)
    assert (known.cause, known.end_cause, known.end_by) == (Cause.HAND, Cause.LIMIT, "")
    assert known.by
    assert (other.start, other.stop, other.cause, other.by) == (30.0, None, None, "")
    async with database.reading() as session:
        story = await storage.calls.get(session, told.id)
        [parts] = await storage.calls.parts(session, [told.id])
        asked_in = await recording_pauses.orders(session, [told.id])
    assert call_of(story).recordings[0].pauses == (first, second)
    assert call_of(parts).recordings[0].pauses == (first, second)
    assert [(o.outcome, o.what) for o, _name in asked_in[told.id]] == [
        (Outcome.CONFIRMED, What.PAUSE), (Outcome.UNCONFIRMED, What.RESUME),
    ]  # fmt: skip


async def test_a_call_that_is_told_without_its_pauses_keeps_them(
    database: Database, stage: Stage
) -> None:
    told = Teller(stage.pbx).ended()
    pause = RecordingPause(id=ONE, started_at=after(20), ended_at=after(30), end=PauseEnd.OVER)
    async with database.writing() as session:
        await storage.calls.save(session, paused(told, pause), context=stage.context())
        again = replace(told, revision=told.revision + 5)
        await storage.calls.save(session, again, context=stage.context())
    assert [w.id for w in await windows(database, told)] == [ONE]


async def test_orders_follow_a_call_that_became_another(database: Database, stage: Stage) -> None:
    older, newer = Teller(stage.pbx, tag="1.1").ended(), Teller(stage.pbx, tag="2.1").ended()
    async with database.writing() as session:
        for call in (older, newer):
            await storage.calls.save(session, call, context=stage.context())
        wish = Wish(
            id=uuid7(NOW), call_id=newer.id, what=What.PAUSE, cause=Cause.API,
            user_id=None, asked_at=NOW, outcome=Outcome.REFUSED, why="Cannot set mute flag",
        )  # fmt: skip
        await recording_pauses.keep(session, wish, newer.id)
    async with database.writing() as session:
        await storage.calls.join(session, older.id, newer.id)
    async with database.reading() as session:
        found = await recording_pauses.orders(session, [older.id])
    assert [(o.why, name) for o, name in found[older.id]] == [("Cannot set mute flag", "")]
