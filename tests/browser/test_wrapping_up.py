"""After the call, on the card: outcome, note, promise; and no word is ever lost."""

from datetime import UTC, datetime

import pytest
from playwright.async_api import Locator, Page, expect

from fixtures.offices import Office, Play
from storage.calls import OfferRecord, WrapUp
from storage.promises import Promise

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

NUMBER = "+491715550142"


async def talk(office: Office, page: Page) -> tuple[Locator, Play]:
    call = office.queue_call(NUMBER)
    call.answer()
    await expect(page.locator(".pop--talking")).to_have_count(1)
    return page.locator(".pop"), call


async def finished(office: Office, page: Page) -> Locator:
    card, call = await talk(office, page)
    call.end()
    await expect(page.locator(".pop--wrap_up")).to_have_count(1)
    return card


async def test_a_wrap_up_is_saved_and_the_card_goes(office, desks) -> None:
    erika = await office.add_customer("Erika Muster", NUMBER)
    page = await desks.sit()
    card = await finished(office, page)
    await card.get_by_label("Question answered").check()
    await card.get_by_label("Note").fill("wants the blue one\nby Friday")
    await card.get_by_label("Promise").check()
    await card.get_by_label("What", exact=True).fill("send the catalogue")
    await card.get_by_role("button", name="Save").click()
    await expect(card).to_have_count(0)
    await expect(page.locator(".toast")).to_have_text("Saved.")
    stored = await office.one(WrapUp)
    assert (stored.outcome_id, stored.note) == (
        office.outcomes["Question answered"], "wants the blue one\nby Friday",
    )  # fmt: skip
    promise = await office.one(Promise)
    assert (promise.customer_id, promise.text) == (erika, "send the catalogue")
    assert promise.due_on > datetime.now(UTC).date()
    await expect(page.locator("#desk-side")).to_contain_text("Question answered")
    assert await page.evaluate("Object.keys(localStorage).filter((k) => k.includes('draft'))") == []


async def test_the_next_call_shows_what_was_written_after_the_last(office, desks) -> None:
    await office.add_customer("Erika Muster", NUMBER)
    page = await desks.sit()
    card = await finished(office, page)
    await card.get_by_label("Order").check()
    await card.get_by_label("Note").fill("two pallets")
    await page.keyboard.press("Control+Enter")
    await expect(card).to_have_count(0)
    office.queue_call(NUMBER)
    await expect(card.locator(".timeline-item")).to_contain_text("Order")
    await expect(card.locator(".timeline-item")).to_contain_text("Ann Wright")
    await expect(card.locator(".timeline-text")).to_have_text("two pallets")


async def test_a_draft_survives_a_reload_and_the_end_of_the_call(office, desks) -> None:
    page = await desks.sit()
    card, call = await talk(office, page)
    await card.get_by_label("Note").fill("he said that")
    await expect(card).to_contain_text("Draft, kept on this computer")
    call.end()
    await expect(page.locator(".pop--wrap_up")).to_have_count(1)
    await expect(card.get_by_label("Note")).to_have_value("he said that")
    await card.get_by_label("Call back").check()
    await page.reload()
    await expect(card.get_by_label("Note")).to_have_value("he said that")
    await expect(card.get_by_label("Call back")).to_be_checked()
    assert await office.rows(WrapUp) == []


async def test_another_tab_sees_what_is_typed(office, desks) -> None:
    first = await desks.sit()
    second = await desks.tab(first.context)
    card, _call = await talk(office, first)
    await expect(second.locator(".pop--talking")).to_have_count(1)
    await card.get_by_label("Note").fill("typed in the first")
    await expect(second.locator(".pop").get_by_label("Note")).to_have_value("typed in the first")


