"""A phone's mouth and ear: it says one tone without end, and keeps what it hears."""

import array
import asyncio
import math
import re
import struct
import time
from typing import Self

from lab import hearing
from lab.softphones import Softphone

_FRAME = 160  # samples of a fiftieth of a second
_HEADER = 12  # bytes of RTP before the sound
_LOUD = 9000  # of 32767
_PATIENCE = 30.0
AUDIBLE = 300  # of a tone said at _LOUD, by hearing.loudness: silence has less than 30
_MEDIA = re.compile(r"^m=audio (\d+) ", re.MULTILINE)


class Voice(asyncio.DatagramProtocol):
    """A port for sound of its own, in the place of a softphone's earpiece."""

    def __init__(self, hertz: int) -> None:
        self._hertz = hertz
        self._wire: asyncio.DatagramTransport | None = None
        self._heard = array.array("h")
        self._task: asyncio.Task[None] | None = None

    async def plug_in(self, phone: Softphone) -> Self:
        """Give the phone this voice from its next call on."""
        loop = asyncio.get_running_loop()
        self._wire, _ = await loop.create_datagram_endpoint(
            lambda: self, local_addr=("127.0.0.1", 0)
        )
        phone._earpiece = self
        return self

    @property
    def port(self) -> int:
        """Where it listens."""
        assert self._wire is not None
        port: int = self._wire.get_extra_info("sockname")[1]
        return port

    def speak_to(self, described: str) -> None:
        """Begin to say its tone to where an SDP wants it."""
        found = _MEDIA.search(described)
        assert found, described
        self._task = asyncio.create_task(self._speak(int(found[1])))

    def unplug(self) -> None:
        """Say and hear no more."""
        if self._task is not None:
            self._task.cancel()
        if self._wire is not None:
            self._wire.close()

    async def hears(self, *hertz: int, but: tuple[int, ...] = ()) -> None:
        """Wait until half a second is heard in which each of these tones is, and none of `but`."""
        del self._heard[:]
        deadline = time.monotonic() + _PATIENCE
        while True:
            last = self._heard[-5 * hearing.STEP :]
            levels = {tone: hearing.loudness(last, tone) for tone in (*hertz, *but)}
            is_whole = len(last) == 5 * hearing.STEP
            if (
                is_whole
                and all(min(levels[tone]) > AUDIBLE for tone in hertz)
                and not any(max(levels[tone]) > AUDIBLE / 3 for tone in but)
            ):
                return
            if time.monotonic() > deadline:
                raise TimeoutError({t: [round(x) for x in each] for t, each in levels.items()})
            await asyncio.sleep(0.1)

    def datagram_received(self, data: bytes, addr: object) -> None:
        """Keep a fiftieth of a second."""
        self._heard.extend(_SAMPLES[step] for step in data[_HEADER:])

    async def _speak(self, port: int) -> None:
        assert self._wire is not None
        began, number = time.monotonic(), 0
        while True:
            samples = range(number * _FRAME, (number + 1) * _FRAME)
            turn = 2 * math.pi * self._hertz / hearing.RATE
            sound = bytes(_step(int(_LOUD * math.sin(turn * n))) for n in samples)
            head = struct.pack("!BBHII", 0x80, 0, number & 0xFFFF, number * _FRAME, 0x1234)
            self._wire.sendto(head + sound, ("127.0.0.1", port))
            number += 1
            await asyncio.sleep(max(0.0, began + number * 0.02 - time.monotonic()))


def _expanded(step: int) -> int:
    """What a µ-law step means (G.711)."""
    step = ~step & 0xFF
    sample = ((((step & 0x0F) << 3) + 0x84) << ((step >> 4) & 0x07)) - 0x84
    return -sample if step & 0x80 else sample


_SAMPLES = tuple(_expanded(step) for step in range(256))
_STEPS = sorted((sample, step) for step, sample in enumerate(_SAMPLES))


def _step(sample: int) -> int:
    """The µ-law step that is nearest."""
    return _NEAREST[(sample + 32768) >> 6]


def _nearest(sample: int) -> int:
    return min(_STEPS, key=lambda pair: abs(pair[0] - sample))[1]


_NEAREST = tuple(_nearest((index << 6) - 32768) for index in range(1024))
