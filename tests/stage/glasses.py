"""What an agent's browser would have heard and seen."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

from websockets.asyncio.client import ClientConnection

from web.live.view import View

SECONDS = 30.0  # a deadline, never a measure


class Screen:
    """A browser's socket: keeps what it was told."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.messages: list[dict[str, Any]] = []
        self.view = View()  # what the agent sees now
        self._reader = asyncio.create_task(self._read())
        self._more = asyncio.Event()

    async def _read(self) -> None:
        async for text in self.socket:
            message = json.loads(text)
            self.messages.append(message)
            if message["type"] == "snapshot":
                self.view = View.of(message["data"])
            self.view.apply(message["type"], message["data"])
            self._more.set()

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [m["data"] for m in self.messages if m["type"] == kind]

    async def until(self, is_so: Callable[["Screen"], object]) -> Any:
        """Wait until the screen was told what the test waits for."""
        async with asyncio.timeout(SECONDS):
            while not (found := is_so(self)):
                self._more.clear()
                await self._more.wait()
        return found

    async def hear(self, kind: str, count: int = 1) -> dict[str, Any]:
        """Return the `count`-th message of the kind."""
        return (await self.until(lambda s: len(s.of(kind)) >= count and s.of(kind)))[count - 1]

    async def card(self) -> dict[str, Any]:
        """Return the agent's card once its caller was looked up."""
        [card] = await self.until(lambda s: [c for c in s.view.pops.values() if c["is_complete"]])
        return card

    async def close(self) -> None:
        await self.socket.close()
        await asyncio.gather(self._reader, return_exceptions=True)
