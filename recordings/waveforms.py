"""How loud a recording is over time: a small file that is made once, and from which pages draw.

After a head of 16 bytes come the overview and the points, each channel by channel, a byte a point:
the square root of the loudest sample in it, 255 at full scale, so that quiet voices still show.
"""

import math
import struct
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from storage.rules import silences
from storage.rules.withheld import Window

Samples = NDArray[np.float32]  # frames x channels, full scale is 1
Points = NDArray[np.uint8]  # channels x points

MAGIC, VERSION = b"RBWF", 1
HEAD = struct.Struct("<4sBBHIHxx")  # magic, version, channels, points a second, points, overview
PER_SECOND = 20
OVERVIEW = 1000  # points at most, however long it is
LOUDEST = 255
QUIET = 26  # about -40 dB: nobody speaks so low; the player has the same


@dataclass(frozen=True, slots=True)
class Waveform:
    """Loudness, channel by channel."""

    points: Points
    per_second: int = PER_SECOND

    @property
    def overview(self) -> Points:
        """The loudest of every so many points: at most a thousand."""
        channels, count = self.points.shape
        width = max(1, math.ceil(count / OVERVIEW))
        missing = -count % width
        filled = np.pad(self.points, ((0, 0), (0, missing)))
        loudest: Points = filled.reshape(channels, -1, width).max(axis=2)
        return loudest

    def silenced(self, windows: Iterable[Window]) -> Self:
        """Return it flat in the windows."""
        points = self.points.copy()
        for window in windows:
            points[
                :, int(window.begins * self.per_second) : int(window.ends * self.per_second) + 1
            ] = 0
        return replace(self, points=points)

    def silences(self) -> tuple[Window, ...]:
        """Return where nobody speaks on any channel, as far as it is worth keeping."""
        quiet = (self.points < QUIET).all(axis=0).astype(np.int8)
        steps = np.diff(quiet, prepend=0, append=0)
        begins, ends = np.flatnonzero(steps == 1), np.flatnonzero(steps == -1)
        return silences.kept(
            Window(float(begin) / self.per_second, float(end) / self.per_second)
            for begin, end in zip(begins, ends, strict=True)
        )

    def to_bytes(self) -> bytes:
        """Return the file."""
        channels, count = self.points.shape
        overview = self.overview
        head = HEAD.pack(MAGIC, VERSION, channels, self.per_second, count, overview.shape[1])
        return head + overview.tobytes() + self.points.tobytes()

    @classmethod
    def from_bytes(cls, content: bytes) -> Self:
        """Read the file; raises ValueError where it is none, or of another version."""
        if len(content) < HEAD.size:
            raise ValueError("no waveform")
        magic, version, channels, per_second, count, overview = HEAD.unpack_from(content)
        begins = HEAD.size + channels * overview
        if magic != MAGIC or version != VERSION or len(content) != begins + channels * count:
            raise ValueError("no waveform of this version")
        points = np.frombuffer(content, np.uint8, offset=begins).reshape(channels, count)
        return cls(points, per_second)


class Meter:
    """Measures sound that comes in blocks of any size; `rate` is a multiple of 20."""

    def __init__(self, channels: int, rate: int) -> None:
        self._width = rate // PER_SECOND
        self._rest: Samples = np.empty((0, channels), np.float32)
        self._loudest: list[Points] = []

    def add(self, block: Samples) -> None:
        """Measure a block."""
        block = np.concatenate((self._rest, block)) if len(self._rest) else block
        whole = len(block) // self._width * self._width
        if whole:
            self._note(block[:whole])
        self._rest = block[whole:].copy()

    def waveform(self) -> Waveform:
        """Return all that was measured; the last point may stand for less."""
        if len(self._rest):
            missing = self._width - len(self._rest)
            self._note(np.pad(self._rest, ((0, missing), (0, 0))))
            self._rest = self._rest[:0]
        nothing: Points = np.empty((self._rest.shape[1], 0), np.uint8)
        return Waveform(np.concatenate(self._loudest, axis=1) if self._loudest else nothing)

    def _note(self, block: Samples) -> None:
        loud = np.abs(block).reshape(-1, self._width, block.shape[1]).max(axis=1)
        self._loudest.append((np.sqrt(np.minimum(loud, 1.0)) * LOUDEST + 0.5).astype(np.uint8).T)


def difference(one: Waveform, other: Waveform) -> float:
    """Return how far two waveforms are apart on average, 0 to 255; 255 if in length or channels."""
    if one.points.shape[0] != other.points.shape[0]:
        return LOUDEST
    ours, theirs = one.points.shape[1], other.points.shape[1]
    if abs(ours - theirs) > 1:
        return LOUDEST
    count = min(ours, theirs)
    if not count:
        return 0.0
    apart = np.abs(one.points[:, :count].astype(np.int16) - other.points[:, :count])
    return float(apart.mean())
