"""A desk out of sight: one notification, one sound, from one tab; asked for by the agent alone."""

import asyncio

import pytest
from playwright.async_api import BrowserContext, Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

MARTA = "+48221234567"
SPY = """
  window.notices = []; window.notes = 0; window.away = false;
  const Real = window.Notification;
  window.Notification = class extends Real {
    constructor(title, options) {
      super(title, options);
      this.told = { title, body: options.body, open: true };
      window.notices.push(this.told);
      window.lastNotice = this;
    }
    close() { this.told.open = false; super.close(); }
  };
  const start = OscillatorNode.prototype.start;
  OscillatorNode.prototype.start = function (at) {
    window.notes += 1;
    return start.call(this, at);
  };
  const disconnect = GainNode.prototype.disconnect;
  window.hushed = 0;
  GainNode.prototype.disconnect = function () { window.hushed += 1; return disconnect.call(this); };
  Object.defineProperty(document, "hidden", { get: () => window.away });
"""


async def sit(desks, *, wants: bool = True) -> Page:
    """A desk whose notifications and sounds are counted, with both switched on by its agent."""
    page = await desks.sit()
    await page.context.grant_permissions(["notifications"])
    await page.context.add_init_script(SPY)
    await page.reload()
    await desks.connected(page)
    if wants:
        await page.get_by_label("Show a notification").check()
        await page.get_by_label("Play a sound").check()
        await so(page, "window.notes === 2")  # it was heard once, to know it
    return page


async def hide(page: Page, *, away: bool = True) -> None:
    await page.evaluate(
        "(away) => { window.away = away; document.dispatchEvent(new Event('visibilitychange')); }",
        away,
    )


async def so(page: Page, expression: str) -> None:
    """Wait until it is true on the page, whose policy allows no `eval` of ours."""
    async with asyncio.timeout(10):
        while not await page.evaluate(expression):  # noqa: ASYNC110 - nobody tells of it
            await asyncio.sleep(0.02)


async def second_tab(desks, context: BrowserContext) -> Page:
    return await desks.tab(context)


async def seen(page: Page) -> list[dict]:
    return await page.evaluate("window.notices")


async def test_a_hidden_desk_tells_of_a_call_and_takes_it_back(office, desks) -> None:
    await office.add_customer("Marta Kowalska", MARTA)
    page = await sit(desks)
    await hide(page)
    call = office.queue_call(MARTA)
    await so(page, "window.notices.length === 1")
    [notice] = await seen(page)
    assert notice == {
        "title": "☎ Marta Kowalska", "body": "Sales line · Known customer.", "open": True,
    }  # fmt: skip
    assert await page.evaluate("window.notes") > 2
    call.answer()
    await so(page, "window.notices[0].open === false && window.hushed > 0")
    assert len(await seen(page)) == 1


async def test_a_desk_in_sight_is_silent(office, desks) -> None:
    page = await sit(desks)
    office.queue_call(MARTA)
    await expect(page.locator(".pop")).to_have_count(1)
    await hide(page)
    office.direct_call("+491715550142", "101")
    await so(page, "window.notices.length === 1")
    [notice] = await seen(page)
    assert notice["title"] == "☎ +49 171 5550142"


async def test_of_two_hidden_tabs_one_tells_and_none_where_the_other_is_seen(office, desks) -> None:
    first = await sit(desks)
    second = await second_tab(desks, first.context)
    pages = (first, second)
    await hide(first)
    office.direct_call("+491715550141", "101")
    for page in pages:
        await expect(page.locator(".pop")).to_have_count(1)
    await hide(second)
    office.direct_call("+491715550142", "101")
    for page in pages:
        await expect(page.locator(".pop")).to_have_count(2)
    await so(first, "window.notices.length > 0")
    told = [notice["title"] for page in pages for notice in await seen(page)]
    assert told == ["☎ +49 171 5550142"]
    await first.close()
    office.direct_call("+491715550143", "101")
    await so(second, "window.notices.some((n) => n.title.endsWith('143'))")


async def test_looking_at_any_tab_ends_the_sound(office, desks) -> None:
    first = await sit(desks)
    second = await second_tab(desks, first.context)
    await hide(first)
    await hide(second)
    office.direct_call("+491715550141", "101")
    await so(first, "window.notes > 2")
    before = await first.evaluate("window.hushed")
    await hide(second, away=False)
    await so(first, f"window.hushed > {before}")
    assert [notice["open"] for notice in await seen(first)] == [True]  # it still rings


async def test_nothing_is_asked_and_nothing_told_unless_the_agent_says_so(office, desks) -> None:
    page = await sit(desks, wants=False)
    asked = (
        "void (Notification.requestPermission = () => { window.asked = true; return 'denied'; })"
    )
    await page.evaluate(asked)
    await hide(page)
    office.direct_call("+491715550141", "101")
    await expect(page.locator(".pop")).to_have_count(1)
    await expect(page).to_have_title("☎ +49 171 5550141 is calling")
    assert (await seen(page), await page.evaluate("window.notes")) == ([], 0)
    assert await page.evaluate("window.asked") is None
    await page.get_by_label("Show a notification").click()
    await so(page, "window.asked === true")
    await expect(page.get_by_label("Show a notification")).not_to_be_checked()


async def test_the_choice_is_kept_and_a_clicked_notification_leads_to_its_card(
    office, desks
) -> None:
    page = await sit(desks)
    await page.reload()
    await desks.connected(page)
    await expect(page.get_by_label("Show a notification")).to_be_checked()
    await expect(page.locator("[data-notice-trouble]")).to_contain_text("until you click")
    await page.locator("#main").click(position={"x": 400, "y": 400})
    await expect(page.locator("[data-notice-trouble]")).to_be_hidden()
    await hide(page)
    office.direct_call("+491715550141", "101")
    await so(page, "window.notices.length === 1")
    await page.evaluate("window.lastNotice.dispatchEvent(new Event('click'))")
    await expect(page.locator(".pop")).to_be_focused()


async def test_an_incoming_call_is_said_once_and_the_same_caller_again(office, desks) -> None:
    page = await desks.sit()
    await page.evaluate(
        """() => { window.said = [];
          new MutationObserver(() => {
            const text = document.getElementById('desk-alert').textContent;
            if (text) window.said.push(text);
          }).observe(document.getElementById('desk-alert'), { childList: true }); }"""
    )
    call = office.direct_call(MARTA, "101")
    await expect(page.locator(".pop")).to_have_count(1)
    call.answer()
    await expect(page.locator(".pop--talking")).to_have_count(1)
    call.end()
    await page.get_by_role("button", name="Nothing to note").click()
    await expect(page.locator(".pop")).to_have_count(0)
    office.direct_call(MARTA, "101")
    await expect(page.locator(".pop")).to_have_count(1)
    said = await page.evaluate("window.said")  # how sure it is may come after, on a busy machine
    assert [text.partition(" is calling.")[0] for text in said] == ["+48 22 123 45 67"] * 2
