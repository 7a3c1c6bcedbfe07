"""Calls that happen while Ringbook is away are all there when it is back: told from the books."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from stage.awaits import back_again, gap_when, pbx_at, seat, stored_calls, written

import storage.agents
import storage.calls
import storage.gaps
import storage.recoveries
from fixtures.house import house
from fixtures.screens import screen
from lab import oracle
from lab.layout import Queue
from lab.pbx import Pbx
from lab.softphones import desks
from lab.stories import STORIES
from lab.stories.casts import conversation
from pbx_bridge.call import Call, CallState
from storage.database import Database
from storage.gaps import Gap, GapState
from storage.recordings import RecordingState
from web.journey.books import recovery

pytestmark = pytest.mark.asterisk

QUICK = tuple(timedelta(seconds=seconds) for seconds in (1, 3, 5))
AWAY = ("blind_twice", "abandoned_in_queue", "outgoing_answered")


@pytest.mark.bar(21)
async def test_what_happened_while_we_were_away_is_there_once_and_right(
    pbx: Pbx, queue: Queue, database: Database, tmp_path: Path, monkeypatch, proof
) -> None:
    monkeypatch.setattr(recovery, "PASSES", QUICK)
    monkeypatch.setattr(recovery, "LATER", timedelta(seconds=1))
    first, second = queue.agents
    async with desks(pbx) as room:
        async with house(database, tmp_path, pbx_at(pbx, queue.agents)) as made:
            ends = await conversation(room, "+442071230901", first)
            goes_on = await conversation(room, "+442071230902", second)
            await _talking(database, made.pbx_id, 2)
        await ends.end()
        casts = await asyncio.gather(*(STORIES[name](pbx) for name in AWAY))
        await seat(made, "cyd", [agent for cast in casts for agent in cast.agents])
        async with back_again(made):
            async with screen(made.settings.live_url, await made.token("cyd", "live")) as at_cyd:
                gap = await gap_when(database, lambda g: g.recovered == len(AWAY))
                assert gap.in_progress == 1
                await goes_on.end()
                await pbx.idle()
                gap = await gap_when(database, lambda g: g.state is GapState.FILLED)
                assert not at_cyd.pops
                assert not at_cyd.closed
            assert (gap.recovered, gap.in_progress) == (len(AWAY), 0)
            assert gap.mended + gap.unchanged == 2
            calls = await stored_calls(database)
            legs = [(call.number, [leg.channel for leg in call.legs]) for call in calls]
            assert len(calls) == len(AWAY) + 2, legs
            assert all(call.state is CallState.ENDED for call in calls)
            assert oracle.differences(calls, written(pbx)) == []
            proof.tried(len(calls), of="calls that a gap touched")
            await _sound_is_kept(database, calls)
            await _nothing_changes_when_filled_again(database, gap, calls)
    recovered = {call.number for call in calls if await _is_marked(database, call.id)}
    assert {cast.number for cast in casts} <= recovered


async def _talking(database: Database, pbx_id: UUID, count: int) -> None:
    async with asyncio.timeout(30):
        while True:
            async with database.reading() as session:
                lines = await storage.calls.in_progress(session)
            if sum(line.call.state is CallState.TALKING for line in lines) == count:
                return
            await asyncio.sleep(0.1)


async def _sound_is_kept(database: Database, calls: Sequence[Call]) -> None:
    """What a call that came in or went out was recorded to is fetched, though nobody heard so."""
    async with asyncio.timeout(30):
        while True:
            async with database.reading() as session:
                found = await storage.calls.parts(session, [call.id for call in calls])
            states = [[one.state for one in parts.recordings] for parts in found]
            if RecordingState.PENDING not in {state for each in states for state in each}:
                break
            await asyncio.sleep(0.2)
    assert [len(each) for each in states] == [1] * len(calls)
    assert RecordingState.READY in {state for each in states for state in each}


async def _nothing_changes_when_filled_again(
    database: Database, gap: Gap, before: Sequence[Call]
) -> None:
    async with database.writing() as session:
        await storage.gaps.fill_again(session, gap.id, by=None)
    again = await gap_when(database, lambda g: g.state is GapState.FILLED and g.times_filled > 0)
    assert (again.recovered, again.mended) == (gap.recovered, gap.mended)
    assert await stored_calls(database) == list(before)


async def _is_marked(database: Database, call: UUID) -> bool:
    async with database.reading() as session:
        return await storage.recoveries.of(session, call) is not None
