"""Recordings that are due go: from the base first, then every file; a stop anywhere is resumed."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import structlog

import storage.retention
import storage.tombstones
from recordings import sources
from recordings.naming import BadName, relative_name, shelf_key
from recordings.shelf import Shelf
from recordings.spools import Folders
from storage.database import Database
from storage.errors import NotFound
from storage.retention import Due
from storage.rules.retention import Refusal, Terms
from storage.tombstones import Leftover

SETTLED = timedelta(minutes=15)  # until then a pickup of a recording that went may still store it

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Purged:
    """What came of a purge, in recordings."""

    deleted: int = 0
    held: int = 0  # due, and kept by a legal hold
    left: int = 0  # deleted, and some file of them could not be removed yet
    files: list[UUID] = field(default_factory=list)  # those whose files are all gone


@dataclass(frozen=True, slots=True)
class Purge:
    """Deletes recordings; `folders` says for each PBX how it names its folder, and where it is."""

    database: Database
    shelf: Shelf
    folders: Folders

    async def go(self, *, now: datetime) -> Purged:
        """Finish what a stop left, then delete all that is due, and its files."""
        return await self._go(now=now)

    async def go_refused(self, *, now: datetime) -> Purged:
        """Finish what a stop left, then delete what callers refused: it waits for no night."""
        return await self._go(now=now, only_refused=True)

    async def _go(self, *, now: datetime, only_refused: bool = False) -> Purged:
        done = Purged()
        await self.finish(done, now=now)
        async with self.database.reading() as session:
            terms = await storage.retention.terms(session)
            if only_refused and terms.refusal is not Refusal.DISCARD:
                return done
            looked = storage.retention.due(session, now=now, terms=terms, only_refused=only_refused)
            found = [one async for one in looked]
        for one in found:
            if one.is_held:
                done.held += 1
            elif await self._delete(one, terms, now=now):
                done.deleted += 1
                await self._finish_one(one.recording_id, done, now=now)
        return done

    async def finish(self, done: Purged, *, now: datetime) -> None:
        """Remove the files of recordings that were deleted before."""
        async with self.database.reading() as session:
            left = await storage.tombstones.unfinished(session)
        for one in left:
            await self._remove(one, done, now=now)

    async def _delete(self, one: Due, terms: Terms, *, now: datetime) -> bool:
        """Delete one that is still due in the moment in which it goes: a hold may have come."""
        try:
            async with self.database.writing() as session:
                again = await storage.retention.end_of_recording(
                    session, one.recording_id, terms=terms
                )
                if again is None or again.is_held or again.end.at > now:
                    return False
                policy = again.end.policy
                await storage.tombstones.delete_recording(
                    session, one.recording_id, again.end.ground, by=None, now=now,
                    policy_id=policy.id if policy else None,
                )  # fmt: skip
        except NotFound:
            return False
        return True

    async def _finish_one(self, key: UUID, done: Purged, *, now: datetime) -> None:
        async with self.database.reading() as session:
            left = await storage.tombstones.unfinished(session, key)
        for one in left:
            await self._remove(one, done, now=now)

    async def _remove(self, one: Leftover, done: Purged, *, now: datetime) -> None:
        try:
            keys = {*one.keys, shelf_key(one.call_id, one.recording_id)}
            for key in sorted(keys):
                await self.shelf.delete(key)
            await asyncio.to_thread(self._clear, one)
        except (OSError, BadName) as error:
            log.warning("deleted_recording_left", recording=str(one.recording_id), why=str(error))
            done.left += 1
            return
        if not one.was_shelved and now - one.at < SETTLED:
            return
        async with self.database.writing() as session:
            await storage.tombstones.finished(session, one.recording_id, now=now)
        done.files.append(one.recording_id)

    def _clear(self, one: Leftover) -> None:
        """Take away what the PBX still has of it; blocks."""
        if one.pbx_id not in self.folders:
            return
        there, here = self.folders[one.pbx_id]
        spool = sources.spool_at(here)
        spool.check()
        for path in one.paths:
            with suppress(BadName):
                name = relative_name(path, there)
                for one_file in (name, *(spool.sides.of(name) if spool.sides else ())):
                    with suppress(FileNotFoundError):
                        spool.remove(one_file)
