"""A PBX that says what a test has it say, and the live side that listens to it."""

import asyncio
import contextlib
import json
import re
import time
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from aiohttp import web
from prometheus_client import CollectorRegistry
from sqlalchemy import select
from websockets.asyncio.client import ClientConnection, connect

import storage.sessions
from pbx_bridge.call import Call
from pbx_bridge.ids import uuid7
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
from web.keys import DATABASE, SETTINGS
from web.live.metrics import Metrics
from web.live.view import View

STREAMS = Path(__file__).parents[2] / "streams"
NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
SECONDS = 10.0


def acts_of(stream: str, *, silence: float = 0.25) -> list[bytes]:
    """A captured stream without greeting and answers, cut where the PBX was silent (seconds)."""
    raw = (STREAMS / f"{stream}.ami").read_bytes().replace(b"\r\n", b"\n")
    acts: list[list[bytes]] = [[]]
    last = 0.0
    for block in raw.split(b"\n\n"):
        text = block.strip()
        stamp = re.search(rb"^Timestamp: ([\d.]+)$", text, re.MULTILINE)
        if not text.startswith(b"Event: ") or stamp is None:
            continue
        at = float(stamp[1])
        if last and at - last > silence:
            acts.append([])
        last = at
        acts[-1].append(text.replace(b"\n", b"\r\n") + b"\r\n\r\n")
    return [b"".join(act) for act in acts]


class FakePbx:
    """Takes any login, answers what the link asks, and says what `say` is given."""

    def __init__(self) -> None:
        self.channels: list[dict[str, str]] = []  # what CoreShowChannels lists
        self.startup = "08:00:00"
        self.port = 0
        self._server: asyncio.Server | None = None
        self._writers: list[asyncio.StreamWriter] = []
        self.connected = asyncio.Event()
        self.listed = 0

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
        self.cut()

    def cut(self) -> None:
        """The cable is cut."""
        self.connected.clear()
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()

    def say(self, raw: bytes) -> None:
        for writer in self._writers:
            writer.write(raw)

    def say_act(self, stream: str, *numbers: int) -> None:
        """Say acts of a stream: what a real Asterisk said between two silences."""
        acts = acts_of(stream)
        for number in numbers or range(len(acts)):
            self.say(acts[number])

    def later(self, stream: str, *, seconds: int) -> list[bytes]:
        """The acts of a stream as the same call would be `seconds` later."""

        def shift(found: re.Match[bytes]) -> bytes:
            return str(int(found[0]) + seconds).encode()

        return [re.sub(rb"\b17\d{8}(?=\.\d)", shift, act) for act in acts_of(stream)]

    def move_to_now(self, stream: str) -> None:
        """Say a whole stream as if it happened now."""
        first = re.search(rb"Timestamp: (\d+)", acts_of(stream)[0])
        assert first is not None
        for act in self.later(stream, seconds=int(time.time()) - int(first[1]) - 30):
            self.say(act)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"Asterisk Call Manager/11.0.0\r\n")
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                raw = (await reader.readuntil(b"\r\n\r\n")).decode()
                headers = dict(line.split(": ", 1) for line in raw.split("\r\n") if ": " in line)
                self._answer(writer, headers)

    def _answer(self, writer: asyncio.StreamWriter, action: dict[str, str]) -> None:
        key = f"ActionID: {action.get('ActionID', '')}\r\n"
        good = f"Response: Success\r\n{key}"
        match action["Action"]:
            case "Challenge":
                writer.write(f"{good}Challenge: 123\r\n\r\n".encode())
            case "CoreSettings":
                writer.write(f"{good}AsteriskVersion: 22.10.1\r\n\r\n".encode())
            case "CoreStatus":
                day = f"CoreStartupDate: 2026-11-22\r\nCoreStartupTime: {self.startup}\r\n"
                writer.write(f"{good}{day}\r\n".encode())
            case "CoreShowChannels":
                self._list(writer, good, key)
            case "QueueStatus" | "DeviceStateList":
                name = action["Action"] + "Complete"
                writer.write(f"{good}EventList: start\r\n\r\n".encode())
                done = f"Event: {name}\r\n{key}EventList: Complete\r\nListItems: 0\r\n\r\n"
                writer.write(done.encode())
            case _:
                writer.write(f"{good}\r\n".encode())

    def _list(self, writer: asyncio.StreamWriter, good: str, key: str) -> None:
        writer.write(f"{good}EventList: start\r\n\r\n".encode())
        for channel in self.channels:
            lines = "".join(f"{name}: {value}\r\n" for name, value in channel.items())
            writer.write(f"Event: CoreShowChannel\r\n{key}{lines}\r\n".encode())
        done = f"Event: CoreShowChannelsComplete\r\n{key}EventList: Complete\r\n"
        writer.write(f"{done}ListItems: {len(self.channels)}\r\n\r\n".encode())
        self.listed += 1
        self._writers.append(writer)
        self.connected.set()


class Screen:
    """A browser's socket: keeps what it was told."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.messages: list[dict[str, Any]] = []
        self.view = View()  # what the agent sees now
        self._reader = asyncio.create_task(self._read())
        self._more = asyncio.Event()

    async def _read(self) -> None:
        async for text in self.socket:
            message = json.loads(text)
            self.messages.append(message)
            if message["type"] == "snapshot":
                self.view = View.of(message["data"])
            self.view.apply(message["type"], message["data"])
            self._more.set()

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [m["data"] for m in self.messages if m["type"] == kind]

    async def until(self, is_so: Callable[["Screen"], object]) -> Any:
        """Wait until the screen was told what the test waits for."""
        async with asyncio.timeout(SECONDS):
            while not (found := is_so(self)):
                self._more.clear()
                await self._more.wait()
        return found

    async def hear(self, kind: str, count: int = 1) -> dict[str, Any]:
        """Return the `count`-th message of the kind."""
        return (await self.until(lambda s: len(s.of(kind)) >= count and s.of(kind)))[count - 1]

    async def card(self) -> dict[str, Any]:
        """Return the agent's card once its caller was looked up."""
        [card] = await self.until(lambda s: [c for c in s.view.pops.values() if c["is_complete"]])
        return card

    async def close(self) -> None:
        await self.socket.close()
        await asyncio.gather(self._reader, return_exceptions=True)


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

    async def start(self) -> None:
        """Start the live side, and wait until it hears the PBX."""
        bridge = Bridge(
            settings=self.settings,
            database=self.database,
            secrets=SecretBox(self.settings.secret_keys),
            pickup=self.pickup,
            metrics=Metrics(CollectorRegistry()),
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


@pytest.fixture
async def pbx() -> AsyncIterator[FakePbx]:
    """A PBX that says nothing by itself."""
    pbx = FakePbx()
    await pbx.open()
    yield pbx
    await pbx.close()


@pytest.fixture
async def stage(database: Database, settings: Settings, pbx: FakePbx) -> AsyncIterator[Stage]:
    """An office of five agents; `await stage.start()` opens it."""
    stage = Stage(database, settings.model_copy(update={"live_port": 0}), pbx)
    await stage.set_up()
    yield stage
    await stage.close()
