"""One open socket: its writer, its reader and its end, so that none waits for another's."""

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime

from websockets.asyncio.server import ServerConnection, broadcast
from websockets.exceptions import ConnectionClosed

from web.keys import Visitor
from web.live.hub import Hub
from web.live.messages import WHY, Close, NotUnderstood, Seen, Shown, read_hello, read_report
from web.live.metrics import Metrics
from web.live.streams import Frame, Screen

HELLO_SECONDS = 5.0
CLOSE_SECONDS = 1.0
SHUT_SECONDS = 0.05  # between looks whether this node leads again
REPORTS_A_MINUTE = 600
MINUTE = 60.0


class Line:
    """A visitor's open socket."""

    def __init__(
        self,
        connection: ServerConnection,
        visitor: Visitor,
        hub: Hub,
        metrics: Metrics,
        leads: Callable[[], bool],
    ) -> None:
        self.visitor = visitor
        self.turn = 0  # in which its rights are looked at
        self.screen = Screen(visitor.user_id, push=self._push, wake=self._wake)
        self._connection = connection
        self._hub = hub
        self._metrics = metrics
        self._leads = leads
        self._awake = asyncio.Event()
        self._writer: asyncio.Task[None] | None = None
        self._ending: asyncio.Task[None] | None = None

    async def greet(self) -> Seen | None:
        """Wait for the client's first message; raises NotUnderstood, TimeoutError."""
        async with asyncio.timeout(HELLO_SECONDS):
            return read_hello(await self._connection.recv())

    async def refuse(self, why: Close) -> None:
        """Close a socket that never became a screen."""
        await self._connection.close(why, WHY[why])

    async def talk(self, seen: Seen | None, on_shown: Callable[[Shown], None]) -> None:
        """Serve the screen until either side ends it."""
        self._writer = asyncio.create_task(self._write())
        try:
            self._hub.join(self.screen, seen=seen, now=time.monotonic(), clock=clock())
            await self._read(on_shown)
        finally:
            self._hub.leave(self.screen, now=time.monotonic())
            self._writer.cancel()
            await asyncio.wait([task for task in (self._writer, self._ending) if task])

    async def _read(self, on_shown: Callable[[Shown], None]) -> None:
        since, heard = time.monotonic(), 0
        try:
            async for text in self._connection:
                now = time.monotonic()
                since, heard = (now, 0) if now - since > MINUTE else (since, heard + 1)
                if heard > REPORTS_A_MINUTE:
                    self._hub.close(self.screen, Close.TOO_MANY)
                elif report := read_report(text):
                    on_shown(report)
        except NotUnderstood:
            self._hub.close(self.screen, Close.BAD_MESSAGE)
        except ConnectionClosed:
            pass  # its client will come again, or not

    async def _write(self) -> None:
        """Send what the outbox holds, as fast as this screen takes it."""
        while True:
            if not self._leads():
                await asyncio.sleep(SHUT_SECONDS)
                continue
            frame = self.screen.take()
            if frame is None:
                self._awake.clear()
                await self._awake.wait()
                continue
            try:
                await self._connection.send(frame.text, text=True)
            except ConnectionClosed:
                return
            self._sent(frame)

    def _push(self, frame: Frame) -> bool:
        """Send at once where nothing waits before it: the way of nearly every pop."""
        if self._connection.transport.get_write_buffer_size() > 0 or not self._leads():
            return False
        broadcast((self._connection,), frame.text, text=True)
        self._sent(frame)
        return True

    def _sent(self, frame: Frame) -> None:
        if frame.born is not None:
            self._metrics.pop_sent.observe(max(0.0, time.time() - frame.born))

    def _wake(self) -> None:
        if self.screen.closing is None:
            self._awake.set()
        elif self._ending is None:
            self._ending = asyncio.create_task(self._end(self.screen.closing))

    async def _end(self, why: Close) -> None:
        if self._writer is not None:
            self._writer.cancel()
        if why is Close.TOO_SLOW:
            self._metrics.screens_dropped.inc()
        else:
            self._push(self._hub.bye(self.screen))
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                await self._connection.close(why, WHY[why])
        except TimeoutError:  # it does not even take a close
            self._connection.transport.abort()


def clock() -> str:
    """Return the time now as messages write it, so that a screen can correct its own clock."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
