"""A call on a real Asterisk is fetched, transcribed, found by a word, read and heard there."""

import asyncio
import json
import os
from pathlib import Path
from uuid import UUID

import pytest
from playwright.async_api import Page, expect

import recordings.transcripts
import storage.calls
import storage.transcripts
from fixtures.calls import audited
from fixtures.chromium import chromium, person
from fixtures.headsets import AXE, BARRIERS
from fixtures.house import PbxAt, house
from fixtures.screens import screen
from fixtures.speech import CARD, engine, words
from lab import sipp, sounds
from lab.layout import Queue
from lab.pbx import Pbx
from storage.database import Database
from storage.transcripts import TranscriptState

pytestmark = [pytest.mark.asterisk, pytest.mark.browser, pytest.mark.timeout(300)]
LONG = 30_000
PICTURES = os.environ.get("RINGBOOK_PICTURES", "")  # a folder for whoever wants to look
THANKS = 7.0  # seconds into the recording
SAID = [
    *words("Where", "is", "my", "parcel?", start=0.5), *words("My", "card", "is", start=2.5),
    *words(*CARD, start=4.0, step=0.1), *words("Thanks", "a", "lot.", start=THANKS),
]  # fmt: skip
PLACE = "document.querySelector('audio').currentTime"


async def _call(pbx: Pbx, queue: Queue, live_url: str, token: str) -> UUID:
    """Somebody calls and is recorded for ten seconds; gives the call."""
    async with screen(live_url, token) as at_ann:
        async with (
            sipp.phone(pbx, queue.agents[0], answers_after=0.5, hangs_up_after=11),
            asyncio.TaskGroup() as group,
        ):
            calling = sipp.caller(
                pbx, number="+442071234567", name="Zoe", dial=queue.number, sound=sounds.tone(1000)
            )
            group.create_task(calling)
            [pop] = await at_ann.until(lambda s: list(s.pops.values()))
        await at_ann.until(lambda s: s.pops[pop["id"]]["state"] == "wrap_up")
    return UUID(pop["call"])


async def _transcribed(database: Database, call: UUID) -> UUID:
    """The recording of the call, once the engine has heard it."""
    async with asyncio.timeout(120):
        while True:
            async with database.reading() as session:
                [parts] = await storage.calls.parts(session, [call])
                keys = [one.id for one in parts.recordings]
                rows = await storage.transcripts.of_recordings(session, keys)
            for key, row in rows.items():
                assert row.state is TranscriptState.READY, row.cause
                return key
            await asyncio.sleep(0.2)


async def _until(page: Page, expression: str) -> None:
    async with asyncio.timeout(LONG / 1000):
        while not await page.evaluate(expression):  # noqa: ASYNC110 - the page's clock, not ours
            await asyncio.sleep(0.05)


@pytest.mark.parametrize("pbx", [22], indirect=True, ids=["asterisk 22"])
async def test_a_word_of_a_real_call_is_found_read_and_heard(
    pbx: Pbx, queue: Queue, database: Database, tmp_path: Path, monkeypatch
) -> None:
    command = engine(tmp_path, words={"0": SAID, "1": []})
    monkeypatch.setenv("RINGBOOK_SPEECH_COMMAND", json.dumps(command))
    monkeypatch.setattr(recordings.transcripts, "LOOK_SECONDS", 0.5)
    at = PbxAt(
        pbx.port, pbx.username, pbx.secret, pbx.monitor_as_pbx_names_it, pbx.monitor, queue.agents
    )
    async with house(database, tmp_path, at) as made, chromium() as browser:
        call = await _call(pbx, queue, made.settings.live_url, await made.token("ann", "live"))
        await _transcribed(database, call)
        cookie = await made.cookie("sue")
        async with person(browser, made.settings, cookie) as page:
            await page.context.add_init_script(path=AXE)
            await page.goto(f"{made.url}/calls/spoken?q=PARC")
            await page.get_by_role("link", name="Hear it").click()
            await expect(page.locator("[data-player]")).to_have_attribute(
                "data-drawn", "yes", timeout=LONG
            )
            await _read_and_hear(page)
    rows = await audited(database, "recording.read")
    assert [row.user_id for row in rows] == [made.users["sue"].id]
    assert len(await audited(database, "recording.played")) == 1


async def _read_and_hear(page: Page) -> None:
    """By keyboard alone: the words, one that is looked for, and its sound; then by a click."""
    await page.keyboard.press("t")
    sentences = page.get_by_role("list", name="Sentences").get_by_role("button")
    await expect(sentences).to_have_count(3, timeout=LONG)
    await expect(sentences.first).to_be_focused()
    await expect(sentences.nth(1)).to_contain_text("My card is ••••")
    assert "four" not in await page.locator(".player-words").inner_text()
    await page.keyboard.press("ArrowUp")
    await expect(page.get_by_label("Find in the transcript")).to_be_focused()
    await page.keyboard.type("THANK")
    await expect(page.locator("mark")).to_have_text("Thanks")
    await expect(page.get_by_text("1 of 1")).to_be_visible()
    await page.keyboard.press("ArrowDown")
    await expect(sentences.nth(2)).to_be_focused()
    await page.keyboard.press("Enter")
    await _until(page, f"{PLACE} > {THANKS} + 0.1")
    await expect(sentences.nth(2)).to_have_attribute("aria-current", "true")
    await page.keyboard.press("k")
    await sentences.first.click()
    await _until(page, f"{PLACE} > 0.6 && {PLACE} < {THANKS}")
    await page.keyboard.press("k")
    for scheme in ("light", "dark"):
        await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        assert await page.evaluate(BARRIERS.replace("#softphone, .pop", ".player")) == []
        if PICTURES:
            await page.screenshot(path=f"{PICTURES}/transcript-{scheme}.png")
