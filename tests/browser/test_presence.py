"""Taking calls or not, on real screens: what the PBX says is what is shown, in every tab."""

import re
from datetime import UTC, datetime

import pytest
import pytest_asyncio
from playwright.async_api import Locator, Page, expect

import storage.pause_reasons
import storage.queues
from fixtures.offices import until
from pbx_bridge.simulator import Phone
from storage.presences import PresenceRecord

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

ANN = Phone("101", "Agent 101")


def state(page: Page) -> Locator:
    return page.locator("#presence")


async def expect_state(page: Page, what: str, *words: str) -> None:
    await expect(state(page)).to_have_attribute("data-state", what)
    for each in words:
        await expect(state(page).locator("summary")).to_contain_text(each)


async def pause(page: Page, reason: str) -> None:
    await page.locator("#presence-menu summary").click()
    await page.get_by_role("button", name=reason).click()


@pytest_asyncio.fixture(loop_scope="session")
async def reasons(office) -> None:
    """Two reasons, and a second queue that agents log in to."""
    now = datetime.now(UTC)
    async with office.database.writing() as session:
        for name in ("Lunch", "Short break"):
            await storage.pause_reasons.create(session, name, now=now, by=None)
        support = await storage.queues.ensure(session, office.pbx_id, "support")
        await storage.queues.arrange(
            session, support.id, wrap_up_seconds=0, wrap_up_pauses=False, agents_log_in=True,
            by=None,
        )  # fmt: skip
    await office.bridge.phones_changed()


async def wraps_up(office, seconds: int) -> None:
    async with office.database.writing() as session:
        sales = await storage.queues.ensure(session, office.pbx_id, "sales")
        await storage.queues.arrange(
            session, sales.id, wrap_up_seconds=seconds, wrap_up_pauses=True, agents_log_in=False,
            by=None,
        )  # fmt: skip
    await office.bridge.phones_changed()


async def test_a_pause_holds_in_both_tabs_when_the_pbx_says_so(office, desks, reasons) -> None:
    first = await desks.sit()
    second = await desks.tab(first.context)
    await expect_state(first, "available")
    await pause(first, "Lunch")
    for page in (first, second):
        await expect_state(page, "paused", "Paused", "Lunch")
        await expect(state(page).locator(".presence-asking")).to_be_empty()
    await second.locator("#presence-menu summary").click()
    await expect(state(second)).to_contain_text("set from the desk")
    await second.get_by_role("button", name="Take calls").first.click()
    for page in (first, second):
        await expect_state(page, "available")


async def test_the_keyboard_alone_pauses_and_takes_calls_again(office, desks, reasons) -> None:
    page = await desks.sit()
    await expect_state(page, "available")
    await page.keyboard.press("a")
    await expect(page.locator("#presence-menu")).to_have_attribute("open", "")
    await page.keyboard.press("2")
    await expect_state(page, "paused", "Short break")
    await page.keyboard.press("a")
    await page.keyboard.press("0")
    await expect_state(page, "available")


async def test_what_is_set_elsewhere_is_followed_and_named(office, desks, reasons) -> None:
    page = await desks.sit()
    await expect_state(page, "available")
    now = datetime.now(UTC).timestamp()
    for event in office.pbx.members.autopause("sales", ANN, now):
        office.pbx._tell(event)
    await expect_state(page, "paused", "no answer: the telephone system paused you")
    asked = {"Action": "QueuePause", "Interface": "PJSIP/101", "Paused": "false"}
    for event in office.pbx.members.ask(asked, now)[1]:
        office.pbx._tell(event)
    await expect_state(page, "available")
    await page.locator("#presence-menu summary").click()
    await expect(state(page)).to_contain_text("set on the phone, or by another program")


async def test_a_pbx_that_does_not_confirm_changes_nothing_but_is_told_of(
    office, desks, reasons, monkeypatch
) -> None:
    first = await desks.sit()
    second = await desks.tab(first.context)
    await expect_state(first, "available")
    monkeypatch.setattr(office.pbx.members, "ask", lambda *_: (None, []))
    await pause(first, "Lunch")
    for words in ("Asking the telephone system", "did not confirm"):
        for page in (first, second):
            await expect(state(page).locator(".presence-asking")).to_contain_text(words)
            await expect_state(page, "available")


async def test_what_the_pbx_refuses_is_said(office, desks, reasons, monkeypatch) -> None:
    page = await desks.sit()
    await expect_state(page, "available")
    monkeypatch.setattr(office.pbx.members, "ask", lambda *_: ("Interface not found", []))
    await pause(page, "Lunch")
    await expect(page.locator(".toast--bad")).to_contain_text("Interface not found")
    await expect_state(page, "available")
    desks.forgive("422")


