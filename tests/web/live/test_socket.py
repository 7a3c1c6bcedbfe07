"""The live socket over real connections: who gets in, what they get, how it ends."""

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from aiohttp import web
from prometheus_client import CollectorRegistry
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

import storage.sessions
import storage.tokens
from pbx_bridge.ids import uuid7
from storage.database import Database
from storage.users import User
from web.auth import COOKIE
from web.config import Settings
from web.keys import DATABASE, SETTINGS
from web.live import lines
from web.live.hub import Hub, Limits
from web.live.messages import Kind, Shown
from web.live.metrics import Metrics
from web.live.socket import Sockets

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
SECONDS = 10.0


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


@pytest.fixture
def bare(database: Database, settings: Settings) -> web.Application:
    """As much of the application as the socket needs: no pages."""
    app = web.Application()
    app[DATABASE], app[SETTINGS] = database, settings
    return app


@pytest.fixture
async def stage(
    bare: web.Application, database: Database, settings: Settings
) -> AsyncIterator[Stage]:
    stage = Stage(bare, database, settings)
    async with stage.sockets:
        yield stage


async def refused(stage: Stage, **headers: str) -> int:
    with pytest.raises(InvalidStatus) as caught:
        await stage.connect(**headers)
    return caught.value.response.status_code


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        pytest.param(None, 403, id="absent"),
        pytest.param("null", 403, id="null"),
        pytest.param("http://evil.example", 403, id="foreign"),
        pytest.param("http://127.0.0.1:8081", 403, id="another port"),
        pytest.param("https://127.0.0.1:8080", 403, id="another scheme"),
        pytest.param("http://127.0.0.1:8080.evil.example", 403, id="longer"),
        pytest.param("http://a.127.0.0.1:8080", 403, id="subdomain"),
    ],
)
async def test_a_cookie_opens_the_socket_from_our_own_pages_only(stage, origin, status):
    cookie = await stage.cookie(await stage.person())
    headers = {"Cookie": f"{COOKIE}={cookie}"} | ({"Origin": origin} if origin else {})
    assert await refused(stage, **headers) == status


async def test_nobody_gets_in_without_a_log_in(stage):
    assert await refused(stage, Origin=stage.origin) == 401
    assert await refused(stage, Origin=stage.origin, Cookie=f"{COOKIE}=guessed") == 401
    assert await refused(stage, Origin=stage.origin, Cookie="\u00ff;;=") == 401


async def test_a_token_needs_the_scope_and_no_origin(stage):
    ann = await stage.person()
    good, other = await stage.token(ann, "live"), await stage.token(ann, "read", "write")
    socket = await stage.connect(Authorization=f"Bearer {good}")
    await socket.send('{"v": 1, "type": "hello"}')
    assert (await hear(socket))["type"] == "snapshot"
    assert await refused(stage, Authorization=f"Bearer {other}") == 403
    assert await refused(stage, Authorization="Bearer wrong") == 401
    assert await refused(stage, Authorization="Basic x") == 401
    assert await refused(stage, Authorization=f"Bearer {good}", Origin="http://evil") == 403
    await socket.close()


async def test_an_ended_token_opens_nothing(stage):
    ann = await stage.person()
    ended = await stage.token(ann, "live", expires_at=datetime.now(UTC) - timedelta(seconds=1))
    assert await refused(stage, Authorization=f"Bearer {ended}") == 401


async def test_who_must_change_the_password_does_that_first(stage):
    ann = await stage.person(must_change_password=True)
    cookie = await stage.cookie(ann)
    assert await refused(stage, Cookie=f"{COOKIE}={cookie}", Origin=stage.origin) == 403


async def test_a_closed_user_is_not_let_in(stage):
    cookie = await stage.cookie(await stage.person(active=False))
    assert await refused(stage, Cookie=f"{COOKIE}={cookie}", Origin=stage.origin) == 401


async def test_a_screen_that_comes_back_gets_exactly_what_it_missed(stage):
    ann = await stage.person()
    cookie = await stage.cookie(ann)
    first = await stage.screen(cookie)
    assert (await hear(first))["type"] == "snapshot"
    stage.tell(ann, 1)
    assert (await hear(first))["n"] == 1
    await first.close()
    for key in (2, 3):
        stage.tell(ann, key)
    again = await stage.screen(cookie, ("epoch", 1))
    assert [(m["type"], m["n"]) for m in [await hear(again) for _ in range(3)]] == [
        ("resumed", 1),
        ("pop.opened", 2),
        ("pop.opened", 3),
    ]
    await again.close()


async def test_two_tabs_of_one_user_hear_the_same_and_others_nothing(stage):
    ann, bob = await stage.person("ann"), await stage.person("bob")
    cookie = await stage.cookie(ann)
    tabs = [await stage.screen(cookie) for _ in range(2)]
    other = await stage.screen(await stage.cookie(bob))
    for one in (*tabs, other):
        await hear(one)
    stage.tell(ann, 1)
    stage.tell(bob, 2)
    assert await hear(tabs[0]) == await hear(tabs[1])
    assert (await hear(other))["data"]["id"] == "2"
    for one in (*tabs, other):
        await one.close()


