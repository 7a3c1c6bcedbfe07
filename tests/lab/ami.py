"""A plain ear at the manager interface, so that nothing of the product judges itself."""

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator, Callable
from typing import Self

END = b"\r\n\r\n"


class Refused(Exception):
    """Asterisk answered an action with an error; the message is its own."""


def headers(message: bytes) -> dict[str, str]:
    """Return the headers of one message; a name that comes again keeps its last value."""
    lines = message.decode("utf-8", "replace").split("\r\n")
    pairs = (line.partition(": ") for line in lines if ": " in line)
    return {name: value for name, _, value in pairs}


class Ear:
    """A login that keeps every byte it hears, in `heard`; it hangs up after `async with`."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.heard = bytearray()
        self._reader, self._writer = reader, writer
        self._ids = itertools.count(1)
        self._news = asyncio.Event()
        self._messages: list[bytes] = []
        self._listening = asyncio.create_task(self._listen())

    @classmethod
    async def login(cls, *, port: int, username: str, secret: str) -> Self:
        """Connect to 127.0.0.1 and log in; OSError while nobody listens, else Refused."""
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 20)
        ear = cls(reader, writer)
        try:
            await ear.ask(Action="Login", Username=username, Secret=secret)
        except BaseException:
            await ear.close()
            raise
        return ear

    async def ask(self, **fields: str) -> bytes:
        """Send one action and return its answer; Refused when that is an error."""
        action_id = f"lab-{next(self._ids)}"
        lines = [f"{name}: {value}" for name, value in {**fields, "ActionID": action_id}.items()]
        self._writer.write("\r\n".join(lines).encode() + END)
        answer = await self.message(
            lambda m: f"ActionID: {action_id}\r\n".encode() in m, seconds=10
        )
        said = headers(answer)
        if said.get("Response") == "Error":
            raise Refused(f"{said.get('Message', 'no reason given')} {said.get('Output', '')}")
        return answer

    async def message(self, wanted: Callable[[bytes], bool], *, seconds: float) -> bytes:
        """Return the first message, heard already or still to come, that is `wanted`."""
        async with asyncio.timeout(seconds):
            async for message in self.messages():
                if wanted(message):
                    return message
        raise ConnectionError("Asterisk closed the manager connection")

    async def messages(self) -> AsyncIterator[bytes]:
        """Yield every message from the first one on, and end when the connection does."""
        for number in itertools.count():
            while number >= len(self._messages):
                if self._listening.done():
                    return
                self._news.clear()
                await self._news.wait()
            yield self._messages[number]

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Hang up."""
        self._listening.cancel()
        self._writer.close()
        with contextlib.suppress(OSError, asyncio.CancelledError):
            await self._listening
        with contextlib.suppress(OSError):
            await self._writer.wait_closed()

    async def _listen(self) -> None:
        rest = b""
        try:
            while chunk := await self._reader.read(65536):
                self.heard += chunk
                *whole, rest = (rest + chunk).split(END)
                # Asterisk's TestEvent brings a blank line too many.
                self._messages += [message.lstrip() + END for message in whole]
                self._news.set()
        finally:
            self._news.set()
