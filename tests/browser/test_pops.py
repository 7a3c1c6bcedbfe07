"""Pops on real screens: who is told, how, for how long."""

import re
from functools import partial

import pytest
from playwright.async_api import Locator, Page, expect

from fixtures.offices import until
from storage.calls import CallRecord

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

MARTA = "+48221234567"


def pop(page: Page, state: str = "") -> Locator:
    return page.locator(f".pop--{state}" if state else ".pop")


async def test_a_pop_says_who_calls_before_anyone_answers(office, desks) -> None:
    await office.add_customer("Marta Kowalska", MARTA, address_as="Pani Marta")
    page = await desks.sit()
    await expect(page.get_by_text("No one is ringing")).to_be_visible()
    office.queue_call(MARTA, "Kowalska M")
    card = pop(page)
    await expect(card.get_by_role("link", name="Marta Kowalska")).to_be_visible()
    await expect(pop(page, "ringing")).to_have_count(1)
    await expect(card.locator(".pop-state")).to_have_text("Ringing", use_inner_text=True)
    await expect(card).to_contain_text("Sales line")
    await expect(card).to_contain_text("say “Pani Marta”")
    await expect(card).to_contain_text("The number is Marta Kowalska's alone.")
    await expect(card.locator(".pop-clock")).to_have_text(
        re.compile(r"waiting\s+0:\d\d"), use_inner_text=True
    )
    await expect(page.get_by_text("No one is ringing")).to_be_hidden()
    await expect(page.locator("#phone-state")).to_have_attribute("data-state", "ringing")


async def test_the_title_and_the_ears_are_told(office, desks) -> None:
    await office.add_customer("Marta Kowalska", MARTA)
    page = await desks.sit()
    call = office.queue_call(MARTA)
    await expect(page).to_have_title("☎ Marta Kowalska is calling")
    alert = page.locator("#desk-alert")
    await expect(alert).to_have_text("Marta Kowalska is calling, Sales line. Known customer.")
    await expect(alert).to_have_attribute("role", "alert")
    call.answer()
    await expect(page).to_have_title("Desk · Ringbook")
    await expect(page.locator("#desk-status")).to_have_text("You are talking to Marta Kowalska.")


async def test_only_the_one_who_answers_keeps_the_pop(office, desks) -> None:
    winner, loser = await desks.sit("101"), await desks.sit("102")
    call = office.queue_call("+491715550142")
    await expect(pop(winner)).to_have_count(1)
    await expect(pop(loser)).to_have_count(1)
    call.answer()
    await expect(pop(loser)).to_have_count(0)
    await expect(loser.locator(".toast")).to_contain_text("Answered by a colleague")
    await expect(pop(winner, "talking")).to_have_count(1)
    await expect(winner.locator(".toast")).to_have_count(0)


async def test_a_caller_who_hangs_up_is_told_in_one_line(office, desks) -> None:
    page = await desks.sit()
    call = office.lost_call("+491715550142")
    await expect(pop(page)).to_have_count(1)
    call.end()
    await expect(pop(page)).to_have_count(0)
    await expect(page.locator(".toast")).to_have_text("The caller hung up: +49 171 5550142")
    await expect(page).to_have_title("Desk · Ringbook")


async def test_a_phone_that_was_not_answered_is_told(office, desks) -> None:
    page = await desks.sit()
    call = office.direct_call("+491715550142", "101", answered=False)
    await expect(pop(page)).to_have_count(1)
    call.end()
    await expect(page.locator(".toast")).to_contain_text("Your phone rang and was not answered")
    await expect(page.locator("#desk-side")).to_contain_text("not answered")


async def test_a_reload_keeps_the_pop(office, desks) -> None:
    await office.add_customer("Marta Kowalska", MARTA)
    page = await desks.sit()
    call = office.queue_call(MARTA)
    await expect(pop(page)).to_have_count(1)
    await page.reload()
    await expect(pop(page)).to_contain_text("Marta Kowalska")
    call.answer()
    await expect(pop(page, "talking")).to_have_count(1)
    await page.reload()
    await expect(pop(page, "talking")).to_have_count(1)


async def test_two_tabs_show_one_pop_each_and_lose_it_together(office, desks) -> None:
    first = await desks.sit()
    second = await desks.tab(first.context)
    call = office.queue_call("+491715550142")
    for page in (first, second):
        await expect(pop(page)).to_have_count(1)
    call.answer()
    call.end()
    for page in (first, second):
        await expect(pop(page, "wrap_up")).to_have_count(1)
    await first.get_by_role("button", name="Nothing to note").click()
    for page in (first, second):
        await expect(pop(page)).to_have_count(0)


async def test_what_was_missed_while_the_socket_was_cut_comes_after(office, desks) -> None:
    page = await desks.sit()
    first = office.lost_call("+491715550142")
    await expect(pop(page)).to_have_count(1)
    office.cut()
    first.end()
    office.queue_call(MARTA)
    await expect(pop(page)).to_have_count(1)
    await expect(pop(page)).to_contain_text("+48")
    await expect(page.locator(".toast")).to_contain_text("The caller hung up")
    desks.forgive("WebSocket")


