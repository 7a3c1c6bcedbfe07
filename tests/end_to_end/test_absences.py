"""The long absences: an evening of every story that nobody heard, a call over many restarts."""

import asyncio
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from stage.awaits import back_again, gap_when, pbx_at, seat, stored_calls, written

import storage.recoveries
from fixtures.house import house
from lab import layout, oracle
from lab.layout import Queue
from lab.pbx import Pbx
from lab.softphones import desks
from lab.stories import Play, playable
from lab.stories.casts import Cast, conversation
from pbx_bridge.call import CallState
from storage.database import Database
from storage.gaps import GapState
from web.journey.books import recovery

pytestmark = [pytest.mark.asterisk, pytest.mark.prove, pytest.mark.timeout(300)]

AT_ONCE = 24
RESTARTS = 5


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recovery, "PASSES", tuple(timedelta(seconds=s) for s in (1, 5, 10)))
    monkeypatch.setattr(recovery, "LATER", timedelta(seconds=1))


@pytest.mark.bar(21)
async def test_an_evening_that_nobody_heard_is_told_whole(
    pbx: Pbx, database: Database, tmp_path: Path, proof
) -> None:
    async with house(database, tmp_path, pbx_at(pbx, ())) as made:
        await seat(made, "cyd", layout.agents())
        await asyncio.sleep(recovery.LOOK_SECONDS * 2)  # it is known that the PBX was heard
    stage = asyncio.Semaphore(AT_ONCE)

    async def play(story: Play) -> Cast:
        async with stage:
            return await story(pbx)

    await asyncio.gather(*map(play, playable(pbx.version).values()))
    await pbx.idle()
    async with back_again(made):
        gap = await gap_when(database, lambda g: g.state is GapState.FILLED)
    calls = await stored_calls(database)
    unlike = oracle.differences(calls, written(pbx))
    async with database.reading() as session:
        marked = await storage.recoveries.among(session, [call.id for call in calls])
    assert gap.recovered == len(calls) == len(marked)
    proof.tried(len(calls), len(unlike), of="calls while Ringbook was off")
    assert unlike == []


@pytest.mark.bar(21)
async def test_a_call_over_many_restarts_is_one_call(
    pbx: Pbx, queue: Queue, database: Database, tmp_path: Path, proof
) -> None:
    async with desks(pbx) as room:
        async with house(database, tmp_path, pbx_at(pbx, queue.agents)) as made:
            talk = await conversation(room, "+442071230911", queue.agents[0])
            await asyncio.sleep(2)
        for _ in range(RESTARTS):
            async with back_again(made) as running:
                await _hears(running)
                await asyncio.sleep(2)
        async with back_again(made) as running:
            await _hears(running)
            await talk.end()
            await pbx.idle()
            await gap_when(database, lambda g: g.state is GapState.FILLED)
    [call] = await stored_calls(database)
    assert call.state is CallState.ENDED
    assert Counter(segment.kind for segment in call.segments)["talk"] == 1
    assert oracle.differences([call], written(pbx)) == []
    proof.tried(RESTARTS + 1, of="restarts while a call was up")


async def _hears(running) -> None:
    async with asyncio.timeout(30):
        while [link.status for link in running.bridge.links()] != ["connected"]:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
