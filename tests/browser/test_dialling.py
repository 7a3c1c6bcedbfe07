"""Numbers are called by a click, from any page, and never twice."""

import pytest
from playwright.async_api import expect

from storage.originates import Originate

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

LONDON = "+442071234567"
BERLIN = "+49301234567"


@pytest.mark.bar(30)
async def test_three_clicks_on_a_number_are_one_call(office, desks, proof) -> None:
    customer = await office.add_customer("Erika Muster", LONDON)
    page = await desks.sit()
    await page.goto(f"{office.settings.public_url}/customers/{customer}")
    number = page.locator(f"[data-dial='{LONDON}']").first
    await number.click(click_count=3)
    await expect(page.locator(".toast")).to_have_text(
        "Your phone rings: lift it, and +44 20 7123 4567 is called."
    )
    await number.focus()
    for _ in range(3):
        await page.keyboard.press("Enter")
    await page.reload()
    await page.locator(f"[data-dial='{LONDON}']").first.click()
    await expect(page.locator(".toast")).to_contain_text("+44 20 7123 4567")
    assert [placed["Exten"] for placed in office.pbx.placed] == [LONDON]
    proof.tried(7, len(office.pbx.placed) - 1, of="clicks")


async def test_a_call_that_was_clicked_shows_its_card_on_the_desk(office, desks) -> None:
    customer = await office.add_customer("Erika Muster", LONDON)
    desk = await desks.sit()
    page = await desks.tab(desk.context)
    await page.goto(f"{office.settings.public_url}/customers/{customer}")
    await page.locator(f"[data-dial='{LONDON}']").first.click()
    await expect(desk.locator(".pop--dialling")).to_contain_text("Erika Muster")


async def test_a_number_that_is_closed_to_the_role_says_so(office, desks) -> None:
    customer = await office.add_customer("Erika Muster", BERLIN)
    page = await desks.sit()
    await page.goto(f"{office.settings.public_url}/customers/{customer}")
    await page.locator(f"[data-dial='{BERLIN}']").first.click()
    await expect(page.locator(".toast--bad")).to_have_text(
        "Your role does not let you dial such a number: international."
    )
    desks.forgive("422")
    assert office.pbx.placed == []


async def test_an_answer_that_does_not_come_is_asked_for_again_and_calls_once(
    office, desks
) -> None:
    customer = await office.add_customer("Erika Muster", LONDON)
    page = await desks.sit()
    await page.goto(f"{office.settings.public_url}/customers/{customer}")
    asked = 0

    async def lose(route) -> None:
        nonlocal asked
        asked += 1
        if asked > 2:
            await route.continue_()
            return
        await route.fetch()  # it reaches Ringbook; its answer is lost on the way
        await route.abort()

    await page.route("**/dials", lose)
    await page.locator(f"[data-dial='{LONDON}']").first.click()
    await expect(page.locator(".toast--good")).to_contain_text("is called")
    desks.forgive("ERR_FAILED")
    assert asked == 3
    assert len(office.pbx.placed) == 1
    assert len(await office.rows(Originate)) == 1


async def test_lists_offer_the_numbers_of_calls_and_customers(office, desks) -> None:
    await office.add_customer("Erika Muster", LONDON)
    page = await desks.sit()
    call = office.queue_call(LONDON)
    call.answer()
    call.end()
    await expect(page.locator(f".desk-side [data-dial='{LONDON}']:visible").first).to_be_visible()
    for path in ("/calls", "/customers"):
        await page.goto(f"{office.settings.public_url}{path}")
        await expect(page.locator(f"[data-dial='{LONDON}']").first).to_be_visible()


async def test_the_number_on_a_card_is_called_by_a_click_once_the_call_is_over(
    office, desks
) -> None:
    await office.add_customer("Erika Muster", LONDON)
    page = await desks.sit()
    call = office.queue_call(LONDON)
    number = page.locator(".pop .pop-number")
    await expect(number).to_have_text("+44 20 7123 4567")
    assert await number.get_attribute("href") is None  # while it rings, one means to answer
    call.answer()
    call.end()
    await expect(page.locator(".pop--wrap_up")).to_have_count(1)
    await number.click()
    await expect(page.locator(".toast")).to_contain_text("Your phone rings")
    assert [placed["Exten"] for placed in office.pbx.placed] == [LONDON]
