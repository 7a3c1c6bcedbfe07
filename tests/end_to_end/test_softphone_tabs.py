"""A softphone whose page is loaded again, or another tab of it: the call stays, or one is told."""

import asyncio

import pytest
from playwright.async_api import expect

from fixtures.headsets import (
    CALLER,
    LONG,
    agent_with_headset,
    caller,
    chromium_with_headset,
    give_softphone,
    rings,
    says,
    sit_down,
    talks,
)
from fixtures.house import House
from lab.layout import Kind, Queue
from lab.pbx import Pbx
from lab.softphones import desks

pytestmark = [pytest.mark.asterisk, pytest.mark.browser, pytest.mark.timeout(240)]
FORGET_THE_DIALOG = """() => {
  const key = Object.keys(localStorage).find((name) => name.includes('softphone.call'));
  const call = JSON.parse(localStorage[key]);
  localStorage[key] = JSON.stringify({ ...call, theirs: 'nobody' });
}"""


@pytest.fixture
def queue(pbx: Pbx) -> Queue:
    """A queue whose phones are softphones."""
    return pbx.queue(Kind.WEB)


@pytest.fixture
async def office(pbx: Pbx, queue: Queue, ringbook: House) -> House:
    """Ringbook, with a softphone for ann."""
    await give_softphone(ringbook, pbx, "ann")
    await ringbook.customer("Zoë O'Brien", "020 7123 4567")
    return ringbook


async def test_a_page_that_cannot_come_back_says_so_and_has_the_call_ring_again(
    pbx: Pbx, queue: Queue, office: House
) -> None:
    async with (
        chromium_with_headset() as browser,
        agent_with_headset(browser, office, "ann") as ann,
        asyncio.TaskGroup() as group,
    ):
        await sit_down(ann, office)
        calling = group.create_task(caller(pbx, queue, 60))
        await rings(ann)
        await ann.keyboard.press("Shift+A")
        await talks(ann)
        await ann.evaluate(FORGET_THE_DIALOG)
        await ann.reload()
        trouble = ann.locator("#softphone [data-trouble]")
        await expect(trouble).to_contain_text("could not come back into it", timeout=LONG)
        await expect(ann.locator(".pop--talking")).to_have_count(1)
        await trouble.get_by_role("button", name="Ring me again").click()
        await expect(ann.locator(".softphone-talk")).to_have_attribute(
            "data-state", "ringing", timeout=LONG
        )
        await ann.keyboard.press("Shift+A")
        await talks(ann)
        await expect(trouble).to_be_hidden()
        await ann.locator(".softphone-talk [data-phone=hang-up]").click()
        await calling


async def test_one_tab_has_the_softphone_and_another_takes_it_over_with_its_call(
    pbx: Pbx, queue: Queue, office: House
) -> None:
    async with (
        chromium_with_headset() as browser,
        agent_with_headset(browser, office, "ann") as ann,
        desks(pbx) as room,
    ):
        await sit_down(ann, office)
        second = await ann.context.new_page()
        second.on("dialog", lambda dialog: dialog.accept())
        await second.goto(f"{office.url}/desk")
        softphone = second.locator("#softphone")
        await expect(softphone).to_have_attribute("data-state", "elsewhere", timeout=LONG)
        outside = await room.outside(CALLER)
        ear = await outside.listens()
        customer = outside.calls(queue.number)
        await rings(ann)
        await expect(second.locator(".pop--ringing")).to_have_count(1, timeout=LONG)
        await expect(second.locator(".pop--ringing [data-control=answer]")).to_be_hidden()
        await ann.locator(".pop--ringing [data-control=answer]").click()
        await talks(ann)
        await second.bring_to_front()
        await second.locator("#softphone summary").click()
        await expect(softphone).to_contain_text("A call that goes on moves here")
        await second.get_by_role("button", name="Use it in this tab").click()
        await says(second, "back in the call")
        await talks(second)
        await expect(ann.locator("#softphone")).to_have_attribute(
            "data-state", "elsewhere", timeout=LONG
        )
        await expect(ann.locator(".softphone-talk")).to_have_count(0)
        await ear.hears_voice()
        await second.keyboard.press("Escape")
        await second.keyboard.press("Shift+E")
        await expect(second.locator(".pop--wrap_up")).to_have_count(1, timeout=LONG)
        await customer.over()
