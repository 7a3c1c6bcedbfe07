"""Asterisk dies with calls up: they are over soon after it is back, and told once."""

import asyncio
import time
from datetime import timedelta
from pathlib import Path

import pytest
from stage.awaits import gap_when, pbx_at, stored_calls

import storage.calls
import storage.gaps
from fixtures.house import House, house
from fixtures.screens import Screen, screen
from lab.layout import Queue
from lab.pbx import Pbx
from lab.softphones import desks
from lab.stories.casts import conversation
from pbx_bridge.call import CallState
from storage.database import Database
from storage.gaps import GapState
from web.journey.books import recovery
from web.live.view import View

pytestmark = pytest.mark.asterisk

SOON = 15.0


@pytest.mark.bar(7)
@pytest.mark.parametrize("count", [6, pytest.param(50, marks=pytest.mark.prove)])
async def test_calls_that_died_with_asterisk_are_over_soon_after_it_is_back(
    pbx: Pbx, queue: Queue, database: Database, tmp_path: Path, monkeypatch, proof, count: int
) -> None:
    monkeypatch.setattr(recovery, "PASSES", tuple(timedelta(seconds=s) for s in (1, 2, 3)))
    monkeypatch.setattr(recovery, "LATER", timedelta(seconds=1))
    async with desks(pbx) as room, house(database, tmp_path, pbx_at(pbx, queue.agents)) as made:
        for n in range(count):
            await conversation(room, f"+4420712360{n:02}", pbx.agent())
        await _talking(made, count)
        live = made.settings.live_url
        async with screen(live, await made.token("ann", "live")) as at_ann:
            await at_ann.until(lambda s: _phones(s) == {"idle"})
            killed_at = time.monotonic()
            await pbx.killed()
            await at_ann.until(lambda s: _phones(s) == {"unknown"})
            await pbx.up_again()
            up_at = time.monotonic()
            await _talking(made, 0)
            closed_at = time.monotonic()
            await at_ann.until(lambda s: _phones(s) == {"idle"})
        proof.measured("from Asterisk's death to the last call closed", closed_at - killed_at, "s")
        proof.measured("from Asterisk up again to that", closed_at - up_at, "s", at_most=SOON)
        gap = await gap_when(database, lambda g: g.state is GapState.FILLED)
        calls = await stored_calls(database)
        assert gap.recovered == 0
        assert all(call.state is CallState.ENDED for call in calls)
        proof.tried(count, abs(len(calls) - count), of="calls up when Asterisk was killed")


def _phones(seen: Screen) -> set[str]:
    view = View()
    for message in seen.messages:
        if message["type"] == "snapshot":
            view = View.of(message["data"])
        view.apply(message["type"], message["data"])
    return {phone["state"] for phone in view.phones.values()}


async def _talking(made: House, count: int) -> None:
    async with asyncio.timeout(60):
        while True:
            async with made.database.reading() as session:
                lines = await storage.calls.in_progress(session)
            if len(lines) == count and all(line.call.state is CallState.TALKING for line in lines):
                return
            await asyncio.sleep(0.1)
