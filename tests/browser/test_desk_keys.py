"""A whole call with the keyboard alone."""

import pytest
from playwright.async_api import expect

from storage.calls import CallRecord, WrapUp
from storage.customers import Customer

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

NUMBER = "+491715550142"
MOST_STOPS = 30  # of the tab key, until the note


async def test_an_unknown_caller_is_named_and_wrapped_up_by_keys_alone(office, desks) -> None:
    page = await desks.sit()
    call = office.queue_call(NUMBER)
    card = page.locator(".pop")
    await expect(card).to_have_count(1)
    await page.keyboard.press("p")
    await expect(card).to_be_focused()
    await page.keyboard.press("c")
    await page.keyboard.type("Erika p. Muster")
    await page.keyboard.press("Enter")
    await expect(card.get_by_role("link", name="Erika p. Muster")).to_be_visible()
    call.answer()
    call.end()
    await expect(page.locator(".pop--wrap_up")).to_have_count(1)
    await page.keyboard.press("2")
    await expect(card.get_by_label("Question answered")).to_be_checked()
    await page.keyboard.press("n")
    await page.keyboard.type("p, o, n, x: only text here? 1 2 3")
    await page.keyboard.press("Control+Enter")
    await expect(card).to_have_count(0)
    stored = await office.one(WrapUp)
    assert stored.note == "p, o, n, x: only text here? 1 2 3"
    assert stored.outcome_id == office.outcomes["Question answered"]
    assert [row.name for row in await office.rows(Customer)] == ["Erika p. Muster"]


async def test_a_number_key_says_which_of_them_it_is(office, desks) -> None:
    for name in ("Erika Muster", "Max Muster"):
        await office.add_customer(name, NUMBER)
    page = await desks.sit()
    office.queue_call(NUMBER)
    card = page.locator(".pop")
    second = card.get_by_role("listitem").nth(1).locator(".candidate-name")
    name = await second.inner_text()
    await page.keyboard.press("2")
    await expect(card.get_by_role("link", name=name)).to_be_visible()
    [call] = await office.rows(CallRecord)
    assert call.matched_by_hand


async def test_letters_lead_to_the_parts_of_the_top_card(office, desks) -> None:
    customer = await office.add_customer("Erika Muster", NUMBER)
    page = await desks.sit()
    call = office.queue_call(NUMBER)
    call.answer()
    card = page.locator(".pop--talking")
    await expect(card).to_have_count(1)
    await page.keyboard.press("u")
    await expect(card.get_by_label("Order")).to_be_focused()
    await page.keyboard.press("c")
    await expect(card.get_by_label("Name or number")).to_be_focused()
    await card.get_by_role("button", name="Cancel").click()
    call.end()
    await expect(page.locator(".pop--wrap_up")).to_have_count(1)
    await page.keyboard.press("x")
    await expect(page.locator(".pop")).to_have_count(0)
    office.queue_call(NUMBER)
    await expect(page.locator(".pop--ringing")).to_have_count(1)
    await page.keyboard.press("o")
    await page.wait_for_url(f"**/customers/{customer}")


async def test_save_works_from_beside_the_form(office, desks) -> None:
    page = await desks.sit()
    call = office.queue_call(NUMBER)
    call.answer()
    call.end()
    await expect(page.locator(".pop--wrap_up")).to_have_count(1)
    await page.keyboard.press("1")
    await page.keyboard.press("p")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator(".pop")).to_have_count(0)
    assert (await office.one(WrapUp)).outcome_id == office.outcomes["Order"]


async def test_the_help_names_the_desks_keys(office, desks) -> None:
    page = await desks.sit()
    await page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keyboard shortcuts")
    for what in ("Write a note", "Save", "Put the card away for later", "Open the customer's card"):
        await expect(dialog.get_by_text(what, exact=True)).to_be_visible()


async def test_the_tab_key_reaches_everything_and_shows_where_it_is(office, desks) -> None:
    await office.add_customer("Erika Muster", NUMBER)
    page = await desks.sit()
    office.queue_call(NUMBER).answer()
    card = page.locator(".pop--talking")
    await expect(card).to_have_count(1)
    await page.keyboard.press("p")
    reached = []
    while len(reached) < MOST_STOPS and "note" not in (name for name, _ in reached):
        await page.keyboard.press("Tab")
        reached.append(
            await page.evaluate(
                """() => { const e = document.activeElement, s = getComputedStyle(e);
                  const choice = e.closest('.choices--pills .choice');
                  const shown = choice ? getComputedStyle(choice) : s;
                  return [e.name || e.textContent.trim() || e.title, e === document.body ||
                    shown.outlineStyle !== 'none' && parseFloat(shown.outlineWidth) >= 2]; }"""
            )
        )
    names = [name for name, _ in reached]
    for wanted in ("Erika Muster", "Someone else?", "Open card", "outcome", "note"):
        assert wanted in names
    assert [name for name, is_visible in reached if not is_visible] == []
