"""Screens that were away (offline, frozen, of a server that began anew) are right within 2 s."""

import asyncio
import os
import random
import re
import signal
import statistics
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

import storage.agents
from fixtures.absent import SPY, Absent, key
from fixtures.cast import add_user
from fixtures.offices import Office

PROVING = "RINGBOOK_PROVE" in os.environ
SEED = 20261128
AGENTS, SPELLS, LONGEST = (10, 12, 120.0) if PROVING else (3, 2, 3.0)
AWAY = 120.0 if PROVING else 13.0  # longer than the silence after which a line is dead
PROMISED = 2.0  # seconds, until a screen that is back is right
LATE = PROMISED if PROVING else 5.0  # for a single screen, beside whatever else is tested
OFFLINE = ("WebSocket", "ERR_INTERNET_DISCONNECTED", "Failed to fetch", "ERR_NETWORK")

pytestmark = [
    pytest.mark.browser, pytest.mark.waits, pytest.mark.timeout(2700 if PROVING else 180),
    pytest.mark.asyncio(loop_scope="session"),
]  # fmt: skip


@pytest_asyncio.fixture(loop_scope="session")
async def absent(office: Office, desks) -> AsyncIterator[list[Absent]]:
    """Agents at screens of their own."""
    desks.forgive(*OFFLINE)
    chance = random.Random(SEED)
    made = []
    for extension in map(str, range(101, 101 + AGENTS)):
        if extension not in office.users:
            user = office.users[extension] = await add_user(office.database, extension, "agent")
            async with office.database.writing() as session:
                await storage.agents.create(
                    session, user_id=user.id, pbx_id=office.pbx_id, extension=extension,
                    interface=f"PJSIP/{extension}", now=datetime.now(UTC), by=None,
                )  # fmt: skip
            await office.bridge.phones_changed()
        page = await desks.sit(extension)
        await page.evaluate(SPY)
        made.append(
            Absent(office, page, extension, chance=random.Random(chance.random()), patience=LATE)
        )
    yield made


@pytest.mark.bar(23)
async def test_screens_that_are_offline_at_random_lose_no_card_and_show_none_twice(
    absent: list[Absent], proof
) -> None:
    async def come_and_go(one: Absent) -> None:
        for _ in range(SPELLS):
            await one.spell(one.chance.uniform(1.0, LONGEST))

    await asyncio.gather(*map(come_and_go, absent))
    took = sorted(seconds for one in absent for seconds in one.took)
    lost = [text for one in absent for text in one.lost]
    twice = [
        f"{one.extension}: {found}"
        for one in absent
        for found in await one.page.evaluate("[...window.twice, ...window.again]")
    ]
    calls = sum(one.calls for one in absent)
    proof.measured("back until right, p50", statistics.median(took), "s", at_most=PROMISED)
    proof.measured("back until right, longest", took[-1], "s", at_most=LATE)
    assert (lost, twice) == ([], [])
    proof.tried(calls, len(lost) + len(twice), of="calls beside screens offline", seed=SEED)
    proof.tried(len(took), of="returns of a screen", seed=SEED)


async def card(page: Page, number: str) -> None:
    """The one card of the desk is that of this number."""
    await expect(page.locator(".pop")).to_have_count(1)
    await expect(page.locator(".pop")).to_contain_text(re.compile(r"\s*".join(key(number))))


@pytest.mark.bar(23)
async def test_an_offer_that_goes_on_over_two_minutes_offline_has_its_card_after(
    office: Office, desks, proof
) -> None:
    desks.forgive(*OFFLINE)
    page = await desks.sit()
    gone, stays, new = (f"+44791000000{n}" for n in (1, 2, 3))
    first, goes_on = office.lost_call(gone), office.direct_call(stays, "101")
    await expect(page.locator(".pop")).to_have_count(2)
    await page.context.set_offline(True)
    await asyncio.sleep(AWAY)
    first.end()
    office.direct_call(new, "101")
    await page.context.set_offline(False)
    back = time.monotonic()
    await expect(page.locator(".pop")).to_have_count(2)
    for number in (stays, new):
        row = page.locator(".pop", has_text=re.compile(r"\s*".join(key(number))))
        await expect(row).to_have_count(1)
    proof.measured(f"back after {AWAY:.0f} s until right", time.monotonic() - back, "s",
                   at_most=LATE)  # fmt: skip
    goes_on.answer()
    await expect(page.locator(".pop--talking")).to_have_count(1)
    await expect(page.locator("#desk-side")).to_contain_text(re.compile(r"\s*".join(key(gone))))


