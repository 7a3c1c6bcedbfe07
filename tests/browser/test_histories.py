"""The whole history on the card: read when asked for, searched inside."""

from datetime import UTC, date, datetime

import pytest
from playwright.async_api import expect

import storage.notes
import storage.promises
import storage.tasks
from storage.tasks import TaskFacts

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

MARTA = "+48221234567"


async def a_customer(office, *notes: str):
    ann, now = office.users["101"].id, datetime.now(UTC)
    marta = await office.add_customer("Marta Kowalska", MARTA)
    async with office.database.writing() as session:
        for text in notes:
            await storage.notes.add(session, marta, text, by=ann, now=now)
        await storage.promises.add(
            session, marta, "Two price lists", due_on=date(2027, 1, 1), by=ann, now=now
        )
        facts = TaskFacts(title="Send samples", customer_id=marta)
        await storage.tasks.add(session, facts, by=ann, now=now)
    return marta


async def test_the_history_is_read_when_asked_for_and_searched_on_the_card(office, desks) -> None:
    await a_customer(office, "Liebt Grünen Tee", "Calls from the car")
    page = await desks.sit()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    office.queue_call(MARTA)
    card = page.locator(".pop")
    await expect(card).to_contain_text("Marta Kowalska")
    await expect(card.get_by_role("button", name="Whole history")).to_be_visible()
    assert not [url for url in asked if "history" in url]
    await page.keyboard.press("h")
    search = card.get_by_role("searchbox", name="Find in the history")
    await expect(search).to_be_focused()
    history = card.locator(".pop-history .timeline-item")
    await expect(history.filter(has_text="Calls from the car")).to_be_visible()
    await search.press_sequentially("gruen")
    await expect(card.get_by_text("Nothing of this in the history.")).to_be_visible()
    await search.fill("grun TEE")
    await expect(history).to_have_count(1)
    await expect(history).to_contain_text("Liebt Grünen Tee")
    await search.press("Enter")
    await expect(page).to_have_url(f"{office.settings.public_url}/desk")
    await search.fill("")
    await card.get_by_label("Show", exact=True).select_option("Promises")
    await expect(history).to_have_count(1)
    await expect(history).to_contain_text("Two price lists")
    await card.get_by_label("Show", exact=True).select_option("Tasks")
    await expect(history).to_contain_text("Send samples")
    await page.locator("#main").focus()
    await page.keyboard.press("h")
    await expect(card.locator(".pop-history")).to_have_count(0)


async def test_the_history_stays_while_the_card_is_drawn_anew(office, desks) -> None:
    await a_customer(office, "likes tea")
    page = await desks.sit()
    call = office.queue_call(MARTA)
    card = page.locator(".pop")
    await card.get_by_role("button", name="Whole history").click()
    search = card.get_by_role("searchbox", name="Find in the history")
    await search.fill("tea")
    call.answer()
    await expect(page.locator(".pop--talking")).to_have_count(1)
    await expect(search).to_have_value("tea")
    call.end()
    await expect(page.locator(".pop--wrap_up")).to_have_count(1)
    await expect(search).to_be_visible()


async def test_earlier_moments_follow_on_a_press(office, desks) -> None:
    await a_customer(office, *(f"note number {n}" for n in range(50)))
    page = await desks.sit()
    office.queue_call(MARTA)
    card = page.locator(".pop")
    await card.get_by_role("button", name="Whole history").click()
    history = card.locator(".pop-history .timeline-item")
    await expect(history).to_have_count(40)
    await card.get_by_role("link", name="Show earlier").click()
    await expect(history).to_have_count(53)  # with the call, the promise and the task
    await expect(card.get_by_role("link", name="Show earlier")).to_have_count(0)


async def test_a_history_that_cannot_be_read_says_so(office, desks) -> None:
    await a_customer(office)
    page = await desks.sit()
    office.queue_call(MARTA)
    card = page.locator(".pop")
    await expect(card).to_have_count(1)
    await page.route("**/history", lambda route: route.abort())
    await card.get_by_role("button", name="Whole history").click()
    await expect(card.locator(".pop-history")).to_contain_text("The server does not answer.")
    desks.forgive("ERR_FAILED")
