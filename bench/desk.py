"""From the socket's frame to the painted card, beside a text node; and the weight of the desk."""

import asyncio
import platform
import tempfile
import time
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from statistics import quantiles
from typing import Any

from playwright.async_api import Browser, Page, async_playwright

import storage.notes
import storage.passwords
import storage.promises
from fixtures.chromium import ARGUMENTS, CHROMIUM
from fixtures.offices import EXTENSIONS, Office, phones_of
from lab.ports import free_ports
from pbx_bridge.simulator import Simulator
from storage import migrations
from storage.database import Database
from storage.secrets import new_key
from web.config import Settings

CALLS, WARM_UP = 300, 20
LOADS = 9  # of the page, each in a browser that has nothing of it
SECONDS = 20.0
NUMBER = "+491715550142"
AWAY = "Put this card away for later"
PASSWORD = "violet train at noon"
# What a card is drawn of is noted as its frame comes, whoever handles the frame.
FRAMES = """() => { window.came = {}; window.built = {}; window.painted = {};
  const Real = WebSocket;
  window.WebSocket = class extends Real {
    constructor(url) { super(url); this.addEventListener('message', (event) => {
      const { type, data } = JSON.parse(event.data);
      if (type === 'pop.opened') window.came[data.id] = performance.now();
    }); } };
  window.drawn = (id) => {
    if (window.built[id] || !window.came[id]) return;
    window.built[id] = performance.now();
    requestAnimationFrame(() => requestAnimationFrame(() => {
      window.painted[id] = performance.now();
    }));
  }; }"""
CARDS = """() => new MutationObserver(() => {
    for (const pop of document.querySelectorAll('.pop')) window.drawn(pop.dataset.pop);
  }).observe(document.getElementById('pops'), { childList: true })"""
BARE = """(url) => new Promise((ready) => {
  const socket = new WebSocket(url);
  socket.onopen = () => socket.send('{"v": 1, "type": "hello"}');
  socket.onmessage = (event) => {
    const { type, data } = JSON.parse(event.data);
    if (type === 'snapshot') ready();
    if (type === 'pop.opened') {
      document.body.replaceChildren(document.createTextNode(data.number.e164));
      window.drawn(data.id);
    }
    if (type === 'pop.closed') document.body.replaceChildren();
  }; })"""
TIMES = """() => Object.keys(window.painted).map((id) => [window.built[id] - window.came[id],
  window.painted[id] - window.came[id]])"""


def run(*, calls: int = CALLS, loads: int = LOADS) -> list[dict[str, Any]]:
    """Measure; times are milliseconds. The floor is a text node in a page of its own."""
    with tempfile.TemporaryDirectory(prefix="ringbook-bench-") as folder:
        return asyncio.run(_measure(Path(folder), calls, loads))


@asynccontextmanager
async def _office(folder: Path) -> Any:
    async with AsyncExitStack() as stack:
        base = await stack.enter_async_context(Database(f"sqlite+aiosqlite:///{folder}/base.db"))
        await migrations.upgrade(base)
        pbx = Simulator("ringbook", "secret", folder, {"sales": phones_of(EXTENSIONS)})
        await stack.enter_async_context(pbx.serving())
        port, live_port = free_ports(2)
        settings = Settings(
            secret_key=new_key(), data_dir=folder, port=port, live_port=live_port,
            database_url=base.url.render_as_string(hide_password=False),
            public_url=f"http://127.0.0.1:{port}",
        )  # fmt: skip
        office = Office(base, settings, pbx)
        await office.furnish()
        stack.push_async_callback(office.shut)
        await office.open()
        customer = await office.add_customer("Erika Muster", NUMBER, address_as="Frau Muster")
        now, by = datetime.now(UTC), office.users["101"].id
        async with base.writing() as session:
            for n in range(3):
                await storage.notes.add(session, customer, f"What was said, {n}.", by=by, now=now)
                await storage.promises.add(
                    session, customer, f"Promise {n}", due_on=now.date() + timedelta(days=n),
                    by=by, now=now,
                )  # fmt: skip
        for _ in range(5):
            office.lost_call(NUMBER, phones=("103",)).end()
        yield office


