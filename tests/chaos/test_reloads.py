"""A PBX that is reloaded and restarted while it works: what Ringbook knows is what the PBX says.

Seen red with queues that take every member for one who does not pause.
"""

import asyncio
from collections import Counter
from pathlib import Path

import pytest

from chaos import rigs
from chaos.proxy import Proxy
from lab import sipp
from lab.ami import headers
from lab.layout import Kind
from lab.pbx import Pbx
from pbx_bridge import commands
from pbx_bridge.ami import Link, LinkUp, Message
from pbx_bridge.config import AmiConfig
from pbx_bridge.queues import Queues
from pbx_bridge.translate import INTERESTS, translate

pytestmark = [pytest.mark.asterisk, pytest.mark.bar(8), pytest.mark.timeout(280)]
RELOADS = (
    "manager reload",
    "queue reload all",
    "core reload",
    "module reload app_queue.so",
    "dialplan reload",
)
Standing = tuple[str, str, bool]  # queue, interface, paused


class Board:
    """The queues as Ringbook folds them, fed by a link of its own."""

    def __init__(self, phones: dict[str, str]) -> None:
        self.queues = Queues(phones)
        self._asking: list[asyncio.Task] = []

    async def follow(self, link: Link) -> None:
        """Read the queues anew at each login, as the journey does, and fold all that comes."""
        async for heard in link.listen():
            if isinstance(heard, LinkUp):
                self._asking.append(asyncio.create_task(commands.queue_status(link)))
            elif isinstance(heard, Message) and (event := translate(heard)) is not None:
                self.queues.feed(event)

    def standings(self) -> Counter[Standing]:
        return Counter(
            (queue.name, member.interface, member.paused)
            for queue in self.queues.queues.values()
            for member in queue.members
        )

    def waiting(self) -> int:
        return sum(len(queue.waiters) for queue in self.queues.queues.values())


async def _as_the_pbx_says(pbx: Pbx) -> Counter[Standing]:
    """Ask by another login; nothing of Ringbook reads the answer."""
    before = len(pbx.tap.heard)
    await pbx.tap.ask(Action="QueueStatus")
    async with asyncio.timeout(rigs.SECONDS):
        done = b"Event: QueueStatusComplete\r\n"
        while done not in pbx.tap.heard[before:]:  # noqa: ASYNC110  # the ear has no such event
            await asyncio.sleep(0.02)
    listed = bytes(pbx.tap.heard[before:]).split(b"\r\n\r\n")
    members = [headers(m) for m in listed if m.startswith(b"Event: QueueMember\r\n")]
    return Counter((m["Queue"], m["Location"], m["Paused"] == "1") for m in members)


@pytest.mark.parametrize("rounds", [1, pytest.param(4, marks=pytest.mark.prove)])
async def test_members_are_as_the_pbx_says_through_reloads_and_pauses(rounds, proof):
    drifts = checks = 0
    async with Pbx(22) as pbx, Proxy(pbx.port) as proxy:
        queue = pbx.queue(Kind.RINGALL)
        account = {"username": pbx.username, "secret": pbx.secret, "retry_first": 0.05}
        phones = {f"PJSIP/{agent}": agent for agent in queue.agents}
        board = Board(phones)
        async with Link(AmiConfig(port=proxy.port, **account), interests=INTERESTS) as link:
            following = asyncio.create_task(board.follow(link))
            await link.connected()
            for number in range(rounds * len(RELOADS)):
                interface = f"PJSIP/{queue.agents[number % 2]}"
                await pbx.tap.ask(
                    Action="QueuePause", Interface=interface, Paused=str(number % 3 > 0).lower()
                )
                await pbx.cli(RELOADS[number % len(RELOADS)])
                if number % 4 == 3:
                    proxy.cut()
                truth = await _as_the_pbx_says(pbx)
                checks += len(truth)
                await asyncio.sleep(0.5)
                await rigs.until(lambda: link.state.status == "connected")
                await link.ask({"Action": "Ping"})
                told = await _settled(board, truth)
                drifts += sum((truth - told).values()) + sum((told - truth).values())
        await following
    assert checks > 20 * len(RELOADS)
    proof.tried(checks, drifts, of="members after a reload")


async def _settled(board: Board, truth: Counter[Standing]) -> Counter[Standing]:
    """Give news that is on its way a moment, and drift none."""
    for _ in range(100):
        if board.standings() == truth:
            break
        await asyncio.sleep(0.02)
    return board.standings()


@pytest.mark.parametrize("seconds", [4, pytest.param(60, marks=pytest.mark.prove)])
async def test_no_call_is_lost_in_reloads(seconds, sqlite_template: Path, tmp_path: Path, proof):
    loop = asyncio.get_running_loop()
    reloads = 0
    async with Pbx(22) as pbx:
        queue = pbx.queue(Kind.RINGALL)
        first, second = queue.agents
        async with (
            rigs.rig(pbx, tmp_path, sqlite_template, phones=queue.agents) as rig,
            sipp.phone(pbx, first, answers_after=0.3),
            sipp.phone(pbx, second),
        ):
            begun = loop.time()
            calling = asyncio.create_task(_keep_calling(pbx, queue.number, begun + seconds))
            while loop.time() < begun + seconds:
                await pbx.cli(RELOADS[reloads % len(RELOADS)])
                reloads += 1
                await asyncio.sleep(1.0)
            await calling
            zombies, calls = await rig.settled()
            wrong = rigs.misrecorded(calls, rig.books())
    assert len(calls) >= seconds / 3
    proof.measured("calls open after the last channel", zombies, "s", at_most=rigs.ZOMBIE_SECONDS)
    proof.tried(reloads, of="reloads with calls up")
    proof.tried(len(calls), len(wrong), of="calls through reloads")


async def _keep_calling(pbx: Pbx, dial: str, until: float) -> None:
    number = 0
    while asyncio.get_running_loop().time() < until:
        number += 1
        await sipp.caller(pbx, number=f"+4420799{number:05}", dial=dial, hang_up_after=1.5)
