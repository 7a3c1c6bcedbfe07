"""A whole Ringbook with a simulated PBX, and agents at real Chromium screens."""

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio
from aiohttp import web
from playwright.async_api import (
    Browser,
    BrowserContext,
    Locator,
    Page,
    Playwright,
    async_playwright,
    expect,
)
from prometheus_client import CollectorRegistry
from sqlalchemy import select

import storage.sessions
from fixtures import bases
from fixtures.cast import add_user
from lab.ports import free_ports
from pbx_bridge.ids import uuid7
from pbx_bridge.simulator import Caller, Phone, Simulator
from pbx_bridge.simulator import stories as told
from pbx_bridge.simulator.stories import Story
from storage.agents import Agent
from storage.customers import Customer, CustomerKind, CustomerWord, word_rows
from storage.database import Database
from storage.numbers import Number
from storage.outcomes import Outcome
from storage.pbxs import Pbx
from storage.queues import Queue
from storage.secrets import SecretBox, new_key
from storage.users import User
from web import app as application
from web.auth import COOKIE
from web.config import Settings
from web.journey import Bridge
from web.live.metrics import Metrics

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
SECONDS = 10.0
RINGS = 3  # steps of a queue's story until the phones ring
EXTENSIONS = ("101", "102", "103")
NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)

expect.set_options(timeout=SECONDS * 1000)


class Play:
    """A call that goes on when the test says so."""

    def __init__(self, pbx: Simulator, story: Story) -> None:
        self._pbx = pbx
        self._story = story

    def go(self, steps: int = 1) -> None:
        for _ in range(steps):
            for event in next(self._story).events:
                self._pbx._tell(event)

    def answer(self) -> None:
        """It is picked up, and both sides are in a bridge."""
        self.go(2)

    def end(self) -> None:
        """All that is left of it."""
        for step in self._story:
            for event in step.events:
                self._pbx._tell(event)


