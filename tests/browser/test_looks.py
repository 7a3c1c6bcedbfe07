"""Each page in a real Chromium: WCAG 2.2 AA by axe-core in both themes, and narrow windows."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from itertools import chain
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp.test_utils import TestServer
from playwright.async_api import Page, expect

from fixtures.chromium import chromium
from fixtures.tours import CALLER, PAGES, Tour, cast, furnish, tour
from pbx_bridge.simulator import stories
from web import i18n

pytestmark = [
    pytest.mark.timeout(400),  # some 60 pages, on a machine that may be busy
    pytest.mark.xdist_group("looks"),  # one furnished Ringbook, not one for each process
]
AXE = Path(__file__).parents[1] / "vendor/axe-core/axe-4.14.1.min.js"
SHA256 = "29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SECONDS = 30_000  # milliseconds for a call to come to the desk of a busy machine
WIDTHS = (640, 360, 320)  # beside another window, a phone, zoomed to 400 %

Look = Callable[[Page], Awaitable[list[str]]]

LOOK = """async ([tags, only]) => {
  const found = await axe.run(document, {
    resultTypes: ['violations'],
    ...(only ? { runOnly: only } : { runOnly: tags, rules: { 'target-size': { enabled: true } } }),
  });
  return found.violations.flatMap((rule) => rule.nodes.map((node) =>
    `${rule.id}: ${node.target.join(' ')} ${node.any.concat(node.all)[0]?.message ?? ''}`));
}"""
WIDER = """() => {
  const wide = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= wide) return [];
  const out = [...document.querySelectorAll('body *')].filter((e) => e.checkVisibility()
    && e.getBoundingClientRect().right > wide + 1).map((e) => `${e.tagName}.${e.className}`);
  return [`${document.documentElement.scrollWidth} > ${wide}: ${out.slice(-3).join(', ')}`];
}"""


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def made(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Tour]:
    """One furnished Ringbook for the pages of this file."""
    async with tour(tmp_path_factory.mktemp("tour")) as opened:
        await furnish(opened)
        yield opened


def test_axe_is_the_file_that_was_looked_at() -> None:
    assert hashlib.sha256(AXE.read_bytes()).hexdigest() == SHA256


async def walk(made: Tour, look: Look, *, script: str = "") -> list[str]:
    """Each person walks through the pages that are theirs, all at once; gives what they found."""

    async def stroll(login: str) -> list[str]:
        page = await made.sit(login, script=script)
        found = []
        for name in (name for name, (who, _) in PAGES.items() if who == login):
            await page.goto(made.address(name))
            found += [f"{name}, {line}" for line in await look(page)]
        return found

    async with made.walk():
        walks = [stroll(login) for login in dict.fromkeys(login for login, _ in PAGES.values())]
        return list(chain.from_iterable(await asyncio.gather(*walks)))


async def barriers(page: Page) -> list[str]:
    # colours change at once where nothing moves
    await page.emulate_media(color_scheme="light", reduced_motion="reduce")
    light = await page.evaluate(LOOK, [TAGS, None])
    await page.emulate_media(color_scheme="dark")
    dark = await page.evaluate(LOOK, [TAGS, ["color-contrast"]])
    await page.emulate_media(color_scheme="light")
    return [f"light: {line}" for line in light] + [f"dark: {line}" for line in dark]


async def everything(page: Page) -> list[str]:
    return await barriers(page) + await overflows(page)


async def overflows(page: Page) -> list[str]:
    found = []
    for width in WIDTHS:
        await page.set_viewport_size({"width": width, "height": 720})
        found += [f"{width}: {line}" for line in await page.evaluate(WIDER)]
    await page.set_viewport_size({"width": 1280, "height": 720})
    return found


@pytest.mark.browser
@pytest.mark.asyncio(loop_scope="module")
async def test_no_page_keeps_anyone_out_in_either_theme_or_scrolls_sideways(made: Tour) -> None:
    found = await walk(made, everything, script=AXE.read_text())
    assert not found, "\n".join(found)


@pytest.mark.browser
@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("language", [each for each in i18n.LANGUAGES if each != "en"])
async def test_no_page_scrolls_sideways_in_a_longer_language(made: Tour, language: str) -> None:
    await made.speak(language)
    found = await walk(made, overflows)
    await made.speak("en")
    assert not found, "\n".join(found)


@pytest.mark.browser
@pytest.mark.asyncio(loop_scope="module")
async def test_a_card_keeps_nobody_out_while_it_rings_and_when_it_is_written_up(made: Tour) -> None:
    """In German, whose words are long."""
    await made.speak("de")
    story = stories.answered_in_queue(
        made.simulator.exchange, CALLER, cast.QUEUE, cast.PHONES, dialled=cast.QUEUE_NUMBER,
        winner=0, ring=8, talk=2,
    )  # fmt: skip
    found = []
    async with made.walk():
        ann = await made.sit("ann", script=AXE.read_text())
        await ann.goto(made.address("desk.show"))
        await expect(ann.locator("#desk")).to_have_attribute("data-live", "connected")
        playing = asyncio.create_task(made.simulator.play(story))
        for state in ("ringing", "wrap_up"):
            await expect(ann.locator(f".pop--{state}")).to_have_count(1, timeout=SECONDS)
            found += [f"{state}, {line}" for line in await everything(ann)]
        await playing
    await made.speak("en")
    assert not found, "\n".join(found)


@pytest.mark.browser
async def test_the_pages_before_anyone_is_there_keep_nobody_out(server: TestServer) -> None:
    found = []
    async with chromium() as browser:
        page = await browser.new_page()
        await page.add_init_script(AXE.read_text())
        for path in ("/setup", "/login", "/no/such/page"):
            await page.goto(str(server.make_url(path)))
            found += [f"{path}, {line}" for line in await everything(page)]
    assert not found, "\n".join(found)
