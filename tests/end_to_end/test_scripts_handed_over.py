"""A script goes with the call: who takes it over goes on, and sees who answered what."""

import pytest
from playwright.async_api import Page, expect

import storage.pbxs
import storage.queues
import storage.scripts
from fixtures.calls import NOW
from fixtures.chromium import chromium, person
from fixtures.house import House
from lab.layout import Queue
from lab.pbx import Pbx
from lab.softphones import desks
from lab.stories.casts import conversation
from storage.rules.scripts import Field, FieldKind, Outline, Step

pytestmark = [pytest.mark.asterisk, pytest.mark.browser, pytest.mark.timeout(180)]
LONG = 20_000
HAPPY = Field(key="f1", label="Content with us?", kind=FieldKind.YES_NO, needed=True)
WHY = Field(key="f2", label="What went wrong?")
OUTLINE = Outline(
    (
        Step(key="s1", title="Greeting", say="Good day {name}", fields=(HAPPY,), next="s2"),
        Step(key="s2", title="Complaint", fields=(WHY,)),
    )
)


async def _publish(house: House, queue: Queue) -> None:
    async with house.database.writing() as session:
        [pbx] = await storage.pbxs.listed(session)
        row = await storage.queues.ensure(session, pbx.id, queue.name)
        script = await storage.scripts.create(session, "Survey", by=None, now=NOW)
        await storage.scripts.save(
            session, script.id, "Survey", OUTLINE, version=1, by=None, now=NOW
        )
        await storage.scripts.assign(session, script.id, [row.id], by=None)
        await storage.scripts.publish(session, script.id, version=2, by=None, now=NOW)
    assert house.running is not None
    await house.running.bridge.phones_changed()  # as the page does


async def _sit(page: Page, ringbook: House) -> None:
    await page.goto(f"{ringbook.url}/desk")
    await expect(page.locator("#desk")).to_have_attribute("data-live", "connected", timeout=LONG)


async def test_the_next_agent_goes_on_where_the_first_one_stopped(
    pbx: Pbx, queue: Queue, ringbook: House
) -> None:
    await _publish(ringbook, queue)
    cookies = {login: await ringbook.cookie(login) for login in ("ann", "ben")}
    async with (
        chromium() as browser,
        person(browser, ringbook.settings, cookies["ann"]) as ann,
        person(browser, ringbook.settings, cookies["ben"]) as ben,
        desks(pbx) as room,
    ):
        await _sit(ann, ringbook)
        await _sit(ben, ringbook)
        phone = await room.inside(queue.agents[1])
        first = await conversation(room, "+442071234567", queue.agents[0], dial=queue.number)
        await phone.rings()  # as the queue's other member; Ann was first
        mine = ann.locator(".pop-script")
        await expect(mine.get_by_label("No")).to_be_enabled(timeout=LONG)
        await ann.keyboard.press("g")
        await ann.keyboard.press("ArrowRight")
        await ann.keyboard.press("Control+Enter")
        await expect(mine.get_by_label("What went wrong?")).to_be_focused(timeout=LONG)
        await ann.keyboard.type("came late")
        await expect(mine.locator(".pop-saved")).to_have_text("Saved", timeout=LONG)
        await mine.get_by_label("What went wrong?").press("Tab")
        await ann.keyboard.press("s")
        await ann.keyboard.type("Ben")
        await expect(ann.locator(".target", has_text="Ben")).to_be_visible(timeout=LONG)
        await ann.get_by_role("button", name="Send on").last.click()
        ringing = await phone.rings()
        theirs = ben.locator(".pop-script")
        await expect(theirs.get_by_label("What went wrong?")).to_have_value(
            "came late", timeout=LONG
        )
        await expect(theirs.get_by_label("What went wrong?")).to_be_disabled()
        await ringing.answer()
        await expect(theirs.get_by_label("What went wrong?")).to_be_enabled(timeout=LONG)
        await expect(theirs.locator("[data-field=f2] .script-by")).to_have_text("Ann")
        await theirs.get_by_label("What went wrong?").fill("came late, and broken")
        await expect(ann.locator(".pop-script [data-field=f2] .script-by")).to_have_text(
            "Ben", timeout=LONG
        )
        await theirs.get_by_role("button", name="Next").click()
        await expect(theirs).to_contain_text("The script is done.", timeout=LONG)
        await ringing.hang_up()
        await first.customer.over()
