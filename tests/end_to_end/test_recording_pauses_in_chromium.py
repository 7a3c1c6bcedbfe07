"""An agent takes card data: by key, by a script's step, and with the link cut at the click."""

import re
from pathlib import Path
from uuid import UUID

import pytest
from playwright.async_api import Page, expect

import storage.queues
import storage.scripts
from chaos.proxy import Proxy
from chaos.rigs import behind
from fixtures.calls import NOW
from fixtures.headsets import barriers
from fixtures.house import House, house
from fixtures.tabs import LONG, desk_in_tabs, pictured, seconds_until_told
from lab.layout import Queue
from lab.pbx import Pbx
from lab.softphones import desks
from lab.stories.casts import conversation
from storage.database import Database
from storage.rules.scripts import Field, FieldKind, Outline, Step

pytestmark = [pytest.mark.asterisk, pytest.mark.browser, pytest.mark.timeout(240)]
ENDS = re.compile(r"It goes on by itself in\s+[0-2]:\d\d")
WATCH = seconds_until_told(".pop-recording")
PAID = Field(key="f1", label="Did it go through?", kind=FieldKind.YES_NO)
OUTLINE = Outline(
    (
        Step(key="s1", title="Greeting", say="Good day", next="s2"),
        Step(key="s2", title="Payment", say="Your card, please", fields=(PAID,), card=True,
             next="s3"),
        Step(key="s3", title="Thanks", say="Thank you"),
    )
)  # fmt: skip


async def _publish(made: House, queue: Queue) -> None:
    async with made.database.writing() as session:
        row = await storage.queues.ensure(session, made.pbx_id, queue.name)
        script = await storage.scripts.create(session, "Order", by=None, now=NOW)
        key = script.id
        await storage.scripts.save(session, key, "Order", OUTLINE, version=1, by=None, now=NOW)
        await storage.scripts.assign(session, key, [row.id], by=None)
        await storage.scripts.publish(session, key, version=2, by=None, now=NOW)
    assert made.running is not None
    await made.running.bridge.phones_changed()


@pytest.mark.bar(44)
@pytest.mark.parametrize("pbx", [22], indirect=True, ids=["asterisk 22"])
async def test_card_data_is_taken_in_a_pause_and_never_behind_a_cut_link(
    pbx: Pbx, queue: Queue, database: Database, tmp_path: Path, proof
) -> None:
    async with Proxy(pbx.port) as proxy:
        at = behind(proxy, pbx, queue.agents)
        async with house(database, tmp_path, at) as made:
            await made.customer("Zoë", "020 7123 4567")
            await _publish(made, queue)
            async with desk_in_tabs(made) as (ann,), desks(pbx) as room:
                talk = await conversation(room, "+442071234567", queue.agents[0], dial=queue.number)
                strip, script = ann.locator(".pop-recording"), ann.locator(".pop-script")
                button = ann.get_by_role("button", name="Pause recording")
                await expect(button).to_be_visible(timeout=LONG)
                await expect(script.get_by_role("button", name="Next")).to_be_visible(timeout=LONG)
                await ann.keyboard.press("r")
                await expect(strip).to_contain_text("Recording paused", timeout=LONG)
                await expect(strip).to_contain_text("by Ann")
                await expect(strip).to_contain_text(
                    re.compile(r"It goes on by itself in\s+[0-2]:\d\d")
                )
                assert await barriers(ann) == []
                await pictured(ann, "paused")
                await ann.keyboard.press("r")
                await expect(strip).to_have_count(0, timeout=LONG)
                await _through_the_script(ann)
                warned = await _with_the_link_cut(ann, proxy)
                await talk.customer.hang_up()
                await expect(ann.locator(".pop--wrap_up")).to_have_count(1, timeout=LONG)
                await expect(strip).to_have_count(0)
                await _the_call_page_says_when(ann, made)
    proof.measured("STILL RECORDING on the page", warned, "s", at_most=1.0)


async def _through_the_script(ann: Page) -> None:
    """The step that asks for card data pauses, holds against the key, and resumes."""
    strip, script = ann.locator(".pop-recording"), ann.locator(".pop-script")
    await script.get_by_role("button", name="Next").click()
    await expect(script.locator("[data-now]")).to_contain_text("Payment", timeout=LONG)
    await expect(strip).to_contain_text("this step asks for card data", timeout=LONG)
    await expect(strip).to_contain_text("by the script")
    await expect(ann.get_by_role("button", name="Record again")).to_have_count(0)
    await pictured(ann, "held")
    await script.get_by_role("button", name="Next").click()
    await expect(script.locator("[data-now]")).to_contain_text("Thanks", timeout=LONG)
    await expect(strip).to_have_count(0, timeout=LONG)


async def _with_the_link_cut(ann: Page, proxy: Proxy) -> float:
    """What is said within the second, until the truth is known; gives the seconds."""
    alarm = ann.locator(".pop-recording [role=alert]")
    await expect(ann.get_by_role("button", name="Pause recording")).to_be_visible(timeout=LONG)
    proxy.stall()
    await ann.evaluate(WATCH)
    await ann.get_by_role("button", name="Pause recording").click()
    await expect(alarm).to_have_text("STILL RECORDING", timeout=LONG)
    warned: float = await ann.evaluate("window.warned")
    await expect(ann.get_by_role("button", name="Try again")).to_be_visible()
    await expect(ann.locator(".pop-recording")).to_contain_text("Take no card data now")
    assert await barriers(ann) == []
    await pictured(ann, "still-recording")
    proxy.cut()
    proxy.resume()
    await expect(ann.locator(".pop-recording")).to_contain_text("Recording paused", timeout=60_000)
    await ann.get_by_role("button", name="Record again").click()
    await expect(ann.locator(".pop-recording")).to_have_count(0, timeout=LONG)
    return warned


async def _the_call_page_says_when(ann: Page, made: House) -> None:
    assert made.running is not None
    call = UUID(await ann.locator(".pop").evaluate("pop => pop.card.pop.call"))
    await ann.goto(f"{made.url}/calls/{call}")
    said = ann.locator("#recordings")
    for sentence in ("from the desk", "by the script"):
        await expect(said).to_contain_text(sentence, timeout=LONG)
    await expect(ann.locator(".call-drawing")).to_contain_text("Not recorded")
    await pictured(ann, "call")
