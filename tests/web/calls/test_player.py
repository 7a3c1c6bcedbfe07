"""In a real browser: a recording plays, seeks, is heard by keyboard, and survives a lost play."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from playwright.async_api import Page, async_playwright, expect
from sqlalchemy import func, select

from fixtures.calls import Teller, add_customer
from fixtures.postgres import free_port
from fixtures.talks import conversation, talkative
from storage.audit import AuditEntry
from storage.database import Database
from storage.secrets import new_key
from web.auth import COOKIE
from web.config import Settings

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("ears")]
CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--mute-audio",
]  # fmt: skip
SECONDS = 30
LOOKS = 400
PLACE = "document.querySelector('audio').currentTime"
NOT_PLAYED = """at => {
  const { played } = document.querySelector('audio');
  const parts = [...Array(played.length).keys()];
  return parts.every((n) => played.start(n) > at || played.end(n) < at);
}"""


@pytest.fixture
def settings(tmp_path: Path, database: Database) -> Settings:
    """As everywhere, but with the address that the browser really sees."""
    return Settings(
        secret_key=new_key(),
        data_dir=tmp_path,
        database_url=database.url.render_as_string(hide_password=False),
        public_url=f"http://127.0.0.1:{free_port()}",
        trusted_proxies=(),
    )


@pytest.fixture
async def server(app: web.Application, settings: Settings) -> AsyncIterator[TestServer]:
    port = int(settings.public_url.rsplit(":", 1)[1])
    async with TestServer(app, host="127.0.0.1", port=port) as server:
        yield server


@pytest.fixture
async def call(request, stage, store, make_tone):
    """A call of one part, or a long one of many."""
    if hasattr(request, "param"):
        return await store(talkative(stage), stage.context(), sound=conversation(), seconds=171)
    return await store(Teller(stage.pbx).ended(), stage.context(), sound=make_tone(SECONDS))


@pytest.fixture
async def page(sign_in, settings: Settings, call) -> AsyncIterator[Page]:
    """An administrator looks at the call's page; a complaint of the browser is a failure."""
    async with looking_at(await sign_in("administrator"), settings, call) as page:
        yield page


@asynccontextmanager
async def looking_at(person, settings: Settings, call) -> AsyncIterator[Page]:
    complaints: list[str] = []
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        context = await chromium.new_context()
        cookie = {"name": COOKIE, "value": person.cookie, "url": settings.public_url}
        await context.add_cookies([cookie])
        page = await context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        await page.goto(f"{settings.public_url}/calls/{call.id}")
        yield page
        await chromium.close()
    assert complaints == []


async def until(page: Page, expression: str) -> None:
    """Wait until the expression holds; the page's own policy forbids waiting inside it."""
    for _ in range(LOOKS):
        if await page.evaluate(expression):
            return
        await asyncio.sleep(0.05)
    pytest.fail(f"it never came true: {expression}, {PLACE} = {await page.evaluate(PLACE)}")


async def heard_from(page: Page, seconds: float) -> None:
    """Wait until the sound has moved on from `seconds`."""
    await until(page, f"{PLACE} > {seconds} + 0.2")


async def plays(database: Database) -> int:
    async with database.reading() as session:
        query = select(func.count()).where(AuditEntry.action == "recording.played")
        return await session.scalar(query)


async def test_nothing_is_fetched_before_someone_listens(page: Page, database) -> None:
    assert await page.evaluate("document.querySelector('audio').getAttribute('src')") is None
    assert await plays(database) == 0


async def test_a_recording_plays_pauses_and_seeks(page: Page, database) -> None:
    await page.get_by_role("button", name="Play", exact=True).click()
    await heard_from(page, 0)
    duration = await page.evaluate("document.querySelector('audio').duration")
    assert duration == pytest.approx(SECONDS, abs=0.1)
    await page.get_by_label("Place in the recording").fill("20")
    await heard_from(page, 20)
    await page.get_by_role("button", name="Back 10 seconds").click()
    await until(page, f"{PLACE} < 15")
    await heard_from(page, 10)
    await page.get_by_role("button", name="Pause", exact=True).click()
    await expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()
    await expect(page.locator("[data-position]")).to_have_text("0:10")
    await page.get_by_label("Speed").select_option("2")
    assert await page.evaluate("document.querySelector('audio').playbackRate") == 2
    assert await plays(database) == 1


async def test_the_keyboard_is_enough_and_typing_is_left_alone(page: Page, database) -> None:
    await page.locator("[data-search]").focus()
    await page.keyboard.type("kjl")
    await expect(page.locator("[data-search]")).to_have_value("kjl")
    assert await plays(database) == 0
    await page.locator("main").focus()
    await page.keyboard.press("l")
    await page.keyboard.press("k")
    await heard_from(page, 10)
    await page.keyboard.press("k")
    await until(page, "document.querySelector('audio').paused")
    await page.keyboard.press("j")
    await until(page, f"{PLACE} < 5")