@pytest.mark.parametrize(
    "said",
    [
        pytest.param("hello", id="no JSON"),
        pytest.param("[]", id="no object"),
        pytest.param('{"v": 2, "type": "hello"}', id="another version"),
        pytest.param('{"v": 1, "type": "shown"}', id="no hello"),
    ],
)
async def test_who_begins_otherwise_than_with_hello_is_closed(stage, said):
    socket = await stage.connect(
        Cookie=f"{COOKIE}={await stage.cookie(await stage.person())}", Origin=stage.origin
    )
    await socket.send(said)
    assert await end_of(socket) == 4400


async def test_who_says_nothing_is_closed(stage, monkeypatch):
    monkeypatch.setattr(lines, "HELLO_SECONDS", 0.05)
    socket = await stage.connect(
        Cookie=f"{COOKIE}={await stage.cookie(await stage.person())}", Origin=stage.origin
    )
    assert await end_of(socket) == 4408


async def test_a_long_message_closes_the_socket(stage):
    socket = await stage.screen(await stage.cookie(await stage.person()))
    await socket.send("x" * 5000)
    assert await end_of(socket) == 1009


async def test_a_chatterbox_is_closed(stage, monkeypatch):
    monkeypatch.setattr(lines, "REPORTS_A_MINUTE", 5)
    socket = await stage.screen(await stage.cookie(await stage.person()))
    for _ in range(7):
        with contextlib.suppress(ConnectionClosed):
            await socket.send('{"v": 1, "type": "later"}')
    assert await end_of(socket) == 4429


async def test_the_report_of_a_painted_pop_arrives(stage):
    ann = await stage.person()
    socket = await stage.screen(await stage.cookie(ann))
    await hear(socket)
    await socket.send('{"v":1,"type":"shown","data":{"pop":"7","seconds":0.02}}')
    await eventually(lambda: stage.shown)
    assert stage.shown == [(ann.id, Shown("7", 0.02))]
    await socket.close()


async def test_a_log_out_closes_the_socket_and_nothing_is_sent_after(stage):
    ann = await stage.person()
    socket = await stage.screen(await stage.cookie(ann))
    await hear(socket)
    async with stage.database.writing() as session:
        await storage.sessions.close_all(session, ann.id, by=ann.id)
    closing = asyncio.create_task(stage.sockets.access_changed(ann.id))
    await asyncio.sleep(0)
    stage.tell(ann, 1)
    await closing
    stage.tell(ann, 2)
    assert (await hear(socket))["type"] == "bye"
    assert await end_of(socket) == 4401


async def test_the_sweep_finds_what_another_process_revoked(stage):
    ann = await stage.person()
    token = await stage.token(ann, "live")
    socket = await stage.connect(Authorization=f"Bearer {token}")
    await socket.send('{"v": 1, "type": "hello"}')
    await hear(socket)
    await stage.sockets.sweep()
    stage.tell(ann, 1)
    assert (await hear(socket))["type"] == "pop.opened"
    async with stage.database.writing() as session:
        await storage.tokens.revoke_all(session, ann.id, now=datetime.now(UTC), by=None)
    await stage.sockets.sweep()
    assert await end_of(socket) == 4401


async def test_another_role_has_the_screen_connect_again(stage):
    ann = await stage.person()
    socket = await stage.screen(await stage.cookie(ann))
    await hear(socket)
    async with stage.database.writing() as session:
        user = await session.get(User, ann.id)
        user.role = "supervisor"
    await stage.sockets.access_changed(ann.id)
    assert await end_of(socket) == 4409


async def test_access_that_did_not_change_goes_on(stage):
    ann = await stage.person()
    socket = await stage.screen(await stage.cookie(ann))
    await hear(socket)
    closing = asyncio.create_task(stage.sockets.access_changed(ann.id))
    await asyncio.sleep(0)
    stage.tell(ann, 1)
    await closing
    assert (await hear(socket))["data"]["id"] == "1"
    await socket.close()


async def test_a_screen_that_never_reads_is_dropped_and_delays_nobody(stage):
    ann = await stage.person()
    cookie = await stage.cookie(ann)
    quick = await stage.screen(cookie)
    await hear(quick)
    slow = await deaf(stage, cookie)
    await eventually(lambda: len(stage.hub.screens(ann.id)) == 2)
    for key in range(400):
        stage.tell(ann, key, "x" * 20_000)
        assert (await hear(quick))["data"]["id"] == str(key)
    await eventually(lambda: len(stage.hub.screens(ann.id)) == 1)
    assert stage.hub.counts.dropped == 1
    slow.close()
    await quick.close()


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


async def test_a_stop_tells_every_screen_to_come_again(bare, database, settings):
    stage = Stage(bare, database, settings)
    async with stage.sockets:
        socket = await stage.screen(await stage.cookie(await stage.person()))
        await hear(socket)
    assert await end_of(socket) == 1012