@pytest.mark.bar(23)
async def test_a_screen_without_a_server_opens_no_socket_that_its_browser_would_make_wait(
    desks,
) -> None:
    """Chromium delays each socket of a page by up to 5 s, once many of its sockets failed."""
    desks.forgive(*OFFLINE)
    page = await desks.sit()
    opened: list[object] = []
    page.on("websocket", lambda one: opened.append(one))  # noqa: PLW0108 - Playwright marks it
    asked: asyncio.Queue[object] = asyncio.Queue()
    page.on("requestfailed", lambda one: one.url.endswith("/healthz") and asked.put_nowait(one))
    await page.context.set_offline(True)
    for _ in range(3):
        await asyncio.wait_for(asked.get(), 30)
    assert opened == []
    await page.context.set_offline(False)
    await desks.connected(page)
    assert len(opened) == 1


async def renderers(browser: Browser) -> set[int]:
    """The processes that run pages."""
    devtools = await browser.new_browser_cdp_session()
    told = await devtools.send("SystemInfo.getProcessInfo")
    await devtools.detach()
    return {int(one["id"]) for one in told["processInfo"] if one["type"] == "renderer"}


@pytest.mark.bar(23)
@pytest.mark.parametrize("its_socket", ["is kept", "is cut"])
async def test_a_tab_that_was_frozen_shows_what_is_so_now(
    browser: Browser, office: Office, desks, its_socket: str, proof
) -> None:
    desks.forgive(*OFFLINE)
    before = await renderers(browser)
    page = await desks.sit()
    tab = await renderers(browser) - before
    assert tab
    first = office.lost_call("+447910000001")
    await card(page, "+447910000001")
    for process in tab:
        os.kill(process, signal.SIGSTOP)
    try:
        first.end()
        if its_socket == "is cut":
            office.cut()
        office.direct_call("+447910000002", "101")
        await asyncio.sleep(AWAY / 4)
    finally:
        for process in tab:
            os.kill(process, signal.SIGCONT)
    back = time.monotonic()
    await card(page, "+447910000002")
    proof.measured(f"thawed, whose socket {its_socket}, until right", time.monotonic() - back,
                   "s", at_most=LATE)  # fmt: skip


@pytest.mark.bar(28)
async def test_a_device_that_is_opened_during_an_offer_has_its_card(
    office: Office, desks, proof
) -> None:
    page = await desks.sit()
    call = office.queue_call("+447910000001")
    await card(page, "+447910000001")
    other = await desks.sit()
    back = time.monotonic()
    await card(other, "+447910000001")
    proof.measured("connected until the card is there", time.monotonic() - back, "s", at_most=LATE)
    call.answer()
    for each in (page, other):
        await expect(each.locator(".pop--talking")).to_have_count(1)


@pytest.mark.bar(25)
@pytest.mark.parametrize("meanwhile", ["it goes on", "it is over"])
async def test_a_server_that_starts_anew_during_an_offer_shows_what_is_so_then(
    office: Office, desks, meanwhile: str, proof
) -> None:
    desks.forgive(*OFFLINE, "ERR_CONNECTION_REFUSED", "Failed to")
    page = await desks.sit()
    call = office.queue_call("+447910000001")
    await card(page, "+447910000001")
    await office.shut()
    if meanwhile == "it is over":
        call.answer()
        call.end()
    await office.open()
    await desks.connected(page)
    if meanwhile == "it is over":
        await expect(page.locator(".pop--ringing")).to_have_count(0)
    else:
        await card(page, "+447910000001")
        await expect(page.locator(".pop--ringing")).to_have_count(1)
    assert await page.locator(".pop--ringing").count() == (meanwhile == "it goes on")
    proof.tried(1, of="starts of a server during an offer")
