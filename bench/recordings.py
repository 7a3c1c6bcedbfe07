"""Recordings put on the shelf, and the first byte of a range, beside hashing and a bare file.

Floors of the same run: SHA-256 of the file, and aiohttp's FileResponse of the plain file.
"""

import asyncio
import hashlib
import io
import os
import platform
import sys
import tempfile
import time
from pathlib import Path
from random import Random
from statistics import median
from uuid import UUID

from aiohttp import ClientSession, web

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from recordings.naming import shelf_key
from recordings.sealing import Keyring
from recordings.shelf import Shelf
from storage.secrets import new_key

SECONDS = 3600
RATE = 16_000  # bytes a second: 8 kHz, 16 bits
RANGES = 400
LENGTH = 200_000  # bytes of a range
WARM_UP = 20
REPETITIONS = 3
KEY = shelf_key(UUID(int=1), UUID(int=2))


def run(seconds: int = SECONDS) -> list[dict]:
    """Measure with a recording of so many seconds."""
    sound = os.urandom(seconds * RATE)
    with tempfile.TemporaryDirectory() as folder:
        shelf = Shelf(Path(folder) / "shelf", Keyring([new_key()]))
        hashed, kept = [], []
        for _ in range(REPETITIONS):
            hashed.append(seconds / _cpu(lambda: hashlib.sha256(sound).digest()))
            kept.append(seconds / _cpu(lambda: shelf.put(io.BytesIO(sound), KEY)))
        plain = Path(folder) / "plain.wav"
        plain.write_bytes(sound)
        ours, theirs = asyncio.run(_first_bytes(shelf, plain, len(sound)))
    return [
        _line(
            "Recording read, sealed, read back",
            seconds,
            median(kept),
            "x real time",
            median(hashed),
        ),
        _line("First byte of a range, sealed, 60 min", RANGES, ours, "ms", theirs),
    ]


def _cpu(work) -> float:
    """Seconds of this process that `work` takes, of one core."""
    began = time.process_time()
    work()
    return time.process_time() - began


async def _first_bytes(shelf: Shelf, plain: Path, size: int) -> tuple[float, float]:
    """Milliseconds until the first byte of a range is there: ours, and FileResponse's."""

    async def sealed(request: web.Request) -> web.StreamResponse:
        first = int(request.headers["Range"].removeprefix("bytes=").partition("-")[0])
        async with shelf.open(KEY) as file:
            response = web.StreamResponse(status=206)
            response.content_length = LENGTH
            await response.prepare(request)
            async for piece in file.pieces(first, LENGTH):
                await response.write(piece)
        return response

    async def bare(request: web.Request) -> web.StreamResponse:
        del request
        return web.FileResponse(plain)

    app = web.Application()
    app.router.add_get("/sealed", sealed)
    app.router.add_get("/bare", bare)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    port = runner.addresses[0][1]
    try:
        async with ClientSession(f"http://127.0.0.1:{port}") as client:
            asked: dict[str, list[float]] = {"/sealed": [], "/bare": []}
            chance = Random(1)
            for n in range(RANGES + WARM_UP):
                first = chance.randrange(size - LENGTH)
                for path, times in asked.items():
                    took = await _asked(client, path, first)
                    if n >= WARM_UP:
                        times.append(took)
    finally:
        await runner.cleanup()
    return median(asked["/sealed"]), median(asked["/bare"])


async def _asked(client: ClientSession, path: str, first: int) -> float:
    began = time.perf_counter()
    headers = {"Range": f"bytes={first}-{first + LENGTH - 1}"}
    async with client.get(path, headers=headers) as response:
        await response.content.read(1)
        took = (time.perf_counter() - began) * 1000
        await response.content.read()
    return took


def _line(name: str, n: int, value: float, unit: str, floor: float) -> dict:
    return {
        "name": name,
        "n": n,
        "value": round(value, 3),
        "unit": unit,
        "floor": round(floor, 3),
        "ratio": round(value / floor, 2),
        "machine": f"{platform.machine()} {platform.system()} Python {platform.python_version()}",
    }
