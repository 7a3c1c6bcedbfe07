"""A call sent on from one desk lands on the next with its note: two Chromiums, real Asterisks."""

import pytest
from playwright.async_api import Page, expect

from fixtures.chromium import chromium, person
from fixtures.house import House
from lab.layout import Queue
from lab.pbx import Pbx
from lab.softphones import desks
from lab.stories.casts import conversation

pytestmark = [pytest.mark.asterisk, pytest.mark.browser, pytest.mark.timeout(180)]
LONG = 20_000


async def _sit(page: Page, ringbook: House) -> None:
    await page.goto(f"{ringbook.url}/desk")
    await expect(page.locator("#desk")).to_have_attribute("data-live", "connected", timeout=LONG)


async def test_a_note_goes_with_the_call_to_the_next_desk_by_keys_alone(
    pbx: Pbx, queue: Queue, ringbook: House
) -> None:
    await ringbook.customer("Zoë O'Brien", "020 7123 4567", promise="Send the price list")
    cookies = {login: await ringbook.cookie(login) for login in ("ann", "ben")}
    async with (
        chromium() as browser,
        person(browser, ringbook.settings, cookies["ann"]) as ann,
        person(browser, ringbook.settings, cookies["ben"], scheme="dark") as ben,
        desks(pbx) as room,
    ):
        await _sit(ann, ringbook)
        await _sit(ben, ringbook)
        first = await conversation(room, "+442071234567", queue.agents[0])
        phone = await room.inside(queue.agents[1])
        await expect(ann.locator(".pop--talking")).to_have_count(1, timeout=LONG)
        await ann.keyboard.press("s")
        await ann.keyboard.type("Ben")
        target = ann.locator(".target", has_text="Ben")
        await expect(target).to_contain_text("free")
        await ann.keyboard.press("Tab")
        await ann.keyboard.press("Enter")
        await ann.keyboard.type("<b>Wants</b> a refund & is cross")
        await ann.get_by_role("button", name="Send on").last.press("Enter")
        ringing = await phone.rings()
        card = ben.locator(".pop--ringing")
        await expect(card).to_contain_text("Zoë O'Brien", timeout=LONG)
        await expect(card.locator(".pop-handed")).to_contain_text("From Ann")
        await expect(card.locator(".pop-handed")).to_contain_text(
            "<b>Wants</b> a refund & is cross"
        )
        await expect(card).to_contain_text("Send the price list")
        await expect(ann.locator(".pop--wrap_up")).to_have_count(1, timeout=LONG)
        await ben.reload()
        await expect(ben.locator(".pop-handed")).to_contain_text("From Ann", timeout=LONG)
        await ringing.answer()
        await expect(ben.locator(".pop--talking")).to_have_count(1, timeout=LONG)
        await ben.get_by_role("button", name="Hang up").click()
        await first.customer.over()
        await expect(ben.locator(".pop--wrap_up")).to_have_count(1, timeout=LONG)


async def test_whoever_asks_first_can_go_back_after_a_reload(
    pbx: Pbx, queue: Queue, ringbook: House
) -> None:
    async with (
        chromium() as browser,
        person(browser, ringbook.settings, await ringbook.cookie("ann")) as ann,
        desks(pbx) as room,
    ):
        await _sit(ann, ringbook)
        first = await conversation(room, "+442071234567", queue.agents[0])
        phone = await room.inside(queue.agents[1])
        await expect(ann.locator(".pop--talking")).to_have_count(1, timeout=LONG)
        await ann.keyboard.press("s")
        await ann.keyboard.type("Ben")
        await ann.locator(".target", has_text="Ben").click(timeout=LONG)
        await ann.get_by_role("button", name="Ask first").click()
        asked = await phone.answers()
        back = ann.get_by_role("button", name="Back to them")
        await expect(back).to_be_visible(timeout=LONG)
        await ann.reload()
        await expect(back).to_be_visible(timeout=LONG)
        await back.click()
        await asked.over()
        await expect(back).to_be_hidden(timeout=LONG)
        await ann.reload()
        await expect(ann.locator(".pop--talking")).to_have_count(1, timeout=LONG)
        await expect(back).to_be_hidden()
        await first.end()
