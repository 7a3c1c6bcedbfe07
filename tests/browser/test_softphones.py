"""A softphone whose PBX is not there: what it says, and how it reckons; calls are in end_to_end."""

from datetime import UTC, datetime

import pytest
import pytest_asyncio
from playwright.async_api import expect
from sqlalchemy import select

import storage.softphones
from storage.agents import Agent
from storage.pbxs import Pbx
from storage.secrets import SecretBox

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

NOBODY = "ws://127.0.0.1:1/ws"
PASSWORD = "geheim-1234"
NOW = datetime(2026, 11, 28, 9, 30, tzinfo=UTC)
QUALITY = """async ([now, before]) => {
  const { figuresOf, wordOf } = await import('/static/js/softphone/quality.js');
  const figures = figuresOf(now, before);
  return figures && [wordOf(figures.mos), Math.round(figures.mos * 10) / 10, figures.loss];
}"""
NOTHING = {"received": 0, "lost": 0, "emitted": 0, "waited": 0}


@pytest_asyncio.fixture(loop_scope="session")
async def softphone(office) -> None:
    """Ann has a softphone at a PBX that nobody reaches."""
    async with office.database.writing() as session:
        (await session.get(Pbx, office.pbx_id)).softphone_url = NOBODY
        agent = (await session.scalars(select(Agent).filter_by(extension="101"))).one()
        await storage.softphones.keep(
            session, agent.id, password=PASSWORD, secrets=SecretBox(office.settings.secret_keys),
            now=NOW, by=None,
        )  # fmt: skip


async def test_a_pbx_that_is_not_reached_is_told_and_the_password_stays_out_of_the_page(
    desks, office, softphone
) -> None:
    failed = "WebSocket connection to 'ws://127.0.0.1:1/ws' failed"
    desks.forgive(failed, "AudioContext")  # nor has this machine a speaker
    page = await desks.sit()
    await expect(page.locator("#softphone")).to_have_attribute("data-state", "lost")
    await page.locator("#softphone summary").click()
    await expect(page.locator("#softphone")).to_contain_text("calls do not ring here")
    assert PASSWORD not in await page.content()
    stored = await page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")
    assert PASSWORD not in stored
    for width in (640, 360, 320):
        await page.set_viewport_size({"width": width, "height": 720})
        assert await page.evaluate("document.documentElement.scrollWidth") <= width


async def test_a_desk_without_a_softphone_loads_none(desks) -> None:
    page = await desks.sit("102")
    loaded = await page.evaluate("performance.getEntriesByType('resource').map((one) => one.name)")
    assert any("desk.js" in name for name in loaded)
    assert not any("jssip" in name or "softphone.js" in name for name in loaded)
    assert await page.locator("#softphone").count() == 0


@pytest.mark.parametrize(
    ("now", "word", "mos"),
    [
        ({"received": 500, "rtt": 0.03}, "good", 4.4),
        ({"received": 485, "lost": 15, "rtt": 0.03}, "good", 4.1),
        ({"received": 450, "lost": 50, "rtt": 0.1}, "bad", 3.3),
        ({"received": 500, "rtt": 0.5}, "fair", 3.9),
        ({"received": 500, "rtt": 0.03, "lostThere": 0.2}, "bad", 2.6),
    ],
)
async def test_the_score_follows_delay_and_loss_in_both_directions(desks, now, word, mos) -> None:
    page = await desks.sit("102")
    told = await page.evaluate(QUALITY, [NOTHING | now, NOTHING])
    assert told[:2] == [word, mos]


async def test_a_call_of_which_nothing_came_has_no_figures(desks) -> None:
    page = await desks.sit("102")
    assert await page.evaluate(QUALITY, [NOTHING, NOTHING]) is None
