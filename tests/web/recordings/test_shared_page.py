"""In a real browser: a stranger hears a shared recording, and the link is spent."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from playwright.async_api import expect

import storage.rights
from fixtures.calls import Teller
from fixtures.chromium import chromium
from fixtures.postgres import free_port
from fixtures.sounds import tones, written
from storage.database import Database
from storage.rules.permissions import Permission, RoleName, Scope
from storage.secrets import new_key
from web.auth import COOKIE
from web.config import Settings

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("ears")]
SECONDS = 30
PLACE = "document.querySelector('audio').currentTime"


@pytest.fixture
def settings(tmp_path: Path, database: Database) -> Settings:
    """As everywhere, but with the address that the browser really sees."""
    return Settings(
        secret_key=new_key(),
        data_dir=tmp_path,
        database_url=database.url.render_as_string(hide_password=False),
        public_url=f"http://127.0.0.1:{free_port()}",
        trusted_proxies=(),
    )


@pytest.fixture
async def server(app: web.Application, settings: Settings) -> AsyncIterator[TestServer]:
    port = int(settings.public_url.rsplit(":", 1)[1])
    async with TestServer(app, host="127.0.0.1", port=port) as server:
        yield server


async def test_a_stranger_hears_a_gsm_recording_by_its_link_once(
    sign_in, settings, stage, store, database
) -> None:
    content, _ = written(tones((440, SECONDS)), "wav49")  # no browser plays this one
    call = await store(Teller(stage.pbx).ended(), stage.context(), sound=content, seconds=SECONDS)
    async with database.writing() as session:
        wanted = {Permission.SHARE_RECORDINGS: Scope.ALL}
        await storage.rights.give(session, RoleName.ADMINISTRATOR, wanted, by=None)
    adam = await sign_in("administrator")
    async with chromium() as browser:
        async with await browser.new_context() as context:
            cookie = {"name": COOKIE, "value": adam.cookie, "url": settings.public_url}
            await context.add_cookies([cookie])
            page = await context.new_page()
            await page.goto(f"{settings.public_url}/calls/{call.id}")
            await page.locator(".player-share summary").click()
            await page.get_by_label("Plays, where it is for anyone").fill("1")
            await page.get_by_label("who of us spoke").check()
            await page.get_by_role("button", name="Make the link").click()
            link = await page.locator("#shared-link").inner_text()
        context = await browser.new_context()
        page = await context.new_page()
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        await page.goto(link)
        await expect(page.get_by_text("Bob")).to_have_count(0)  # before they ask, nothing is told
        await page.get_by_role("button", name="Play").click()
        await expect(page.get_by_text("Bob")).to_be_visible(timeout=30_000)
        await _until(page, f"{PLACE} > 0.2")
        await page.evaluate("document.querySelector('audio').currentTime = 20")
        await _until(page, f"{PLACE} > 20.2")
        secret = link.partition("#")[2]
        assert not [url for url in asked if secret in url.partition("#")[0]]
        await page.reload()
        await page.get_by_role("button", name="Play").click()
        await expect(page.get_by_role("alert")).to_contain_text("This link has ended")
        await context.close()


async def _until(page, expression: str) -> None:
    """Wait until it holds; the page's own policy forbids waiting inside it."""
    for _ in range(600):
        if await page.evaluate(expression):
            return
        await asyncio.sleep(0.05)
    pytest.fail(f"it never came true: {expression}")
