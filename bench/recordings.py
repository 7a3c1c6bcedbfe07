"""Recordings put on the shelf, and the first byte of a range, beside hashing and a bare file.

Floors of the same run: SHA-256 of the file, and aiohttp's FileResponse of the plain file.
"""

import asyncio
import hashlib
import io
import os
import sys
import tempfile
from pathlib import Path
from random import Random
from statistics import median
from uuid import UUID

from aiohttp import ClientSession

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from bench._ranges import first_byte, serving, somewhere
from bench._rows import cpu, line
from recordings.naming import shelf_key
from recordings.sealing import Keyring
from recordings.shelf import Shelf
from storage.secrets import new_key

SECONDS = 3600
RATE = 16_000  # bytes a second: 8 kHz, 16 bits
RANGES = 400
WARM_UP = 20
KEY = shelf_key(UUID(int=1), UUID(int=2))


def run(seconds: int = SECONDS) -> list[dict]:
    """Measure with a recording of so many seconds."""
    sound = os.urandom(seconds * RATE)
    with tempfile.TemporaryDirectory() as folder:
        shelf = Shelf(Path(folder) / "shelf", Keyring([new_key()]))
        hashed = seconds / cpu(lambda: hashlib.sha256(sound).digest())
        kept = seconds / cpu(lambda: shelf.put(io.BytesIO(sound), KEY))
        plain = Path(folder) / "plain.wav"
        plain.write_bytes(sound)
        ours, theirs = asyncio.run(_first_bytes(shelf, plain, len(sound)))
    return [
        line("Recording read, sealed, read back", seconds, kept, "x real time", hashed),
        line("First byte of a range, sealed, 60 min", RANGES, ours, "ms", theirs),
    ]


async def _first_bytes(shelf: Shelf, plain: Path, size: int) -> tuple[float, float]:
    """Milliseconds until the first byte of a range is there: ours, and FileResponse's."""
    asked: dict[str, list[float]] = {"sealed": [], "bare": []}
    chance = Random(1)
    async with serving(shelf, KEY, plain) as address, ClientSession() as client:
        for n in range(RANGES + WARM_UP):
            headers = somewhere(chance, size)
            for name, times in asked.items():
                took = await first_byte(client, f"{address}/{name}", headers)
                if n >= WARM_UP:
                    times.append(took)
    return median(asked["sealed"]), median(asked["bare"])