class Office:
    """One company: its base, its PBX, its pages and its live side."""

    def __init__(self, database: Database, settings: Settings, pbx: Simulator) -> None:
        self.database = database
        self.settings = settings
        self.pbx = pbx
        self.pbx_id = uuid7(NOW)
        self.users: dict[str, User] = {}
        self.outcomes: dict[str, UUID] = {}
        self.metrics = CollectorRegistry()
        self.complaints: list[str] = []
        self.bridge: Bridge | None = None
        self._contexts: list[BrowserContext] = []
        self._runner: web.AppRunner | None = None

    async def furnish(self) -> None:
        box = SecretBox(self.settings.secret_keys)
        async with self.database.writing() as session:
            session.add(
                Pbx(
                    id=self.pbx_id, name="Head office", host="127.0.0.1", port=self.pbx.port,
                    username="ringbook", secret=box.close("secret"), created_at=NOW,
                )
            )  # fmt: skip
            for position, name in enumerate(("Order", "Question answered", "Call back")):
                key = self.outcomes[name] = uuid7(NOW)
                session.add(Outcome(id=key, name=name, position=position))
            await session.flush()
            session.add(Queue(id=uuid7(NOW), pbx_id=self.pbx_id, name="sales", label="Sales line"))
        for extension, name in zip(EXTENSIONS, ("Ann Wright", "Ben Okafor", "Cleo"), strict=True):
            user = self.users[extension] = await add_user(
                self.database, f"agent{extension}", "agent", name=name
            )
            async with self.database.writing() as session:
                session.add(
                    Agent(
                        id=uuid7(NOW), user_id=user.id, pbx_id=self.pbx_id, extension=extension,
                        interface=f"PJSIP/{extension}", created_at=NOW,
                    )
                )  # fmt: skip

    async def open(self) -> None:
        """Open the doors: the live side, then the pages."""
        self.bridge = Bridge(
            settings=self.settings,
            database=self.database,
            secrets=SecretBox(self.settings.secret_keys),
            metrics=Metrics(CollectorRegistry() if self.bridge else self.metrics),
        )
        app = application.build(self.settings, self.database, self.bridge)
        await self.bridge.start(app)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.settings.port).start()

    async def shut(self) -> None:
        if self._runner is not None and self.bridge is not None:
            await self.bridge.stop()
            await self._runner.cleanup()
            self._runner = None

    async def close(self) -> None:
        for context in self._contexts:
            await context.close()
        await self.shut()

    async def add_customer(
        self, name: str, *numbers: str, kind: str = "person", **more: Any
    ) -> UUID:
        key = uuid7(NOW)
        async with self.database.writing() as session:
            session.add(
                Customer(
                    id=key, kind=CustomerKind(kind), name=name, created_at=NOW, updated_at=NOW,
                    **more,
                )
            )  # fmt: skip
            await session.flush()
            for number in numbers:
                session.add(
                    Number(
                        id=uuid7(NOW), e164=number, written=number, customer_id=key, created_at=NOW
                    )
                )
            session.add_all(CustomerWord(**row) for row in word_rows(key, name, None))
        return key

    def queue_call(
        self, number: str, name: str = "", *, phones: tuple[str, ...] = EXTENSIONS, winner: int = 0
    ) -> Play:
        """Someone calls the queue; it rings at the phones at once."""
        play = Play(
            self.pbx,
            told.answered_in_queue(
                self.pbx.exchange, Caller(number, name), "sales", _phones(phones),
                dialled="4000", winner=winner, ring=1, talk=1,
            ),
        )  # fmt: skip
        play.go(RINGS)
        return play

    def lost_call(self, number: str, *, phones: tuple[str, ...] = EXTENSIONS) -> Play:
        """Someone calls the queue and will give up."""
        play = Play(
            self.pbx,
            told.abandoned_in_queue(
                self.pbx.exchange, Caller(number, ""), "sales", _phones(phones),
                dialled="4000", patience=1,
            ),
        )  # fmt: skip
        play.go(RINGS)
        return play

    def direct_call(self, number: str, extension: str, *, answered: bool = True) -> Play:
        """Someone calls one phone."""
        [phone] = _phones((extension,))
        story = told.to_extension(
            self.pbx.exchange, Caller(number, ""), phone, ring=1, talk=1 if answered else 0
        )
        play = Play(self.pbx, story)
        play.go(2)
        return play

    def outgoing_call(self, extension: str, number: str) -> Play:
        """An agent dials on the phone."""
        [phone] = _phones((extension,))
        play = Play(
            self.pbx, told.outgoing(self.pbx.exchange, phone, number, ring=1, talk=1)
        )
        play.go()
        return play

    async def context(self, browser: Browser, extension: str, **options: Any) -> BrowserContext:
        """A browser in which the agent of this phone is logged in."""
        async with self.database.writing() as session:
            login = await storage.sessions.open_for(
                session, self.users[extension].id, now=datetime.now(UTC), hours=1,
                address="test", browser="test",
            )  # fmt: skip
        options = {"viewport": {"width": 1280, "height": 720}} | options
        context = await browser.new_context(**options)
        self._contexts.append(context)
        cookie = {"name": COOKIE, "value": login.cookie, "url": self.settings.public_url}
        await context.add_cookies([cookie])
        return context

    async def desk(self, context: BrowserContext) -> Page:
        """The desk in a new tab, connected; what it complains about fails the test."""
        page = await context.new_page()
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("dialog", lambda dialog: self.complaints.append(f"dialog: {dialog.message}"))
        await page.goto(f"{self.settings.public_url}/desk")
        await connected(page)
        return page

    async def one(self, table: type, **where: Any) -> Any:
        """The one row of a table, None where there is none."""
        async with self.database.reading() as session:
            return (await session.scalars(select(table).filter_by(**where))).one_or_none()

    async def rows(self, table: type, **where: Any) -> list[Any]:
        async with self.database.reading() as session:
            return list(await session.scalars(select(table).filter_by(**where)))


def _phones(extensions: tuple[str, ...]) -> tuple[Phone, ...]:
    return tuple(Phone(extension, f"Agent {extension}") for extension in extensions)


async def connected(page: Page) -> None:
    """Wait until the desk has its snapshot: the phone's link is shown by it."""
    await page.wait_for_function("document.getElementById('desk').dataset.live === 'on'")


def pops(page: Page) -> Locator:
    return page.locator(".pop")


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def playwright() -> AsyncIterator[Playwright]:
    async with async_playwright() as playwright:
        yield playwright


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def browser(playwright: Playwright) -> AsyncIterator[Browser]:
    """One Chromium for all tests here."""
    chromium = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
    yield chromium
    await chromium.close()


@pytest.fixture
def ports() -> Iterator[list[int]]:
    return free_ports(2)


@pytest_asyncio.fixture(loop_scope="session")
async def office(
    sqlite_template: Path, tmp_path: Path, ports: list[int]
) -> AsyncIterator[Office]:
    """An open office; at the end nobody's browser may have complained."""
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(bases.fresh_sqlite(sqlite_template, tmp_path))
        pbx = Simulator("ringbook", "secret", tmp_path)
        await stack.enter_async_context(pbx.serving())
        settings = Settings(
            secret_key=new_key(), data_dir=tmp_path, port=ports[0], live_port=ports[1],
            database_url=database.url.render_as_string(hide_password=False),
            public_url=f"http://127.0.0.1:{ports[0]}",
        )  # fmt: skip
        office = Office(database, settings, pbx)
        stack.push_async_callback(office.close)
        await office.furnish()
        await office.open()
        yield office
    assert office.complaints == []
