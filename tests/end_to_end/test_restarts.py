"""Asterisk begins anew with calls up: none stays open, each is told once, the link comes back."""

import asyncio
import time
from collections.abc import Callable, Collection
from datetime import timedelta
from pathlib import Path

import pytest
from stage.awaits import gap_when, pbx_at, stored_calls, written

import storage.calls
import storage.recoveries
from fixtures.house import House, house
from fixtures.screens import Screen, screen
from lab import oracle
from lab.layout import Queue
from lab.pbx import Pbx
from lab.softphones import desks
from lab.stories.casts import conversation
from pbx_bridge.call import Call, CallState
from storage.database import Database
from storage.gaps import GapState
from web.journey.books import recovery

pytestmark = [pytest.mark.asterisk, pytest.mark.bar(8), pytest.mark.timeout(280)]
SOON = 15.0
LATE = "+442071236199"


@pytest.fixture(autouse=True)
def books_are_read_soon(monkeypatch) -> None:
    monkeypatch.setattr(recovery, "PASSES", tuple(timedelta(seconds=s) for s in (1, 2, 3)))
    monkeypatch.setattr(recovery, "LATER", timedelta(seconds=1))
    monkeypatch.setattr(oracle, "NEAR", 1.1)  # of what is up, Asterisk lists whole seconds


@pytest.mark.parametrize("count", [4, pytest.param(30, marks=pytest.mark.prove)])
async def test_a_restart_now_leaves_no_call_open(
    pbx: Pbx, queue: Queue, database: Database, tmp_path: Path, proof, count: int
) -> None:
    async with desks(pbx) as room, house(database, tmp_path, pbx_at(pbx, queue.agents)) as made:
        numbers = [f"+4420712361{n:02}" for n in range(count)]
        for number in numbers:
            await conversation(room, number, pbx.agent())
        await _up(made, _talking(numbers))
        token = await made.token("ann", "live")
        async with screen(made.settings.live_url, token) as at_ann:
            process = pbx._process
            await pbx.restarted("now")
            assert process is pbx._process
            assert process.returncode is None
            up_at = time.monotonic()
            late = asyncio.create_task(conversation(room, LATE, pbx.agent()))
            await at_ann.until(lambda s: _links(s)[-1:] == ["connected"] and len(_links(s)) > 1)
            await _up(made, lambda up: not up.keys() & {*numbers})
            proof.measured(
                "from a restarted Asterisk to the last call closed", time.monotonic() - up_at, "s",
                at_most=SOON,
            )  # fmt: skip
            await (await late).end()
            await pbx.idle()
        gap = await gap_when(database, lambda g: g.state is GapState.FILLED)
        await _up(made, lambda up: not up)
        calls = await stored_calls(database)
        assert sorted(call.number for call in calls) == [*numbers, LATE]
        assert oracle.differences(calls, written(pbx)) == []
        marked = [call.number for call in calls if await _marked(made, call)]
        assert len(marked) == gap.recovered + gap.mended
    proof.tried(len(calls), of="calls around a restart now")


async def test_a_graceful_restart_waits_for_the_calls_and_they_are_told_as_they_were(
    pbx: Pbx, queue: Queue, database: Database, tmp_path: Path, proof
) -> None:
    async with desks(pbx) as room, house(database, tmp_path, pbx_at(pbx, queue.agents)) as made:
        numbers = ("+442071236201", "+442071236202")
        up = [await conversation(room, number, pbx.agent()) for number in numbers]
        await _up(made, _talking(numbers))
        restarting = asyncio.create_task(pbx.restarted("gracefully"))
        for one in up:
            await one.end()
        await restarting
        after = await conversation(room, LATE, pbx.agent())
        await after.end()
        await pbx.idle()
        await gap_when(database, lambda g: g.state is GapState.FILLED)
        await _up(made, lambda up: not up)
        calls = await stored_calls(database)
        assert len(calls) == len(up) + 1
        assert oracle.differences(calls, written(pbx)) == []
    proof.tried(len(calls), of="calls around a graceful restart")


def _links(seen: Screen) -> list[str]:
    return [m["data"]["status"] for m in seen.messages if m["type"] == "link.changed"]


async def _up(made: House, are_so: Callable[[dict[str, CallState]], bool]) -> None:
    """Wait until the calls that are up, by number, are so."""
    async with asyncio.timeout(60):
        while True:
            async with made.database.reading() as session:
                lines = await storage.calls.in_progress(session)
            if are_so({line.call.number: line.call.state for line in lines}):
                return
            await asyncio.sleep(0.1)


def _talking(numbers: Collection[str]) -> Callable[[dict[str, CallState]], bool]:
    return lambda up: up == dict.fromkeys(numbers, CallState.TALKING)


async def _marked(made: House, call: Call) -> bool:
    async with made.database.reading() as session:
        return await storage.recoveries.of(session, call.id) is not None