async def _measure(folder: Path, calls: int, loads: int) -> list[dict[str, Any]]:
    async with _office(folder) as office, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        desk = await _page(browser, office, "101")
        await desk.goto(f"{office.settings.public_url}/desk")
        await desk.wait_for_selector("#desk[data-live=connected]")
        await desk.evaluate(CARDS)
        bare = await _page(browser, office, "102")
        await bare.goto(f"{office.settings.public_url}/static/js/clocks.js")  # shown as a text
        async with asyncio.timeout(SECONDS):
            await bare.evaluate(BARE, f"ws://127.0.0.1:{office.settings.live_port}/")
        for n in range(WARM_UP + calls):
            for page, phone in ((desk, "101"), (bare, "102")):
                call = office.queue_call(NUMBER, phones=(phone,))
                await _until(page, f"Object.keys(window.painted).length > {n}")
                call.answer()
                call.end()
                if page is desk:
                    await page.get_by_role("button", name=AWAY).click()
                    await _until(page, "!document.querySelector('.pop')")
        cards, nodes = [await _times(page) for page in (desk, bare)]
        what = {"painted card": 1, "card parsed and built": 0}
        rows = [
            _row(f"desk: from the frame to the {name}, {share}", calls, pick(cards[n]), "ms",
                 pick(nodes[n]))
            for name, n in what.items()
            for share, pick in (("p50", _p50), ("p99", _p99))
        ]  # fmt: skip
        rows += await _weight(browser, office, loads)
        await browser.close()
    return rows


async def _times(page: Page) -> list[tuple[float, ...]]:
    """Return how long building took for each card, and how long until it was painted."""
    return list(zip(*(await page.evaluate(TIMES))[WARM_UP:], strict=True))


async def _until(page: Page, is_so: str) -> None:
    """Wait without a function in the page: its policy lets none be made of a text."""
    async with asyncio.timeout(SECONDS):
        while not await page.evaluate(is_so):  # noqa: ASYNC110 - of another process
            await asyncio.sleep(0.005)


async def _page(browser: Browser, office: Office, extension: str) -> Page:
    context = await browser.new_context(viewport={"width": 1280, "height": 720}, bypass_csp=True)
    await context.add_cookies([await office.cookie(extension)])
    page = await context.new_page()
    await page.add_init_script(f"({FRAMES})()")
    return page


async def _weight(browser: Browser, office: Office, loads: int) -> list[dict[str, Any]]:
    """Log in with a caller on the line, in a browser that has nothing of us."""
    hashed = await storage.passwords.hashed(PASSWORD)
    async with office.database.writing() as session:
        user = await session.merge(office.users["103"])
        user.password_hash = hashed
    call = office.queue_call(NUMBER, phones=("103",))
    found = []
    for _ in range(loads):
        context = await browser.new_context(viewport={"width": 1280, "height": 720})
        page = await context.new_page()
        await page.goto(f"{office.settings.public_url}/login?next=/desk")
        await page.locator("[name=login]").fill(user.login)
        await page.locator("[name=password]").fill(PASSWORD)
        devtools = await context.new_cdp_session(page)
        ended: list[dict[str, float]] = []
        devtools.on("Network.loadingFinished", partial(_note, ended))
        await devtools.send("Network.enable")
        await devtools.send("Network.setCacheDisabled", {"cacheDisabled": True})
        begun = time.perf_counter()
        await page.keyboard.press("Enter")
        await page.wait_for_selector(".pop")
        seconds = time.perf_counter() - begun
        await page.wait_for_load_state("networkidle")
        sent = sum(one["encodedDataLength"] for one in ended)
        found.append((sent / 1024, len(ended), seconds * 1000))
        await context.close()
    call.end()
    weights, requests, times = zip(*found, strict=True)
    return [
        _row("desk: weight of the page as it is sent", loads, _p50(weights), "KiB", None),
        _row("desk: requests of the page", loads, _p50(requests), "requests", None),
        _row("desk: log-in sent until the first card", loads, _p50(times), "ms", None),
    ]


def _note(ended: list[dict[str, float]], told: dict[str, float]) -> None:
    ended.append(told)


def _p50(values: Any) -> float:
    return sorted(values)[len(values) // 2]


def _p99(values: Any) -> float:
    return quantiles(values, n=100)[98]


def _row(name: str, n: int, value: float, unit: str, floor: float | None) -> dict[str, Any]:
    return {
        "name": name, "n": n, "value": value, "unit": unit, "floor": floor,
        "ratio": value / floor if floor else None, "machine": platform.machine(),
    }  # fmt: skip
