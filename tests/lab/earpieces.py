"""What comes out of a softphone: it knows the music on hold, and a voice, when it hears it."""

import asyncio
from typing import Self

from lab.sounds import TONE

_PATIENCE = 30.0
_LOUD = 90  # of 127, as µ-law steps: louder than the music, softer than a beep
_HEADER = 12  # bytes of RTP before the sound


class Earpiece(asyncio.DatagramProtocol):
    """A port for sound of its own."""

    def __init__(self) -> None:
        self._is_music = asyncio.Event()
        self._is_voice = asyncio.Event()
        self._wire: asyncio.DatagramTransport | None = None

    async def plug_in(self) -> Self:
        """Begin to listen at any free port."""
        loop = asyncio.get_running_loop()
        self._wire, _ = await loop.create_datagram_endpoint(
            lambda: self, local_addr=("127.0.0.1", 0)
        )
        return self

    @property
    def port(self) -> int:
        """Where it listens."""
        assert self._wire is not None
        port: int = self._wire.get_extra_info("sockname")[1]
        return port

    def unplug(self) -> None:
        """Listen no longer."""
        if self._wire is not None:
            self._wire.close()

    async def hears_music(self) -> None:
        """Wait until music comes from now on."""
        self._is_music.clear()
        await asyncio.wait_for(self._is_music.wait(), _PATIENCE)

    async def hears_voice(self) -> None:
        """Wait until something louder than the music comes from now on."""
        self._is_voice.clear()
        await asyncio.wait_for(self._is_voice.wait(), _PATIENCE)

    def datagram_received(self, data: bytes, addr: object) -> None:
        """Listen to a fiftieth of a second."""
        if TONE in data:
            self._is_music.set()
        elif any(0x7F - (step & 0x7F) > _LOUD for step in data[_HEADER:]):
            self._is_voice.set()
