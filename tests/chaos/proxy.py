"""A proxy that a test tells what to do to the bytes between Ringbook and a PBX, or a database."""

import asyncio
import random
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import TracebackType
from typing import Self

from chaos.faults import Meddler
from chaos.pumps import Flow, Pump, reset


class Proxy:
    """Listens on `port` inside `async with`; whoever connects talks to the server at `to`.

    Idle, it passes every byte on as it came. `down` is what the server says, `up` what Ringbook
    says. `framed` is for the AMI, whose messages it knows; anything else is bytes.
    """

    host = "127.0.0.1"

    def __init__(self, to: int, *, seed: int | None = None, framed: bool = True) -> None:
        self.to = to
        self.seed = random.randrange(1 << 32) if seed is None else seed
        self.down, self.up = Flow("down"), Flow("up")
        self.accepts = True  # otherwise whoever connects is cut off at once
        self.connections = 0
        self.port = 0
        self._framed = framed
        self._open: dict[asyncio.Task[None], tuple[asyncio.StreamWriter, asyncio.StreamWriter]] = {}
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, self.host, 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if error is not None:
            error.add_note(str(self))
        assert self._server is not None
        self._server.close()
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)
        await self._server.wait_closed()

    def __str__(self) -> str:
        did = {flow.name: dict(flow.did) for flow in (self.down, self.up)}
        return f"chaos with seed {self.seed}: {self.connections} connections, {did}"

    @property
    def is_open(self) -> bool:
        """Whether somebody is connected."""
        return bool(self._open)

    def stall(self) -> None:
        """Let nothing through either way: no data, no end, no reset."""
        self.down.stall()
        self.up.stall()

    def resume(self) -> None:
        """Let through again both ways."""
        self.down.resume()
        self.up.resume()

    def cut(self) -> None:
        """Reset every connection, on both sides."""
        for both in self._open.values():
            for writer in both:
                reset(writer)

    def end(self) -> None:
        """End every connection in good order, on both sides."""
        for both in self._open.values():
            for writer in both:
                writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        number = self.connections
        try:
            if not self.accepts:
                raise ConnectionRefusedError
            far_reader, far_writer = await asyncio.open_connection(self.host, self.to)
        except OSError:
            reset(writer)
            return
        with self._kept(writer, far_writer):
            down = Pump(self.down, self._meddler(self.down, number), far_reader, writer, self.cut)
            up = Pump(self.up, self._meddler(self.up, number), reader, far_writer, self.cut)
            # That we are cancelled is how the proxy ends.
            with suppress(asyncio.CancelledError), self.down.through(down), self.up.through(up):
                await _together(down, up)

    @contextmanager
    def _kept(self, *both: asyncio.StreamWriter) -> Iterator[None]:
        task = asyncio.current_task()
        assert task is not None
        self._open[task] = both
        try:
            yield
        except* OSError:  # a side was cut, and the other hears of it
            for writer in both:
                reset(writer)
        finally:
            del self._open[task]
            for writer in both:
                writer.close()

    def _meddler(self, flow: Flow, number: int) -> Meddler:
        seed = f"{self.seed} {number} {flow.name}"
        return Meddler(seed, flow.did, framed=self._framed, greets=flow is self.down)


async def _together(*pumps: Pump) -> None:
    async with asyncio.TaskGroup() as group:
        for pump in pumps:
            group.create_task(pump.read())
            group.create_task(pump.send())
