"""Rules look for calls to review: now, for a page, and every hour by themselves."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog

import storage.picks
import storage.settings
from storage.background import Background
from storage.database import Database
from storage.picks import Wanted

SECONDS = 3600.0  # between looks
AT_ONCE = 50  # calls of one transaction

log = structlog.get_logger(__name__)


async def look(database: Database, aside: Background | None = None) -> int:
    """Have every rule look for calls; gives how many are new on the list.

    What is read is much and what is written little: the reading is done `aside` where given.
    """
    now = datetime.now(UTC)

    async def read(base: Database) -> tuple[Sequence[Wanted], Sequence[UUID]]:
        async with base.reading() as session:
            zone = ZoneInfo(await storage.settings.time_zone(session))
            found = await storage.picks.wanted(session, now=now, zone=zone)
            rules = await storage.picks.rules(session)
        return found, [rule.id for rule in rules if rule.active]

    wanted, rules = await (aside.run(read) if aside else read(database))
    fresh = 0
    for start in range(0, len(wanted), AT_ONCE):
        async with database.writing() as session:
            some = wanted[start : start + AT_ONCE]
            fresh += await storage.picks.add(session, some, now=now)
    if rules:
        async with database.writing() as session:
            await storage.picks.looked(session, rules, now=now)
    return fresh


class Picking:
    """Looks while `leads` says so, reading beside the loop that sends cards."""

    def __init__(self, database: Database, *, leads: Callable[[], bool]) -> None:
        self._database = database
        self._leads = leads

    async def run(self) -> None:
        """Look for ever; what went wrong is told in the log, and tried again the next time."""
        aside = Background(self._database.url)
        try:
            while True:
                await asyncio.sleep(SECONDS)
                if self._leads():
                    await self.go(aside)
        finally:
            await aside.close()

    async def go(self, aside: Background) -> None:
        """Look once."""
        try:
            fresh = await look(self._database, aside)
        except Exception:
            log.exception("picks_not_made")
            return
        if fresh:
            log.info("picks_made", fresh=fresh)
