"""On other pages than the desk, who is calling is told, and the phone's chip stays true."""

import pytest
from playwright.async_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

MARTA = "+48221234567"


async def test_an_agent_who_reads_another_page_is_told_who_calls(office, desks) -> None:
    await office.add_customer("Marta Kowalska", MARTA)
    page = await desks.sit()
    await page.goto(f"{office.settings.public_url}/customers")
    strip = page.locator("#away")
    await expect(page.locator("#phone-state")).to_have_attribute("data-state", "idle")
    await expect(strip).to_be_hidden()
    call = office.queue_call(MARTA)
    await expect(strip).to_contain_text("Marta Kowalska is calling you.")
    await expect(page.locator("#phone-state")).to_have_attribute("data-state", "ringing")
    call.answer()
    await expect(strip).to_be_hidden()
    await expect(page.locator("#phone-state")).to_have_attribute("data-state", "talking")


async def test_the_way_to_the_desk_is_one_click(office, desks) -> None:
    page = await desks.sit()
    await page.goto(f"{office.settings.public_url}/customers")
    office.queue_call("")
    strip = page.locator("#away")
    await expect(strip).to_contain_text("Number withheld is calling you.")
    await strip.get_by_role("link").click()
    await expect(page.locator(".pop--ringing")).to_have_count(1)


async def test_a_page_that_hears_nothing_says_that_it_knows_nothing(office, desks) -> None:
    page = await desks.sit()
    await page.goto(f"{office.settings.public_url}/customers")
    chip = page.locator("#links summary")
    await expect(chip).to_contain_text("PBX connected", use_inner_text=True)
    await page.context.set_offline(True)
    await expect(chip).to_contain_text("PBX unknown", use_inner_text=True, timeout=15_000)
    await page.context.set_offline(False)
    await expect(chip).to_contain_text("PBX connected", use_inner_text=True, timeout=15_000)
    desks.forgive("WebSocket", "ERR_INTERNET_DISCONNECTED")
