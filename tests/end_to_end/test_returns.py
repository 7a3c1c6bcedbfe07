"""A server that is killed, a proxy that cuts and refuses: every screen is back within 5 seconds."""

import asyncio
import os
import random
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from aiohttp import ClientSession

from chaos.proxy import Proxy
from fixtures.cast import add_user
from fixtures.house import House, PbxAt, furnished
from fixtures.nodes import Node, nodes
from fixtures.offices import RINGS, Play, phones_of
from pbx_bridge.simulator import Caller, Simulator, stories
from storage import migrations
from storage.database import Database
from storage.secrets import new_key
from web.cli.live import Follower
from web.config import Settings
from web.live.messages import Kind

PROVING = "RINGBOOK_PROVE" in os.environ
SOCKETS, KILLS, CUTS = (100, 10, 10) if PROVING else (20, 1, 1)
EACH = 10  # sockets of one user
BACK = 5.0  # seconds
BESIDE = 1.0 if PROVING else 3.0  # times that, since the machine may do other things
REFUSING = 4.0  # seconds in which half of the handshakes are refused
SEED = 20261128

pytestmark = [pytest.mark.bar(25), pytest.mark.timeout(1200 if PROVING else 240)]


class Seen(Follower):
    """A program's screen; when it was let in, and which cards it had."""

    def __init__(self, url: str, token: str) -> None:
        super().__init__(url, token, lambda _: None)
        self.let_in: list[float] = []
        self.opened: list[str] = []

    @property
    def pops(self) -> set[str]:
        return set(self._view.pops)

    def _hear(self, message) -> bool:
        if message["type"] in {Kind.SNAPSHOT, Kind.RESUMED}:
            self.let_in.append(time.monotonic())
        if message["type"] == Kind.POP_OPENED:
            self.opened.append(message["data"]["id"])
        return super()._hear(message)

    def since(self, moment: float) -> float | None:
        """Return how long after that moment it was let in, None while it is not."""
        return next((at - moment for at in self.let_in if at >= moment), None)


class Choosy(Proxy):
    """Refuses a share of those who come."""

    share, chance = 0.0, random.Random(SEED)

    @property
    def accepts(self) -> bool:
        return self.chance.random() >= self.share

    @accepts.setter
    def accepts(self, _: bool) -> None:
        pass


@dataclass(slots=True)
class Site:
    """A server, a proxy before its socket, and screens that look through it."""

    made: House
    node: Node
    proxy: Choosy
    pbx: Simulator
    http: ClientSession
    screens: list[Seen]

    def ring(self, number: str) -> Play:
        story = stories.answered_in_queue(
            self.pbx.exchange, Caller(number, ""), "sales", phones_of(("101", "102")),
            dialled="4000", winner=1, ring=1, talk=1,
        )  # fmt: skip
        play = Play(self.pbx, story)
        play.go(RINGS)
        return play

    async def all_back(self, since: float, patience: float = 60.0) -> list[float]:
        """Wait until every screen was let in after that moment; gives how long it took each."""
        async with asyncio.timeout(patience):
            while None in (took := [one.since(since) for one in self.screens]):  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        return [seconds for seconds in took if seconds is not None]

    async def show(self, count: int) -> None:
        """Wait until each of ann's screens shows so many cards, and each of the others none."""
        async with asyncio.timeout(15):
            while any(len(one.pops) != count for one in self.screens[:EACH]):  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        assert not any(one.pops for one in self.screens[EACH:])


@asynccontextmanager
async def site(folder: Path) -> AsyncIterator[Site]:
    async with AsyncExitStack() as stack:
        base = await stack.enter_async_context(Database(f"sqlite+aiosqlite:///{folder}/base.db"))
        await migrations.upgrade(base)
        pbx = Simulator("ringbook", "secret", folder, {"sales": phones_of(("101", "102"))})
        await stack.enter_async_context(pbx.serving())
        settings = Settings(
            secret_key=new_key(), data_dir=folder / "data",
            database_url=base.url.render_as_string(hide_password=False),
        )  # fmt: skip
        made = await furnished(base, settings, PbxAt(pbx.port, "ringbook", "secret", "", folder))
        logins = ["ann", *(f"other{n}" for n in range(SOCKETS // EACH - 1))]
        for login in logins[1:]:
            made.users[login] = await add_user(base, login, "agent")
        tokens = [await made.token(login, "live") for login in logins]
        [node] = await stack.enter_async_context(nodes(settings, folder, ["one"]))
        http = await stack.enter_async_context(ClientSession())
        await node.start()
        await node.until(http, "ok")
        proxy = await stack.enter_async_context(
            Choosy(node.settings.live_port, seed=SEED, framed=False)
        )
        screens = [
            Seen(f"ws://127.0.0.1:{proxy.port}/", token) for token in tokens for _ in range(EACH)
        ]
        begun = time.monotonic()
        tasks = [asyncio.create_task(one.follow()) for one in screens]
        found = Site(made, node, proxy, pbx, http, screens)
        try:
            await found.all_back(begun)
            yield found
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


def busiest(moments: list[float]) -> int:
    """Return the most that came within one second."""
    return max(sum(at <= other < at + 1.0 for other in moments) for at in moments)


async def test_a_server_that_is_killed_has_all_its_screens_back(tmp_path: Path, proof) -> None:
    took, peaks = [], []
    async with site(tmp_path) as here:
        for kill in range(KILLS):
            call = here.ring(f"+44791{kill:07}")
            await here.show(1)
            here.node.kill()
            assert here.node.process is not None
            await here.node.process.wait()
            killed = time.monotonic()
            await here.node.start()
            ready = await here.node.until(here.http, "ok")
            back = await here.all_back(killed)
            took += [max(0.0, killed + seconds - ready) for seconds in back]
            peaks.append(busiest([killed + seconds for seconds in back]))
            await here.show(1)  # it rings still
            call.answer()
            await here.show(0)
            call.end()
    late = sum(seconds > BACK * BESIDE for seconds in took)
    proof.measured("ready until the last screen is back", max(took), "s", at_most=BACK * BESIDE)
    proof.measured("most screens let in within a second", max(peaks), "screens")
    proof.tried(len(took), late, of="screens of a server that was killed", seed=SEED)


async def test_screens_that_are_cut_off_and_refused_come_back(tmp_path: Path, proof) -> None:
    took, peaks = [], []
    async with site(tmp_path) as here:
        for cut in range(CUTS):
            here.proxy.share = 0.5
            here.proxy.cut()
            call = here.ring(f"+44792{cut:07}")
            began = time.monotonic()
            await asyncio.sleep(REFUSING)
            here.proxy.share = 0.0
            free = time.monotonic()
            back = await here.all_back(began)
            took += [max(0.0, began + seconds - free) for seconds in back]
            peaks.append(busiest([began + seconds for seconds in back]))
            await here.show(1)
            call.answer()
            await here.show(0)
            call.end()
        twice = [
            pop for one in here.screens for pop in set(one.opened) if one.opened.count(pop) > 1
        ]
    proof.measured("let in until the last screen is back", max(took), "s", at_most=BACK * BESIDE)
    late = sum(seconds > BACK * BESIDE for seconds in took)
    proof.measured("most screens let in within a second", max(peaks), "screens")
    assert twice == []
    proof.tried(len(took), late, of="screens that were cut off and refused", seed=SEED)
