"""Agents at real Chromium screens, in an office with a simulated PBX."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

from fixtures import bases
from fixtures.offices import EXTENSIONS, Office, phones_of
from lab.ports import free_ports
from pbx_bridge.simulator import Simulator
from storage.secrets import new_key
from web.config import Settings

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
SECONDS = 10.0

expect.set_options(timeout=SECONDS * 1000)


class Desks:
    """Opens desks; what a page complains about fails the test at its end."""

    def __init__(self, browser: Browser, office: Office) -> None:
        self._browser = browser
        self._office = office
        self._contexts: list[BrowserContext] = []
        self.complaints: list[str] = []
        self._forgiven: list[str] = ["409 (Conflict)"]  # asked again until the call is stored

    async def sit(self, extension: str = "101", **options: Any) -> Page:
        """The agent of this phone logs in, in a browser of their own, and opens the desk."""
        context = await self._browser.new_context(
            **({"viewport": {"width": 1280, "height": 720}} | options)
        )
        self._contexts.append(context)
        await context.add_cookies([await self._office.cookie(extension)])
        return await self.tab(context)

    async def tab(self, context: BrowserContext) -> Page:
        """The desk in another tab of the same browser."""
        page = await context.new_page()
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("dialog", lambda dialog: self.complaints.append(f"dialog: {dialog.message}"))
        await page.goto(f"{self._office.settings.public_url}/desk")
        await self.connected(page)
        return page

    async def connected(self, page: Page) -> None:
        await expect(page.locator("#desk")).to_have_attribute("data-live", "connected")

    def forgive(self, *words: str) -> None:
        """What the test provoked is no complaint, now or later: a page tries again and again."""
        self._forgiven += words

    async def close(self) -> None:
        for context in self._contexts:
            await context.close()
        self.complaints = [
            text for text in self.complaints if not any(word in text for word in self._forgiven)
        ]


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def browser() -> AsyncIterator[Browser]:
    """One Chromium for all tests here."""
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield chromium
        await chromium.close()


@pytest.fixture
def ports() -> list[int]:
    return free_ports(2)


@pytest_asyncio.fixture(loop_scope="session")
async def office(sqlite_template: Path, tmp_path: Path, ports: list[int]) -> AsyncIterator[Office]:
    """An open office with three agents."""
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(bases.fresh_sqlite(sqlite_template, tmp_path))
        queues = {"sales": phones_of(EXTENSIONS), "support": ()}
        pbx = Simulator("ringbook", "secret", tmp_path, queues)
        await stack.enter_async_context(pbx.serving())
        settings = Settings(
            secret_key=new_key(), data_dir=tmp_path, port=ports[0], live_port=ports[1],
            database_url=database.url.render_as_string(hide_password=False),
            public_url=f"http://127.0.0.1:{ports[0]}",
        )  # fmt: skip
        office = Office(database, settings, pbx)
        await office.furnish()
        stack.push_async_callback(office.shut)
        await office.open()
        yield office


@pytest_asyncio.fixture(loop_scope="session")
async def desks(browser: Browser, office: Office) -> AsyncIterator[Desks]:
    """The agents' screens; none may have complained."""
    desks = Desks(browser, office)
    yield desks
    await desks.close()
    assert desks.complaints == []
