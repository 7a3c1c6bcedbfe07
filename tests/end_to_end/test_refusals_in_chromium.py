"""An agent says on the card what the caller says to being recorded; no stop is claimed falsely."""

from pathlib import Path
from uuid import UUID

import pytest
from playwright.async_api import Page, expect

import storage.consents
from chaos.proxy import Proxy
from chaos.rigs import behind, until
from fixtures.headsets import barriers
from fixtures.house import House, house
from fixtures.tabs import LONG, desk_in_tabs, pictured, seconds_until_told
from lab.layout import Queue
from lab.pbx import Pbx
from lab.softphones import desks
from lab.stories.casts import conversation
from storage.database import Database
from storage.rules.retention import Consent

pytestmark = [pytest.mark.asterisk, pytest.mark.browser, pytest.mark.timeout(240)]
WATCH = seconds_until_told(".pop-refusal")


@pytest.mark.parametrize("pbx", [22], indirect=True, ids=["asterisk 22"])
async def test_a_caller_agrees_and_refuses_on_the_card_in_every_tab(
    pbx: Pbx, queue: Queue, database: Database, tmp_path: Path
) -> None:
    async with Proxy(pbx.port) as proxy:
        at = behind(proxy, pbx, queue.agents)
        async with (
            house(database, tmp_path, at) as made,
            desk_in_tabs(made, 2) as (ann, tab),
            desks(pbx) as room,
        ):
            talk = await conversation(room, "+442071234567", queue.agents[0], dial=queue.number)
            button = ann.locator("[data-control=consent]")
            await expect(button).to_have_text("Consent", timeout=LONG)
            await ann.bring_to_front()
            await _agrees_by_keys(ann, tab)
            await _refuses_behind_a_cut(ann, proxy)
            for page in (ann, tab):
                strip = page.locator(".pop-refusal")
                await expect(strip).to_contain_text("nothing is recorded", timeout=60_000)
                await expect(strip).to_contain_text("by Ann")
                await expect(strip.locator("[role=alert]")).to_be_empty()
                await expect(page.locator("[data-control=recording]")).to_be_hidden()
            assert await barriers(ann) == []
            await pictured(ann, "refused")
            call = UUID(await ann.locator(".pop").evaluate("pop => pop.card.pop.call"))
            channel = await _recorded_channel(made, call)
            assert ".wav" not in await pbx.cli(f"mixmonitor list {channel}")
            async with database.reading() as session:
                row = await storage.consents.of_call(session, call)
            assert (row.state, row.user_id) == (Consent.REFUSED, made.users["ann"].id)
            await talk.customer.hang_up()
            await expect(ann.locator(".pop--wrap_up")).to_have_count(1, timeout=LONG)
            await expect(ann.locator(".pop-refusal")).to_have_count(0)


async def _agrees_by_keys(ann: Page, tab: Page) -> None:
    """Shift R opens the choices, a digit chooses, and each tab shows it."""
    await ann.keyboard.press("Shift+R")
    choices = ann.get_by_role("group", name="What does the caller say to being recorded?")
    await expect(choices.get_by_role("button", name="Agrees")).to_be_focused(timeout=LONG)
    assert await barriers(ann) == []
    await pictured(ann, "consent")
    await ann.keyboard.press("1")
    for page in (ann, tab):
        chosen = page.locator("[data-control=consent]")
        await expect(chosen).to_have_text("Agrees to be recorded", timeout=LONG)
    await expect(choices).to_have_count(0)
    await expect(ann.locator(".pop-refusal")).to_have_count(0)
    await ann.keyboard.press("?")
    await expect(ann.locator("#keys-dialog")).to_contain_text("says to being recorded")
    await ann.keyboard.press("Escape")


async def _refuses_behind_a_cut(ann: Page, proxy: Proxy) -> None:
    """The PBX does not answer: the alarm comes within a second, and ends with its word alone."""
    proxy.stall()
    try:
        await ann.keyboard.press("Shift+R")
        await expect(ann.locator(".pop-consent-choices")).to_be_visible(timeout=LONG)
        await ann.evaluate(WATCH)
        await ann.keyboard.press("2")
        alarm = ann.locator(".pop-refusal [role=alert]")
        await expect(alarm).to_have_text("STILL RECORDING", timeout=LONG)
        warned = await ann.evaluate("window.warned")
        assert warned < 1.5  # 0.75 s, and what a loaded machine adds
        await expect(ann.locator(".pop-refusal")).to_contain_text("tell them, or end the call")
        await expect(ann.get_by_role("button", name="Try again")).to_be_visible()
        assert await barriers(ann) == []
        await pictured(ann, "refusal-unconfirmed")
    finally:
        proxy.cut()
        proxy.resume()


async def _recorded_channel(made: House, call: UUID) -> str:
    assert made.running is not None
    found = made.running.bridge.lines.latest(call)
    assert found is not None
    await until(lambda: not any(one.runs for one in found.recordings))
    return next(leg.channel for leg in found.legs if leg.id == found.recordings[0].leg)
