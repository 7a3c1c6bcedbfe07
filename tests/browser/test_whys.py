"""Why a call is what it is, at a screen: by keys alone, while it goes on and after it."""

import asyncio
import re

import pytest
from playwright.async_api import expect

from fixtures.offices import EXTENSIONS
from storage.calls import CallRecord, OfferRecord

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

NUMBER = "+491715550142"
EVIL = "<img src=x onerror=alert(1)>"


async def stored(office, is_so=lambda call: True) -> CallRecord:
    async with asyncio.timeout(20):
        while True:
            found = await office.rows(CallRecord)
            is_theirs = len(await office.rows(OfferRecord)) == len(EXTENSIONS)
            if found and is_theirs and is_so(found[0]):
                return found[0]
            await asyncio.sleep(0.05)


async def tab_to(page, text: str, *, most: int = 60) -> None:
    """Press Tab until what has the focus says this."""
    for _ in range(most):
        await page.keyboard.press("Tab")
        focused = await page.evaluate("document.activeElement.textContent.trim()")
        if re.match(text, focused):
            return
    raise AssertionError(f"no Tab leads to {text}")


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_an_agent_finds_out_why_by_keys_alone(office, desks, scheme) -> None:
    page = await desks.sit(color_scheme=scheme)
    call = office.queue_call(NUMBER, EVIL)
    call.answer()
    call.end()
    row = await stored(office, lambda call: call.ended_at is not None)
    await page.goto(f"{office.settings.public_url}/calls/{row.id}")
    await tab_to(page, r"Why\?")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Why?")
    main = page.locator("main")
    await expect(main).to_contain_text(f"{office.users['101'].name} · 101 has answered")
    await expect(main).to_contain_text("someone else has taken the call")
    await tab_to(page, r"Message \d+")
    number = await page.evaluate("document.activeElement.hash")
    await page.keyboard.press("Enter")
    target = page.locator(number)
    await expect(target).to_be_in_viewport()
    details = target.locator("details")
    await expect(details).not_to_have_attribute("open", "")
    await page.keyboard.press("Tab")
    assert await page.evaluate("document.activeElement.tagName") == "SUMMARY"
    await page.keyboard.press("Enter")
    await expect(target.locator("pre")).to_contain_text("Event: ")
    await tab_to(page, "Show them too", most=120)
    await page.keyboard.press("Enter")
    await expect(main).to_contain_text("Changed nothing.")
    assert await page.locator("main img, main [onerror]").count() == 0


@pytest.mark.parametrize("width", [1280, 390])
async def test_the_page_never_scrolls_sideways_and_tells_of_a_call_that_goes_on(
    office, desks, width
) -> None:
    page = await desks.sit(viewport={"width": width, "height": 720})
    call = office.queue_call(NUMBER)
    row = await stored(office)
    await page.goto(f"{office.settings.public_url}/calls/{row.id}/why?all=1")
    await expect(page.locator("main")).to_contain_text("It begins to ring at")
    assert await page.evaluate("document.documentElement.scrollWidth") <= width
    call.answer()
    main = page.locator("main")
    async with asyncio.timeout(20):
        while "has answered" not in await main.inner_text():
            await page.reload()
    assert await page.evaluate("document.documentElement.scrollWidth") <= width
