"""A recording taken in whole (read, sealed, verified, waveform, Opus), and 200 who listen at once.

Floors of the same run: decoding and encoding alone by the same codec, and aiohttp's FileResponse of
the plain file. nginx is printed for comparison, where it is installed.
"""

import asyncio
import io
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from random import Random
from statistics import median
from uuid import UUID

import numpy as np
import soundfile
from aiohttp import ClientSession, TCPConnector

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from bench._ranges import first_byte, serving, somewhere
from bench._rows import cpu, line
from recordings.naming import shelf_key
from recordings.rendering import Order, Renderer
from recordings.sealing import Keyring
from recordings.shelf import Shelf
from storage.secrets import new_key

RATE = 8000
SECONDS = 300
LISTENERS, RANGES_EACH = 200, 20
FILE = 60 * 60 * 3000  # bytes: an hour of Opus, about
FIRST_BYTES = 200
KEY = shelf_key(UUID(int=1), UUID(int=2))


def run(seconds: int = SECONDS) -> list[dict]:
    """Measure with calls of so many seconds."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        shelf = Shelf(Path(folder) / "shelf", Keyring([new_key()]))
        for name, channels in (("mono", 1), ("two channels", 2)):
            content = _speech(seconds, channels)
            alone = seconds / cpu(lambda: _codec(content))  # noqa: B023 - called at once
            whole = seconds / cpu(lambda: _ingest(shelf, content))  # noqa: B023
            rows.append(line(f"Recording ingested, {name}", seconds, whole, "x real time", alone))
        plain = Path(folder) / "plain.ogg"
        plain.write_bytes(os.urandom(FILE))
        shelf.put(io.BytesIO(plain.read_bytes()), KEY)
        grown, floor, faster, bare = asyncio.run(_listeners(shelf, plain))
        n = LISTENERS * RANGES_EACH
        rows += [
            line("200 listeners at once, memory gained", n, grown, "MB", floor),
            line("200 listeners at once, ranges of 200 kB", n, faster, "a second", bare),
        ]
        if shutil.which("nginx"):
            rows.append(_nginx(plain, Path(folder)))
    return rows


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


async def _listeners(shelf: Shelf, plain: Path) -> tuple[float, float, float, float]:
    """Megabytes gained and ranges a second: ours, and FileResponse's."""
    async with serving(shelf, KEY, plain) as address:
        await _crowd(address, "/sealed", RANGES_EACH)  # from here on it shall gain nothing
        await _crowd(address, "/bare", RANGES_EACH)
        ours = await _crowd(address, "/sealed", RANGES_EACH)
        theirs = await _crowd(address, "/bare", RANGES_EACH)
    return ours[0], theirs[0], ours[1], theirs[1]


async def _crowd(address: str, path: str, each: int) -> tuple[float, float]:
    """Megabytes that the process gained, and ranges a second, while all of them listen."""
    chance, before, began = Random(1), _resident(), time.perf_counter()

    async def listen(client: ClientSession) -> None:
        for _ in range(each):
            async with client.get(address + path, headers=somewhere(chance, FILE)) as response:
                async for _piece in response.content.iter_chunked(1 << 16):
                    pass

    async with ClientSession(connector=TCPConnector(limit=LISTENERS)) as client:
        await asyncio.gather(*(listen(client) for _ in range(LISTENERS)))
    took = time.perf_counter() - began
    return max(0.0, _resident() - before), LISTENERS * each / took


def _resident() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def _nginx(plain: Path, folder: Path) -> dict:
    """Milliseconds to the first byte of a range of the plain file from nginx; no floor."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    conf = folder / "nginx.conf"
    conf.write_text(
        f"daemon off; pid {folder}/pid; error_log stderr crit; events {{}} http {{ access_log off; "
        f"server {{ listen 127.0.0.1:{port}; root {folder}; }} }}"
    )
    folder.chmod(0o755)
    server = subprocess.Popen(["nginx", "-p", str(folder), "-c", str(conf)])
    try:
        times = asyncio.run(_first_bytes(f"http://127.0.0.1:{port}/{plain.name}"))
    finally:
        server.terminate()
        server.wait()
    return line("First byte of a range, plain, nginx", len(times), median(times), "ms")


async def _first_bytes(address: str) -> list[float]:
    chance = Random(1)
    async with ClientSession() as client:
        for _ in range(50):  # until it answers
            try:
                async with client.get(address, headers={"Range": "bytes=0-1"}) as response:
                    response.raise_for_status()
                break
            except OSError:
                await asyncio.sleep(0.1)
        return [
            await first_byte(client, address, somewhere(chance, FILE)) for _ in range(FIRST_BYTES)
        ]
