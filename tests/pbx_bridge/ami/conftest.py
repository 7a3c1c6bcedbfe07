"""An Asterisk on a real socket that does as a test tells it, and two clients for it."""

import asyncio
import hashlib
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass, field

import pytest
from panoramisk.manager import Manager as PlainManager

from pbx_bridge.ami import Link, Message
from pbx_bridge.config import AmiConfig

GREETING = b"Asterisk Call Manager/9.0.0\r\n"
DEADLINE = 5.0
VERSION = "AsteriskVersion: 22.10.1"
STARTED = ("CoreStartupDate: 2026-11-22", "CoreStartupTime: 08:53:48")
COMMANDS = (
    "Originate: Originate a call.  (Priv: originate,all)",
    "CoreStatus: Show PBX core status variables.  (Priv: system,reporting,all)",
    "Ping: Keepalive command.  (Priv: <none>)",
)
FAST = {
    "ping_interval": 60.0,
    "ping_timeout": 60.0,
    "retry_first": 0.02,
    "retry_cap": 0.05,
}


@dataclass(eq=False)
class Peer:
    """One connection, seen from the PBX."""

    pbx: "FakeAsterisk"
    writer: asyncio.StreamWriter
    heard: bytearray = field(default_factory=bytearray)

    def say(self, text: bytes | str) -> None:
        self.writer.write(text if isinstance(text, bytes) else text.encode())

    def answer(self, action: dict[str, str], *headers: str) -> None:
        lines = [headers[0], f"ActionID: {action['ActionID']}", *headers[1:]]
        self.say("\r\n".join(lines) + "\r\n\r\n")

    def cut(self) -> None:
        self.writer.transport.abort()


Behaviour = Callable[[Peer, dict[str, str]], None]


@dataclass(eq=False)
class FakeAsterisk:
    """Takes logins, answers actions by `behaviours`, and remembers what it was asked."""

    port: int = 0
    secret: str = "s3cret"
    greeting: bytes = GREETING
    silent: bool = False
    actions: list[dict[str, str]] = field(default_factory=list)
    peers: list[Peer] = field(default_factory=list)
    behaviours: dict[str, Behaviour] = field(default_factory=dict)
    connections: int = 0
    on_bytes: Callable[[Peer, bytes], None] | None = None

    def __post_init__(self) -> None:
        self.behaviours |= {
            "Challenge": lambda p, a: p.answer(a, "Response: Success", "Challenge: 2718"),
            "Login": self._login,
            "CoreSettings": lambda p, a: p.answer(a, "Response: Success", VERSION),
            "CoreStatus": lambda p, a: p.answer(a, "Response: Success", *STARTED),
            "ListCommands": lambda p, a: p.answer(a, "Response: Success", *COMMANDS),
            "Ping": lambda p, a: p.answer(a, "Response: Success", "Ping: Pong"),
        }

    def named(self, *names: str) -> list[dict[str, str]]:
        """The actions of these names that have come, in order."""
        return [action for action in self.actions if action["Action"] in names]

    def say(self, text: bytes | str) -> None:
        """To everyone who is connected."""
        for peer in self.peers:
            peer.say(text)

    def cut(self) -> None:
        """Every connection, without a goodbye."""
        for peer in list(self.peers):
            peer.cut()

    def _login(self, peer: Peer, action: dict[str, str]) -> None:
        key = hashlib.md5(b"2718" + self.secret.encode()).hexdigest()
        if action.get("Key") == key or action.get("Secret") == self.secret:
            peer.answer(action, "Response: Success", "Message: Authentication accepted")
            return
        peer.answer(action, "Response: Error", "Message: Authentication failed")
        peer.writer.close()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        peer = Peer(self, writer)
        self.peers.append(peer)
        peer.say(self.greeting)
        with suppress(OSError):
            while data := await reader.read(65536):
                self._take(peer, data)
        self.peers.remove(peer)
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()

    def _take(self, peer: Peer, data: bytes) -> None:
        peer.heard += data
        if self.on_bytes is not None:
            self.on_bytes(peer, data)
        while b"\r\n\r\n" in peer.heard:
            block, _, rest = bytes(peer.heard).partition(b"\r\n\r\n")
            peer.heard[:] = rest
            lines = [line.partition(": ") for line in block.decode().split("\r\n")]
            self.actions.append({key: value for key, _, value in lines})
            behaviour = self.behaviours.get(self.actions[-1]["Action"])
            if behaviour is not None and not self.silent:
                behaviour(peer, self.actions[-1])


