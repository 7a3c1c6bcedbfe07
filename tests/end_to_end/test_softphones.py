"""Agents telephone in the page: Chromium with a headset, a real Asterisk, and SIPp outside."""

import asyncio
from pathlib import Path

import pytest
from playwright.async_api import expect

from fixtures.headsets import (
    AXE,
    BEEP,
    CALLER,
    LONG,
    TONE,
    agent_with_headset,
    barriers,
    caller,
    chromium_with_headset,
    give_softphone,
    heard_beeps,
    rings,
    says,
    sit_down,
    talks,
)
from fixtures.house import House
from lab import hearing, sipp
from lab.layout import Kind, Queue
from lab.pbx import Pbx
from lab.softphones import desks

pytestmark = [pytest.mark.asterisk, pytest.mark.browser, pytest.mark.timeout(240)]
LOUD = 1500  # of the caller's tone in the recording


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


def recording(pbx: Pbx) -> list[int]:
    [path] = Path(pbx.monitor).rglob("*.wav")
    return list(hearing.samples(path))


async def test_a_call_is_taken_muted_and_held_by_key_and_both_sides_are_recorded(
    pbx: Pbx, queue: Queue, office: House
) -> None:
    async with (
        chromium_with_headset() as browser,
        agent_with_headset(browser, office, "ann") as ann,
    ):
        await ann.add_init_script(path=AXE)
        await sit_down(ann, office)
        async with asyncio.TaskGroup() as group:
            calling = group.create_task(caller(pbx, queue, 60))
            await rings(ann)
            assert await barriers(ann) == []
            await ann.keyboard.press("Shift+A")
            await talks(ann)
            await heard_beeps(pbx, 4)
            strip, bar = ann.locator(".pop-recording"), ann.locator("[data-phone=recording]")
            await bar.click()
            await expect(strip).to_contain_text("Recording paused", timeout=LONG)
            await expect(bar).to_have_text("Record again")
            await bar.click()
            await expect(strip).to_have_count(0, timeout=LONG)
            await ann.keyboard.press("m")
            await says(ann, "Microphone off")
            await expect(ann.locator("[data-control=mute]")).to_have_attribute(
                "aria-pressed", "true"
            )
            await ann.keyboard.press("m")
            await says(ann, "Microphone on")
            await ann.locator("[data-control=hold]").click()
            await talks(ann, "hold")
            await says(ann, "waits")
            await ann.keyboard.press("d")
            await expect(ann.locator("#softphone-number")).to_be_focused()
            assert await barriers(ann) == []
            await ann.keyboard.press("Escape")
            await ann.keyboard.press("Shift+H")
            await talks(ann)
            await ann.keyboard.press("Shift+E")
            await expect(ann.locator(".pop--wrap_up")).to_have_count(1, timeout=LONG)
            await calling
        await expect(ann.locator(".softphone-talk")).to_have_count(0, timeout=LONG)
    await pbx.idle()
    heard = recording(pbx)
    assert max(hearing.loudness(heard, TONE)) > LOUD, "the caller is not in the recording"
    assert max(hearing.loudness(heard, BEEP)) > LOUD / 10, "the agent is not in the recording"


async def test_a_number_is_called_and_the_page_is_loaded_again_in_the_call(
    pbx: Pbx, queue: Queue, office: House
) -> None:
    async with (
        chromium_with_headset() as browser,
        agent_with_headset(browser, office, "ann") as ann,
        desks(pbx) as room,
    ):
        customer = await room.reached(CALLER)
        ear = await customer.listens()
        await sit_down(ann, office)
        await ann.keyboard.press("d")
        await ann.keyboard.type("020 7123 4567")
        await ann.keyboard.press("Enter")
        at_customer = await customer.answers()
        await talks(ann)
        await expect(ann.locator(".pop--talking")).to_contain_text("Brien")
        await ear.hears_voice()
        await ann.reload()
        await says(ann, "back in the call")
        await talks(ann)
        await ear.hears_voice()
        await ann.locator(".softphone-talk [data-phone=hang-up]").click()
        await expect(ann.locator(".pop--wrap_up")).to_have_count(1, timeout=LONG)
        await at_customer.over()
        await pbx.idle()
        await expect(ann.locator(".pop")).to_have_count(1)


async def test_a_phone_that_is_not_registered_is_told_and_a_microphone_that_is_refused_too(
    pbx: Pbx, queue: Queue, office: House
) -> None:
    async with (
        chromium_with_headset("--deny-permission-prompts") as browser,
        agent_with_headset(browser, office, "ben") as ben,
        agent_with_headset(browser, office, "ann", permissions=()) as ann,
    ):
        await ben.goto(f"{office.url}/desk")
        await expect(ben.locator("#presence")).to_have_attribute(
            "data-state", "offline", timeout=LONG
        )
        await expect(ben.locator("#presence")).to_contain_text("your phone is not registered")
        await sit_down(ann, office)
        await expect(ann.locator("#presence")).to_have_attribute(
            "data-state", "available", timeout=LONG
        )
        async with asyncio.TaskGroup() as group:
            calling = group.create_task(
                sipp.caller_who_gives_up(pbx, number=CALLER, dial=ann_of(queue), after=8)
            )
            await rings(ann)
            await ann.keyboard.press("Shift+A")
            trouble = ann.locator("#softphone [data-trouble]")
            await expect(trouble).to_contain_text("does not let this page use the microphone")
            await expect(ann.locator(".pop--ringing")).to_have_count(1)
            await calling
        await ann.goto(f"{office.url}/customers")
        await expect(ann.locator("h1")).to_contain_text("Customers")
        await ann.goto("about:blank")
        async with office.database.reading():
            pass
        state = await registered(pbx, ann_of(queue))
        assert state == "Unavailable"


def ann_of(queue: Queue) -> str:
    return queue.agents[0]


async def registered(pbx: Pbx, extension: str) -> str:
    """Wait until the PBX has no contact of the extension; gives its state."""
    async with asyncio.timeout(LONG / 1000):
        while "Unavail" not in (  # noqa: ASYNC110 - the PBX tells nobody
            said := await pbx.cli(f"pjsip show endpoint {extension}")
        ):
            await asyncio.sleep(0.1)
    return "Unavailable" if "Unavailable" in said else said
