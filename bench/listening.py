"""Ranges of a sealed recording of an hour: until the first byte, and 200 listeners at once.

Ours go the whole way (session, right, play that is open, shelf). The floor of the same run is a
FileResponse of the plain file behind the same checks; nginx, without any, is printed where it is.
"""

import asyncio
import os
import shutil
import tempfile
import time
from pathlib import Path
from random import Random
from statistics import median

from aiohttp import ClientSession, TCPConnector

from bench._playing import playing
from bench._rows import line
from lab.ports import free_ports

LISTENERS, RANGES_EACH = 200, 20
RANGES, WARM_UP = 400, 20
LENGTH = 200_000  # bytes of a range
FILE = 3600 * 16_000  # bytes: an hour of 8 kHz and 16 bits


def run(ranges: int = RANGES, each: int = RANGES_EACH) -> list[dict]:
    """Measure so many ranges of one listener, and so many of `each` of 200."""
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / "plain.wav"
        plain.write_bytes(os.urandom(FILE))
        Path(folder).chmod(0o755)  # nginx reads as somebody else
        return asyncio.run(_measure(Path(folder), plain, ranges, each))


async def _measure(folder: Path, plain: Path, ranges: int, each: int) -> list[dict]:
    async with playing(folder, plain) as (address, cookies, sealed, bare):
        async with ClientSession(address, cookies=cookies) as client:
            ours, floor = await _first_bytes(client, (sealed, bare), ranges)
        rows = [line("First byte of a range, sealed, 60 min", ranges, ours, "ms", floor)]
        for path in (sealed, bare):
            await _crowd(address, cookies, path, each)  # from here on it shall gain nothing
        grown, fast = await _crowd(address, cookies, sealed, each)
        grown_bare, fast_bare = await _crowd(address, cookies, bare, each)
    n = LISTENERS * each
    rows += [
        line("200 listeners at once, memory gained", n, grown, "MB", grown_bare),
        line("200 listeners at once, ranges of 200 kB", n, fast, "a second", fast_bare),
    ]
    if shutil.which("nginx"):
        rows.append(await _nginx(plain, folder, ranges))
    return rows


def _a_range(chance: Random) -> dict[str, str]:
    first = chance.randrange(FILE - LENGTH)
    return {"Range": f"bytes={first}-{first + LENGTH - 1}"}


async def _first_bytes(client: ClientSession, paths: tuple[str, ...], n: int) -> list[float]:
    """Milliseconds until the first byte of a range is there, the median of each path."""
    chance, times = Random(1), {path: [] for path in paths}
    for turn in range(n + WARM_UP):
        headers = _a_range(chance)
        for path, taken in times.items():
            began = time.perf_counter()
            async with client.get(path, headers=headers) as response:
                response.raise_for_status()
                await response.content.read(1)
                if turn >= WARM_UP:
                    taken.append((time.perf_counter() - began) * 1000)
                await response.content.read()
    return [median(taken) for taken in times.values()]


async def _crowd(address: str, cookies: dict, path: str, each: int) -> tuple[float, float]:
    """Megabytes that the process gained, and ranges a second, while all of them listen."""
    chance, before, began = Random(1), _resident(), time.perf_counter()

    async def listen(client: ClientSession) -> None:
        for _ in range(each):
            async with client.get(path, headers=_a_range(chance)) as response:
                response.raise_for_status()
                async for _piece in response.content.iter_chunked(1 << 16):
                    pass

    connector = TCPConnector(limit=LISTENERS)
    async with ClientSession(address, cookies=cookies, connector=connector) as client:
        await asyncio.gather(*(listen(client) for _ in range(LISTENERS)))
    took = time.perf_counter() - began
    return max(0.0, _resident() - before), LISTENERS * each / took


def _resident() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


async def _nginx(plain: Path, folder: Path, n: int) -> dict:
    """Milliseconds to the first byte of a range of the plain file from nginx; no floor."""
    [port] = free_ports(1)
    conf = folder / "nginx.conf"
    conf.write_text(
        f"daemon off; pid {folder}/pid; error_log stderr crit; events {{}} http {{ access_log off; "
        f"server {{ listen 127.0.0.1:{port}; root {folder}; }} }}"
    )
    server = await asyncio.create_subprocess_exec("nginx", "-p", str(folder), "-c", str(conf))
    try:
        async with ClientSession(f"http://127.0.0.1:{port}") as client:
            await _until_it_answers(client)
            [took] = await _first_bytes(client, (f"/{plain.name}",), n)
    finally:
        server.terminate()
        await server.wait()
    return line("First byte of a range, plain, nginx", n, took, "ms")


async def _until_it_answers(client: ClientSession) -> None:
    for _ in range(50):
        try:
            async with client.head("/"):
                return
        except OSError:
            await asyncio.sleep(0.1)
