"""Ten calls a second on a real Asterisk: each is one record, and one card at the agent it rings at.

Lost, doubled and strange cards are held against CEL, and the time from the INVITE (CEL's begin of
the caller's channel) to the card in Chromium's page is taken.
"""

import asyncio
import math
import os
import time
from collections import Counter
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiohttp import ClientSession
from playwright.async_api import Page, expect
from websockets.asyncio.client import ClientConnection

import storage.agents
from chaos import rigs
from chaos.proxy import Proxy
from fixtures.cast import add_user
from fixtures.chromium import chromium, person
from fixtures.house import House, furnished
from fixtures.nodes import Node, nodes
from fixtures.screens import Screen
from lab import flows, oracle, sipp
from lab.pbx import Pbx
from storage import migrations
from storage.database import Database
from storage.secrets import new_key
from web.config import Settings

PROVING = "RINGBOOK_PROVE" in os.environ
SECONDS = 600 if PROVING else 8
AGENTS, A_SECOND = (20, 10.0) if PROVING else (4, 4.0)
UP = 100 if PROVING else 20  # calls that are up all the time; the lab has sound for 200 channels
ANSWERING = 4  # each fourth agent's phone answers; at the others callers give up
RINGS, TALKS = 1.5, 1.0  # seconds
WATCHED = 2  # agents before a real browser, at whose phones callers give up
P99 = 0.5 if PROVING else 5.0  # seconds
PREFIX = "+44791"

pytestmark = [
    pytest.mark.asterisk, pytest.mark.browser, pytest.mark.alone, pytest.mark.bar(1),
    pytest.mark.timeout(SECONDS + 600),
]  # fmt: skip

SPY = """() => { window.shown = {};
  const look = () => { for (const pop of document.querySelectorAll('.pop, #pops-more li')) {
    window.shown[pop.dataset.pop] ??= Date.now() / 1000;
  } };
  const desk = document.getElementById('desk');
  new MutationObserver(look).observe(desk, { childList: true, subtree: true }); }"""


class Counted(Screen):
    """Counts which cards were opened, and whose."""

    def __init__(self, socket: ClientConnection) -> None:
        super().__init__(socket)
        self.cards: Counter[str] = Counter()
        self.callers: Counter[str] = Counter()
        self.numbers: dict[str, str] = {}  # of the callers, by card

    def _take(self, message: dict) -> None:
        super()._take(message)
        del self.messages[:-1]
        if message["type"] == "pop.opened":
            card = message["data"]
            self.cards[card["id"]] += 1
            self.numbers[card["id"]] = card["number"]["written"]
            self.callers[card["number"]["written"]] += self.cards[card["id"]] == 1


def prefix(agent: int) -> str:
    return f"{PREFIX}{agent + 10}"