async def test_a_refusal_and_a_dead_server_lose_no_word(office, desks) -> None:
    page = await desks.sit()
    card = await finished(office, page)
    await card.get_by_label("Note").fill("long text")
    await page.keyboard.press("Control+Enter")
    await expect(card.get_by_role("alert")).to_have_text("Choose how the call came out.")
    await card.get_by_label("Order").check()
    await office.shut()
    await page.keyboard.press("Control+Enter")
    await expect(card.get_by_role("alert")).to_contain_text("The server does not answer.")
    await office.open()
    await card.get_by_role("button", name="Save").click()
    await expect(card).to_have_count(0)
    assert (await office.one(WrapUp)).note == "long text"
    desks.forgive("WebSocket", "Failed to")


async def test_a_log_in_in_another_tab_lets_the_old_page_save(office, desks) -> None:
    page = await desks.sit()
    card = await finished(office, page)
    await card.get_by_label("Order").check()
    await page.context.add_cookies([await office.cookie("101")])  # and with it another form token
    await card.get_by_role("button", name="Save").click()
    await expect(card).to_have_count(0)
    assert (await office.one(WrapUp)).outcome_id == office.outcomes["Order"]
    desks.forgive("Failed to load resource")  # the refusal that made it ask for the new token


async def test_someone_logged_out_is_told_and_keeps_the_text(office, desks) -> None:
    page = await desks.sit()
    card = await finished(office, page)
    await card.get_by_label("Order").check()
    await card.get_by_label("Note").fill("not lost")
    await page.context.clear_cookies()
    await card.get_by_role("button", name="Save").click()
    await expect(card.get_by_role("alert")).to_contain_text("You are logged out.")
    await expect(card.get_by_label("Note")).to_have_value("not lost")
    assert await office.rows(WrapUp) == []


async def test_while_one_talks_saving_keeps_the_card(office, desks) -> None:
    page = await desks.sit()
    card, call = await talk(office, page)
    await card.get_by_label("Note").fill("so far")
    await page.keyboard.press("Control+Enter")
    await expect(card.locator(".pop-saved")).to_have_text("Saved")
    assert (await office.one(WrapUp)).note == "so far"
    call.end()
    await expect(page.locator(".pop--wrap_up")).to_have_count(1)
    await page.reload()
    await expect(card.get_by_label("Note")).to_have_value("so far")
    await card.get_by_label("Order").check()
    await card.get_by_role("button", name="Save").click()
    await expect(card).to_have_count(0)
    assert (await office.one(WrapUp)).outcome_id == office.outcomes["Order"]


async def test_a_card_put_off_is_wrapped_up_on_its_page(office, desks) -> None:
    page = await desks.sit()
    card = await finished(office, page)
    await card.get_by_label("Note").fill("begun on the card")
    await page.get_by_role("button", name="Put this card away for later").click()
    await expect(card).to_have_count(0)
    await page.locator("#desk-side").get_by_role("link", name="Wrap up").click()
    await expect(page.get_by_label("Note")).to_have_value("begun on the card")
    await page.get_by_label("Order").check()
    await page.get_by_label("Note").fill("ended on the page")
    await page.get_by_role("button", name="Save").click()
    await page.wait_for_url("**/desk")
    assert (await office.one(WrapUp)).note == "ended on the page"
    assert await page.evaluate("Object.keys(localStorage).filter((k) => k.includes('draft'))") == []


async def test_nothing_to_note_puts_the_call_away_for_good(office, desks) -> None:
    page = await desks.sit()
    card = await finished(office, page)
    await card.get_by_role("button", name="Nothing to note").click()
    await expect(card).to_have_count(0)
    away = [row.extension for row in await office.rows(OfferRecord) if row.dismissed_at]
    assert away == ["101"]
    await page.reload()
    await desks.connected(page)
    await expect(card).to_have_count(0)
    await expect(page.get_by_text("Not wrapped up")).to_have_count(0)


async def test_a_restart_of_the_server_shows_the_unfinished_card_again(office, desks) -> None:
    page = await desks.sit()
    card = await finished(office, page)
    await card.get_by_label("Note").fill("before the restart")
    await office.shut()
    await office.open()
    await page.reload()
    await expect(card.get_by_label("Note")).to_have_value("before the restart")
    desks.forgive("WebSocket", "Failed to")