async def test_a_desk_that_is_not_connected_says_so_and_recovers(office, desks) -> None:
    page = await desks.sit()
    call = office.queue_call("+491715550142")
    call.answer()
    await expect(pop(page, "talking")).to_have_count(1)
    await office.shut()
    banner = page.locator("#desk-offline")
    await expect(banner).to_be_visible()
    await expect(banner).to_contain_text("Not connected since")
    await expect(banner.get_by_text("You are logged out")).to_be_hidden()
    await expect(page.locator("#phone-state")).to_have_attribute("data-state", "unknown")
    await office.open()
    again = banner.get_by_text("Try now")  # it may have tried by itself, and be hidden by now
    await again.dispatch_event("click")
    await expect(banner).to_be_hidden()
    desks.forgive("WebSocket", "ERR_CONNECTION_REFUSED", "Failed to")


async def test_an_outgoing_call_has_its_pop_too(office, desks) -> None:
    await office.add_customer("Marta Kowalska", MARTA)
    page = await desks.sit()
    call = office.outgoing_call("101", MARTA)
    await expect(pop(page, "dialling")).to_have_count(1)
    await expect(pop(page)).to_contain_text("Marta Kowalska")
    await expect(page).to_have_title("☎ Calling Marta Kowalska")
    call.answer()
    await expect(pop(page, "talking")).to_have_count(1)
    call.end()
    await expect(pop(page, "wrap_up")).to_have_count(1)


async def test_at_most_three_cards_stand_and_the_others_wait_in_lines(office, desks) -> None:
    page = await desks.sit()
    for n in range(5):
        office.direct_call(f"+49171555014{n}", "101")
    await expect(pop(page)).to_have_count(3)
    rows = page.locator(".pops-row")
    await expect(rows).to_have_count(2)
    await expect(page).to_have_title("☎ +49 171 5550140 and 4 more")
    await expect(rows.first).to_contain_text("ringing")


async def test_a_line_of_the_list_becomes_a_card_and_still_three_stand(office, desks) -> None:
    page = await desks.sit()
    for n in range(5):
        office.direct_call(f"+49171555014{n}", "101")
    rows = page.locator(".pops-row")
    await expect(rows).to_have_count(2)
    await rows.filter(has_text="5550144").click()
    await expect(pop(page).filter(has_text="5550144")).to_be_focused()
    await expect(pop(page)).to_have_count(3)
    await expect(rows).to_have_count(2)
    await expect(rows.filter(has_text="5550142")).to_have_count(1)


async def test_however_many_talk_three_cards_stand(office, desks) -> None:
    page = await desks.sit()
    for n in range(4):
        office.direct_call(f"+49171555014{n}", "101").answer()
    await expect(page.locator(".pops-row")).to_have_count(1)
    await expect(page.locator(".pops-row")).to_contain_text("talking")
    await expect(pop(page, "talking")).to_have_count(3)
    office.direct_call(MARTA, "101")
    await expect(page.locator(".pops-row").filter(has_text="ringing")).to_have_count(1)
    await expect(pop(page)).to_have_count(3)


async def test_a_ring_leaves_the_cursor_where_one_writes(office, desks) -> None:
    page = await desks.sit()
    call = office.direct_call("+491715550142", "101")
    call.answer()
    note = pop(page).get_by_label("Note")
    await note.press_sequentially("half a sen")
    office.direct_call(MARTA, "101")
    await expect(pop(page)).to_have_count(2)
    await page.keyboard.type("tence")
    await expect(page.get_by_label("Note")).to_have_value("half a sentence")
    ringing = page.locator(".pop--ringing")
    await expect(ringing).to_be_in_viewport()
    await expect(ringing.locator(".pop-body")).to_be_hidden()
    await ringing.get_by_role("button", name="Show all").click()
    await expect(ringing.locator(".pop-body")).to_be_visible()


async def test_the_browser_reports_when_a_pop_was_painted(office, desks) -> None:
    page = await desks.sit()
    office.queue_call(MARTA)
    await expect(pop(page)).to_have_count(1)
    reported = partial(office.metrics.get_sample_value, "ringbook_pop_shown_seconds_count")
    await until(reported)
    assert reported() == 1


async def test_the_lists_follow_the_calls(office, desks) -> None:
    page = await desks.sit()
    call = office.direct_call("+491715550142", "101")
    call.answer()
    call.end()
    side = page.locator("#desk-side")
    await expect(side).to_contain_text("1 talked, 1 rang")
    await expect(side.get_by_text("Not wrapped up")).to_be_hidden()  # its card is there
    await page.get_by_role("button", name="Put this card away for later").click()
    await expect(pop(page)).to_have_count(0)
    await expect(side.get_by_text("Not wrapped up")).to_be_visible()
    [stored] = await office.rows(CallRecord)
    assert stored.e164 == "+491715550142"
