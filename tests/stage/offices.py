"""An office with a PBX, agents at phones, and their screens."""

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID

from aiohttp import web
from prometheus_client import CollectorRegistry
from sqlalchemy import select
from websockets.asyncio.client import connect

import storage.sessions
from pbx_bridge.call import Call
from pbx_bridge.ids import uuid7
from stage.glasses import SECONDS, Screen
from stage.pbxs import FakePbx
from storage.agents import Agent
from storage.calls import CallRecord
from storage.customers import Customer, CustomerKind
from storage.database import Database
from storage.numbers import Number
from storage.pbxs import Pbx
from storage.secrets import SecretBox
from storage.users import User
from web.auth import COOKIE
from web.config import Settings
from web.journey import Bridge
from web.journey.leader import Leader
from web.keys import DATABASE, SETTINGS
from web.live.metrics import Metrics

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


class Pickup:
    """Remembers which calls' recordings were asked for."""

    def __init__(self) -> None:
        self.expected: list[Call] = []

    def expect(self, call: Call) -> None:
        self.expected.append(call)


class Stage:
    """An office with a PBX, agents at phones, and their screens."""

    def __init__(self, database: Database, settings: Settings, pbx: FakePbx) -> None:
        self.database = database
        self.settings = settings
        self.pbx = pbx
        self.pbx_id = uuid7(NOW)
        self.users: dict[str, User] = {}
        self.pickup = Pickup()
        self.bridge: Bridge | None = None
        self._cookies: dict[str, str] = {}
        self._screens: list[Screen] = []

    async def set_up(self) -> None:
        box = SecretBox(self.settings.secret_keys)
        async with self.database.writing() as session:
            session.add(
                Pbx(
                    id=self.pbx_id,
                    name="lab",
                    host="127.0.0.1",
                    port=self.pbx.port,
                    username="ringbook",
                    secret=box.close("secret"),
                    created_at=NOW,
                )
            )
        for extension in ("101", "102", "103", "131", "132"):
            await self.add_agent(extension)

    async def add_agent(
        self, extension: str, *, of: str | None = None, role: str = "agent"
    ) -> User:
        """Seat a new user at a phone, or give the user `of` one phone more."""
        async with self.database.writing() as session:
            user = self.users.get(of or "")
            if user is None:
                user = User(
                    id=uuid7(NOW),
                    login=extension,
                    name=f"Agent {extension}",
                    role=role,
                    created_at=NOW,
                )
                session.add(user)
                await session.flush()
                login = await storage.sessions.open_for(
                    session, user.id, now=datetime.now(UTC), hours=1, address="", browser=""
                )
                self._cookies[extension] = login.cookie
            session.add(
                Agent(
                    id=uuid7(NOW),
                    user_id=user.id,
                    pbx_id=self.pbx_id,
                    extension=extension,
                    interface=f"PJSIP/{extension}",
                    created_at=NOW,
                )
            )
        self.users[extension] = user
        return user

    async def move(self, extension: str, *, to: str) -> None:
        """Give the phone to the agent of another phone, as the administrator does."""
        async with self.database.writing() as session:
            agent = await session.scalar(select(Agent).where(Agent.extension == extension))
            agent.user_id = self.users[to].id
        assert self.bridge is not None
        await self.bridge.phones_changed()

    async def add_customer(self, name: str, *numbers: str, kind: str = "person") -> UUID:
        async with self.database.writing() as session:
            customer = Customer(
                id=uuid7(NOW), kind=CustomerKind(kind), name=name, created_at=NOW, updated_at=NOW
            )
            session.add(customer)
            await session.flush()
            session.add_all(
                Number(
                    id=uuid7(NOW), e164=e164, written=e164, customer_id=customer.id, created_at=NOW
                )
                for e164 in numbers
            )
        return customer.id

    async def start(self, leader: Leader | None = None) -> None:
        """Start the live side, and wait until it hears the PBX."""
        bridge = Bridge(
            settings=self.settings,
            database=self.database,
            secrets=SecretBox(self.settings.secret_keys),
            pickup=self.pickup,
            metrics=Metrics(CollectorRegistry()),
            leader=leader,
        )
        app = web.Application()  # as much of it as the socket needs: no pages
        app[DATABASE], app[SETTINGS] = self.database, self.settings
        await bridge.start(app)
        self.bridge = bridge
        async with asyncio.timeout(SECONDS):
            await self.pbx.connected.wait()

    async def stop(self) -> None:
        if self.bridge is not None:
            bridge, self.bridge = self.bridge, None
            await bridge.stop()
        self.pbx.connected.clear()

    async def close(self) -> None:
        for screen in self._screens:
            await screen.close()
        await self.stop()

    async def screen(self, extension: str, seen: tuple[str, int] | None = None) -> Screen:
        """Open the desk of the agent at this phone."""
        assert self.bridge is not None
        socket = await connect(
            f"ws://127.0.0.1:{self.bridge.port}/",
            additional_headers={
                "Cookie": f"{COOKIE}={self._cookies[extension]}",
                "Origin": self.settings.public_origin,
            },
        )
        epoch, n = seen or (None, None)
        await socket.send(json.dumps({"v": 1, "type": "hello", "epoch": epoch, "n": n}))
        screen = Screen(socket)
        self._screens.append(screen)
        await screen.until(lambda s: s.messages)
        return screen

    async def calls(self) -> list[CallRecord]:
        async with self.database.reading() as session:
            return list(await session.scalars(select(CallRecord).order_by(CallRecord.id)))

    async def stored(self, is_so: Callable[[list[CallRecord]], object]) -> list[CallRecord]:
        """Wait until the stored calls are as the test says."""
        async with asyncio.timeout(SECONDS):
            while True:
                if is_so(calls := await self.calls()):
                    return calls
                await asyncio.sleep(0.02)

    async def eventually(self, is_so: Callable[[], object]) -> None:
        """Wait until it is so."""
        async with asyncio.timeout(SECONDS):
            while True:
                if is_so():
                    return
                await asyncio.sleep(0.01)
