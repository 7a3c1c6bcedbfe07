"""What is done behind everything else: recordings that are due go, custody is followed."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog

import storage.custody_checks
import storage.settings
from recordings import custody, strays
from recordings.pickup import Pickup
from recordings.purges import Purge
from recordings.shelf import Shelf
from storage.background import Background
from storage.database import Database
from storage.rules.nights import is_due
from storage.rules.retention import Consent

LOOK_SECONDS = 60.0

log = structlog.get_logger(__name__)


def _now() -> datetime:
    return datetime.now(UTC)


class Nights:
    """Works while `leads` says so, on a thread with a loop of its own.

    Every night all that is due goes; what was refused or deleted by hand goes within a minute.
    """

    def __init__(
        self, database: Database, shelf: Shelf, pickup: Pickup, folder: Path, *, hour: int,
        leads: Callable[[], bool], clock: Callable[[], datetime] = _now,
    ) -> None:  # fmt: skip
        self._database = database
        self._shelf = shelf
        self._pickup = pickup
        self._folder = folder  # where ends of the chain are noted
        self._hour = hour
        self._leads = leads
        self._clock = clock
        self._asked = asyncio.Event()

    def discard(self, call_id: UUID, consent: Consent | None) -> None:
        """Something of the call is to go now (after commit). Returns at once."""
        del call_id
        if consent in {Consent.REFUSED, None}:
            self._asked.set()

    async def run(self) -> None:
        """Look every minute whether it is time."""
        while True:
            try:
                async with asyncio.timeout(LOOK_SECONDS):
                    await self._asked.wait()
            except TimeoutError:
                pass
            self._asked.clear()
            try:
                if self._leads():
                    await self.go(whole=await self._is_due(self._clock()))
            except Exception:
                log.exception("night_failed")

    async def go(self, *, whole: bool = True) -> None:
        """Do the night's work once, or only what cannot wait for it."""
        background = Background(self._database.url, guard=self._database.guard)
        try:
            await background.run(partial(self._work, whole=whole))
        finally:
            await background.close()

    async def _is_due(self, now: datetime) -> bool:
        async with self._database.reading() as session:
            last = await storage.custody_checks.last(session)
            zone = ZoneInfo(await storage.settings.time_zone(session))
        return is_due(last.at if last else None, now, zone, self._hour)

    async def _work(self, database: Database, *, whole: bool) -> None:
        now = self._clock()
        purge = Purge(database, self._shelf, self._pickup.folders)
        done = await (purge.go(now=now) if whole else purge.go_refused(now=now))
        if done.deleted or done.left:
            log.info("purged", deleted=done.deleted, held=done.held, left=done.left)
        if whole:
            await self._check(database, now)
            if gone := await strays.sweep(database, self._shelf, now=now):
                log.info("strays_deleted", files=gone)

    async def _check(self, database: Database, now: datetime) -> None:
        noted = await asyncio.to_thread(custody.anchors_in, self._folder)
        found = await custody.check(database, None, anchors=noted, now=now)
        if found.broken is not None:
            what, number = found.broken.what.value, found.broken.number
            log.error("custody_broken", what=what, entry=number)
            return
        await asyncio.to_thread(custody.note_anchor, self._folder, found, now=now)
        log.info("custody_unbroken", anchor=found.anchor)
