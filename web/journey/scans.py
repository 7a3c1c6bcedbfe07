"""Every few minutes each file of the recordings folders is held against the calls."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime

import structlog

from recordings.pickup import Pickup
from recordings.scans import scan
from storage.database import Database

log = structlog.get_logger(__name__)


class Scans:
    """Scans while `leads` says so; `minutes` of 0 is never."""

    def __init__(
        self, database: Database, pickup: Pickup, *, minutes: int, leads: Callable[[], bool]
    ) -> None:
        self._database = database
        self._pickup = pickup
        self._minutes = minutes
        self._leads = leads

    async def run(self) -> None:
        """Scan for ever; a folder that cannot be read now is looked at the next time."""
        while self._minutes:
            await asyncio.sleep(self._minutes * 60)
            if self._leads():
                await self.go()

    async def go(self) -> None:
        """Look at every PBX's folder once."""
        for pbx_id, (there, here) in self._pickup.folders.items():
            try:
                found = await scan(self._database, pbx_id, there, here, now=datetime.now(UTC))
            except Exception:
                log.exception("scan_failed", pbx=str(pbx_id))
                continue
            if found.fresh or found.again:
                log.info("scanned", pbx=str(pbx_id), orphans=found.fresh, came_late=found.again)
        self._pickup.look_again()  # also what a command gave another chance
