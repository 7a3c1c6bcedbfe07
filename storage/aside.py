"""Work in a process of its own: it takes no turns of the interpreter away from the caller's loop.

Threads of one interpreter cannot run at once, and each lets the others wait for its turn. What is
asked for often while the loop is busy, and what takes long, is done beside it here. The child knows
nothing but what it is sent, ends with its parent, and is begun again when it died.
"""

import asyncio
import contextlib
import itertools
import os
import pickle
import signal
import socket
import struct
import sys
from asyncio.subprocess import Process
from collections.abc import Callable
from typing import Any, cast

import structlog

from storage.errors import StorageError

log = structlog.get_logger(__name__)

Work = Callable[..., Any]
Make = Callable[[], Work]

HEAD = struct.Struct("!I")  # bytes of the pickle that follows
AGAIN_SECONDS = 5.0  # after a child died
END_SECONDS = 5.0  # that it is given to finish
CHILD = "from storage.aside import main; main()"


class AsideLost(StorageError):
    """The process that worked for us is gone; whether the work was done is not known."""


class AsideFailed(StorageError):
    """The work failed with an error that could not be sent; the message is in its words."""


class Aside:
    """One child process, whose work is what `make` returns there; both must be picklable.

    Until it is ready, and while it is gone, `is_ready` says no and `ask` raises AsideLost.
    """

    def __init__(self, make: Make, *, name: str) -> None:
        self._make = make
        self._name = name
        self.is_ready = False  # whether it can be asked now
        self.pid: int | None = None  # of the child that is there
        self._line: _Line | None = None
        self._task: asyncio.Task[None] | None = None
        self._closing = asyncio.Event()

    def start(self) -> None:
        """Begin the child; it takes about a second to be ready."""
        if self._task is None and not self._closing.is_set():
            self._task = asyncio.create_task(self._stay(), name=f"aside {self._name}")

    def ask(self, *given: object) -> asyncio.Future[Any]:
        """Ask at once, before anything is awaited; the answer is the work's, or what it raised.

        Raises AsideLost, here or where it is awaited.
        """
        if self._line is None or not self.is_ready:
            raise AsideLost(f"the process for {self._name} is not there")
        return self._line.ask(given)

    async def close(self) -> None:
        """End the child: what it was asked before is done first."""
        self._closing.set()
        if self._line is not None:
            self._line.end()
        if self._task is not None:
            await self._task

    async def _stay(self) -> None:
        """Have one child after the other; never cancelled, so that each is seen to its end."""
        while not self._closing.is_set():
            try:
                await self._live()
            except OSError as error:
                log.warning("aside.not_started", name=self._name, error=error.strerror)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(AGAIN_SECONDS):
                    await self._closing.wait()

    async def _live(self) -> None:
        """Have a child until it dies."""
        ours, theirs = socket.socketpair()
        with ours:
            with theirs:
                process = await asyncio.create_subprocess_exec(
                    sys.executable, "-c", CHILD, str(theirs.fileno()),
                    pass_fds=(theirs.fileno(),), stdin=asyncio.subprocess.DEVNULL,
                    env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
                )  # fmt: skip
            try:
                self.pid = process.pid
                await self._talk_over(ours)
                if not self._closing.is_set():
                    log.warning("aside.lost", name=self._name)
            except Exception as error:  # noqa: BLE001 - whatever it is, there is another way
                log.warning("aside.not_made", name=self._name, error=str(error))
            finally:
                self.is_ready, self.pid = False, None
                await _ended(process)

    async def _talk_over(self, ours: socket.socket) -> None:
        """Talk until the child is gone, or we close."""
        loop = asyncio.get_running_loop()
        _, self._line = await loop.create_connection(_Line, sock=ours)
        if self._closing.is_set():
            self._line.end()
        await self._line.ask((self._make,))
        self.is_ready = True
        await self._line.lost.wait()


async def _ended(process: Process) -> None:
    """Let it finish what it does; it ends by itself where nobody talks to it."""
    try:
        async with asyncio.timeout(END_SECONDS):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


class _Line(asyncio.Protocol):
    """The parent's end: questions go out in order, and answers come in their order."""

    def __init__(self) -> None:
        self.lost = asyncio.Event()
        self._transport: asyncio.WriteTransport | None = None
        self._heard = bytearray()
        self._numbers = itertools.count()
        self._waiting: dict[int, asyncio.Future[Any]] = {}

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by asyncio."""
        self._transport = cast("asyncio.WriteTransport", transport)  # uvloop's is no such thing
        self._transport.set_write_buffer_limits(0)  # uvloop else waits until the loop is idle

    def ask(self, given: tuple[object, ...]) -> asyncio.Future[Any]:
        if self._transport is None or self.lost.is_set():
            raise AsideLost("the process is gone")
        n = next(self._numbers)
        answer = self._waiting[n] = asyncio.get_running_loop().create_future()
        self._transport.write(_framed((n, given)))
        return answer

    def data_received(self, data: bytes) -> None:
        """Called by asyncio."""
        self._heard += data
        while len(self._heard) >= HEAD.size:
            (size,) = HEAD.unpack_from(self._heard)
            if len(self._heard) < HEAD.size + size:
                return
            body = bytes(self._heard[HEAD.size : HEAD.size + size])
            del self._heard[: HEAD.size + size]
            self._answered(*pickle.loads(body))  # noqa: S301 - of our own child

    def _answered(self, n: int, error: BaseException | None, value: object) -> None:
        waiting = self._waiting.pop(n)
        if waiting.done():
            return  # nobody waits any more
        if error is not None:
            waiting.set_exception(error)
        else:
            waiting.set_result(value)

    def connection_lost(self, _: BaseException | None) -> None:
        """Called by asyncio, once: nobody is left waiting."""
        self.lost.set()
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_exception(AsideLost("the process is gone"))

    def end(self) -> None:
        if self._transport is not None:
            self._transport.close()


def _framed(value: object) -> bytes:
    body = pickle.dumps(value, pickle.HIGHEST_PROTOCOL)
    return HEAD.pack(len(body)) + body


def serve(ours: socket.socket) -> None:
    """Do what is asked until the parent is gone; the first thing asked is what makes the work."""
    work: Work | None = None
    with ours, ours.makefile("rb") as heard:
        while len(head := heard.read(HEAD.size)) == HEAD.size:
            n, given = pickle.loads(heard.read(*HEAD.unpack(head)))  # noqa: S301 - of our parent
            value: object = None
            error: Exception | None = None
            try:
                if work is None:
                    (make,) = given
                    work = make()
                else:
                    value = work(*given)
            except Exception as caught:  # noqa: BLE001 - it is raised where it was asked
                error = caught
            ours.sendall(_answer(n, error, value))


def _answer(n: int, error: Exception | None, value: object) -> bytes:
    """Return the answer; what would not arrive is told in words."""
    try:
        if error is not None:
            pickle.loads(pickle.dumps(error))  # noqa: S301 - some errors cannot be made again
        return _framed((n, error, value))
    except Exception as odd:  # noqa: BLE001 - whatever it is
        told = AsideFailed(f"{type(error or odd).__name__}: {error or odd}")
        return _framed((n, told, None))


def main() -> None:
    """Be the child: the socket to the parent is the only argument."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # they end the parent, and that ends us
    serve(socket.socket(fileno=int(sys.argv[1])))
    os._exit(0)  # all is written; taking the interpreter down would only keep the parent waiting
