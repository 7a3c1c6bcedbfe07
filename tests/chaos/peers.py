"""A server and a client with nothing of Ringbook in them, to try the proxy on."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from chaos.proxy import Proxy

GREETING = b"Asterisk Call Manager/9.0.0\r\n"
SECONDS = 20.0  # a deadline, never a measure


def event(number: int) -> bytes:
    return b"Event: E%d\r\nUniqueid: 1.%d\r\n\r\n" % (number, number)


def numbers(data: bytes) -> list[int]:
    return [int(found) for found in re.findall(rb"Event: E(\d+)\r\nUniqueid: 1\.\d+\r\n\r\n", data)]


class Client(asyncio.Protocol):
    """Keeps what comes, chunk by chunk, and how the connection ended."""

    def __init__(self) -> None:
        self.chunks: list[bytes] = []
        self.over: str | None = None

    @property
    def heard(self) -> bytes:
        return b"".join(self.chunks)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.chunks.append(data)

    def eof_received(self) -> None:
        self.over = "end"

    def connection_lost(self, error: Exception | None) -> None:
        self.over = "reset" if isinstance(error, ConnectionResetError) else self.over or "end"


class Server:
    """Greets whoever comes, and keeps what they say and how they went."""

    def __init__(self) -> None:
        self.clients: list[Client] = []
        self.port = 0

    def make(self) -> Client:
        self.clients.append(client := Greeter())
        return client

    def say(self, data: bytes) -> None:
        self.clients[-1].transport.write(data)


class Greeter(Client):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        transport.write(GREETING)


async def until(is_so: Callable[[], object]) -> None:
    async with asyncio.timeout(SECONDS):
        while not is_so():  # noqa: ASYNC110  # the condition is anybody's
            await asyncio.sleep(0.002)


@asynccontextmanager
async def connected(**changes: object) -> AsyncIterator[tuple[Server, Proxy, Client]]:
    """A server, a proxy before it, and a client that was greeted through it."""
    loop = asyncio.get_running_loop()
    server = Server()
    listening = await loop.create_server(server.make, "127.0.0.1", 0)
    async with listening, Proxy(listening.sockets[0].getsockname()[1], **changes) as proxy:
        _, client = await loop.create_connection(Client, proxy.host, proxy.port)
        await until(lambda: client.heard == GREETING)
        yield server, proxy, client
        client.transport.abort()
