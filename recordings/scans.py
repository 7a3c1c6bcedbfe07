"""The orphan scan: every file of a PBX's recordings folder is some recording's, or is listed."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import storage.pickups
import storage.repairs
import storage.spools
from pbx_bridge.matching import msgid
from recordings import sources
from recordings.audio import NotAudio
from recordings.formats import read_audio
from recordings.naming import BadName, relative_name
from recordings.places import as_there
from recordings.spools import Entry, Listing, Spool, marks_in
from storage.database import Database
from storage.spools import Seen, SpoolFile, SpoolFileState

GRACE = timedelta(minutes=10)  # a file that rests for less may still find its call
BATCH = 400
NO_CALL = msgid("No call tells of this file.")
LIKELY = msgid("No call names this file, but its name has the id of a call's channel.")
NO_FILE = msgid("This is a link or no file, and is not opened.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """What a scan found, in files."""

    files: int
    mapped: int  # a recording's
    young: int  # not looked at yet
    orphans: int  # no recording's: all that are listed
    fresh: int  # of these, listed now for the first time
    again: int  # recordings that were missing, and whose files have come


async def scan(
    database: Database, pbx_id: UUID, there: str, here: Path | Spool, *, now: datetime
) -> Scan:
    """Look at every file beneath `here`, which the PBX calls `there`; raises OSError.

    Recordings whose files came late are waited for again: tell the pickup afterwards.
    """
    spool = sources.spool_at(here)
    files = await asyncio.to_thread(spool.entries)
    owners = await _owners(database, pbx_id, there, files)
    if spool.sides is not None:
        wholes = {str(file.name): spool.sides.whole(file.name) for file in files}
        sides = {name: str(whole) for name, whole in wholes.items() if whole is not None}
        owners |= {name: owners[whole] for name, whole in sides.items() if whole in owners}
    late = await _late(database, pbx_id, there, files, owners)
    mapped = owners.keys() | late.keys()
    young = [f for f in files if str(f.name) not in mapped and now - f.changed_at < GRACE]
    left = [f for f in files if str(f.name) not in mapped and now - f.changed_at >= GRACE]
    again, fresh = 0, 0
    async with database.writing() as session:
        known = await storage.spools.known(session, pbx_id)
        missing = {awaited.id for awaited in await storage.pickups.missing(session, pbx_id)}
        for key in missing & {*owners.values(), *late.values()}:
            again += await storage.repairs.came_late(session, key)
        there_now = {str(file.name) for file in files}
        for path, file in known.items():
            _close(file, there_now=path in there_now, mapped=path in mapped, now=now)
    for some in _batches([f for f in left if _is_news(f, known.get(str(f.name)))]):
        seen = [await _seen(database, pbx_id, spool, file) for file in some]
        async with database.writing() as session:
            for one in seen:
                fresh += await storage.spools.found(session, pbx_id, one, now=now)
    return Scan(
        files=len(files), mapped=len(mapped), young=len(young), orphans=len(left), fresh=fresh,
        again=again,
    )  # fmt: skip


async def _owners(
    database: Database, pbx_id: UUID, there: str, files: Sequence[Entry]
) -> dict[str, UUID]:
    """Which recording has each file as its own, by name beneath the folder."""
    owners: dict[str, UUID] = {}
    for some in _batches(files):
        paths = {as_there(there, file.name): str(file.name) for file in some}
        async with database.reading() as session:
            found = await storage.pickups.claimed(
                session, paths.keys() | set(paths.values()), pbx_id=pbx_id
            )
        owners |= {paths.get(path, path): key for path, key in found.items()}
    return owners


async def _late(
    database: Database, pbx_id: UUID, there: str, files: Sequence[Entry], owners: Mapping[str, UUID]
) -> dict[str, UUID]:
    """Which missing recordings the files that nobody has may be, under another name."""
    listing = Listing()
    for file in files:
        if file.regular and str(file.name) not in owners:
            listing.add(file.name)
    async with database.reading() as session:
        missing = await storage.pickups.missing(session, pbx_id)
    late: dict[str, UUID] = {}
    for awaited in missing:
        try:
            name = relative_name(awaited.path_there, there)
        except BadName:
            continue
        found = listing.find(name, marks_in(awaited.uniqueid))
        if found is not None:
            late.setdefault(str(found), awaited.id)
    return late


def _close(file: SpoolFile, *, there_now: bool, mapped: bool, now: datetime) -> None:
    if file.state is SpoolFileState.ORPHAN and (mapped or not there_now):
        state = SpoolFileState.MAPPED if mapped else SpoolFileState.GONE
        storage.spools.close(file, state, now=now)


def _is_news(file: Entry, known: SpoolFile | None) -> bool:
    if known is None or known.state in {SpoolFileState.GONE, SpoolFileState.MAPPED}:
        return True
    same = known.size == file.size and known.changed_at == file.changed_at
    return known.state is SpoolFileState.ORPHAN and not same


async def _seen(database: Database, pbx_id: UUID, spool: Spool, file: Entry) -> Seen:
    async with database.reading() as session:
        call_id = await storage.pickups.call_of(session, pbx_id, marks_in(file.name.name))
    seconds, problem = await asyncio.to_thread(_measured, spool, file)
    return Seen(
        path=str(file.name)[:512],
        cause=problem or (LIKELY if call_id else NO_CALL),
        size=file.size,
        seconds=seconds,
        changed_at=file.changed_at,
        call_id=call_id,
    )


def _measured(spool: Spool, file: Entry) -> tuple[float | None, str]:
    """Return how long the file sounds, and what is wrong with it."""
    if not file.regular:
        return None, NO_FILE
    try:
        with spool.peeked(file.name) as opened:
            return round(read_audio(opened, file.name, file.size).seconds, 3), ""
    except NotAudio as error:
        return None, str(error)
    except BadName:
        return None, NO_FILE
    except PermissionError:
        return None, sources.NOT_ALLOWED
    except OSError:
        return None, sources.UNREADABLE


def _batches(files: Sequence[Entry]) -> list[Sequence[Entry]]:
    return [files[n : n + BATCH] for n in range(0, len(files), BATCH)]