def worked(node: Node) -> float:
    """Return the processor time that the process has taken, in seconds."""
    assert node.process is not None
    fields = Path(f"/proc/{node.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def seated(made: House, phones: list[str]) -> list[str]:
    """Seat an agent at each phone; gives their logins."""
    logins = [f"busy{n}" for n in range(len(phones))]
    for login, phone in zip(logins, phones, strict=True):
        user = made.users[login] = await add_user(made.database, login, "agent")
        async with made.database.writing() as session:
            await storage.agents.create(
                session, user_id=user.id, pbx_id=made.pbx_id, extension=phone,
                now=datetime.now(UTC), by=None,
            )  # fmt: skip
    return logins


async def looking(stack: AsyncExitStack, made: House, logins: list[str]) -> list[Page]:
    """Open the desks of some agents in a real browser."""
    browser = await stack.enter_async_context(chromium())
    pages = []
    for login in logins:
        cookie = await made.cookie(login)
        page = await stack.enter_async_context(person(browser, made.settings, cookie))
        await page.goto(f"{made.url}/desk")
        await expect(page.locator("#desk")).to_have_attribute("data-live", "connected")
        await page.evaluate(SPY)
        pages.append(page)
    return pages


async def calling(pbx: Pbx, phones: list[str], count: int) -> None:
    """Have so many callers call each phone, all of them at the pace of the test."""
    every = len(phones) / A_SECOND
    async with asyncio.TaskGroup() as group:
        for n, phone in enumerate(phones):
            gives_up = None if n % ANSWERING == 0 else RINGS
            group.create_task(
                flows.flow(
                    pbx, dial=phone, prefix=prefix(n), count=count, every=every,
                    gives_up_after=gives_up,
                )
            )  # fmt: skip
            await asyncio.sleep(1 / A_SECOND)


def begun(pbx: Pbx, written: oracle.Books) -> dict[str, float]:
    """When the channel of each caller began, by the caller's number."""
    rows = (row for row in written.cel if row["eventtype"] == "CHAN_START")
    return {row["cid_num"]: float(row["eventtime"]) for row in rows if PREFIX in row["cid_num"]}


async def lags(pages: list[Page], screens: list[Counted], began: dict[str, float]) -> list[float]:
    """Seconds from each INVITE to its card in the page."""
    numbers = {card: number for screen in screens for card, number in screen.numbers.items()}
    found = []
    for page in pages:
        shown = await page.evaluate("window.shown")
        found += [at - began[numbers[card]] for card, at in shown.items()]
    return sorted(found)


async def test_every_call_of_a_busy_hour_is_one_record_and_one_card(tmp_path: Path, proof) -> None:
    async with AsyncExitStack() as stack:
        pbx = await stack.enter_async_context(Pbx(22))
        proxy = await stack.enter_async_context(Proxy(pbx.port))
        base = await stack.enter_async_context(Database(f"sqlite+aiosqlite:///{tmp_path}/base.db"))
        await migrations.upgrade(base)
        settings = Settings(
            secret_key=new_key(), data_dir=tmp_path / "data",
            database_url=base.url.render_as_string(hide_password=False),
        )  # fmt: skip
        made = await furnished(base, settings, rigs.behind(proxy, pbx, ()))
        phones = [pbx.agent() for _ in range(AGENTS)]
        logins = await seated(made, phones)
        [node] = await stack.enter_async_context(nodes(settings, tmp_path, ["one"]))
        http = await stack.enter_async_context(ClientSession())
        made.settings = node.settings = node.settings.model_copy(update={"public_url": node.url})
        await node.start()
        await node.until(http, "ok")
        screens = [
            await stack.enter_async_context(
                rigs.watching(node.live, await made.token(login, "live"), Counted)
            )
            for login in logins
        ]
        for n, phone in enumerate(phones):
            answers = {"answers_after": 0.5, "hangs_up_after": TALKS} if n % ANSWERING == 0 else {}
            await stack.enter_async_context(sipp.phone(pbx, phone, **answers))
        pages = await looking(stack, made, logins[1 : 1 + WATCHED])
        count = round(SECONDS * A_SECOND / AGENTS)
        async with sipp.crowd(pbx, count=UP, dial="7000"):
            before, since = worked(node), time.monotonic()
            await calling(pbx, phones, count)
            busy = (worked(node) - before) / (time.monotonic() - since)
            await pbx.cli("channel request hangup all")
        rig = rigs.Rig(pbx, proxy, made)
        await rig.settled()
        _, calls, wrong = await rig.told()
        written = rig.books()
        began = begun(pbx, written)
        took = await lags(pages, screens, began)
    offered = {f"{prefix(n)}{k + 1}": n for n in range(AGENTS) for k in range(count)}
    lost = [number for number, n in offered.items() if not screens[n].callers[number]]
    double = [card for one in screens for card, times in one.cards.items() if times > 1]
    strange = [
        number for n, one in enumerate(screens) for number in one.callers
        if offered.get(number) != n
    ]  # fmt: skip
    assert began.keys() == offered.keys()
    proof.measured("calls lost or doubled", len(wrong), "calls", at_most=0)
    proof.measured("cards lost", len(lost), "cards", at_most=0)
    proof.measured("cards doubled or of others", len(double) + len(strange), "cards", at_most=0)
    proof.measured("INVITE to card p50", took[len(took) // 2], "s")
    proof.measured("INVITE to card p99", took[math.ceil(0.99 * len(took)) - 1], "s", at_most=P99)
    proof.measured("of one core, for Ringbook's process", 100 * busy, "%")
    assert len(took) == WATCHED * count
    assert oracle.differences(calls, written) == []
    proof.tried(len(offered), of=f"calls, {A_SECOND:.0f} a second beside {UP} that were up")
