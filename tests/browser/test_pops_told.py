"""What a card tells of the caller beside the name."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.async_api import Locator, Page, expect

import storage.own_numbers
import storage.tasks
from storage.rules.lifecycles import Lifecycle
from storage.tasks import TaskFacts, TaskKind

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

MARTA = "+48221234567"


def pop(page: Page) -> Locator:
    return page.locator(".pop")


async def test_a_pop_says_where_the_customer_stands_with_us(office, desks) -> None:
    await office.add_customer("Marta Kowalska", MARTA, lifecycle=Lifecycle.FORMER)
    await office.add_customer("Nobody said", "+491715550142")
    page = await desks.sit()
    office.direct_call(MARTA, "101")
    stage = pop(page).locator("[data-lifecycle]")
    await expect(stage).to_have_text("Former customer")
    office.direct_call("+491715550142", "101")
    await expect(pop(page)).to_have_count(2)
    await expect(
        pop(page).filter(has_text="Nobody said").locator("[data-lifecycle]")
    ).to_be_hidden()


async def test_a_pop_says_how_the_caller_waits_and_what_was_dialled(office, desks) -> None:
    async with office.database.writing() as session:
        await storage.own_numbers.add(
            session, office.pbx_id, "4000", label="Hotline", source="Spring brochure",
            by=None, now=datetime.now(UTC),
        )  # fmt: skip
    await office.bridge.phones_changed()
    office.lost_call("+491715550143", phones=("102",))
    page = await desks.sit()
    call = office.queue_call(MARTA, phones=("101",))
    band = pop(page).locator(".pop-band")
    await expect(band).to_contain_text("place 2 of 2")
    await expect(band).to_contain_text("to Hotline")
    await expect(band).to_contain_text("Spring brochure")
    call.answer()
    await expect(band).to_contain_text(re.compile(r"waited 0:\d\d"))
    await expect(band).not_to_contain_text("place")
    async with office.database.writing() as session:
        [number] = await storage.own_numbers.listed(session)
        await storage.own_numbers.remove(session, number.id, by=None)
    await office.bridge.phones_changed()
    await expect(band).to_contain_text("to 4000")


async def test_a_pop_says_what_is_to_be_done_for_the_customer(office, desks) -> None:
    marta = await office.add_customer("Marta Kowalska", MARTA)
    now = datetime.now(UTC)
    async with office.database.writing() as session:
        for facts in (
            TaskFacts(title="Send samples", customer_id=marta, due_at=now - timedelta(days=2)),
            TaskFacts(
                kind=TaskKind.CALLBACK, number=MARTA, due_at=now + timedelta(days=2),
                customer_id=marta, user_id=office.users["102"].id,
            ),
        ):  # fmt: skip
            await storage.tasks.add(session, facts, by=None, now=now)
    page = await desks.sit()
    office.queue_call(MARTA)
    todo = pop(page).locator("[data-part-tasks] .promise")
    await expect(todo).to_have_count(2)
    await expect(todo.first).to_contain_text("Send samples anyone")
    await expect(todo.first).to_contain_text("overdue since")
    await expect(todo.last).to_contain_text("Call back Ben Okafor")
