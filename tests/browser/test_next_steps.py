"""After the call, by keyboard alone: outcome, note, next step; and no word of it is lost."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.async_api import Error, Locator, Page, expect

import storage.outcomes
from fixtures.offices import Office
from storage.calls import WrapUp
from storage.queues import Queue
from storage.tasks import Task, TaskKind

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

NUMBER = "+491715550142"


async def finished(office: Office, page: Page) -> Locator:
    call = office.queue_call(NUMBER)
    call.answer()
    await expect(page.locator(".pop--talking")).to_have_count(1)
    call.end()
    await expect(page.locator(".pop--wrap_up")).to_have_count(1)
    return page.locator(".pop")


async def press(page: Page, *keys: str) -> None:
    for key in keys:
        await page.keyboard.press(key)


async def drafts(page: Page) -> list[str]:
    return await page.evaluate("Object.keys(localStorage).filter((k) => k.includes('draft'))")


async def test_outcome_note_and_a_callback_to_anyone_are_given_by_keyboard_alone(
    office, desks
) -> None:
    erika = await office.add_customer("Erika Muster", NUMBER)
    page = await desks.sit()
    card = await finished(office, page)
    await press(page, "u", "ArrowDown", "n")
    await expect(card.get_by_label("Note")).to_be_focused()
    await page.keyboard.type("asks for a discount")
    await press(page, "Tab")  # on to the next step
    await expect(card.get_by_label("None")).to_be_focused()
    await expect(card.get_by_label("About")).to_be_hidden()
    await press(page, "ArrowUp")
    await expect(card.get_by_label("Callback")).to_be_checked()
    await expect(card.get_by_label("To do")).to_be_hidden()
    tomorrow = datetime.now(UTC).date() + timedelta(days=1)
    await expect(card.get_by_label("On", exact=True)).to_have_value(str(tomorrow))
    await card.get_by_label("At", exact=True).focus()
    await page.keyboard.type("0915AM")
    await card.get_by_label("About").focus()
    await page.keyboard.type("the discount")
    await press(page, "Tab", "a")  # the list of who: "Anyone" by its first letter
    await expect(card.get_by_label("Who does it")).to_have_value("anyone")
    await press(page, "Control+Enter")
    await expect(card).to_have_count(0)
    task = await office.one(Task)
    assert (task.kind, task.title, task.number) == (TaskKind.CALLBACK, "the discount", NUMBER)
    assert (task.user_id, task.customer_id) == (None, erika)
    assert (task.due_at.date(), task.due_at.hour, task.due_at.minute) == (tomorrow, 9, 15)
    stored = await office.one(WrapUp)
    assert stored.note == "asks for a discount"
    assert stored.outcome_id is not None
    assert await drafts(page) == []


async def test_a_key_leads_to_the_next_step(office, desks) -> None:
    page = await desks.sit()
    card = await finished(office, page)
    await press(page, "t")
    await expect(card.get_by_label("None")).to_be_focused()
    await press(page, "ArrowDown", "Tab")
    await expect(card.get_by_label("To do")).to_be_focused()
    await page.keyboard.type("order the part")
    await press(page, "Control+Enter")
    await expect(card.get_by_role("alert")).to_have_text("Choose how the call came out.")
    await expect(card.get_by_label("Order")).to_be_focused()
    await press(page, "1", "Control+Enter")
    await expect(card).to_have_count(0)
    task = await office.one(Task)
    assert (task.title, task.user_id) == ("order the part", office.users["101"].id)
    desks.forgive("422")


async def test_what_comes_next_is_said_wrong_at_its_field(office, desks) -> None:
    page = await desks.sit()
    card = await finished(office, page)
    await card.get_by_label("Order").check()
    await card.get_by_label("Callback").check()
    await card.get_by_label("Number", exact=True).fill("12")
    await press(page, "Control+Enter")
    await expect(card.get_by_role("alert")).to_contain_text("Say at what time.")
    await expect(card.get_by_label("At", exact=True)).to_be_focused()
    await expect(card.get_by_label("Number", exact=True)).to_have_value("12")
    assert await office.rows(WrapUp) == []
    desks.forgive("422")


async def test_a_step_that_was_stored_while_one_talks_is_not_sent_again(office, desks) -> None:
    page = await desks.sit()
    office.queue_call(NUMBER).answer()
    card = page.locator(".pop--talking")
    await card.get_by_label("Task").check()
    await card.get_by_label("To do").fill("look it up")
    await press(page, "Control+Enter")
    await expect(card.locator(".pop-saved")).to_have_text("Saved")
    await expect(card.get_by_label("None")).to_be_checked()
    await card.get_by_label("Note").fill("and so on")
    await press(page, "Control+Enter")
    await expect(card.get_by_label("To do")).to_be_hidden()
    assert [task.title for task in await office.rows(Task)] == ["look it up"]


async def test_the_card_offers_the_outcomes_of_its_queue(office, desks) -> None:
    async with office.database.writing() as session:
        queue = await office.one(Queue)
        keys = [office.outcomes["Order"], office.outcomes["Call back"]]
        await storage.outcomes.choose(session, queue.id, keys, required=False, by=None)
    assert office.bridge is not None
    await office.bridge.phones_changed()
    page = await desks.sit()
    card = await finished(office, page)
    await expect(card.locator("[name=outcome]")).to_have_count(2)
    await card.get_by_label("Note").fill("no outcome needed")
    await press(page, "Control+Enter")
    await expect(card).to_have_count(0)
    assert (await office.one(WrapUp)).outcome_id is None


async def test_a_tab_that_crashes_and_a_server_that_restarts_lose_no_word(office, desks) -> None:
    page = await desks.sit()
    context = page.context
    card = await finished(office, page)
    await card.get_by_label("Order").check()
    await card.get_by_label("Note").fill("before the crash")
    await card.get_by_label("Callback").check()
    await card.get_by_label("At", exact=True).fill("09:15")
    await card.get_by_label("About").fill("the lid")
    await card.get_by_label("Who does it").select_option("anyone")
    async with page.expect_event("crash"):
        with pytest.raises(Error):
            await page.goto("chrome://crash")
    await office.shut()
    await office.open()
    page = await desks.tab(context)
    card = page.locator(".pop")
    await expect(card.get_by_label("Note")).to_have_value("before the crash")
    await expect(card.get_by_label("Order")).to_be_checked()
    await expect(card.get_by_label("Callback")).to_be_checked()
    await expect(card.get_by_label("At", exact=True)).to_have_value("09:15")
    await expect(card.get_by_label("About")).to_have_value("the lid")
    await expect(card.get_by_label("Who does it")).to_have_value("anyone")
    await expect(card).to_contain_text("Draft, kept on this computer")
    await card.get_by_role("button", name="Save").click()
    await expect(card).to_have_count(0)
    assert (await office.one(Task)).title == "the lid"
    assert await drafts(page) == []
    desks.forgive("WebSocket", "Failed to")


async def test_fields_as_they_began_are_no_draft(office, desks) -> None:
    page = await desks.sit()
    card = await finished(office, page)
    await card.get_by_label("Note").fill("x")
    assert len(await drafts(page)) == 1
    await card.get_by_label("Note").fill("")
    assert await drafts(page) == []
    await card.get_by_label("Promise").check()
    assert len(await drafts(page)) == 1
    await card.get_by_label("None").check()
    assert await drafts(page) == []


async def test_a_draft_is_shown_to_nobody_else_at_this_browser(office, desks) -> None:
    ann = await desks.sit("101")
    card = await finished(office, ann)
    await card.get_by_label("Note").fill("ann's own words")
    await ann.context.add_cookies([await office.cookie("102")])  # Ben logs in after her
    ben = await desks.tab(ann.context)
    call = office.queue_call(NUMBER, winner=1)
    call.answer()
    theirs = ben.locator(".pop--talking")
    await expect(theirs.get_by_label("Note")).to_have_value("")
    await ben.goto(ben.url)
    await expect(theirs.get_by_label("Note")).to_have_value("")
    await expect(ben.get_by_text("ann's own words")).to_have_count(0)
    await ann.context.add_cookies([await office.cookie("101")])
    await ann.reload()
    await expect(ann.locator(".pop--wrap_up").get_by_label("Note")).to_have_value("ann's own words")