async def test_an_agent_logs_in_to_a_queue_and_out_but_not_out_of_a_static_one(
    office, desks, reasons
) -> None:
    page = await desks.sit()
    await page.locator("#presence-menu summary").click()
    rows = state(page).locator(".presence-queue")
    await expect(rows).to_have_count(2)
    support = rows.filter(has_text="support")
    await expect(rows.filter(has_text="Sales line")).to_contain_text("always in")
    await support.get_by_role("button", name="Log in").click()
    await expect(support).to_contain_text("takes calls")
    await page.locator("#presence-where").select_option(label="support")
    await page.get_by_role("button", name="Lunch").click()
    await page.locator("#presence-menu summary").click()
    await expect(support).to_contain_text("paused: Lunch")
    await expect_state(page, "available", "paused in support")  # sales still sends calls
    await support.get_by_role("button", name="Log out").click()
    await expect(support.get_by_role("button", name="Log in")).to_be_visible()


async def test_a_wrap_up_keeps_calls_away_until_it_is_written(office, desks) -> None:
    await wraps_up(office, 300)
    page = await desks.sit()
    await expect_state(page, "available")
    call = office.queue_call("+491715550142", phones=("101",))
    await expect_state(page, "ringing")
    call.answer()
    await expect_state(page, "on_call")
    call.end()
    await expect_state(page, "wrap_up")
    line = state(page).locator(".presence-wrap")
    await expect(line).to_contain_text("Wrap-up after Sales line: no calls until it is over")
    await expect(line.locator("time")).to_have_text(re.compile(r"4:\d\d"))
    assert not office.pbx.members.takes_calls("sales", ANN)
    card = page.locator(".pop")
    await card.get_by_text("Order").click()
    await page.keyboard.press("Control+Enter")
    await expect(card).to_have_count(0)
    await expect_state(page, "available")
    assert office.pbx.members.takes_calls("sales", ANN)


async def test_a_wrap_up_ends_by_itself(office, desks) -> None:
    await wraps_up(office, 1)
    page = await desks.sit()
    call = office.queue_call("+491715550142", phones=("101",))
    call.answer()
    call.end()
    await expect_state(page, "wrap_up")
    await expect_state(page, "available")


async def test_a_server_that_comes_back_shows_what_the_pbx_says(office, desks, reasons) -> None:
    page = await desks.sit()
    await pause(page, "Lunch")
    await expect_state(page, "paused", "Lunch")
    await office.shut()
    await expect_state(page, "unknown")
    asked = {
        "Action": "QueuePause", "Interface": "PJSIP/101", "Paused": "true", "Reason": "Training",
    }  # fmt: skip
    office.pbx.members.ask(asked, datetime.now(UTC).timestamp())
    await office.open()
    await expect_state(page, "paused", "Training")  # it comes back by itself
    desks.forgive("WebSocket", "ERR_CONNECTION_REFUSED", "Failed to")


async def test_what_agents_were_is_written_down(office, desks, reasons) -> None:
    page = await desks.sit()
    await expect_state(page, "available")
    await pause(page, "Lunch")
    await expect_state(page, "paused", "Lunch")
    await page.locator("#presence-menu summary").click()
    await page.get_by_role("button", name="Take calls").first.click()
    await expect_state(page, "available")
    await office.bridge.presences._log.flush()
    rows = await office.rows(PresenceRecord, extension="101", queue=None)
    told = [(r.state, r.reason, r.source, r.ended_at is None) for r in rows]
    assert sorted(rows, key=lambda r: r.began_at) == rows
    assert told == [
        ("available", "", None, False),
        ("paused", "Lunch", "desk", False),
        ("available", "", "desk", True),
    ]
    await until(lambda: office.bridge.presences._log._begun == [])


async def test_a_strangers_words_are_text(office, desks) -> None:
    page = await desks.sit()
    await expect_state(page, "available")
    words = '<img src=x onerror="alert(1)"> \u202e{state}'
    asked = {
        "Action": "QueuePause", "Interface": "PJSIP/101", "Paused": "true", "Reason": words,
    }  # fmt: skip
    for event in office.pbx.members.ask(asked, datetime.now(UTC).timestamp())[1]:
        office.pbx._tell(event)
    await expect_state(page, "paused", "<img src=x onerror=")
    await page.locator("#presence-menu summary").click()
    await expect(state(page).locator(".presence-queue")).to_contain_text("paused: <img src=x")
    await expect(state(page).locator("img")).to_have_count(0)
