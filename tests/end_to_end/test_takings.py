"""A supervisor pulls a waiting caller forward from the desk, on real Asterisks."""

import asyncio
from datetime import UTC, datetime

import pytest
from playwright.async_api import expect

import storage.agents
from fixtures.chromium import chromium, person
from fixtures.house import House
from lab.layout import Queue
from lab.pbx import Pbx
from lab.softphones import desks
from lab.stories.casts import talk

pytestmark = [pytest.mark.asterisk, pytest.mark.browser, pytest.mark.timeout(180)]
LONG = 20_000


async def test_a_waiting_caller_is_pulled_forward(pbx: Pbx, queue: Queue, ringbook: House) -> None:
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
        desks(pbx) as room,
    ):
        await sue.goto(f"{ringbook.url}/desk")
        await expect(sue.locator("#desk")).to_have_attribute("data-live", "connected", timeout=LONG)
        phone = await room.inside(extension)
        customer = (await room.outside("+442071234567")).calls(queue.number)
        await sue.locator("#desk-others summary").click()
        row = sue.locator("#desk-others li", has_text="waits in")
        await expect(row).to_contain_text("+44 20 7123 4567", timeout=LONG)
        await row.get_by_role("button", name="Pull forward").click()
        ringing = await phone.rings()
        await expect(sue.locator(".pop--ringing")).to_contain_text("Zoë O'Brien", timeout=LONG)
        await ringing.answer()
        await expect(sue.locator(".pop--talking")).to_have_count(1, timeout=LONG)
        await talk()
        await customer.hang_up()
        async with asyncio.timeout(20):
            await ringing.over()
