"""A link that goes silent without an end: it is noticed, told, and nothing is left behind.

Seen red with a link that takes four unanswered pings for a silence, not two.
"""

import asyncio
from pathlib import Path

import pytest

from chaos import rigs
from fixtures.screens import Screen
from lab import sipp
from lab.layout import Kind
from lab.pbx import Pbx

pytestmark = [pytest.mark.asterisk, pytest.mark.bar(4)]
DETECTED, SHOWN = 10.0, 12.0  # seconds at most


def _is_down(screen: Screen) -> dict | None:
    news = [m["data"] for m in screen.messages if m["type"] == "link.changed"]
    return news[-1] if news and news[-1]["status"] == "down" else None


def _is_up(screen: Screen) -> bool:
    news = [m["data"] for m in screen.messages if m["type"] == "link.changed"]
    return bool(news) and news[-1]["status"] == "connected"


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    "silences",
    [
        pytest.param((11.0,), id="once"),
        pytest.param((60.0, 12.0, 12.0, 12.0), id="often", marks=pytest.mark.prove),
    ],
)
async def test_a_silent_link_is_told_in_time_and_no_call_is_lost(
    silences, sqlite_template: Path, tmp_path: Path, proof
):
    loop = asyncio.get_running_loop()
    detected, shown, healed = [], [], []
    async with Pbx(22) as pbx:
        queue = pbx.queue(Kind.RINGALL)
        first, second = queue.agents
        extension, quiet = pbx.agent(), pbx.agent()
        async with (
            rigs.rig(pbx, tmp_path, sqlite_template, phones=queue.agents) as rig,
            rig.screen() as ann,
            sipp.phone(pbx, first, answers_after=0.5),
            sipp.phone(pbx, second),
            sipp.phone(pbx, extension, answers_after=0.5),
            sipp.phone(pbx, quiet),
        ):
            for number, silence in enumerate(silences):
                async with asyncio.TaskGroup() as group:
                    for digit, (dial, talk) in enumerate(
                        ((queue.number, silence / 2), (extension, silence + 5))
                    ):
                        caller = f"+4420712300{number}{digit}"
                        group.create_task(
                            sipp.caller(pbx, number=caller, dial=dial, hang_up_after=talk)
                        )
                    await rigs.until(lambda: _talking(rig) == 2)
                    rig.proxy.stall()
                    begun = loop.time()
                    detected.append(await rigs.until(lambda: rig.link().status == "down"))
                    news = await ann.until(_is_down, seconds=30)
                    shown.append(loop.time() - begun)
                    assert "answered nothing" in news["why"]
                    group.create_task(  # begins and ends unheard
                        sipp.caller_who_gives_up(
                            pbx, number=f"+4420712300{number}9", dial=quiet, after=1
                        )
                    )
                    await asyncio.sleep(begun + silence - loop.time())
                    rig.proxy.resume()
                    begun = loop.time()
                    await ann.until(_is_up, seconds=60)
                    healed.append(loop.time() - begun)
            zombies, _ = await rig.settled()
            told, _, wrong = await rig.told()
    proof.measured("detected within", max(detected), "s", at_most=DETECTED)
    proof.measured("on the screens within", max(shown), "s", at_most=SHOWN)
    proof.measured("linked again after the network was back", max(healed), "s")
    proof.measured("calls open after the last channel", zombies, "s", at_most=rigs.ZOMBIE_SECONDS)
    proof.tried(len(silences), of="silences")
    proof.measured("each call told once after the last channel", told, "s")
    proof.tried(3 * len(silences), len(wrong), of="calls in a silence")


def _talking(rig: rigs.Rig) -> int:
    return sum(call.answered_at is not None for call in rig.open())
