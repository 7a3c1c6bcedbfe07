"""What is done every night behind everything else: the chain of custody is followed."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import structlog

import storage.custody_checks
import storage.settings
from recordings import custody
from storage.background import Background
from storage.database import Database
from storage.rules.nights import is_due

LOOK_SECONDS = 300.0

log = structlog.get_logger(__name__)


class Nights:
    """Works while `leads` says so, on a thread with a loop of its own."""

    def __init__(
        self, database: Database, folder: Path, *, hour: int, leads: Callable[[], bool]
    ) -> None:
        self._database = database
        self._folder = folder  # where ends of the chain are noted
        self._hour = hour
        self._leads = leads

    async def run(self) -> None:
        """Look every few minutes whether it is time."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                if self._leads() and await self._is_due(datetime.now(UTC)):
                    await self.go()
            except Exception:
                log.exception("night_failed")

    async def go(self) -> None:
        """Do the night's work once."""
        background = Background(self._database.url, guard=self._database.guard)
        try:
            await background.run(self._work)
        finally:
            await background.close()

    async def _is_due(self, now: datetime) -> bool:
        async with self._database.reading() as session:
            last = await storage.custody_checks.last(session)
            zone = ZoneInfo(await storage.settings.time_zone(session))
        return is_due(last.at if last else None, now, zone, self._hour)

    async def _work(self, database: Database) -> None:
        now = datetime.now(UTC)
        noted = await asyncio.to_thread(custody.anchors_in, self._folder)
        found = await custody.check(database, None, anchors=noted, now=now)
        if found.broken is not None:
            what, number = found.broken.what.value, found.broken.number
            log.error("custody_broken", what=what, entry=number)
            return
        await asyncio.to_thread(custody.note_anchor, self._folder, found, now=now)
        log.info("custody_unbroken", anchor=found.anchor)
