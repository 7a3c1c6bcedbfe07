"""What a kill left on the shelf goes; what a row names, or a run is making, never does."""

import asyncio
import io
import sys
from datetime import UTC, datetime, timedelta
from uuid import UUID

from recordings.naming import rendition_keys, shelf_key
from recordings.renditions import Renditions, in_thread
from recordings.strays import sweep
from storage.recordings import Recording

KILLED = """
import asyncio, sys
from pathlib import Path
from uuid import UUID
import storage.renditions
import storage.tables
from recordings.renditions import Renditions, in_thread
from recordings.sealing import Keyring
from recordings.shelf import Shelf
from storage.database import Database

async def never(*_args, **_more):
    print("made", flush=True)
    await asyncio.sleep(3600)

async def main(url, shelf, key, recording):
    storage.renditions.keep = never
    async with Database(url) as database:
        place = Shelf(Path(shelf), Keyring([key]))
        await Renditions(database, place, in_thread(place)).get(UUID(recording), patience=3600)

asyncio.run(main(*sys.argv[1:]))
"""


def lying(shelf) -> set[str]:
    return {kept.name for kept in shelf.store.listed()}


async def test_what_a_kill_left_of_a_rendition_goes_and_nothing_else(
    database, shelf, shelve, secret, tmp_path
) -> None:
    first, second = await shelve(), await shelve(tag="2.0")
    whole = Renditions(database, shelf, in_thread(shelf))
    await whole.get(first, patience=60)
    named = lying(shelf)
    script = tmp_path / "make.py"
    script.write_text(KILLED)
    url = database.url.render_as_string(hide_password=False)
    process = await asyncio.create_subprocess_exec(
        sys.executable, script, url, str(shelf.store.root), secret, str(second),
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert await asyncio.wait_for(process.stdout.readline(), 60) == b"made\n"
    process.kill()
    await process.wait()
    left = lying(shelf) - named
    assert len(left) == 4  # Opus and waveform, each with its head
    async with database.reading() as session:
        row = await session.get_one(Recording, second)
    half = shelf.store.root / f"{row.shelf_key}.part"
    half.write_bytes(b"half")
    now = datetime.now(UTC)
    assert await sweep(database, shelf, now=now) == 0
    assert lying(shelf) - named == left | {half.relative_to(shelf.store.root).as_posix()}
    later = now + timedelta(days=2)
    assert await sweep(database, shelf, now=later) == 5
    assert lying(shelf) == named
    await whole.get(second, patience=60)
    assert (await sweep(database, shelf, now=later), len(lying(shelf) - named)) == (0, 4)


async def test_nothing_goes_of_a_recording_that_the_base_does_not_know(database, shelf, shelve):
    """The base may be an older copy: what is made may be all that is left of it."""
    known = await shelve()
    async with database.reading() as session:
        row = await session.get_one(Recording, known)
    strange = shelf_key(row.call_id, UUID(int=7))
    for original in (row.shelf_key, strange):
        for made in rendition_keys(original, "0123456789abcdef"):
            shelf.put(io.BytesIO(b"sound"), made)
    before = lying(shelf)
    assert await sweep(database, shelf, now=datetime.now(UTC) + timedelta(days=2)) == 4
    gone = before - lying(shelf)
    assert {known.hex in name for name in gone} == {True}
