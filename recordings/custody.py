"""The chain of custody held against the base and the shelf, and the ends that were noted of it."""

import asyncio
import re
from collections.abc import AsyncIterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

import storage.custody
import storage.custody_checks
from recordings.naming import BadName
from recordings.shelf import Shelf
from storage.database import Database
from storage.rules.custody import Break, Broken, Entry, Kept, Walk

ANCHOR = re.compile(r"(\d{1,18})[: ]([0-9a-f]{64})\b")
FILE = "custody-anchors.txt"  # in the data folder


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """What a look at the chain found."""

    entries: int
    hash: str  # of the last entry
    files: int | None  # how many were read
    broken: Broken | None

    @property
    def anchor(self) -> str:
        """The end of the chain, to be kept where nobody can change it: number:hash."""
        return f"{self.entries}:{self.hash}"


async def check(
    database: Database, shelf: Shelf | None, *, anchors: Mapping[int, str], now: datetime
) -> Check:
    """Follow the chain, hold it against the base and, where there is a shelf, read every file.

    What was found is kept for the page; the first fault ends the look.
    """
    async with database.reading() as session:
        await storage.custody.stand_still(session)
        walk = await follow(storage.custody.entries(session), anchors)
        broken = walk.broken or _against(walk, await storage.custody_checks.shelved(session))
    files = None
    if shelf is not None:
        files = 0
        if broken is None:
            files, broken = await _read(walk, shelf, database)
    found = Check(entries=walk.number, hash=walk.hash, files=files, broken=broken)
    async with database.writing() as session:
        await storage.custody_checks.note(
            session, entries=found.entries, head=found.hash, files=files, broken=broken, now=now
        )
    return found


async def follow(entries: AsyncIterable[Entry], anchors: Mapping[int, str]) -> Walk:
    """Follow the chain to its end, or to where it is broken."""
    walk = Walk(anchors)
    async for entry in entries:
        if not walk.feed(entry):
            break
    walk.end()
    return walk


def _against(walk: Walk, shelved: Mapping[UUID, tuple[str, str]]) -> Broken | None:
    """Return the first recording of which base and chain do not say the same."""
    for recording, kept in walk.kept.items():
        if recording not in shelved:
            return Broken(Break.ROW_LOST, kept.number, recording)
        if shelved[recording] != (kept.key, kept.sha256):
            return Broken(Break.ROW_CHANGED, kept.number, recording)
    strange = next((key for key in shelved if key not in walk.kept), None)
    return Broken(Break.UNKNOWN, 0, strange) if strange else None


async def _read(walk: Walk, shelf: Shelf, database: Database) -> tuple[int, Broken | None]:
    for read, (recording, kept) in enumerate(walk.kept.items()):
        what = await asyncio.to_thread(_fault_of, shelf, kept)
        if what is not None and await _is_still_there(database, recording, kept.key):
            return read, Broken(what, kept.number, recording)
    return len(walk.kept), None


async def _is_still_there(database: Database, recording: UUID, key: str) -> bool:
    """Whether it was not deleted or moved while we read others."""
    async with database.reading() as session:
        return (await storage.custody_checks.key_of(session, recording)) == key


def _fault_of(shelf: Shelf, kept: Kept) -> Break | None:
    """Return what is wrong with the sound, or with another form of it; blocks."""
    files = {kept.key: kept.sha256} | dict(kept.forms)
    faults = (_fault(shelf, key, sha256) for key, sha256 in files.items())
    return next((what for what in faults if what is not None), None)


def _fault(shelf: Shelf, key: str, sha256: str) -> Break | None:
    try:
        stored = shelf.check(key)
    except FileNotFoundError:
        return Break.FILE_LOST
    except (OSError, BadName):
        return Break.FILE_CHANGED
    return None if stored.sha256 == sha256 else Break.FILE_CHANGED


def read_anchor(text: str) -> tuple[int, str]:
    """Return number and hash of an anchor, `57:9f…`; raises ValueError where it is none."""
    found = ANCHOR.match(text.strip().lower())
    if found is None:
        raise ValueError(f"{text!r} is no anchor: give number:hash as it was printed")
    return int(found.group(1)), found.group(2)


def anchors_in(folder: Path) -> dict[int, str]:
    """Return the ends that were noted in the data folder; lines that are none do not count."""
    try:
        lines = (folder / FILE).read_text("ascii", "replace").splitlines()
    except FileNotFoundError:
        return {}
    found = (ANCHOR.match(line) for line in lines)
    return {int(one.group(1)): one.group(2) for one in found if one}


def note_anchor(folder: Path, found: Check, *, now: datetime) -> None:
    """Note the end of a chain that held, beside the base and not in it."""
    if found.broken is None and found.entries and found.entries not in anchors_in(folder):
        with (folder / FILE).open("a", encoding="ascii") as file:
            file.write(f"{found.anchor} {now.isoformat(timespec='seconds')}\n")
