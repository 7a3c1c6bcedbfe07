"""Recordings taken in whole: read, sealed, read back, with waveform and Opus.

Floors of the same run: SHA-256 of the file, and decoding and encoding alone by the same codec.
"""

import hashlib
import io
import os
import tempfile
from pathlib import Path
from uuid import UUID

import numpy as np
import soundfile

from bench._rows import cpu, line
from recordings.naming import shelf_key
from recordings.rendering import Order, Renderer
from recordings.sealing import Keyring
from recordings.shelf import Shelf
from storage.secrets import new_key

HOUR = 3600  # seconds
SECONDS = 300
RATE = 8000  # samples a second, of 16 bits
KEY = shelf_key(UUID(int=1), UUID(int=2))


def run(hour: int = HOUR, seconds: int = SECONDS) -> list[dict]:
    """Measure with one recording of `hour` seconds, and calls of so many `seconds`."""
    with tempfile.TemporaryDirectory() as folder:
        shelf = Shelf(Path(folder) / "shelf", Keyring([new_key()]))
        sound = os.urandom(hour * RATE * 2)
        hashed = cpu(lambda: hashlib.sha256(sound).digest())
        kept = cpu(lambda: shelf.put(io.BytesIO(sound), KEY))
        rows = [_row("Recording read, sealed, read back", hour, kept, hashed)]
        for name, channels in (("mono", 1), ("two channels", 2)):
            content = _speech(seconds, channels)
            alone = cpu(lambda: _codec(content))  # noqa: B023 - called at once
            whole = cpu(lambda: _ingest(shelf, content))  # noqa: B023
            rows.append(_row(f"Recording ingested, {name}", seconds, whole, alone))
    return rows


def _row(name: str, seconds: int, ours: float, floor: float) -> dict:
    return line(name, seconds, seconds / ours, "x real time", seconds / floor)


def _speech(seconds: int, channels: int) -> bytes:
    """Noise in syllables and pauses, as loud as speech, as a WAV file."""
    chance = np.random.default_rng(1)
    count = seconds * RATE
    loud = np.repeat(chance.choice([0, 0.02, 0.1, 0.3], seconds * 5), RATE // 5)[:count]
    sound = np.convolve(chance.normal(0, 1, count), np.ones(6) / 6, "same") * loud
    file = io.BytesIO()
    both = np.stack([np.roll(sound, 999 * n) for n in range(channels)], axis=1)
    soundfile.write(file, both, RATE, "PCM_16", format="WAV")
    return file.getvalue()


def _codec(content: bytes) -> None:
    sound, rate = soundfile.read(io.BytesIO(content), dtype="float32", always_2d=True)
    out = soundfile.SoundFile(io.BytesIO(), "w", rate, sound.shape[1], "OPUS", format="OGG")
    for begin in range(0, len(sound), rate * 8):
        out.write(sound[begin : begin + rate * 8])
    out.close()


def _ingest(shelf: Shelf, content: bytes) -> None:
    shelf.put(io.BytesIO(content), KEY)
    Renderer(shelf)(Order(shelf_key=KEY, media_type="audio/wav"))
