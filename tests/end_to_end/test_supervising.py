"""A supervisor listens in from the page of calls in progress, in Chromium, on a real Asterisk."""

import asyncio
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

import storage.agents
from fixtures.chromium import chromium, person
from fixtures.house import House
from lab.layout import Queue
from lab.pbx import Pbx
from lab.softphones import desks
from lab.voices import Voice

pytestmark = [pytest.mark.asterisk, pytest.mark.browser, pytest.mark.timeout(180)]
LONG = 20_000
CUSTOMER, AGENT, BOSS = 600, 900, 1300  # Hz


@pytest.mark.parametrize("pbx", [22], indirect=True, ids=["asterisk 22"])
async def test_a_supervisor_listens_and_speaks_from_the_page_and_the_agent_is_told(
    pbx: Pbx, queue: Queue, ringbook: House
) -> None:
    await ringbook.customer("Zoë O'Brien", "020 7123 4567")
    extension = pbx.agent()
    async with ringbook.database.writing() as session:
        await storage.agents.create(
            session, user_id=ringbook.users["sue"].id, pbx_id=ringbook.pbx_id,
            extension=extension, now=datetime.now(UTC), by=None,
        )  # fmt: skip
    await ringbook.running.bridge.phones_changed()
    async with (
        chromium() as browser,
        person(browser, ringbook.settings, await ringbook.cookie("sue")) as sue,
        person(browser, ringbook.settings, await ringbook.cookie("ann")) as ann,
        desks(pbx) as room,
    ):
        await ann.goto(f"{ringbook.url}/desk")
        await expect(ann.locator("#desk")).to_have_attribute("data-live", "connected", timeout=LONG)
        phone, outside = await room.inside(queue.agents[0]), await room.outside("+442071234567")
        desk = await room.inside(extension)
        voices = {
            hertz: await Voice(hertz).plug_in(each)
            for hertz, each in ((CUSTOMER, outside), (AGENT, phone), (BOSS, desk))
        }
        customer = outside.calls(queue.number)
        at_ann = await phone.answers()
        await customer.answered()
        voices[AGENT].speak_to(at_ann.described)
        voices[CUSTOMER].speak_to(customer.described)
        await sue.goto(f"{ringbook.url}/calls/in-progress")
        row = sue.locator("#in-progress tr", has_text="Zoë")
        listen = row.get_by_role("button", name="Listen")
        await listen.focus(timeout=LONG)
        await sue.keyboard.press("Enter")
        ringing = await desk.rings()
        await expect(sue.locator("#supervising")).to_contain_text("Your phone rings", timeout=LONG)
        await ringing.answer()
        voices[BOSS].speak_to(ringing.described)
        await expect(sue.locator("#supervising")).to_contain_text(
            "You listen in. Ann", timeout=LONG
        )
        await expect(listen).to_be_focused()  # the table asked for itself again, and kept the place
        card = ann.locator(".pop--talking .pop-supervised")
        await expect(card).to_have_text("Sue listens in.", timeout=LONG)
        await row.get_by_role("button", name="Barge in").click()
        await expect(sue.locator("#supervising")).to_contain_text("both hear you", timeout=LONG)
        await expect(card).to_contain_text("both of you hear them speak", timeout=LONG)
        await voices[CUSTOMER].hears(AGENT, BOSS)
        await looked_at(sue, "in-progress")
        await looked_at(ann, "card")
        await sue.get_by_role("button", name="Stop").click()
        await expect(sue.locator("#supervising")).to_be_empty(timeout=LONG)
        await expect(card).to_be_hidden(timeout=LONG)
        async with asyncio.timeout(20):
            await ringing.over()
        await customer.hang_up()
        await at_ann.over()


async def looked_at(page: Page, name: str) -> None:
    """Keep a picture of each theme where somebody wants to see them."""
    folder = os.environ.get("RINGBOOK_PICTURES")
    for scheme in ("light", "dark") if folder else ():
        await page.emulate_media(color_scheme=scheme)
        await page.screenshot(path=Path(str(folder)) / f"{name}-{scheme}.png")
