"""Ringbook's process is frozen while calls go on: none is lost, and no dead call rings late.

Seen red with cards that nobody takes away when their offer ends.
"""

import asyncio
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession
from websockets.asyncio.client import ClientConnection

from chaos import rigs
from chaos.proxy import Proxy
from fixtures.house import House, furnished
from fixtures.nodes import Node, nodes
from fixtures.screens import Screen
from lab import sipp
from lab.layout import Kind
from lab.pbx import Pbx
from storage import migrations
from storage.database import Database
from storage.secrets import new_key
from web.config import Settings

pytestmark = [pytest.mark.asterisk, pytest.mark.timeout(280)]
FROZEN, CROWD = (30.0, 200) if "RINGBOOK_PROVE" in os.environ else (10.0, 50)
LATE = 1.0  # seconds for which a card may ring whose call is over


class Timed(Screen):
    """A screen that notes for how long each card rang, and who called."""

    def __init__(self, socket: ClientConnection) -> None:
        super().__init__(socket)
        self.rang: dict[str, tuple[str, float, float]] = {}  # card → caller, from, to

    def _take(self, message: dict[str, Any]) -> None:
        super()._take(message)
        now = time.monotonic()
        for card in self.pops.values():
            if card["state"] == "ringing":
                _, begun, _ = self.rang.get(card["id"], ("", now, now))
                self.rang[card["id"]] = (card["number"]["written"], begun, now)
        gone = message["data"].get("id", "")
        if gone in self.rang and gone not in self.pops:
            caller, begun, _ = self.rang[gone]
            self.rang[gone] = (caller, begun, now)


@asynccontextmanager
async def frozen_house(
    pbx: Pbx, proxy: Proxy, phones: tuple[str, ...], folder: Path
) -> AsyncIterator[tuple[House, Node]]:
    """Furnish a Ringbook that runs in a process of its own."""
    async with Database(f"sqlite+aiosqlite:///{folder}/ringbook.sqlite3") as base:
        await migrations.upgrade(base)
        settings = Settings(
            secret_key=new_key(), data_dir=folder / "data",
            database_url=base.url.render_as_string(hide_password=False),
        )  # fmt: skip
        made = await furnished(base, settings, rigs.behind(proxy, pbx, phones))
        async with nodes(settings, folder, ["one"]) as [node], ClientSession() as http:
            await node.start()
            await node.until(http, "ok")
            yield made, node


async def _keep_calling(pbx: Pbx, dial: str, until: float) -> dict[str, float]:
    """Call again and again; gives who called, and when that was over."""
    over: dict[str, float] = {}
    while time.monotonic() < until:
        caller = f"+4420788{len(over):05}"
        await sipp.caller(pbx, number=caller, dial=dial, hang_up_after=1)
        over[caller] = time.monotonic()
    return over


@pytest.mark.bar(5)
async def test_a_frozen_bridge_loses_no_call_and_rings_for_none_that_is_over(tmp_path: Path, proof):
    async with Pbx(22) as pbx, Proxy(pbx.port) as proxy:
        queue = pbx.queue(Kind.RINGALL)
        first, second = queue.agents
        async with (
            frozen_house(pbx, proxy, queue.agents, tmp_path) as (made, node),
            rigs.watching(node.live, await made.token("ann", "live"), Timed) as ann,
            rigs.watching(node.live, await made.token("ben", "live"), Timed) as ben,
            sipp.phone(pbx, first, answers_after=0.5),
            sipp.phone(pbx, second),
            sipp.crowd(pbx, count=CROWD, dial="7000"),
        ):
            end = time.monotonic() + FROZEN + 6
            calling = asyncio.create_task(_keep_calling(pbx, queue.number, end))
            await ben.until(lambda s: len(s.rang) >= 2)
            logins = proxy.connections
            node.freeze()
            await asyncio.sleep(FROZEN)
            node.thaw()
            thawed = time.monotonic()
            over = await calling
            last = max(over)
            await ben.until(lambda s: last in {caller for caller, *_ in s.rang.values()})
            caught_up = time.monotonic() - thawed
            await pbx.cli("channel request hangup all")
            rig = rigs.Rig(pbx, proxy, made)
            zombies, _ = await rig.settled()
            _, calls, wrong = await rig.told()
            cards = [*ann.rang.values(), *ben.rang.values()]
            dropped = proxy.connections - logins
    dead = [end - begun for caller, begun, end in cards if over[caller] < thawed < begun]
    assert sum(thawed - FROZEN < at < thawed for at in over.values()) >= 3
    proof.measured("dropped by Asterisk in the freeze", dropped, "times")
    proof.measured(
        "a card of a call that was over rang for", max(dead, default=0), "s", at_most=LATE
    )
    proof.measured("calls open after the last channel", zombies, "s", at_most=rigs.ZOMBIE_SECONDS)
    proof.measured("last card after the thaw", caught_up, "s")
    proof.tried(len(calls), len(wrong), of="calls around a freeze")
