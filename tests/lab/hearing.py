"""What is heard in a recording: how loud one pitch is, a tenth of a second at a time."""

import array
import math
from collections.abc import Sequence
from pathlib import Path

RATE = 8000
STEP = RATE // 10
HEADER = 44  # bytes: Asterisk writes no other, and its length only when it ends


def samples(path: Path) -> Sequence[int]:
    """Return the samples of a recording of one channel, 16 bits and 8 kHz; it may still grow."""
    sound = path.read_bytes()[HEADER:]
    heard = array.array("h")
    heard.frombytes(sound[: len(sound) // 2 * 2])
    return heard


def loudness(heard: Sequence[int], hertz: int) -> list[float]:
    """Return how loud this pitch is in each tenth of a second (Goertzel)."""
    turn = 2 * math.cos(2 * math.pi * hertz / RATE)
    levels = []
    for start in range(0, len(heard) - STEP + 1, STEP):
        last, before = 0.0, 0.0
        for sample in heard[start : start + STEP]:
            last, before = sample + turn * last - before, last
        power = last * last + before * before - turn * last * before
        levels.append(math.sqrt(max(0.0, power)) / STEP)
    return levels
