"""From a scorecard to a trend: a call is picked, rated by keyboard, released, appealed, decided."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

import storage.teams
from fixtures.cast import add_user
from fixtures.offices import NOW, Office
from pbx_bridge.call import CallState
from storage.calls import CallAgent, CallRecord
from storage.reviews import Review, ReviewMark

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

SECONDS = 20.0
AGENT = "102"  # Ben, who answers
MORE = "Nor where to"
WORDS = "Did not ask <b>when</b>"


@pytest_asyncio.fixture(loop_scope="session")
async def sit(office: Office, desks) -> Callable[[str], Awaitable[Page]]:
    """A supervisor of the agent's team, and a way to a browser without a desk."""
    sue = office.users["sue"] = await add_user(office.database, "sue", "supervisor", name="Sue Low")
    async with office.database.writing() as session:
        team = await storage.teams.create(session, name="Front", now=NOW, by=None)
        members = [sue.id, office.users[AGENT].id]
        await storage.teams.change(session, team.id, name="Front", user_ids=members, by=None)

    async def enter(who: str) -> Page:
        context = await desks._browser.new_context(viewport={"width": 1280, "height": 720})
        desks._contexts.append(context)
        await context.add_cookies([await office.cookie(who)])
        page = await context.new_page()
        page.on("console", lambda message: desks.complaints.append(message.text))
        page.on("pageerror", lambda error: desks.complaints.append(str(error)))
        return page

    return enter


async def a_call(office: Office) -> None:
    """The agent talks with somebody, and it is stored."""
    call = office.queue_call("+491715550142", "Erika Muster", winner=1)
    call.answer()
    call.end()
    async with asyncio.timeout(SECONDS):
        while True:
            ended = await office.rows(CallRecord, state=CallState.ENDED)
            if ended and await office.rows(CallAgent, talked=True):
                return
            await asyncio.sleep(0.05)


async def make_a_scorecard(page: Page, url: str) -> None:
    await page.goto(f"{url}/reviews/scorecards")
    await page.locator("#field-name").fill("Quality")
    await page.get_by_role("button", name="Begin").click()
    await page.get_by_label("Title").fill("Talk")
    await page.get_by_label("What is rated").fill("Greets by name")
    await page.get_by_role("button", name="Another item").click()
    await expect(page.get_by_label("What is rated")).to_have_count(2)
    await page.get_by_label("What is rated").nth(1).fill("Finds the need")
    await page.get_by_label("How", exact=True).nth(1).select_option("scale")
    await page.get_by_role("button", name="Save and publish").click()
    await expect(page.get_by_text("In use: version 1")).to_be_visible()


async def have_calls_picked(page: Page, url: str) -> None:
    await page.goto(f"{url}/reviews/rules?kind=random")
    await page.locator("#field-name").fill("All of them")
    await page.get_by_label("Share of each agent's calls").fill("100")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("link", name="All of them")).to_be_visible()
    await page.goto(f"{url}/reviews/picks")
    await page.get_by_role("button", name="Look for calls now").click()
    await expect(page.get_by_text("by chance: it drew")).to_be_visible()


async def rate_by_keyboard(page: Page) -> None:
    """Mark, comment and submit without a mouse; a reload loses nothing."""
    status = page.locator("[data-status]")
    await expect(page.get_by_text("Still to rate: 2")).to_be_visible()
    await expect(page.locator("form[data-review][data-ready]")).to_be_visible()
    await page.keyboard.press("y")
    await page.keyboard.press("4")
    await expect(page.locator("[data-now-score]")).to_have_text("87.5 %")
    await expect(status).to_have_text("Saved")
    await expect(page.get_by_label("Comment on the whole call")).to_be_focused()
    await page.keyboard.press("Escape")
    await page.keyboard.press("c")
    await page.keyboard.type(WORDS)
    await expect(status).to_have_text("Saved")
    await page.reload()
    await expect(page.get_by_label("Comment on “Finds the need”")).to_have_value(WORDS)
    await expect(page.locator("[data-now-score]")).to_have_text("87.5 %")
    await expect(page.locator("form[data-review][data-ready]")).to_be_visible()
    await page.get_by_label("Comment on “Finds the need”").focus()
    await page.keyboard.press("End")
    await page.keyboard.type(".")
    need = page.get_by_role("group", name="Finds the need")
    await need.get_by_role("button", name="Another comment").press("Enter")
    await page.keyboard.type(MORE)  # is sent before the page goes
    await page.keyboard.press("Control+Enter")
    await expect(page.get_by_text("Submitted. The agent reads it")).to_be_visible()


async def test_a_call_is_reviewed_from_the_scorecard_to_the_trend(office, desks, sit) -> None:
    url = office.settings.public_url
    await a_call(office)
    sue, ben = await sit("sue"), await sit(AGENT)
    await make_a_scorecard(sue, url)
    await have_calls_picked(sue, url)
    await sue.get_by_role("button", name="Review", exact=True).click()
    await rate_by_keyboard(sue)
    await ben.goto(f"{url}/reviews/mine")
    await expect(ben.get_by_text("No review has been released to you yet")).to_be_visible()
    await sue.get_by_role("button", name="Release to the agent").press("Enter")
    await expect(sue.get_by_text("Not read yet")).to_be_visible()

    await ben.reload()
    await ben.get_by_role("link", name="Erika Muster").click()
    await expect(ben.get_by_text("87.5 %").first).to_be_visible()
    [notes] = [row for row in await office.rows(ReviewMark) if row.note]
    await expect(ben.get_by_text(notes.note)).to_be_visible()
    assert notes.note == f"{WORDS}."
    await expect(ben.get_by_text(MORE)).to_be_visible()
    await ben.get_by_label("Why you disagree").fill("She said it herself")
    await ben.get_by_role("button", name="Appeal").click()
    await expect(ben.get_by_text("Not decided yet.")).to_be_visible()

    await sue.reload()
    await expect(sue.get_by_text("She said it herself")).to_be_visible()
    await expect(sue.locator("form[data-review][data-ready]")).to_be_visible()
    await expect(sue.get_by_label("Comment on “Finds the need”").nth(1)).to_have_value(MORE)
    await sue.get_by_role("group", name="Finds the need").get_by_label("5", exact=True).focus()
    await sue.keyboard.press("5")
    await expect(sue.locator("[data-now-score]")).to_have_text("100.0 %")
    await sue.get_by_label("Why you decide so").fill("True, I heard it again")
    await sue.get_by_role("button", name="Grant the appeal").click()
    await expect(sue.get_by_text("Granted: the agent reads the new revision.")).to_be_visible()

    await ben.reload()
    await expect(ben.get_by_text("True, I heard it again")).to_be_visible()
    await expect(ben.get_by_text("Revision 2")).to_be_visible()
    await sue.goto(f"{url}/reviews/trends")
    row = sue.get_by_role("row", name="Ben Okafor")
    await expect(row).to_contain_text("100.0 %")
    assert "100.0 %" in (await row.get_by_role("img").get_attribute("aria-label"))
    [review] = await office.rows(Review)
    assert (review.revision, review.score) == (2, 100.0)
