"""The WebSocket edge: the listener, who may connect, heartbeats, and ends of access."""

import asyncio
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus
from itertools import cycle
from typing import Self
from uuid import UUID
from weakref import WeakKeyDictionary

import structlog
from aiohttp import web
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

import storage.accesses
from storage.background import Background
from storage.database import Database
from web.keys import DATABASE, Visitor
from web.live.doors import Door, Refusal
from web.live.hub import TURNS, Hub
from web.live.lines import CLOSE_SECONDS, Line, clock
from web.live.messages import WHY, Close, NotUnderstood, Shown
from web.live.metrics import Metrics
from web.live.routines import in_turns

log = structlog.get_logger(__name__)

BEAT_SECONDS = 5.0
SWEEPS = 6  # parts of the screens, one after the other: thousands at once would hold up pops
SWEEP_SECONDS = 3.0  # with the time a close takes, a revoked log-in ends within 5 s
ANOTHER_LEADS = "another node leads\n"
MAX_MESSAGE = 4096  # bytes that a client may send at once


class Sockets:
    """The listener of the live protocol. Use as `async with Sockets(app, hub, …)`.

    `on_shown(user, report)` gets what the browsers tell of painted pops. While `leads()` says no,
    nobody is let in and nothing is sent.
    """

    def __init__(
        self,
        app: web.Application,
        hub: Hub,
        *,
        host: str,
        port: int,
        metrics: Metrics,
        on_shown: Callable[[UUID, Shown], None],
        leads: Callable[[], bool] = lambda: True,
    ) -> None:
        self.hub = hub
        self._door = Door(app)
        self._background = Background(app[DATABASE].url)  # rights are looked up beside the loop
        self._where = (host, port)
        self._metrics = metrics
        self._on_shown = on_shown
        self._leads = leads
        self._admitted: WeakKeyDictionary[ServerConnection, Visitor] = WeakKeyDictionary()
        self._lines: set[Line] = set()
        self._turns = cycle(range(SWEEPS))
        self._replayed = 0  # of the hub's count, told to the metrics
        self._server: Server | None = None
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def port(self) -> int:
        """The port that is listened to, also where 0 was asked for."""
        assert self._server is not None  # noqa: S101 - a slip of the caller
        return int(self._server.sockets[0].getsockname()[1])

    async def __aenter__(self) -> Self:
        host, port = self._where
        self._server = await serve(
            self._talk,
            host,
            port,
            process_request=self._admit,
            compression=None,
            max_size=MAX_MESSAGE,
            max_queue=8,
            ping_interval=20,
            ping_timeout=20,
            close_timeout=CLOSE_SECONDS,
            server_header=None,
        )
        self._tasks = [
            asyncio.create_task(in_turns(BEAT_SECONDS, TURNS, self._beat), name="live beats"),
            asyncio.create_task(in_turns(SWEEP_SECONDS, SWEEPS, self.sweep), name="live sweep"),
        ]
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for screen in self.hub.screens():
            self.hub.close(screen, Close.SERVER_STOPS)
        if self._server is not None:
            await asyncio.sleep(0)  # the lines say goodbye
            self._server.close(code=Close.SERVER_STOPS, reason=WHY[Close.SERVER_STOPS])
            await self._server.wait_closed()
        await self._background.close()

    async def access_changed(self, user: UUID) -> None:
        """Send nothing more to the user's screens until their rights are looked at again."""
        for screen in self.hub.screens(user):
            screen.muted = True
        await self.sweep()

    async def sweep(self, turn: int | None = None) -> None:
        """Close the screens whose log-in or token ended, or whose user has other rights now.

        A turn looks at its part of them, None at all.
        """
        lines = [line for line in self._lines if turn is None or line.turn == turn]
        if not lines:
            return
        visitors = [line.visitor for line in lines]
        roles = await self._background.run(partial(_roles, visitors))
        for line in lines:
            self._judge(line, roles.get(line.visitor.token_id or line.visitor.session_id))

    def users(self, may: Callable[[Visitor], bool]) -> set[UUID]:
        """Return the users with an open screen of whom `may` says yes."""
        return {line.visitor.user_id for line in self._lines if may(line.visitor)}

    def _judge(self, line: Line, role: str | None) -> None:
        screen = line.screen
        if role is None:
            self.hub.close(screen, Close.ACCESS_ENDED)
        elif role != line.visitor.role:
            self.hub.close(screen, Close.ACCESS_CHANGED)
        elif screen.muted:
            screen.muted = False
            screen.wake()

    async def _admit(self, connection: ServerConnection, request: Request) -> Response | None:
        if not self._leads():
            return connection.respond(HTTPStatus.SERVICE_UNAVAILABLE, ANOTHER_LEADS)
        try:
            self._admitted[connection] = await self._door.visitor(request)
        except Refusal as refusal:
            self._metrics.refused.labels(str(int(refusal.status))).inc()
            return connection.respond(refusal.status, refusal.text)
        return None

    async def _talk(self, connection: ServerConnection) -> None:
        visitor = self._admitted.pop(connection)
        line = Line(connection, visitor, self.hub, self._metrics, self._leads)
        try:
            seen = await line.greet()
        except TimeoutError:
            await line.refuse(Close.HELLO_LATE)
        except NotUnderstood:
            await line.refuse(Close.BAD_MESSAGE)
        except ConnectionClosed:
            pass  # gone before it said anything
        else:
            line.turn = next(self._turns)
            self._lines.add(line)
            self._metrics.screens.inc()
            try:
                await line.talk(seen, partial(self._on_shown, visitor.user_id))
            finally:
                self._lines.discard(line)
                self._metrics.screens.dec()

    async def _beat(self, turn: int) -> None:
        now = time.monotonic()
        self.hub.beat(turn, clock=clock(), now=now)
        if turn:
            return
        self.hub.forget(now=now)
        replayed, self._replayed = (
            self.hub.counts.replayed - self._replayed,
            self.hub.counts.replayed,
        )
        self._metrics.replayed.inc(replayed)


async def _roles(visitors: list[Visitor], database: Database) -> Mapping[UUID | None, str]:
    async with database.reading() as session:
        return await storage.accesses.roles(
            session,
            sessions={v.session_id for v in visitors if v.session_id},
            tokens={v.token_id for v in visitors if v.token_id},
            now=datetime.now(UTC),
        )
