"""One-sided files beside a recording, as MixMonitor's options r and t write them: joined to two."""

import struct
from contextlib import suppress
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import BinaryIO

import numpy as np
import soundfile

from recordings.audio import MEDIA_TYPE
from recordings.transcoding import opened

FRAMES = 32_768  # of each side at once
FRAME = 4  # bytes of one frame of two sides
MOST_FRAMES = (2**32 - 64) // FRAME  # what a WAV file can hold


@dataclass(frozen=True, slots=True)
class Sides:
    """What stands behind a recording's stem in the names of its sides."""

    heard: str  # what came from the leg that is recorded: option r
    told: str  # what went to it: option t

    def of(self, name: PurePosixPath) -> tuple[PurePosixPath, PurePosixPath]:
        """Return the names of both sides of a recording."""
        return (
            name.with_name(f"{name.stem}{self.heard}{name.suffix}"),
            name.with_name(f"{name.stem}{self.told}{name.suffix}"),
        )

    def whole(self, name: PurePosixPath) -> PurePosixPath | None:
        """Return the recording of which this may be a side."""
        for mark in (self.heard, self.told):
            stem = name.stem.removesuffix(mark)
            if stem and stem != name.stem:
                return name.with_name(stem + name.suffix)
        return None


@dataclass(frozen=True, slots=True)
class Pair:
    """What two sides are, joined to a WAV file."""

    seconds: float
    media_type: str = MEDIA_TYPE


class Joined:
    """Two files of sound, read as one WAV file of two channels; the shorter ends in silence.

    Raises NotAudio where one cannot be decoded, or not together with the other.
    """

    def __init__(self, heard: BinaryIO, told: BinaryIO, media_types: tuple[str, str]) -> None:
        self._sides = [
            opened(file, media_type)
            for file, media_type in zip((heard, told), media_types, strict=True)
        ]
        rates = {side.samplerate for side in self._sides}
        self.fits = len(rates) == 1 and all(side.channels == 1 for side in self._sides)
        frames = max(side.frames for side in self._sides)
        self.fits = self.fits and 0 < frames <= MOST_FRAMES
        rate = self._sides[0].samplerate
        self.pair = Pair(frames / rate)
        self.size = 44 + frames * FRAME
        self._left = frames
        self._waiting = bytearray(_head(rate, frames))

    def read(self, length: int) -> bytes:
        """Return the next bytes, at most `length`; b"" at the end."""
        while self._left and len(self._waiting) < length:
            count = min(FRAMES, self._left)
            block = np.zeros((count, 2), np.int16)
            for channel, side in enumerate(self._sides):
                with suppress(soundfile.SoundFileError):  # what cannot be decoded is silence
                    sound = side.read(count, dtype="int16")
                    block[: len(sound), channel] = sound
            self._waiting += block.astype("<i2").tobytes()
            self._left -= count
        piece = bytes(self._waiting[:length])
        del self._waiting[:length]
        return piece

    def close(self) -> None:
        """Let go of both."""
        for side in self._sides:
            with suppress(OSError):
                side.close()


def _head(rate: int, frames: int) -> bytes:
    size = frames * FRAME
    fmt = struct.pack("<IHHIIHH", 16, 1, 2, rate, rate * FRAME, FRAME, 16)
    return (
        b"RIFF"
        + struct.pack("<I", 36 + size)
        + b"WAVEfmt "
        + fmt
        + b"data"
        + struct.pack("<I", size)
    )
