"""One direction of what passes the proxy: how a test steers it, and what carries the bytes."""

import asyncio
import contextlib
import socket
import struct
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from chaos.faults import NONE, Faults, Meddler

_CHUNK = 65536
_CROWD = 1024  # pieces that wait to be sent before we read on
_BREATH = 0.01  # seconds


@dataclass(eq=False)
class Flow:
    """What a test does to one direction, on all connections, now and until it says otherwise."""

    name: str
    faults: Faults = NONE
    did: Counter[str] = field(default_factory=Counter)
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    left: int | None = None  # bytes until everything is cut
    tap: Callable[[bytes], object] | None = None  # is given what comes, before any harm is done
    pumps: list["Pump"] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.gate.set()

    def stall(self) -> None:
        """Let nothing through and say nothing of it, as a network does that drops packets."""
        self.gate.clear()

    def resume(self) -> None:
        """Let through again, beginning with what waited."""
        self.gate.set()

    def inject(self, data: bytes) -> None:
        """Say something that nobody sent, after the message that is on its way now."""
        for pump in self.pumps:
            pump.pass_on(pump.meddler.inject(data))

    @contextlib.contextmanager
    def through(self, pump: "Pump") -> Iterator[None]:
        """Count a connection's pump among ours while it works."""
        self.pumps.append(pump)
        try:
            yield
        finally:
            self.pumps.remove(pump)

    def cut_after(self, count: int) -> None:
        """Cut all connections when so many bytes more have passed, to the byte."""
        self.left = count


class Pump:
    """One direction of one connection: `read` puts bytes on their way, `send` sends what is due."""

    def __init__(
        self,
        flow: Flow,
        meddler: Meddler,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        cut: Callable[[], None],
    ) -> None:
        self.flow, self.meddler = flow, meddler
        self._reader, self._writer, self._cut = reader, writer, cut
        self._going: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
        self._last_due = 0.0
        writer.transport.set_write_buffer_limits(0)  # what is drained is with the kernel

    async def read(self) -> None:
        """Take what comes until it ends; a ConnectionError when it is cut."""
        loop = asyncio.get_running_loop()
        try:
            while data := await self._reader.read(_CHUNK):
                await self.flow.gate.wait()
                if self.flow.tap is not None:
                    self.flow.tap(data)
                self.pass_on(self.meddler.feed(data, self.flow.faults))
                if (held := self.meddler.held) is not None:
                    loop.call_later(self.flow.faults.within, self._release, held)
                while self._going.qsize() > _CROWD:  # noqa: ASYNC110  # a queue has no event for it
                    await asyncio.sleep(_BREATH)
        finally:
            await self.flow.gate.wait()  # neither an end nor a reset gets through a stall
        self.pass_on(self.meddler.release())
        self._going.put_nowait((self._last_due, b""))

    async def send(self) -> None:
        """Send on what is due, and the end of the stream at last."""
        loop = asyncio.get_running_loop()
        while True:
            due, piece = await self._going.get()
            if (wait := due - loop.time()) > 0:
                await asyncio.sleep(wait)
            await self.flow.gate.wait()
            if not piece:
                self._writer.write_eof()
                return
            await self._write(piece)
            if self.flow.faults.pieces:
                await asyncio.sleep(0)  # twice: a reader in this loop takes each piece by itself
                await asyncio.sleep(0)

    def pass_on(self, data: bytes) -> None:
        """Put bytes on their way; none overtake others."""
        if data:
            due = asyncio.get_running_loop().time() + self.meddler.delay(self.flow.faults)
            self._last_due = max(due, self._last_due)
            for piece in self.meddler.pieces(data, self.flow.faults):
                self._going.put_nowait((self._last_due, piece))

    def _release(self, held: bytes) -> None:
        if self.meddler.held is held:
            self.pass_on(self.meddler.release())

    async def _write(self, piece: bytes) -> None:
        left = self.flow.left
        piece = piece if left is None else piece[:left]
        self._writer.write(piece)
        await self._writer.drain()
        self.flow.did["bytes"] += len(piece)
        if left is not None:
            self.flow.left = left - len(piece)
            if self.flow.left == 0:
                self.flow.left = None
                self._cut()


def reset(writer: asyncio.StreamWriter) -> None:
    """Have the kernel send a reset, whatever it has still to send."""
    sock = writer.get_extra_info("socket")
    with contextlib.suppress(OSError):
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
