"""Record the stories again, as Ringbook would hear them: `python -m lab.capture [STORY…]`."""

import asyncio
import re
import shutil
import sys
from pathlib import Path

from lab.ami import Ear
from lab.folders import SUITES
from lab.pbx import Pbx
from lab.stories import STORIES, playable

STREAMS = Path(__file__).parents[1] / "streams"
_LARGEST = 60_000
_QUIET_SECONDS = 0.7


async def capture(name: str, version: int, into: Path = STREAMS) -> Path:
    """Play one story alone and return its stream; the PBX's books of it are written beside."""
    async with Pbx(version) as pbx, await pbx.ear() as ear:
        greeting = len(ear.heard)
        await STORIES[name](pbx)
        await pbx.idle()
        await _quiet(ear)
        heard = bytes(ear.heard[greeting:])
        if len(heard) > _LARGEST:
            raise ValueError(f"{name} on {version} has {len(heard)} bytes")
        stream = into / f"{name}_asterisk_{version}.ami"
        stream.write_bytes(heard)
        books = {".cdr.csv": pbx.cdr_csv, ".cel.csv": pbx.cel_csv, ".queue_log": pbx.queue_log}
        for suffix, book in books.items():
            shutil.copyfile(book, stream.with_suffix(suffix))
    return stream


async def _quiet(ear: Ear) -> None:
    before = -1
    while len(ear.heard) != before:
        before = len(ear.heard)
        await asyncio.sleep(_QUIET_SECONDS)


async def _main(names: list[str]) -> None:
    for version in SUITES:
        for name in set(names) & set(playable(version)):
            stream = await capture(name, version)
            events = len(re.findall(rb"^Event: ", stream.read_bytes(), flags=re.MULTILINE))
            size = stream.stat().st_size
            sys.stdout.write(f"{stream.name}: {events} events, {size} bytes\n")


if __name__ == "__main__":
    asyncio.run(_main(sys.argv[1:] or list(STORIES)))
