"""Two made-up voices in turn, as a WAV of 8 kHz: something to hear where nobody spoke."""

import math
import wave
from array import array
from pathlib import Path
from random import Random

RATE = 8000  # samples a second
VOICES = ((118.0, 560.0, 1650.0), (196.0, 720.0, 1980.0))  # pitch and two formants, Hz
SYLLABLE = 0.19  # seconds


def speak(path: Path, seconds: float, seed: str) -> None:
    """Write a conversation of `seconds` to `path`; the same seed gives the same sound."""
    random = Random(seed)  # noqa: S311 - sound, not secrets
    samples = array("h")
    while len(samples) < seconds * RATE:
        voice = VOICES[len(samples) // (RATE * 3) % 2]
        samples.extend(_syllable(voice, random))
    del samples[int(seconds * RATE) :]
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.tobytes())


def _syllable(voice: tuple[float, float, float], random: Random) -> "array[int]":
    """One syllable, or a pause: a buzz through two formants, swelling and fading."""
    length = int(RATE * SYLLABLE * random.uniform(0.7, 1.3))
    if random.random() < 0.22:  # noqa: PLR2004 - a pause now and then
        return array("h", bytes(2 * length))
    pitch = voice[0] * random.uniform(0.92, 1.12)
    low, high = (f * random.uniform(0.8, 1.25) for f in voice[1:])
    step = 2 * math.pi / RATE
    return array("h", (
        int(
            5200 * math.sin(math.pi * n / length) ** 2
            * (0.5 + 0.5 * math.sin(step * pitch * n))
            * (0.6 * math.sin(step * low * n) + 0.4 * math.sin(step * high * n))
        )
        for n in range(length)
    ))  # fmt: skip