@pytest.fixture
async def pbx() -> AsyncIterator[FakeAsterisk]:
    """A PBX that takes the login of crm with its secret, and answers pings."""
    fake = FakeAsterisk()
    server = await asyncio.start_server(fake.serve, "127.0.0.1", 0)
    fake.port = server.sockets[0].getsockname()[1]
    yield fake
    server.close()
    fake.cut()
    await eventually(lambda: not fake.peers)
    await server.wait_closed()


@pytest.fixture
def config_of() -> Callable[..., AmiConfig]:
    """Make a config for a fake PBX, with small times."""

    def config(pbx: FakeAsterisk, **changes: object) -> AmiConfig:
        known = {"port": pbx.port, "username": "crm", "secret": "s3cret"}
        return AmiConfig(**{**known, **FAST, **changes})

    return config


@pytest.fixture
def linked(
    config_of: Callable[..., AmiConfig],
) -> Callable[..., AbstractAsyncContextManager[Link]]:
    """A link of ours that is up; what it hears gathers in the list that the test gives."""

    @asynccontextmanager
    async def link_to(
        pbx: FakeAsterisk,
        *,
        heard: list | None = None,
        options: dict | None = None,
        **changes: object,
    ) -> AsyncIterator[Link]:
        async with Link(config_of(pbx, **changes), **(options or {})) as link:
            listener = asyncio.create_task(gather(link, heard)) if heard is not None else None
            async with asyncio.timeout(DEADLINE):
                await link.connected()
            yield link
            if listener is not None and link.state.status == "connected":
                await link.ask({"Action": "Ping"})  # all that was said before is heard
        if listener is not None:
            await listener

    return link_to


@pytest.fixture
def plain() -> Callable[..., AbstractAsyncContextManager[PlainManager]]:
    """Panoramisk 1.4 as it is, logged in."""

    @asynccontextmanager
    async def manager_of(
        pbx: FakeAsterisk, *, wait: bool = True, **changes: object
    ) -> AsyncIterator[PlainManager]:
        settings = {"port": pbx.port, "username": "crm", "secret": "s3cret", "ping_delay": 60}
        manager = PlainManager(**{**settings, "reconnect_timeout": 0, **changes})
        manager.loop = asyncio.get_running_loop()
        if wait:
            await manager.connect()
            await eventually(lambda: manager.authenticated)
        yield manager
        manager.reconnect_timeout = 3600  # its close() is not final
        manager.close()

    return manager_of


async def gather(link: Link, heard: list) -> None:
    """All that the link hears until it is closed."""
    async for item in link.listen():
        heard.append(item)  # noqa: PERF401  # tests look while it grows


async def eventually(condition: Callable[[], object], within: float = DEADLINE) -> None:
    """Poll until the condition holds, or fail."""
    async with asyncio.timeout(within):
        while not condition():  # noqa: ASYNC110  # the condition is anybody's
            await asyncio.sleep(0.002)


@pytest.fixture(name="eventually")
def eventually_fixture() -> Callable[..., Awaitable[None]]:
    return eventually


@pytest.fixture
def hangs() -> Callable[[Awaitable], Awaitable[bool]]:
    """Whether what is awaited is still unanswered after a while."""

    async def hanging(awaitable: Awaitable) -> bool:
        _, pending = await asyncio.wait([asyncio.ensure_future(awaitable)], timeout=0.15)
        for task in pending:
            task.cancel()
        return bool(pending)

    return hanging


@pytest.fixture
def names() -> Callable[[list], list[str]]:
    """The names of the events in what was heard."""
    return lambda heard: [item.name for item in heard if isinstance(item, Message)]


@pytest.fixture
def seed() -> int:
    return 20261122


@pytest.fixture
def seeded(seed: int) -> random.Random:
    return random.Random(seed)
