"""My day in a real browser: true without a reload, by keyboard, counted on every page."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.async_api import Page, expect

import storage.tasks
from fixtures.offices import Office
from storage.tasks import Task, TaskFacts, TaskKind

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

NUMBER = "+491715550142"


async def note(office: Office, *, whose: str | None = None, **facts: object) -> Task:
    """A callback, noted by a program: the screens are told by the office."""
    begun = {"kind": TaskKind.CALLBACK, "number": NUMBER, "title": "the price"} | facts
    user = office.users[whose].id if whose else None
    async with office.database.writing() as session:
        task = await storage.tasks.add(
            session, TaskFacts(user_id=user, **begun), by=None, now=datetime.now(UTC)
        )
    assert office.bridge is not None
    await office.bridge.day_changed()
    return task


def ago(minutes: float) -> datetime:
    return datetime.now(UTC) - timedelta(minutes=minutes)


async def open_day(desks, extension: str = "101") -> Page:
    page = await desks.sit(extension)
    await page.get_by_role("link", name="My day").click()
    await expect(page.get_by_role("heading", name="My day")).to_be_visible()
    return page


async def test_what_becomes_due_is_counted_in_the_rail_of_every_page(office, desks) -> None:
    page = await desks.sit()
    count = page.locator(".rail-count")
    await expect(count).to_be_hidden()
    await note(office, whose="101", due_at=ago(5))
    await expect(count).to_have_text("1 due")
    await note(office, whose="102", due_at=ago(5))  # a colleague's
    task = await note(office, due_at=ago(1))  # anyone's
    await expect(count).to_have_text("2 due")
    async with office.database.writing() as session:
        await storage.tasks.finish(
            session, task.id, by=office.users["102"].id, now=datetime.now(UTC)
        )
    await office.bridge.day_changed()
    await expect(count).to_have_text("1 due")


async def test_a_callback_is_taken_and_done_by_keyboard_alone(office, desks) -> None:
    task = await note(office, due_at=ago(5))
    page = await open_day(desks)
    line = page.locator(".day-line")
    await expect(line).to_contain_text("overdue since")
    await line.get_by_role("link", name="the price").focus()
    for wanted in ("Call", "Take it"):
        await page.keyboard.press("Tab")
        assert wanted in await page.evaluate(
            "document.activeElement.title + document.activeElement.textContent"
        )
    await page.keyboard.press("Enter")
    await expect(page.locator("#flashes")).to_have_text("It is yours.")
    await expect(line.get_by_role("button", name="Take it")).to_have_count(0)
    await line.get_by_role("button", name="Done").focus()
    await page.keyboard.press("Enter")
    await expect(page.locator("#flashes")).to_have_text("Done.")
    await expect(line).to_have_count(0)
    stored = await office.one(Task)
    assert (stored.id, stored.done_by) == (task.id, office.users["101"].id)


async def test_of_two_who_take_it_the_other_is_told_and_sees_it_go(office, desks) -> None:
    await note(office, due_at=ago(5))
    ann, ben = await open_day(desks, "101"), await open_day(desks, "102")
    await ben.route("**/day/lists", lambda route: route.abort())  # Ben's page hears of nothing
    await ann.get_by_role("button", name="Take it").click()
    await expect(ann.locator("#flashes")).to_have_text("It is yours.")
    await ben.get_by_role("button", name="Take it").click()
    await expect(ben.locator("#flashes")).to_have_text("Ann Wright has taken this already.")
    await expect(ben.locator(".day-line")).to_have_count(0)
    desks.forgive("Failed to load resource")


async def test_news_are_drawn_and_the_cursor_stays_where_it_was(office, desks) -> None:
    await note(office, whose="101", due_at=ago(5))
    page = await open_day(desks)
    done = page.get_by_role("button", name="Done")
    await done.focus()
    await note(office, whose="101", due_at=ago(50), title="an older one")
    await expect(page.locator(".day-line")).to_have_count(2)
    await expect(page.locator(".day-line").first).to_contain_text("an older one")
    held = page.locator(".day-line", has_text="the price").get_by_role("button", name="Done")
    await expect(held).to_be_focused()


async def test_a_missed_call_comes_by_itself_and_goes_when_a_colleague_called_back(
    office, desks
) -> None:
    await office.add_customer("Erika Muster", NUMBER)
    page = await open_day(desks)
    office.direct_call(NUMBER, "101", answered=False).end()
    line = page.locator(".day-line", has_text="Erika Muster")
    await expect(line).to_contain_text("rang once")
    await expect(page.locator(".rail-count")).to_have_text("1 due")
    ben = await desks.sit("102")
    back = office.outgoing_call("102", NUMBER)
    back.go(2)
    await expect(ben.locator(".pop--talking")).to_have_count(1)
    back.end()
    await page.bring_to_front()
    await expect(line).to_have_count(0)
    await expect(page.locator(".day-done")).to_contain_text("spoken to by Ben Okafor")


async def test_a_task_is_noted_and_changed_on_its_page(office, desks) -> None:
    page = await open_day(desks)
    await page.get_by_role("link", name="New task").click()
    await page.get_by_label("To do").fill("order the part <b>now</b>")
    await page.get_by_label("More about it").fill("size M")
    await page.wait_for_load_state()  # keys are heard once the page's scripts are there
    await page.keyboard.press("Control+Enter")
    await expect(page.locator(".day-line")).to_contain_text("order the part <b>now</b>")
    await page.get_by_role("link", name="order the part").click()
    await page.get_by_label("Who does it").select_option(label="Ben Okafor")
    await page.get_by_role("button", name="Save").click()
    await expect(page.locator(".day-line")).to_have_count(0)
    assert (await office.one(Task)).user_id == office.users["102"].id
