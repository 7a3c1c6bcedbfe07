"""The main job as people see it: pops on two desks, a wrap-up, and a supervisor who listens."""

import asyncio
import re

import pytest
from playwright.async_api import Locator, Page, expect

from fixtures.chromium import chromium, person
from fixtures.house import House
from lab import sipp
from lab.layout import Queue
from lab.pbx import Pbx

pytestmark = [pytest.mark.asterisk, pytest.mark.browser]
NAME = "Zoë O'Brien"


async def desk(page: Page, ringbook: House) -> Page:
    """Open the desk and wait until it is connected."""
    await page.goto(f"{ringbook.url}/desk")
    await expect(page.locator("#desk-offline")).to_be_hidden()
    return page


async def test_a_call_from_the_first_ring_to_the_supervisors_ear(
    pbx: Pbx, queue: Queue, ringbook: House
) -> None:
    customer = await ringbook.customer(
        NAME, "020 7123 4567", promise="Send the price list", note="Likes the oat colour"
    )
    first, second = queue.agents
    cookies = {login: await ringbook.cookie(login) for login in ("ann", "ben", "sue")}
    async with (
        chromium() as browser,
        person(browser, ringbook.settings, cookies["ann"]) as ann,
        person(browser, ringbook.settings, cookies["ben"], scheme="dark") as ben,
    ):
        await desk(ann, ringbook)
        await desk(ben, ringbook)
        async with (
            sipp.phone(pbx, first, answers_after=4, hangs_up_after=4),
            sipp.phone(pbx, second),
            asyncio.TaskGroup() as group,
        ):
            group.create_task(
                sipp.caller(pbx, number="+442071234567", name="Zoe", dial=queue.number)
            )
            await _sees_who_calls(ann)
            await _sees_who_calls(ben)
            await ann.reload()
            await _sees_who_calls(ann)
            await expect(ann.locator(".pop--talking")).to_have_count(1, timeout=15_000)
            await expect(ben.locator(".pop")).to_have_count(0, timeout=15_000)
        await expect(ann.locator(".pop--wrap_up")).to_have_count(1, timeout=15_000)
        await _wraps_up(ann)
        await expect(ann.locator(".pop")).to_have_count(0)
        await ben.goto(f"{ringbook.url}/customers/{customer}")
        await expect(ben.get_by_text("Wants two more boxes")).to_be_visible()
        async with person(browser, ringbook.settings, cookies["sue"]) as sue:
            await _listens(sue, ringbook)


async def _sees_who_calls(page: Page) -> None:
    pop = page.locator(".pop--ringing")
    await expect(pop).to_have_count(1, timeout=20_000)
    for text in (NAME, "Send the price list", "Likes the oat colour"):
        await expect(pop).to_contain_text(text)
    await expect(page).to_have_title(re.compile("Brien"))


async def _wraps_up(page: Page) -> None:
    pop = page.locator(".pop--wrap_up")
    await pop.get_by_text("Order", exact=True).click()
    await pop.locator("textarea").first.fill("Wants two more boxes")
    await page.keyboard.press("Control+Enter")


async def _listens(page: Page, ringbook: House) -> None:
    """Find the call in the list, wait for its recording, play it and jump in it."""
    await page.goto(f"{ringbook.url}/calls")
    row = page.locator("tbody tr", has_text=NAME)
    await expect(row).to_have_count(1)
    await row.locator("a[href^='/calls/']").first.click()
    play = page.locator("[data-player] [data-toggle]")
    await expect(play).to_be_visible(timeout=30_000)
    await play.click()
    audio = page.locator("audio")
    await _heard_until(audio, 0.3)
    await page.locator("[data-seek]").evaluate(
        "bar => { bar.value = 3; bar.dispatchEvent(new Event('input', {bubbles: true})); "
        "bar.dispatchEvent(new Event('change', {bubbles: true})) }"
    )
    await _heard_until(audio, 3.0)
    assert await audio.evaluate("sound => sound.error") is None


async def _heard_until(audio: Locator, seconds: float) -> None:
    """Wait until the sound is at `seconds`."""
    for _ in range(150):
        if await audio.evaluate("sound => sound.currentTime") >= seconds:
            return
        await asyncio.sleep(0.1)
    pytest.fail(f"the sound never came to {seconds} s")
