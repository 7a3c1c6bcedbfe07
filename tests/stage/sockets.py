"""A listener of the live protocol, and people and programs that may use it."""

import asyncio
import contextlib
import json
import socket
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from aiohttp import web
from prometheus_client import CollectorRegistry
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

import storage.sessions
import storage.tokens
from pbx_bridge.ids import uuid7
from storage.database import Database
from storage.users import User
from web.auth import COOKIE
from web.config import Settings
from web.live.hub import Hub
from web.live.messages import Kind, Shown
from web.live.metrics import Metrics
from web.live.socket import Sockets
from web.live.streams import Limits

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
SECONDS = 30.0  # a deadline, never a measure


class Stage:
    """A listener, and people and programs that may use it."""

    def __init__(self, app: web.Application, database: Database, settings: Settings) -> None:
        self.database = database
        self.origin = settings.public_origin
        self.hub = Hub("epoch", Limits(outbox_frames=50))
        self.shown: list[tuple[UUID, Shown]] = []
        self.metrics = Metrics(CollectorRegistry())
        self.sockets = Sockets(
            app,
            self.hub,
            host="127.0.0.1",
            port=0,
            metrics=self.metrics,
            on_shown=lambda user, report: self.shown.append((user, report)),
        )

    async def person(self, login: str = "ann", role: str = "agent", **changes: object) -> User:
        async with self.database.writing() as session:
            user = User(
                id=uuid7(NOW), login=login, name=login, role=role, created_at=NOW, **changes
            )
            session.add(user)
        return user

    async def cookie(self, user: User, *, hours: int = 1) -> str:
        async with self.database.writing() as session:
            opened = await storage.sessions.open_for(
                session, user.id, now=datetime.now(UTC), hours=hours, address="", browser=""
            )
        return opened.cookie

    async def token(self, user: User, *scopes: str, **changes: Any) -> str:
        async with self.database.writing() as session:
            issued = await storage.tokens.create(
                session,
                user.id,
                name="t",
                scopes=scopes,
                now=datetime.now(UTC),
                by=None,
                **changes,
            )
        return issued.secret

    async def connect(self, **headers: str) -> ClientConnection:
        url = f"ws://127.0.0.1:{self.sockets.port}/"
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        return await connect(url, additional_headers=given, max_queue=None)

    async def screen(self, cookie: str, seen: tuple[str, int] | None = None) -> ClientConnection:
        socket = await self.connect(Cookie=f"{COOKIE}={cookie}", Origin=self.origin)
        epoch, n = seen or (None, None)
        await socket.send(json.dumps({"v": 1, "type": "hello", "epoch": epoch, "n": n}))
        return socket

    def tell(self, user: User, key: int, text: str = "") -> None:
        data = {"id": str(key), "text": text}
        self.hub.tell(user.id, Kind.POP_OPENED, data, now=asyncio.get_running_loop().time())


async def hear(socket: ClientConnection) -> dict[str, Any]:
    async with asyncio.timeout(SECONDS):
        while (message := json.loads(await socket.recv()))["type"] == "beat":
            pass
    return message


async def end_of(socket: ClientConnection) -> int | None:
    """Read to the end; return the close code."""
    async with asyncio.timeout(SECONDS):
        with contextlib.suppress(ConnectionClosed):
            while True:
                await socket.recv()
    return socket.close_code


async def eventually(is_so: Callable[[], object]) -> None:
    """Wait until it is so."""
    async with asyncio.timeout(SECONDS):
        while True:
            if is_so():
                return
            await asyncio.sleep(0.01)


async def deaf(stage: Stage, cookie: str) -> socket.socket:
    """A client that says hello and then never reads."""
    raw = socket.socket()
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    raw.setblocking(False)
    loop = asyncio.get_running_loop()
    await loop.sock_connect(raw, ("127.0.0.1", stage.sockets.port))
    request = (
        "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
        f"Cookie: {COOKIE}={cookie}\r\nOrigin: {stage.origin}\r\n\r\n"
    )
    await loop.sock_sendall(raw, request.encode())
    await loop.sock_recv(raw, 4096)
    hello = b'{"v": 1, "type": "hello"}'
    masked = bytes(byte ^ mask for byte, mask in zip(hello, b"abcd" * 10, strict=False))
    await loop.sock_sendall(raw, bytes((0x81, 0x80 | len(hello))) + b"abcd" + masked)
    return raw
