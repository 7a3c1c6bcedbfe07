"""Two hundred calls that are gone at once, by a word or without one: none of them stays on.

Seen red with a tracker that overhears every tenth Hangup.
"""

import asyncio
from pathlib import Path

import pytest

from chaos import rigs
from lab import sipp
from lab.pbx import Pbx

pytestmark = [pytest.mark.asterisk, pytest.mark.bar(20), pytest.mark.timeout(240)]
CROWD, SILENCE = 200, "7000"


async def _up(rig: rigs.Rig) -> int:
    return int((await rig.pbx.cli("core show channels count")).split()[0])


async def _all_there(rig: rigs.Rig) -> None:
    async with asyncio.timeout(rigs.SECONDS):
        while await _up(rig) < CROWD:  # noqa: ASYNC110  # the PBX is asked
            await asyncio.sleep(0.2)
    await rigs.until(lambda: len(rig.open()) == CROWD)


@pytest.mark.parametrize("rounds", [1, pytest.param(5, marks=pytest.mark.prove)])
async def test_a_crowd_that_hangs_up_at_once_leaves_nobody(
    rounds, sqlite_template: Path, tmp_path: Path, proof
):
    slowest = 0.0
    async with Pbx(22) as pbx, rigs.rig(pbx, tmp_path, sqlite_template) as rig:
        for _ in range(rounds):
            async with sipp.crowd(pbx, count=CROWD, dial=SILENCE):
                await _all_there(rig)
                await pbx.cli("channel request hangup all")
                zombies, calls = await rig.settled()
                slowest = max(slowest, zombies)
        wrong = rigs.misrecorded(calls, rig.books())
    assert len(calls) == CROWD * rounds
    proof.measured("calls open after the last channel", slowest, "s", at_most=rigs.ZOMBIE_SECONDS)
    proof.tried(CROWD * rounds, len(wrong), of="calls hung up at once")


@pytest.mark.prove
async def test_a_crowd_that_vanishes_is_up_as_long_as_the_pbx_says_so(
    sqlite_template: Path, tmp_path: Path, proof
):
    """The callers' SIPp is killed: no BYE comes, and the PBX keeps channels that Ringbook shows."""
    async with Pbx(22) as pbx, rigs.rig(pbx, tmp_path, sqlite_template) as rig:
        async with sipp.crowd(pbx, count=CROWD, dial=SILENCE) as callers:
            await _all_there(rig)
            callers.kill()
            await callers.wait()
        assert len(rig.open()) == await _up(rig) == CROWD
        rig.proxy.cut()  # and after a new login, what the PBX lists is still what is up
        await rigs.until(lambda: rig.link().status != "connected")
        await rig.linked()
        await asyncio.sleep(1)
        assert len(rig.open()) == await _up(rig) == CROWD
        await pbx.cli("channel request hangup all")
        zombies, calls = await rig.settled()
        wrong = rigs.misrecorded(calls, rig.books())
    proof.measured("calls open after the last channel", zombies, "s", at_most=rigs.ZOMBIE_SECONDS)
    proof.tried(CROWD, len(wrong), of="calls whose callers vanished")
    assert len(calls) == CROWD