async def test_a_play_that_ran_out_is_said_and_opened_again(page: Page, database) -> None:
    await page.route("**/plays/*/audio", lambda route: route.fulfill(status=404))
    await page.get_by_role("button", name="Play", exact=True).click()
    await expect(page.get_by_role("alert")).to_have_text(
        "The recording cannot be opened now. Try again."
    )
    await page.unroute("**/plays/*/audio")
    await page.get_by_role("button", name="Play", exact=True).click()
    await heard_from(page, 0)
    await expect(page.get_by_role("alert")).to_be_hidden()
    assert await plays(database) == 2


@pytest.mark.parametrize("call", ["long"], indirect=True)
async def test_parts_are_named_drawn_and_heard_by_click_and_key(page) -> None:
    await expect(page.locator("[data-player]")).to_have_attribute(
        "data-drawn", "yes", timeout=60_000
    )
    parts = page.get_by_role("list", name="Parts of the recording").get_by_role("button")
    assert [" ".join(text.split()) for text in await parts.all_inner_texts()] == [
        "0:00 Menu 0:03", "0:03 Sales line 0:17", "0:20 Talked · Bob 1:40", "1:00 On hold 0:40",
        "1:05 Consultation · Bob, Cyd 0:30", "2:00 Talked · Cyd 0:51",
    ]  # fmt: skip
    await expect(page.locator(".player-strip > svg")).to_have_count(6)
    await expect(page.locator(".player-lane:visible")).to_have_text(["Zoë O'Brien", "Bob, Cyd"])
    await parts.nth(5).click()
    await heard_from(page, 120)
    await page.keyboard.press("p")
    await until(page, f"{PLACE} < 75 && {PLACE} >= 65")
    await page.keyboard.press("n")
    await until(page, f"{PLACE} >= 120")
    await page.get_by_label("Place in the recording").focus()
    await page.keyboard.press(">")
    await until(page, "document.querySelector('audio').playbackRate === 1.25")
    await page.keyboard.press("x")
    await page.get_by_label("Place in the recording").fill("101")
    await heard_from(page, 119)
    assert await page.evaluate(NOT_PLAYED, 110)  # nobody waits for silence
    await page.keyboard.press("k")
    await page.get_by_role("button", name="Link to this moment").click()
    await until(page, "/[?&]t=1(19|2[0-9])\\b/.test(location.search)")
    address = page.url.replace("t=1", "t=8&was=1")
    await page.goto(address)
    await expect(page.locator("[data-position]")).to_have_text("0:08")


@pytest.mark.parametrize("call", ["long"], indirect=True)
async def test_a_comment_is_written_while_it_plays_and_marks_its_moment(
    sign_in, settings, call
) -> None:
    sue, tim = await sign_in("administrator", "sue"), await sign_in("administrator", "tim")
    async with (
        looking_at(sue, settings, call) as page,
        looking_at(tim, settings, call) as other,
    ):
        await page.get_by_label("Place in the recording").fill("83")
        await page.get_by_role("button", name="Play", exact=True).click()
        await heard_from(page, 83)
        await page.keyboard.press("m")
        await expect(page.get_by_label("Comment on this moment")).to_be_focused()
        await expect(page.get_by_label("At", exact=True)).to_have_value(re.compile(r"1:2\d"))
        await page.get_by_label("At", exact=True).fill("1:23")
        await page.get_by_label("Comment on this moment").fill("Offers the renewal well.")
        await page.keyboard.press("Control+Enter")
        await expect(
            page.locator(".player-said", has_text="Offers the renewal well.")
        ).to_be_visible()
        assert not await page.evaluate("document.querySelector('audio').paused")
        await expect(
            other.locator(".player-said", has_text="Offers the renewal well.")
        ).to_be_visible(timeout=30_000)
        await other.locator(".player-comment summary", has_text="Answer").click()
        await other.locator("textarea[id^=answer]").fill("And asks for the order.")
        await other.locator("details[open]").get_by_role("button", name="Answer").click()
        await expect(
            page.locator(".player-said", has_text="And asks for the order.")
        ).to_be_visible(timeout=30_000)
        await expect(page.locator("[data-player]")).to_have_attribute("data-drawn", "yes")
        await other.get_by_role("button", name="Play from 1:23").click()
        await heard_from(other, 83)


async def test_a_play_whose_time_is_over_says_so_and_another_is_opened(page) -> None:
    await page.get_by_role("button", name="Play", exact=True).click()
    await heard_from(page, 0)
    await page.evaluate("Date.now = () => 8e15")
    await page.evaluate("document.querySelector('audio').dispatchEvent(new Event('error'))")
    await expect(page.get_by_role("alert")).to_contain_text("This play has ended")
    await page.evaluate("Date.now = () => 0")
    await page.get_by_role("button", name="Play", exact=True).click()
    await until(page, "!document.querySelector('audio').paused")
    await expect(page.get_by_role("alert")).to_be_hidden()


async def test_a_correction_is_found_by_typing_and_sent(page: Page, database, call) -> None:
    await add_customer(database, "Ödön Horváth")
    await page.get_by_role("button", name="Say who it was").click()
    await page.get_by_label("Name or number").last.fill("odon")
    await page.get_by_role("radio", name="Ödön Horváth").check()
    await page.get_by_role("button", name="Put it right").click()
    await expect(page.get_by_text("The call has been put right.")).to_be_visible()
    await expect(page.locator("h1")).to_contain_text("Ödön Horváth")
